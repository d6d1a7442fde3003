"""Drafts as the file that they become, after the real checker has taken it."""

from pathlib import Path

from airexec.adopt.draft import Draft, settled, written
from airexec.graph.read import read_source_text
from airexec.workflow.yaml.source import Source


def text_of(draft: Draft) -> str:
    """Return the text of a draft without the lines that are always there."""
    text = written(settled(draft), "flow", "schema.json", "there")
    read_source_text(Source(text, "flow.yml"), Path("flow.yml"))
    head, _, rest = text.partition("name: flow\n")
    return "".join(line for line in head.splitlines(keepends=True)[2:]) + rest.lstrip("\n")


def source(text: str, name: str = "file") -> Source:
    return Source(text, name)
