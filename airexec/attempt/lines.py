"""The grammar of `::verb JSON` lines, the only place that knows it, and the search for them in a stdout. Pure.

A command line starts at column 0 of stdout and names a known verb; all else is ordinary output. So is a line whose
JSON does not have the shape that its verb takes, as long as nobody has to be told: see `is_heeded`.

The search takes the output however it is cut into pieces. Memory stays flat: of an ordinary line nothing is kept, of a
command line at most its limit. The last line counts even without a newline, because `printf '::output {…}'` is an easy
mistake to make and its meaning is clear.
"""

import re
from typing import Any, NamedTuple

from airexec.workflow.json_value import JsonError, parse_json

QUEUE_BYTES_MAX = 64 * 1024
OUTPUT_BYTES_MAX = 1024 * 1024 + 64
"""A task may have 1 MiB of outputs, so one line may hold it all."""

_VERB = r"::(queue|output|progress|mask|notice|warning|error)(?=[ \t\r]|$)"
"""A text, compiled by `re` when there is the first such line: most runs have none."""
_VERB_BYTES = _VERB.encode()
_BLANK = " \t\r"
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
        match = re.match(_VERB_BYTES, line)
        if match is None:
            return
        verb = match[1].decode()
        limit = OUTPUT_BYTES_MAX if verb == "output" else QUEUE_BYTES_MAX
        if length > limit:
            found.append(FoundLine(verb, "", self._lines, overlong=True))
        else:
            payload = line[match.end() :].decode("utf-8", "surrogateescape").strip(_BLANK)
            found.append(FoundLine(verb, payload, self._lines))


def _may_be_command(head: bytearray) -> bool:
    """Return whether a line that begins so can still be, or is, a command line."""
    if len(head) < _VERB_BYTES_MAX:
        return b"::".startswith(head[:2])
    return re.match(_VERB_BYTES, head) is not None


# --- what the lines say -----------------------------------------------------------------------------------------------


def progress_in(payload: str) -> tuple[float, float] | None:
    """Return (done, total), both at least 0, of a `::progress {"done": 3, "total": 10}`."""
    value = _json_or_none(payload)
    if not isinstance(value, dict):
        return None
    done, total = _amount(value.get("done")), _amount(value.get("total"))
    return None if done is None or total is None else (done, total)


def secret_in(payload: str) -> str | None:
    """Return the value to hide of a `::mask "s3cret"`."""
    value = _json_or_none(payload)
    return value if isinstance(value, str) else None


def message_in(payload: str) -> str | None:
    """Return the text of a `::notice "text"` or `::error {"message": "text"}`."""
    value = _json_or_none(payload)
    if isinstance(value, dict):
        value = value.get("message")
    return value if isinstance(value, str) else None


def normalized(line: str) -> str:
    """Return a command line with a single blank behind its verb and none at its end."""
    match = re.match(_VERB, line)
    return line if match is None else f"::{match[1]} {line[match.end() :].strip(_BLANK)}"


def is_heeded(line: str, may_queue: bool) -> bool:
    """Return whether airexec acts upon this line of a stdout, so that nobody needs to see it. Its newline is cut off.

    Without the permission to queue, a `::queue` line is plain text. What is no JSON of the shape that its verb takes is
    shown, for `queue` and `output` beside the error that it makes.
    """
    if not line.startswith("::") or (match := re.match(_VERB, line)) is None:
        return False
    payload = line[match.end() :].strip(_BLANK)
    match match[1]:
        case "queue":
            return may_queue and isinstance(_json_or_none(payload), dict | list)
        case "output":
            return isinstance(_json_or_none(payload), dict)
        case "progress":
            return progress_in(payload) is not None
        case "mask":
            return secret_in(payload) is not None
        case _:
            return message_in(payload) is not None


def _json_or_none(payload: str) -> Any:
    try:
        return parse_json(payload)
    except JsonError:
        return None


def _amount(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < 1e300 else None
