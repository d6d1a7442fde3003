"""How errors and diagnostics look on a console. Knows no command."""

import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from airexec.cli.safe_text import under_github
from airexec.errors import AirexecError

if TYPE_CHECKING:
    from airexec.workflow.diagnostics import Diagnostic


_ANNOTATIONS_MAX = 10
"""Per severity and step; GitHub drops the rest without a word."""


def complain(error: AirexecError) -> None:
    """Print an error to stderr: the diagnostics of a file as a compiler does, else headline and hint."""
    diagnostics = getattr(error, "diagnostics", ())
    if diagnostics:
        print_diagnostics(diagnostics, sys.stderr)
        return
    for line in error.headline.splitlines():
        print(f"airexec: error: {line}", file=sys.stderr)
    if error.hint:
        print(f"  hint: {error.hint}", file=sys.stderr)


def print_diagnostics(diagnostics: "Sequence[Diagnostic]", stream: TextIO) -> None:
    """Print diagnostics with their source lines, in colours where the stream shows them.

    Under GitHub Actions they are annotations, too.
    """
    if not diagnostics:
        return
    from airexec.cli.console import style_of
    from airexec.workflow.diagnostics import render_diagnostics

    stream.write(render_diagnostics(diagnostics, color=style_of(stream).colour))
    if under_github():
        from airexec.views.diagnostic_formats import annotations

        for severity in ("error", "warning"):
            chosen = [found for found in diagnostics if found.severity == severity][:_ANNOTATIONS_MAX]
            write_commands(annotations(chosen, os.environ), stream)


def write_commands(commands: Iterable[str], stream: TextIO) -> None:
    """Write lines that GitHub Actions is to obey, past what keeps all other text of ours from being a command."""
    stream.flush()
    with suppress(OSError):
        stream.buffer.write("".join(f"{command}\n" for command in commands).encode(errors="backslashreplace"))
        stream.buffer.flush()
