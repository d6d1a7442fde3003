"""How tests read workflow texts: what is said about them, or the workflow that they make."""

from pathlib import Path
from textwrap import dedent

from airexec.graph.read import read_source_text
from airexec.workflow.diagnostics import WorkflowError, render_diagnostics
from airexec.workflow.model import Workflow
from airexec.workflow.yaml.source import Source


def complaints(text: str) -> str:
    """Return all that is said about a workflow text in the file `f.yml`, as the user would see it."""
    try:
        reading = read_source_text(_source(text), Path("/there/f.yml"))
    except WorkflowError as error:
        return error.render()
    return render_diagnostics(reading.warnings)


def headlines(text: str) -> list[str]:
    """Return the first line of each thing that is said about a workflow text."""
    return [line for line in complaints(text).splitlines() if line.startswith("f.yml:")]


def workflow(text: str) -> Workflow:
    """Return the workflow that a good text makes."""
    return read_source_text(_source(text), Path("/there/f.yml")).workflow


def _source(text: str) -> Source:
    return Source(dedent(text).lstrip("\n"), "f.yml")
