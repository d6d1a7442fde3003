"""What is wrong with a workflow file and where, as values, and the one function that renders them like a compiler's.

Knows nothing of YAML or of what a good workflow is.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from airexec.errors import AirexecError
from airexec.workflow.model import IncludedFile
from airexec.workflow.text_width import columns, printable

SHOWN_MAX = 100
"""Nobody reads more at once, and a generated file may have thousands."""

SHOWN_WIDTH = 160
"""Longer source lines are cut around the place in question."""

Path = tuple[str | int, ...]
"""The way to a value in plain data: keys of maps and places in lists, from the outside."""


class Related(NamedTuple):
    """Another place that belongs to a diagnostic, with a word on why: `first written`."""

    line: int
    column: int
    label: str
    file: str = ""
    """As the user would name it; empty: the file of the diagnostic."""


class Inclusion(NamedTuple):
    """The place in a file where another one is included."""

    file: str
    line: int
    column: int


class Diagnostic(NamedTuple):
    """One mistake. It carries the source line, so that it can be shown when the file is long gone."""

    file: str
    """As the user named it."""
    line: int
    """1-based, as `column`; a column is one character."""
    column: int
    message: str
    hint: str = ""
    severity: str = "error"
    """`error` or `warning`."""
    length: int = 1
    """Characters to underline, on this line only."""
    source_line: str = ""
    related: Related | None = None
    included_by: tuple[Inclusion, ...] = ()
    """How the file came to be read, from its own inclusion to that by the workflow file; empty: it is that one."""
    way: tuple[str, ...] = ()
    """The places that lead to a file that is a node, the nearest first, as `file:line:col`."""


class Finding(NamedTuple):
    """A mistake at an offset, before it is given a line and a column. `end` None: to the end of what starts there."""

    start: int
    message: str
    hint: str = ""
    severity: str = "error"
    end: int | None = None
    related: tuple[int, str] | None = None
    """Offset and label of another place."""


class WorkflowError(AirexecError):
    """A workflow file is not valid. `diagnostics` holds all that was found, warnings included, by position."""

    exit_code = 3

    def __init__(self, diagnostics: Sequence[Diagnostic], files: Sequence[IncludedFile] = ()) -> None:
        """`files`: what it includes, or would if it were there."""
        self.diagnostics = tuple(diagnostics)
        self.files = tuple(files)
        errors = [found for found in diagnostics if found.severity == "error"]
        first = errors[0]
        others = f" (and {counted(len(errors) - 1, 'more error')})" if len(errors) > 1 else ""
        super().__init__(f"{first.file}:{first.line}:{first.column}: {first.message}{others}", first.hint)

    def render(self, color: bool = False) -> str:
        """Return all diagnostics as text for people."""
        return render_diagnostics(self.diagnostics, color)


def counted(number: int, noun: str) -> str:
    """Return `1 task`, `2 tasks`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def render_diagnostics(diagnostics: Iterable[Diagnostic], color: bool = False) -> str:
    """Return the diagnostics as text, one after the other with an empty line between, ending in a newline.

    After SHOWN_MAX of them only their number is told.
    """
    every = list(diagnostics)
    parts = [_render(diagnostic, _PAINT if color else _NO_PAINT) for diagnostic in every[:SHOWN_MAX]]
    if len(every) > SHOWN_MAX:
        parts.append(f"… and {counted(len(every) - SHOWN_MAX, 'more message')}\n")
    return "\n".join(parts)


_PAINT = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "place": "\x1b[1m", "hint": "\x1b[36m", "end": "\x1b[0m"}
_NO_PAINT = dict.fromkeys(_PAINT, "")


def _render(found: Diagnostic, paint: dict[str, str]) -> str:
    place = f"{found.file}:{found.line}:{found.column}:"
    severity = f"{paint[found.severity]}{found.severity}:{paint['end']}"
    lines = [f"{paint['place']}{printable(place)}{paint['end']} {severity} {printable(found.message)}"]
    if found.source_line.strip():
        lines += _excerpt(found, paint)
    if found.related:
        file = found.related.file or found.file
        lines.append(f"  {found.related.label}: {printable(file)}:{found.related.line}:{found.related.column}")
    lines += [f"  included by {printable(by.file)}:{by.line}:{by.column}" for by in found.included_by]
    lines += [f"  read because of {printable(place)}" for place in found.way]
    if found.hint:
        first, *more = found.hint.splitlines()
        lines.append(f"  {paint['hint']}hint:{paint['end']} {printable(first)}")
        lines += [f"        {printable(line)}" for line in more]
    return "\n".join(lines) + "\n"


def _excerpt(found: Diagnostic, paint: dict[str, str]) -> list[str]:
    start = found.column - 1
    cut = max(0, start - SHOWN_WIDTH // 2) if len(found.source_line) > SHOWN_WIDTH else 0
    shown = found.source_line[cut : cut + SHOWN_WIDTH]
    before = "…" if cut else ""
    after = "…" if cut + SHOWN_WIDTH < len(found.source_line) else ""
    number = f"{found.line:>5} | "
    pad = " " * (columns(before) + columns(printable(shown[: start - cut])))
    length = max(1, columns(printable(shown[start - cut : start - cut + found.length])))
    return [
        f"{number}{before}{printable(shown)}{after}",
        f"      | {pad}{paint[found.severity]}{'^' * length}{paint['end']}",
    ]
