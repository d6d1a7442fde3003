"""A workflow for a command that shows it: checked, its warnings said."""

import sys
from os import PathLike
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airexec.graph.dag import Dag
    from airexec.workflow.model import Workflow


def load_workflow(path: str | PathLike[str] | None) -> "Workflow":
    """Return the checked workflow, its warnings on stderr. Raises UsageError, WorkflowError."""
    return load_dag(path)[0]


def load_dag(path: str | PathLike[str] | None) -> "tuple[Workflow, Dag]":
    """As `load_workflow`, with the graph of the tasks."""
    from pathlib import Path

    from airexec.cli.messages import print_diagnostics
    from airexec.cli.operands import workflow_file
    from airexec.graph.read import read_dag

    reading, dag = read_dag(Path(workflow_file(path)))
    print_diagnostics(reading.warnings, sys.stderr)
    return reading.workflow, dag
