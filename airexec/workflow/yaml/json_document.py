"""JSON text into the same data and places as YAML. Imported only for a text in braces that the YAML parser refuses.

JSON is YAML but for its edges: a character as two escapes (`\\ud83d\\ude80`), keys of more than 1,024 characters, tabs.
"""

import re
from collections.abc import Callable
from json import JSONDecoder
from json.scanner import make_scanner
from typing import Any

from airexec.workflow.diagnostics import Finding
from airexec.workflow.wording import quoted
from airexec.workflow.yaml.at import At, ListAt, MapAt
from airexec.workflow.yaml.events import DEPTH_MAX

_BLANKS = re.compile(r"[ \t\n\r]*")


class _NoJsonError(Exception):
    pass


def read_json(text: str, findings: list[Finding]) -> tuple[Any, At] | None:
    """Return the data of a JSON object and its places, None for what is none. A key that stands twice is a finding."""
    mistakes: list[Finding] = []
    reader = _Reader(text, mistakes)
    try:
        if not text.startswith("{", reader.skipped(0)):
            return None
        value, at, end = reader.value(reader.skipped(0), 0)
    except (_NoJsonError, ValueError, StopIteration):
        return None
    if reader.skipped(end) != len(text):
        return None
    findings += mistakes
    return value, at


class _Reader:
    """Each method takes the offset where something starts, and returns its data, its place and where it ends."""

    def __init__(self, text: str, findings: list[Finding]) -> None:
        self._text = text
        self._findings = findings
        self._scalar: Callable[[str, int], tuple[Any, int]] = make_scanner(
            JSONDecoder(parse_constant=_refuse)  # type: ignore[arg-type]
        )

    def skipped(self, at: int) -> int:
        """Return where the blanks at an offset end."""
        found = _BLANKS.match(self._text, at)
        return found.end() if found else at

    def value(self, at: int, depth: int) -> tuple[Any, At, int]:
        if depth > DEPTH_MAX:
            raise _NoJsonError
        opening = self._text[at : at + 1]
        if opening == "{":
            return self._map(at, depth)
        if opening == "[":
            return self._list(at, depth)
        value, end = self._scalar(self._text, at)
        if isinstance(value, str):
            value.encode()  # half of a character is no text: a ValueError
        return value, at, end

    def _list(self, start: int, depth: int) -> tuple[Any, At, int]:
        values: list[Any] = []
        places: list[At] = []
        at = self.skipped(start + 1)
        while not self._text.startswith("]", at):
            value, place, end = self.value(at, depth + 1)
            values.append(value)
            places.append(place)
            at = self._next(end, "]")
        return values, ListAt(start, places), at + 1

    def _map(self, start: int, depth: int) -> tuple[Any, At, int]:
        data: dict[str, Any] = {}
        places = MapAt(start, {}, {})
        at = self.skipped(start + 1)
        while not self._text.startswith("}", at):
            if not self._text.startswith('"', at):
                raise _NoJsonError
            key, end = self._scalar(self._text, at)
            colon = self.skipped(end)
            if not self._text.startswith(":", colon):
                raise _NoJsonError
            value, place, end = self.value(self.skipped(colon + 1), depth + 1)
            if key in data:
                message, first = f"key {quoted(key)} is written twice", (places.keys[key], "first written")
                self._findings.append(Finding(at, message, related=first))
            data[key], places.keys[key], places.values[key] = value, at, place
            at = self._next(end, "}")
        return data, places, at + 1

    def _next(self, end: int, closing: str) -> int:
        """Return where the next item starts, or the bracket that closes what they are in."""
        at = self.skipped(end)
        if self._text.startswith(",", at):
            after = self.skipped(at + 1)
            if not self._text.startswith(closing, after):
                return after
        elif self._text.startswith(closing, at):
            return at
        raise _NoJsonError


def _refuse(name: str) -> Any:
    raise _NoJsonError
