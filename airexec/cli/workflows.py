"""A workflow for a command that shows it: checked, its warnings said."""

import sys
from os import PathLike
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airexec.workflow.model import Workflow


def load_workflow(path: str | PathLike[str] | None) -> "Workflow":
    """Return the checked workflow, its warnings on stderr. Raises UsageError, WorkflowError."""
    from pathlib import Path

    from airexec.cli.messages import print_diagnostics
    from airexec.graph.read import read_workflow_with_warnings
    from airexec.workflow.find import find_file

    reading = read_workflow_with_warnings(Path(find_file(path)))
    print_diagnostics(reading.warnings, sys.stderr)
    return reading.workflow
