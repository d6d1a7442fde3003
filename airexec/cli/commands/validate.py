"""`airexec validate`: every mistake of every file. Knows no rule of workflows."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from airexec.cli.arguments import DiagnosticFormat
from airexec.cli.console import print_json
from airexec.cli.messages import complain, print_diagnostics, write_commands
from airexec.errors import AirexecError, UsageError
from airexec.workflow.diagnostics import Diagnostic, WorkflowError, counted
from airexec.workflow.find import find_file

if TYPE_CHECKING:
    from airexec.graph.read import Reading
    from airexec.workflow.model import Workflow

_WORTH_KEEPING = 1_000
"""Tasks: from there on a check takes longer than reading what came of it."""


class Checked(NamedTuple):
    """One file after its check: a workflow, or what is wrong."""

    file: Path
    workflow: "Workflow | None" = None
    diagnostics: tuple[Diagnostic, ...] = ()
    error: AirexecError | None = None


def validate_files(files: Sequence[Path], format_: DiagnosticFormat = "text") -> int:
    """Check the files (none: the one that is found here) and return the worst of their exit codes.

    As text errors go to stderr as they are found, a line per good file to stdout; all other formats are for programs,
    and go to stdout.
    """
    results: list[Checked] = []
    for file in files or [Path(find_file(None))]:
        results.append(_check(file))
        if format_ == "text":
            _print(results[-1])
    if format_ == "json":
        print_json([_as_data(checked) for checked in results])
    elif format_ != "text":
        _print_as(format_, [found for checked in results for found in _everything(checked)])
    return max(checked.error.exit_code if checked.error else 0 for checked in results)


def _check(file: Path) -> Checked:
    try:
        file = Path(find_file(file))
        reading = _read(file)
    except WorkflowError as error:
        return Checked(file, diagnostics=error.diagnostics, error=error)
    except UsageError as error:
        return Checked(file, error=error)
    return Checked(file, reading.workflow, reading.warnings)


def _read(file: Path) -> "Reading":
    """Check a file, or find that just this file was checked before: worth it for big ones, which take seconds.

    Small ones are not kept: a check should leave nothing behind.
    """
    from airexec.graph.read import Reading, read_dag
    from airexec.state.layout import find_state_dir
    from airexec.state.workflow_cache import Checked as Known
    from airexec.state.workflow_cache import WorkflowCache

    cache = WorkflowCache(find_state_dir(file), file)
    if (known := cache.load()) is not None and not known.warnings:
        return Reading(known.workflow, ())
    reading, _ = read_dag(file)
    if len(reading.workflow.tasks) >= _WORTH_KEEPING and not reading.warnings:
        cache.store(Known(reading.workflow, ""))
    return reading


def _everything(checked: Checked) -> Sequence[Diagnostic]:
    """Return the diagnostics of a file; that it cannot be read is one without a place."""
    if checked.error is None or checked.diagnostics:
        return checked.diagnostics
    return [Diagnostic(str(checked.file), 0, 0, checked.error.headline, checked.error.hint)]


def _print_as(format_: DiagnosticFormat, diagnostics: Sequence[Diagnostic]) -> None:
    from airexec import __version__
    from airexec.views.diagnostic_formats import annotations, concise_line, sarif

    if format_ == "sarif":
        print_json(sarif(diagnostics, __version__))
    elif format_ == "github":
        write_commands(annotations(diagnostics, os.environ), sys.stdout)
    else:
        for found in diagnostics:
            print(concise_line(found))


def _print(checked: Checked) -> None:
    if checked.error is not None:
        complain(checked.error)
        return
    print_diagnostics(checked.diagnostics, sys.stderr)
    assert checked.workflow is not None
    print(f"{checked.file}: ok ({contents(checked.workflow)})")


def contents(workflow: "Workflow") -> str:
    """Return how much there is of a workflow: `3 tasks, 1 template`."""
    parts = [counted(len(workflow.tasks), "task")]
    if workflow.templates:
        parts.append(counted(len(workflow.templates), "template"))
    return ", ".join(parts)


def _as_data(checked: Checked) -> dict[str, Any]:
    return {
        "file": str(checked.file),
        "valid": checked.error is None,
        "name": checked.workflow.name if checked.workflow else None,
        "tasks": len(checked.workflow.tasks) if checked.workflow else None,
        "error": checked.error.headline if checked.error else None,
        "diagnostics": [_diagnostic_as_data(found) for found in checked.diagnostics],
    }


def _diagnostic_as_data(found: Diagnostic) -> dict[str, Any]:
    fields = ("file", "line", "column", "length", "severity", "message", "hint")
    return {name: getattr(found, name) for name in fields}
