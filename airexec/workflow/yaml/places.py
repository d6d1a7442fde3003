"""Where the parts of a document stand: from a path in the data, or an offset in one of its texts, to the source."""

import re

from airexec.workflow.diagnostics import Path
from airexec.workflow.model import Location
from airexec.workflow.yaml.at import At, ListAt, MapAt, start_of
from airexec.workflow.yaml.nodes import Document
from airexec.workflow.yaml.source import Source

_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")
_ESCAPE = re.compile(r"\\(?:x..|u[dD][89a-bA-B]..\\u[dD][c-fC-F]..|u.{4}|U.{8}|.)", re.DOTALL)
"""One character each; JSON writes some as two escapes."""


class Places:
    """The places of one document in its source."""

    def __init__(self, document: Document, source: Source) -> None:
        self.data = document.value
        self._root = document.at
        self.source = source

    def value(self, path: Path) -> int:
        """Return where the value at `path` starts."""
        return start_of(self._at(path))

    def key(self, path: Path) -> int:
        """Return where the key of the value at `path` starts; of a list item, the item."""
        if not path:
            return start_of(self._root)
        parent = self._at(path[:-1])
        if isinstance(parent, MapAt):
            return parent.keys.get(str(path[-1]), parent.start)
        return self.value(path)

    def borrowed(self, path: Path) -> tuple[int, str] | None:
        """Return the place of the task of a path, with a word, if the value stands elsewhere: behind an anchor."""
        if len(path) < 3 or path[0] not in ("tasks", "templates"):
            return None
        section, at = self._at(path[:1]), self.value(path)
        if not isinstance(section, MapAt) or path[1] not in section.keys:
            return None
        own = section.keys[str(path[1])]
        following = min((key for key in section.keys.values() if key > own), default=None)
        is_own = own <= at and (following is None or at < following)
        return None if is_own else (own, f"as part of '{path[1]}'")

    def location(self, path: Path) -> Location:
        """Return the place of the key at `path`."""
        at = self.key(path)
        return Location(self.source.file(at), *self.source.line_column(at))

    def written(self, path: Path) -> str:
        """Return the scalar at `path` as it is written, quotes included."""
        return self.source.written(self.value(path))

    def is_written(self, path: Path, text: str) -> bool:
        """Return whether the value at `path` is written as this plain text; cheaper than `written`."""
        start = self.value(path)
        end = start + len(text)
        return self.source.text[start:end] == text and self.source.text[end : end + 1] in ("", " ", "\n", ",", "]", "}")

    def shown(self, path: Path) -> str:
        """Return the place of a key as `file:line:col`."""
        return self.source.shown(self.key(path))

    def in_text(self, path: Path, offset: int) -> int:
        """Return where character `offset` of the text at `path` stands, or the start of the text if that is not sure.

        Sure are plain and quoted texts on one line, and literal blocks.
        """
        extent = self.source.extent(self.value(path))
        written = self.source.text[extent.start : extent.end]
        properties = _PROPERTIES.match(written)
        start = extent.start + (properties.end() if properties else 0)
        body = self.source.text[start : extent.end]
        if extent.style == "|":
            return _in_literal(self.source.text, start, offset)
        if "\n" in body:
            return extent.start
        if extent.style == "'":
            return start + 1 + _quoted_offset(body[1:-1], offset, re.compile("''"))
        if extent.style == '"':
            return start + 1 + _quoted_offset(body[1:-1], offset, _ESCAPE)
        return extent.start if extent.style else start + offset

    def _at(self, path: Path) -> At:
        """Return the place of the value at `path`, or of the innermost part of it that is there."""
        at = self._root
        for part in path:
            if isinstance(at, MapAt) and part in at.values:
                at = at.values[str(part)]
            elif isinstance(at, ListAt) and isinstance(part, int) and part < len(at.items):
                at = at.items[part]
            else:
                break
        return at


def _quoted_offset(body: str, offset: int, escape: re.Pattern[str]) -> int:
    """Return where character `offset` stands in a quoted text in which every match of `escape` is one character."""
    for found in escape.finditer(body):
        if found.start() >= offset:
            break
        offset += len(found.group()) - 1
    return offset


def _in_literal(text: str, start: int, offset: int) -> int:
    """Return where character `offset` of a literal block stands: its lines are the source's but for the indentation."""
    first = text.find("\n", start) + 1
    lines = text[first:].split("\n", offset + 1)
    explicit = re.match(r"\|[-+]?([1-9])", text[start : start + 3])
    if explicit:
        return start  # relative to the parent's indentation, which is not known here
    indent = next((len(line) - len(line.lstrip(" ")) for line in lines if line.strip(" ")), 0)
    at = first
    for line in lines:
        content = max(0, len(line) - indent)
        if offset <= content:
            return at + min(indent, len(line)) + offset
        offset -= content + 1
        at += len(line) + 1
    return start
