"""The picture for programs."""

import json

from airexec.graph.formats.json import render
from airexec.graph.picture import Picture, PictureNode, picture_of_workflow
from tests.graph.pictures import etl


def test_the_whole_text_is_stable_with_one_node_or_edge_per_line() -> None:
    """So that two graphs can be compared with diff."""
    assert render(picture_of_workflow(etl(), critical=("extract", "clean", "load"))) == (
        "{\n"
        '  "title": "etl",\n'
        '  "description": "",\n'
        '  "nodes": [\n'
        '    {"id": "extract", "label": "extract", "kind": "task", "status": null, "queued_by": null, "note": "", '
        '"description": "Load the day", "critical": true, "details": {"command": "true", "may queue": "process"}},\n'
        '    {"id": "clean", "label": "clean", "kind": "task", "status": null, "queued_by": null, "note": "", '
        '"description": "", "critical": true, "details": {"command": "true"}},\n'
        '    {"id": "lookup", "label": "lookup", "kind": "task", "status": null, "queued_by": null, "note": "", '
        '"description": "", "critical": false, "details": {"command": "true"}},\n'
        '    {"id": "load", "label": "load", "kind": "task", "status": null, "queued_by": null, "note": "", '
        '"description": "", "critical": true, "details": {"command": "true", "pool": "database", "retries": "2"}},\n'
        '    {"id": "extract + process", "label": "process × n", "kind": "template", '  # noqa: RUF001
        '"status": null, "queued_by": "extract", "note": "may grow", "description": "", "critical": false, '
        '"details": {"command": "python process.py"}}\n'
        "  ],\n"
        '  "edges": [\n'
        '    {"upstream": "extract", "downstream": "clean", "kind": "dependency"},\n'
        '    {"upstream": "clean", "downstream": "load", "kind": "dependency"},\n'
        '    {"upstream": "lookup", "downstream": "load", "kind": "tolerant"},\n'
        '    {"upstream": "extract", "downstream": "extract + process", "kind": "may_grow"},\n'
        '    {"upstream": "extract + process", "downstream": "clean", "kind": "may_grow"}\n'
        "  ],\n"
        '  "critical_path": ["extract", "clean", "load"]\n'
        "}\n"
    )


def test_it_is_json_whatever_the_labels() -> None:
    """Also for an empty workflow."""
    label = 'a"\\\n</script>\u2028日'

    assert json.loads(render(Picture("t", (PictureNode("x", label),))))["nodes"][0]["label"] == label
    assert json.loads(render(Picture("t", ())))["nodes"] == []
