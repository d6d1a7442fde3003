"""Finds the `::verb JSON` lines in the stdout of a task, however it is cut into pieces. Pure; reads no JSON.

A command line starts at column 0 and names a known verb; all else is ordinary output. Memory stays flat: of an
ordinary line nothing is kept, of a command line at most its limit. The last line counts even without a newline,
because `printf '::output {…}'` is an easy mistake to make and its meaning is clear.
"""

import re
from typing import NamedTuple

QUEUE_BYTES_MAX = 64 * 1024
OUTPUT_BYTES_MAX = 1024 * 1024 + 64
"""A task may have 1 MiB of outputs, so one line may hold it all."""

_VERB = rb"::(queue|output|progress|mask|notice|warning|error)(?=[ \t\r]|$)"
"""A text, compiled by `re` when there is the first such line: most runs have none."""
_VERB_BYTES_MAX = len("::progress ")


class FoundLine(NamedTuple):
    verb: str
    payload: str
    """The text behind the verb, without the blanks around it; bytes that are not UTF-8 as surrogates."""
    line: int
    """1-based."""
    overlong: bool = False
    """Beyond the limit of its verb; `payload` is empty."""


class CommandLines:
    """The state of one stdout: how many lines it has had, and the unfinished line if it may become a command."""

    __slots__ = ("_head", "_is_candidate", "_length", "_lines")

    def __init__(self) -> None:
        self._lines = 0
        """Finished lines so far."""
        self._head = bytearray()
        """The unfinished line, as far as it is of interest."""
        self._length = 0
        """Of the unfinished line."""
        self._is_candidate = True

    @property
    def secret_bytes(self) -> int:
        """Return how many bytes at the end of what was fed are of an unfinished `::mask` line: not to be shown yet."""
        return len(self._head) if self._is_candidate and self._head.startswith(b"::mask") else 0

    def feed(self, data: bytes) -> list[FoundLine]:
        """Take the next bytes; return the command lines that they complete, in order."""
        found: list[FoundLine] = []
        start = 0
        if self._length:
            start = data.find(b"\n") + 1
            self._extend(data[: start - 1] if start else data)
            if not start:
                return found
            self._end_line(found)
        start = self._scan(data, start, found)
        self._extend(data[start:])
        return found

    def finish(self) -> list[FoundLine]:
        """No more will come: return the last line if it is a command without its newline."""
        found: list[FoundLine] = []
        if self._length:
            self._end_line(found)
        return found

    def _scan(self, data: bytes, start: int, found: list[FoundLine]) -> int:
        """Go through all lines that begin and end in `data`; return where the unfinished last line begins.

        `start` is at column 0. Lines are not looked at one by one: two searches find the next `::` at column 0.
        A third spares them most of the time: it is for a single byte, which is ten times as fast.
        """
        while True:
            if not data.startswith(b"::", start):
                at = data.find(b"\n::", start) if data.find(b":", start) >= 0 else -1
                if at < 0:
                    break
                self._lines += data.count(b"\n", start, at + 1)
                start = at + 1
            end = data.find(b"\n", start)
            if end < 0:
                return start
            self._lines += 1
            self._read(data[start:end], end - start, found)
            start = end + 1
        last = data.rfind(b"\n", start) + 1
        self._lines += data.count(b"\n", start, last)
        return max(start, last)

    def _extend(self, data: bytes) -> None:
        """The unfinished line goes on."""
        if not data:
            return
        self._length += len(data)
        if not self._is_candidate:
            return
        self._head += data[: OUTPUT_BYTES_MAX + 1 - len(self._head)]
        if not _may_be_command(self._head):
            self._is_candidate = False
            self._head.clear()

    def _end_line(self, found: list[FoundLine]) -> None:
        self._lines += 1
        if self._is_candidate:
            self._read(bytes(self._head), self._length, found)
        self._head.clear()
        self._length, self._is_candidate = 0, True

    def _read(self, line: bytes, length: int, found: list[FoundLine]) -> None:
        match = re.match(_VERB, line)
        if match is None:
            return
        verb = match[1].decode()
        limit = OUTPUT_BYTES_MAX if verb == "output" else QUEUE_BYTES_MAX
        if length > limit:
            found.append(FoundLine(verb, "", self._lines, overlong=True))
        else:
            payload = line[match.end() :].strip(b" \t\r").decode("utf-8", "surrogateescape")
            found.append(FoundLine(verb, payload, self._lines))


def _may_be_command(head: bytearray) -> bool:
    """Return whether a line that begins so can still be, or is, a command line."""
    if len(head) < _VERB_BYTES_MAX:
        return b"::".startswith(head[:2])
    return re.match(_VERB, head) is not None
