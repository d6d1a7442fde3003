"""Lines that another tool hands to a shell of their own each, as one script that stops where the tool would stop."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_MOVES = re.compile(r"\s*(cd|pushd|export|unset|set|exec|exit|umask|\.|source)\s|[A-Za-z_][A-Za-z0-9_]*=\S*\s*($|[;&])")
"""What changes the shell for the lines after it, or ends it."""
_FORGIVEN = re.compile(r"(.*\S)\s*;\s*(true|:|exit 0)\s*", re.DOTALL)
_LISTED = re.compile(r"[;&|]|<<")


class Line(NamedTuple):
    """A line of a recipe, which may span several by backslashes."""

    text: str
    may_fail: bool = False


def logical_lines(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines, those that end in a backslash together with what follows."""
    held: list[str] = []
    for line in lines:
        held.append(line)
        if not line.endswith("\\"):
            yield "\n".join(held)
            held = []
    if held:
        yield "\n".join(held)


def script(lines: Iterable[Line]) -> str:
    """Return the script: what a line does to its shell ends with it, and where it may fail the next one follows."""
    kept = [line for line in lines if line.text.strip()]
    return "\n".join(_spoken(line, is_last=number == len(kept)) for number, line in enumerate(kept, start=1))


def _spoken(line: Line, *, is_last: bool) -> str:
    text, may_fail = line.text.rstrip(), line.may_fail
    if found := _FORGIVEN.fullmatch(text):
        text, may_fail = found[1], True
    is_open = text.endswith("\\") or re.search(r"(^|\s)#", text) is not None
    if may_fail:
        if is_open or "<<" in text:
            return f"{{\n{text}\n}} || true"
        return f"{text} || true" if not _LISTED.search(text) else f"{{ {text.rstrip(';')}; }} || true"
    if is_last or not _MOVES.match(text):
        return text
    return f"(\n{text}\n)" if is_open else f"({text})"
