"""The log of one attempt: its output as it came, first and last half when there is too much, never in its way.

Whatever goes wrong with the file (disk full, folder gone) costs the bytes that could not be written and nothing
else: they are counted, and marked in the log as soon as it takes bytes again. Knows no tasks and no secrets.
"""

import os
from errno import ENOSPC

MAX_LOG = 64 * 1024 * 1024
_STEP = 1024 * 1024


class AttemptLog:
    """Append-only for its users. The file holds the beginning (`max_bytes` / 2), a marker, and the end.

    It is made with the first byte: most attempts print none, and a file is among the dearest things they ask for.

    The end may grow to twice its size before the older half of it is dropped and the newer half moves down, so each
    byte is copied at most once more, and the file is in order at all times, also for those who read it meanwhile.
    """

    __slots__ = ("_continues", "_cut", "_fd", "_half", "_path", "_reserved", "_size", "_unmarked", "_why", "lost_bytes")

    def __init__(self, path: str, max_bytes: int = MAX_LOG, continues: bool = False) -> None:
        """`continues`: what is there already is of the same attempt, and stays.

        Raises OSError when there is no descriptor left for the file; that passes.
        """
        self._path = path
        self._continues = continues
        self._half = max_bytes // 2
        self._size = 0
        self._cut = 0
        """Bytes left out in the middle."""
        self.lost_bytes = 0
        self._unmarked = 0
        """Lost bytes that the log does not mention yet."""
        self._why = ""
        self._fd = -1
        """-1 as long as there is no file."""
        self._reserved = os.dup(0)
        """A descriptor to be given up for that of the file; -1 once it is."""

    def write(self, data: bytes) -> None:
        """Append. Never raises."""
        if self._size + len(data) > 3 * self._half:
            self._drop_middle()
        if self._unmarked:
            self._mark_lost()
        rest = len(data) if self._unmarked else self._append(data)
        self.lost_bytes += rest
        self._unmarked += rest

    def close(self) -> int:
        """Bring the file into its final form; return how many bytes were lost."""
        if self._fd >= 0:
            if self._unmarked:
                self._mark_lost()
            if self._cut or self._size > 2 * self._half:
                self._drop_middle()
            os.close(self._fd)
            self._fd = -1
        self._give_up_reserved()
        return self.lost_bytes

    def _append(self, data: bytes) -> int:
        """Return how many bytes did not get in. A full disk shows in a short write first, an error after that."""
        written = 0
        try:
            if self._fd < 0:
                self._give_up_reserved()
                self._fd = _file(self._path) if self._continues else _new_file(self._path)
                self._size = os.lseek(self._fd, 0, os.SEEK_END) if self._continues else 0
            while written < len(data):
                count = os.write(self._fd, data[written:] if written else data)
                written += count
                self._size += count
        except OSError as error:
            self._why = error.strerror or str(error)
        return len(data) - written

    def _give_up_reserved(self) -> None:
        if self._reserved >= 0:
            os.close(self._reserved)
            self._reserved = -1

    def _mark_lost(self) -> None:
        marker = f"\n[airexec: {self._unmarked} bytes of output are missing here: {self._why}]\n".encode()
        rest = self._append(marker)
        if not rest:
            self._unmarked = 0
        elif rest < len(marker):
            self._truncate(self._size - (len(marker) - rest))

    def _drop_middle(self) -> None:
        """Keep the first half and the last half of `max_bytes`, with a marker between them."""
        end_begins = self._half + (len(self._marker()) if self._cut else 0)
        dropped = self._size - self._half - end_begins
        if dropped <= 0:
            return
        self._cut += dropped
        marker = self._marker()
        try:
            kept = self._move(self._size - self._half, self._half + len(marker))
            os.pwrite(self._fd, marker, self._half)
            self._truncate(self._half + len(marker) + kept)
        except OSError as error:
            self._why = error.strerror or str(error)
            self.lost_bytes += self._half
            self._unmarked += self._half
            self._truncate(end_begins)

    def _marker(self) -> bytes:
        """Of one length whatever the count, so that it can be written again in place."""
        return f"\n[airexec: {self._cut:>16} bytes of output were left out here]\n".encode()

    def _move(self, source: int, target: int) -> int:
        """Copy all from `source` to the end of the file to `target`; return how many bytes that were.

        One piece is read ahead, because with little dropped the marker makes `target` a few bytes more than `source`.
        """
        moved = 0
        data = self._piece(source)
        while data:
            ahead = self._piece(source + moved + len(data))
            if os.pwrite(self._fd, data, target + moved) < len(data):
                raise OSError(ENOSPC, os.strerror(ENOSPC))
            moved += len(data)
            data = ahead
        return moved

    def _piece(self, at: int) -> bytes:
        return os.pread(self._fd, min(_STEP, self._size - at), at)

    def _truncate(self, size: int) -> None:
        try:
            os.ftruncate(self._fd, size)
            os.lseek(self._fd, size, os.SEEK_SET)
            self._size = size
        except OSError as error:
            self._why = error.strerror or str(error)


def _file(path: str) -> int:
    """Return a descriptor of a file, new or not."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def _new_file(path: str) -> int:
    """Return a descriptor of a new file. What was there before loses its name only: it may have others, or be a
    symbolic link."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        return os.open(path, flags, 0o600)
    except FileExistsError:
        os.unlink(path)
        return os.open(path, flags, 0o600)
