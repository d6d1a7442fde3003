"""The files `$AIREXEC_QUEUE` and `$AIREXEC_OUTPUT` of one attempt: a JSON value per line, read as they grow.

Whoever executes the attempt reads them, since they lie where the attempt runs. Knows no JSON and no tasks.
"""

import os
import stat
from collections.abc import Sequence
from contextlib import suppress

from airexec.attempt.lines import OUTPUT_BYTES_MAX, FoundLine

_READ_BYTES = 64 * 1024
_BEFORE_BYTES = 4096
"""Of what was read, to know whether it still stands there. Two lines that differ do so within it, but for rare ones."""


class SideFiles:
    """Both of them."""

    __slots__ = ("_files", "_paths")

    def __init__(self, queue_file: str, output_file: str) -> None:
        """Absolute paths; an empty one: there is no such file."""
        self._paths = (("queue", queue_file), ("output", output_file))
        self._files: dict[str, SideFile] = {}

    def read(self, is_over: bool = False) -> Sequence[tuple[str, FoundLine]]:
        """Return what is new, each line with how messages name its file; see `SideFile.read`."""
        found: list[tuple[str, FoundLine]] = []
        for verb, path in self._paths:
            if verb not in self._files:
                if not path or not os.access(path, os.F_OK):
                    continue
                self._files[verb] = SideFile(path, verb)
            found += [(f"{verb} file", line) for line in self._files[verb].read(is_over)]
        return found


class SideFile:
    """One of the two.

    A task may write it anew (`>`), or move another into its place, and each of them counts from its first line. A new
    one at the path is another file; whether the same one was written anew is told by what stands in front of where we
    are, since it may be of any length by then.
    """

    __slots__ = ("_at", "_before", "_fd", "_length", "_line", "_path", "_rest", "_verb")

    def __init__(self, path: str, verb: str) -> None:
        """`verb` is what each of its lines stands for: `queue` or `output`."""
        self._verb = verb
        self._path = path
        self._fd = -1
        self._at = 0
        """How many bytes were read."""
        self._before = b""
        """The last of them."""
        self._line = 0
        self._rest = bytearray()
        """The line that is not finished yet, as far as it may still count."""
        self._length = 0
        """Of that line."""

    def read(self, is_over: bool = False) -> list[FoundLine]:
        """Return the lines that were finished since the last time; when the attempt is over, the last one as well.

        The file is then removed: what counts of it goes into the journal, and it may hold secrets as they are.
        """
        if self._fd < 0 and not self._open():
            return []
        found: list[FoundLine] = []
        if self._was_written_anew():
            self._begin()
        self._read_on(found)
        if self._was_replaced():
            os.close(self._fd)
            self._fd = -1
            if self._open():
                self._read_on(found)
        if is_over and self._fd >= 0:
            if self._length:
                self._end_line(found)
            self._remove()
        return found

    def _open(self) -> bool:
        """Begin with what is at the path now, if it is a regular file."""
        self._begin()
        with suppress(OSError):
            if stat.S_ISREG(os.lstat(self._path).st_mode):
                self._fd = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        return self._fd >= 0

    def _begin(self) -> None:
        self._at = self._line = self._length = 0
        self._before = b""
        self._rest.clear()

    def _was_written_anew(self) -> bool:
        return self._read_at(self._at - len(self._before), len(self._before)) != self._before

    def _was_replaced(self) -> bool:
        try:
            return not os.path.samestat(os.lstat(self._path), os.fstat(self._fd))
        except OSError:  # removed: there is nothing else to read
            return False

    def _read_on(self, found: list[FoundLine]) -> None:
        """Take what there is by now; a task that writes faster than we read must not hold all others up."""
        end = os.fstat(self._fd).st_size
        while data := self._read_at(self._at, min(_READ_BYTES, end - self._at)):
            self._at += len(data)
            self._before = (self._before + data)[-_BEFORE_BYTES:]
            *lines, rest = data.split(b"\n")
            for line in lines:
                self._extend(line)
                self._end_line(found)
            self._extend(rest)

    def _read_at(self, at: int, size: int) -> bytes:
        try:
            return os.pread(self._fd, size, at) if size > 0 else b""
        except OSError:  # the storage fails
            return b""

    def _extend(self, data: bytes) -> None:
        self._length += len(data)
        self._rest += data[: OUTPUT_BYTES_MAX + 1 - len(self._rest)]

    def _end_line(self, found: list[FoundLine]) -> None:
        self._line += 1
        if self._length > OUTPUT_BYTES_MAX:
            found.append(FoundLine(self._verb, "", self._line, overlong=True))
        elif payload := self._rest.decode("utf-8", "replace").strip():
            found.append(FoundLine(self._verb, payload, self._line))
        self._rest.clear()
        self._length = 0

    def _remove(self) -> None:
        os.close(self._fd)
        self._fd = -1
        with suppress(OSError):
            os.unlink(self._path)
