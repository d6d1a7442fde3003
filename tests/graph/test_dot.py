"""The Graphviz text."""

import shutil
import subprocess

import pytest

from airexec.graph.formats.dot import render
from airexec.graph.picture import EdgeKind, Picture, PictureEdge, PictureNode, picture_of_workflow
from tests.graph.pictures import etl

HEAD = """\
digraph "etl" {
  graph [rankdir="LR", label="etl", labelloc="t", fontname="Helvetica"]
  node [shape="box", style="rounded,filled", fontname="Helvetica", fontsize="11", height="0.35"]
  edge [color="#6e7781", arrowsize="0.7"]
"""
PLAIN = 'fillcolor="#ffffff", color="#8c959f", fontcolor="#1f2328"'
HOSTILE = 'a"] b [label="x\\" \n<b>&\x00'


def test_a_workflow_with_placeholder_tolerated_edge_and_critical_path() -> None:
    """The whole text."""
    placeholder = (
        '[label="◌ process × n\\nmay grow", fillcolor="#ffffff", color="#8250df", '  # noqa: RUF001
        'fontcolor="#6639ba", style="rounded,filled,dashed"]'
    )

    assert render(picture_of_workflow(etl(), critical=("extract", "clean", "load"))) == HEAD + (
        f'  "extract" [label="extract", {PLAIN}, penwidth="2.5", tooltip="Load the day"]\n'
        f'  "clean" [label="clean", {PLAIN}, penwidth="2.5"]\n'
        f'  "lookup" [label="lookup", {PLAIN}]\n'
        f'  "load" [label="load", {PLAIN}, penwidth="2.5"]\n'
        f'  "extract + process" {placeholder}\n'
        '  "extract" -> "clean" [penwidth="2.5"]\n'
        '  "clean" -> "load" [penwidth="2.5"]\n'
        '  "lookup" -> "load" [arrowhead="empty", tooltip="a failure is tolerated"]\n'
        '  "extract" -> "extract + process" [color="#8250df", style="dashed"]\n'
        '  "extract + process" -> "clean" [color="#8250df", style="dashed"]\n'
        "}\n"
    )


def test_a_status_is_a_sign_and_a_colour() -> None:
    """In black and white the sign remains."""
    drawn = render(Picture("t", (PictureNode("a", "a", "failed", note="exit code 1"),)))

    assert '  "a" [label="✘ a\\nexit code 1", fillcolor="#ffebe9", color="#cf222e", fontcolor="#82071e"]\n' in drawn


def test_nothing_gets_out_of_its_quotes() -> None:
    """Quotes and backslashes are escaped; what Graphviz cannot hold is dropped."""
    drawn = render(Picture("t", (PictureNode(HOSTILE, HOSTILE),)))

    assert '  "a\\"] b [label=\\"x\\\\\\" \\n<b>&" [label="a\\"] b' in drawn


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs an installed Graphviz")
def test_graphviz_reads_what_we_write() -> None:
    """Each node and each edge once, with all kinds of edges."""
    nodes = (*(PictureNode(f"n{kind}", kind, "completed") for kind in EdgeKind), PictureNode(HOSTILE, HOSTILE))
    edges = tuple(PictureEdge(HOSTILE, f"n{kind}", kind) for kind in EdgeKind)

    done = subprocess.run(
        ["dot", "-Tplain"], input=render(Picture("t", nodes, edges)), capture_output=True, text=True, check=True
    )

    assert done.stderr == ""
    assert sum(line.startswith("edge ") for line in done.stdout.splitlines()) == len(EdgeKind)
    assert sum(line.startswith("node ") for line in done.stdout.splitlines()) == len(EdgeKind) + 1
