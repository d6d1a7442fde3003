"""Writes to a descriptor that may have nobody who reads it, or a terminal that is held by Ctrl-S, and holds up nobody.

Whoever writes hands over bytes and goes on; a thread of its own waits for the reader. What waits is bounded: there is
room or there is not, and what has no room is for the writer to leave out and to say so. A descriptor that does not
block (node and some agents of CI systems hand one over) is waited for as well.
"""

import os
from _thread import allocate_lock, start_new_thread
from collections import deque

WAITING_MAX = 4 * 1024 * 1024
"""Bytes; a reader that pauses for a moment misses nothing."""
_PIECE = 65536


class SlowReader:
    """One descriptor, and what waits for it. One thread hands over; the one that writes lives while there is work."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._pieces: deque[bytes] = deque()
        self._bytes = 0
        self._lock = allocate_lock()  # `threading` would cost a start 1 ms
        self._working = allocate_lock()
        """Held by the thread while it lives."""
        self.failure: OSError | None = None
        """Nobody will ever read any more."""

    @property
    def is_waited_for(self) -> bool:
        """Whether something is still on its way."""
        return self._bytes > 0

    @property
    def has_room(self) -> bool:
        return self._bytes < WAITING_MAX

    def take(self, data: bytes) -> None:
        """Write these bytes after all those before, at some time; none once it has failed."""
        with self._lock:
            if self.failure is not None:
                return
            self._pieces.append(data)
            self._bytes += len(data)
            if self._working.acquire(blocking=False):
                start_new_thread(self._work, ())

    def wait(self) -> None:
        """Return when everything has been read, or nobody will read it. A signal may interrupt it."""
        with self._working:
            pass

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._pieces:
                    self._working.release()
                    return
                data = self._pieces.popleft()
            try:
                write_all(self._descriptor, data)
            except OSError as error:
                self._give_up(error)
            with self._lock:
                self._bytes = 0 if self.failure else self._bytes - len(data)

    def _give_up(self, error: OSError) -> None:
        with self._lock:
            self.failure = error
            self._pieces.clear()


def write_all(descriptor: int, data: bytes) -> None:
    """Write all bytes, however long the reader takes, also where the descriptor does not block. Raises OSError."""
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(descriptor, rest[:_PIECE]) :]
        except BlockingIOError:
            _wait_for_room(descriptor)


def _wait_for_room(descriptor: int) -> None:
    from select import POLLOUT, poll

    waiting = poll()
    waiting.register(descriptor, POLLOUT)
    waiting.poll()
