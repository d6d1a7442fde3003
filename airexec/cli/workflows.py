"""Workflow files as commands name them. Knows where to look, not what is in them."""

import sys
from os.path import isdir
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airexec.workflow.model import Workflow


def find_file(path: Path | None) -> Path:
    """Return the workflow file that is named, in the folder that is named, or else here. Raises UsageError."""
    path = path or Path()
    if not isdir(path):  # unlike Path.is_dir, it copes with names that are too long
        return path
    from airexec.workflow.find import find_workflow

    return find_workflow(path)


def load_workflow(path: Path | None) -> "Workflow":
    """Return the checked workflow, its warnings on stderr. Raises UsageError, WorkflowError."""
    from airexec.cli.complaints import print_diagnostics
    from airexec.graph.read import read_workflow_with_warnings

    reading = read_workflow_with_warnings(find_file(path))
    print_diagnostics(reading.warnings, sys.stderr)
    return reading.workflow
