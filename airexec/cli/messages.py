"""How errors and diagnostics look on a console. Knows no command."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from airexec.errors import AirexecError

if TYPE_CHECKING:
    from airexec.workflow.diagnostics import Diagnostic


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
    """Print diagnostics with their source lines, in colours where the stream shows them."""
    if not diagnostics:
        return
    from airexec.cli.console import style_of
    from airexec.workflow.diagnostics import render_diagnostics

    stream.write(render_diagnostics(diagnostics, color=style_of(stream).colour))
