"""The text of a file, and what a place in it means: line, column, and where the scalar that starts there ends.

Places are offsets in characters. They become lines and columns only when something is to be said about them, so a
good file pays nothing for its positions.
"""

import re
import sys
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from airexec.errors import UsageError
from airexec.workflow.diagnostics import Diagnostic, Finding, Related
from airexec.workflow.find import STDIN
from airexec.workflow.yaml.extents import Extent, scalar_extents

if TYPE_CHECKING:
    from pathlib import Path


_JSON_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')

BYTES_MAX = 64 << 20
"""Of a file: `/dev/zero` has no end."""

WORDS_MAX = 1000
"""Characters of a message or of a hint."""


class Source:
    """A file's text (line ends are `\\n`) and the name that the user gave it."""

    def __init__(self, text: str, shown_as: str) -> None:
        self.text = text
        self.shown_as = shown_as
        self._lines: dict[int, str] = {}
        """Those that were asked for, by number."""

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        find = self.text.find
        at = find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = find("\n", at + 1)
        return starts

    @cached_property
    def _extents(self) -> dict[int, Extent]:
        """Every scalar by its start. Only files with something wrong pay for this second parse."""
        return scalar_extents(self.text)

    def line_column(self, offset: int) -> tuple[int, int]:
        """Return the 1-based line and column of an offset."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def extent(self, offset: int) -> Extent:
        """Return the scalar that starts at `offset`; a single character when none does."""
        found = self._extents.get(offset)
        if found is None and (quoted := _JSON_STRING.match(self.text, offset)):  # JSON that is no YAML
            return Extent(offset, quoted.end(), '"')
        return found or Extent(offset, offset + 1, "")

    def file(self, offset: int) -> str:
        """Return the absolute path of the file of an offset; empty: the workflow's own."""
        return ""

    def shown(self, offset: int) -> str:
        """Return an offset as `file:line:col`."""
        line, column = self.line_column(offset)
        return f"{self.shown_as}:{line}:{column}"

    def written(self, offset: int) -> str:
        """Return the scalar at `offset` as it is written, quotes included."""
        extent = self.extent(offset)
        return self.text[extent.start : extent.end]

    def diagnostic(self, found: Finding) -> Diagnostic:
        """Return the finding with its line, its column and its source line."""
        line, column = self.line_column(found.start)
        start, source_line = self._line_starts[line - 1], self._line(line)
        end = self.extent(found.start).end if found.end is None else found.end
        length = max(1, min(end, start + len(source_line)) - found.start)
        return Diagnostic(
            self.shown_as, line, column, _cut(found.message), _cut(found.hint), found.severity, length, source_line,
            self._related(found),
        )  # fmt: skip

    def _line(self, number: int) -> str:
        """Return the text of a line. Several mistakes of one line, which may be megabytes long, share it."""
        if number not in self._lines:
            start = self._line_starts[number - 1]
            end = self.text.find("\n", start)
            self._lines[number] = self.text[start : end if end >= 0 else None]
        return self._lines[number]

    def _related(self, found: Finding) -> Related | None:
        if found.related is None:
            return None
        offset, label = found.related
        return Related(*self.line_column(offset), label)

    def diagnostics(self, findings: list[Finding]) -> list[Diagnostic]:
        """Return the findings as diagnostics by position, none twice: what tasks share by an alias is one mistake."""
        unique: dict[tuple[int, str], Finding] = {}
        for found in findings:
            unique.setdefault((found.start, found.message), found)
        return [self.diagnostic(found) for found in sorted(unique.values(), key=lambda found: found.start)]


def _cut(words: str) -> str:
    """Return a message or hint that somebody would read: it may quote a value of the file."""
    return words if len(words) <= WORDS_MAX else f"{words[:WORDS_MAX]}…"


def read_source(path: "Path", shown_as: str, findings: list[Finding]) -> Source:
    """Return the text of a file (of a pipe: once), line ends as `\\n`. What is no text of ours is said in `findings`.

    Raises UsageError when the file cannot be read.
    """
    if str(path) == STDIN:
        shown_as = "<stdin>"
    return decode_source(read_bytes(path, shown_as), shown_as, findings)


def read_bytes(path: "Path", shown_as: str) -> bytes:
    """Return what is in a file, or comes by standard input. Raises UsageError when it cannot be read."""
    try:
        if str(path) == STDIN:
            data = sys.stdin.buffer.read(BYTES_MAX + 1)
        else:
            with path.open("rb") as file:
                data = file.read(BYTES_MAX + 1)
    except OSError as error:
        raise UsageError(f"cannot read {shown_as}: {(error.strerror or 'error').lower()}") from None
    if len(data) > BYTES_MAX:
        raise UsageError(f"cannot read {shown_as}: it has more than {BYTES_MAX >> 20} MiB")
    return data


def decode_source(data: bytes, shown_as: str, findings: list[Finding]) -> Source:
    """Return the text of bytes that should be UTF-8, with or without a byte order mark."""
    for mark, name in _FOREIGN_MARKS.items():
        if data.startswith(mark):
            findings.append(Finding(0, f"the file is {name}, and a workflow file is UTF-8", "save it as UTF-8"))
            return Source("", shown_as)
    data = data.removeprefix(b"\xef\xbb\xbf")
    text = data.decode("utf-8", "replace")
    source = Source(text.replace("\r\n", "\n").replace("\r", "\n"), shown_as)
    strange = re.search(_STRANGE_ASCII if source.text.isascii() else _STRANGE, source.text)  # the first compiles faster
    if strange:
        findings.append(_strange_character(source.text, strange.start(), data))
    return source


def _strange_character(text: str, at: int, data: bytes) -> Finding:
    character = text[at]
    if character == "\ufffd" and b"\xef\xbf\xbd" not in data:
        return Finding(at, "this byte is not UTF-8", "save the file as UTF-8", end=at + 1)
    name = f"U+{ord(character):04X}"
    hint = f'in double quotes write "\\u{ord(character):04X}"' if ord(character) else "is it a text file?"
    return Finding(at, f"character {name} cannot stand in a workflow file", hint, end=at + 1)


_FOREIGN_MARKS = {
    b"\xff\xfe\x00\x00": "UTF-32", b"\x00\x00\xfe\xff": "UTF-32", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16",
}  # fmt: skip
_STRANGE_ASCII = r"[\x00-\x08\x0b-\x1f\x7f]"
_STRANGE = r"[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffc\U00010000-\U0010ffff]"
"""What is not printable in YAML 1.2, and the line separators U+0085, U+2028, U+2029, which parsers disagree about."""
