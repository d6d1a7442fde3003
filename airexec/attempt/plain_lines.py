"""`::` lines that are plain text though airexec heeds such lines: printed on stderr, or after the exit of the leader.

In a log they look like all others. So whoever executes an attempt keeps them beside its log, and whoever shows the log
asks for them: see `ForPeople`. Most attempts have none, and no such file.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress

from airexec.attempt.lines import is_heeded, normalized

BYTES_MAX = 64 * 1024
"""Of one attempt. Beyond, the lines are taken for heeded ones: shown nowhere but in the log itself."""


def _path_beside(log_path: str | os.PathLike[str]) -> str:
    folder, name = os.path.split(log_path)
    return os.path.join(folder, f".{name}.plain")


class PlainLines:
    """Keeps those of one attempt."""

    def __init__(self, log_path: str, continues: bool = False) -> None:
        """`continues`: what is kept already is of an earlier step of the attempt."""
        self._path = _path_beside(log_path)
        self._is_new = not continues
        self._bytes = 0

    def add(self, line: str) -> None:
        """Keep a line as it stands in the log, without its newline. Never raises: it is for show."""
        data = normalized(line).encode("utf-8", "surrogateescape") + b"\n"
        if not is_heeded(line, may_queue=True) or self._bytes + len(data) > BYTES_MAX:
            return
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | (os.O_TRUNC if self._is_new else os.O_APPEND)
        with suppress(OSError):
            descriptor = os.open(self._path, flags, 0o600)
            try:
                os.write(descriptor, data)
            finally:
                os.close(descriptor)
        self._is_new = False
        self._bytes += len(data)


class ForPeople:
    """Leaves out of the lines of one log those that airexec has heeded: what they cause is said in its own way."""

    def __init__(self, log_path: str | os.PathLike[str], may_queue: bool) -> None:
        self._path = _path_beside(log_path)
        self._may_queue = may_queue
        self._plain: dict[str, int] = {}
        """How often each is still to be shown."""
        self._read_bytes = 0

    def __call__(self, lines: Iterable[str]) -> Iterator[str]:
        """Yield those of the next lines that are to be shown."""
        return (line for line in lines if not is_heeded(line, self._may_queue) or self._is_plain(line))

    def _is_plain(self, line: str) -> bool:
        text = normalized(line)
        if not self._plain.get(text):
            self._read_on()
        left = self._plain.get(text, 0)
        if left:
            self._plain[text] = left - 1
        return left > 0

    def _read_on(self) -> None:
        """Learn what was added to the file by now; the attempt may still run."""
        with suppress(OSError), open(self._path, "rb") as file:
            file.seek(self._read_bytes)
            data = file.read(BYTES_MAX)
            self._read_bytes += len(data)
            for line in data.decode("utf-8", "backslashreplace").splitlines():
                self._plain[line] = self._plain.get(line, 0) + 1
