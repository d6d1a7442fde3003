"""Forcing written bytes to the disk, at once or a moment later from a thread. Knows nothing of what was written."""

import os
import sys
from _thread import allocate_lock, start_new_thread  # `threading` costs every run 1.2 ms for three events
from contextlib import suppress

DELAY_SECONDS = 0.05
"""Half of the 100 ms that are promised: the other half is for the sync itself."""

FOLDERS_ABOVE = 6
"""From the run's folder up to the one that holds `.airexec`: a new file lasts only once its name does."""


class BackgroundSync:
    """Syncs one file from a thread of its own, started by the first request.

    A thread because a sync takes milliseconds during which the run must go on; the system call leaves the
    interpreter free. Nothing correct depends on its end: the process may exit or be killed at any moment.
    """

    def __init__(self, fd: int, path: str) -> None:
        self.failure: OSError | None = None
        """The first failed sync; there is no second try."""
        self._fd = fd
        self._path = path
        self._started = False
        self._dirty = False
        self._stopping = False
        """Asked after every wake-up: `stop` may come when the delay is over, and the next wait would have no end."""
        # Each lock does the work of an event: held for as long as that has not happened, released when it does, and who
        # waits for it acquires it, so that it can happen once more. Locks may be released by another thread.
        self._wake = allocate_lock()
        """There is something to sync, or to look whether to stop."""
        self._stop = allocate_lock()
        """Cuts the delay short."""
        self._ended = allocate_lock()
        """The thread is over; held by it while it lives."""
        self._wake.acquire()
        self._stop.acquire()

    def request(self) -> None:
        """Have everything written so far synced within 100 ms."""
        if self._dirty:
            return  # the flag falls before the sync begins, so that one will include us
        self._dirty = True
        if not self._started:
            self._started = self._ended.acquire()
            start_new_thread(self._sync_until_stopped, ())
        self._wake.release()

    def stop(self) -> None:
        """Return once the thread is over. What was requested a moment ago may still be unsynced."""
        if not self._started:
            return
        self._stopping = True
        self._stop.release()
        with suppress(RuntimeError):  # it is awake, or about to be
            self._wake.release()
        self._ended.acquire()
        self._started = False

    def _sync_until_stopped(self) -> None:
        try:
            sync_folders(self._path)
            while self.failure is None:
                self._wake.acquire()
                if self._stopping or self._stop.acquire(timeout=DELAY_SECONDS):
                    return
                self._dirty = False
                self._sync()
        finally:
            self._ended.release()

    def _sync(self) -> None:
        try:
            sync_now(self._fd)
        except OSError as error:
            self.failure = error


def sync_now(fd: int) -> None:
    """Return when the bytes and the size of the file are on the disk. Raises OSError."""
    if sys.platform == "darwin":
        from fcntl import F_FULLFSYNC, fcntl

        fcntl(fd, F_FULLFSYNC)  # fsync on macOS stops at the disk's own cache
    else:
        os.fdatasync(fd)


def sync_folders(path: str) -> None:
    """Sync the folders above a file, nearest first, as far as they can be; some file systems refuse."""
    folder = path
    for _ in range(FOLDERS_ABOVE):
        folder = os.path.dirname(folder)
        try:
            fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            return
        try:
            os.fsync(fd)
        except OSError:
            return
        finally:
            os.close(fd)
