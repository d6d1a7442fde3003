"""Workflow files as commands name them. Knows where to look, not what is in them."""

import sys
from os import PathLike, fspath
from os.path import isdir
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airexec.workflow.model import Workflow


def find_file(path: str | PathLike[str] | None) -> str:
    """Return the workflow file that is named, in the folder that is named, or else here. Raises UsageError."""
    path = "" if path is None else fspath(path)
    if path and not isdir(path):
        return path
    from airexec.workflow.find import find_workflow

    return find_workflow(path)


def load_workflow(path: str | PathLike[str] | None) -> "Workflow":
    """Return the checked workflow, its warnings on stderr. Raises UsageError, WorkflowError."""
    from pathlib import Path

    from airexec.cli.complaints import print_diagnostics
    from airexec.graph.read import read_workflow_with_warnings

    reading = read_workflow_with_warnings(Path(find_file(path)))
    print_diagnostics(reading.warnings, sys.stderr)
    return reading.workflow
