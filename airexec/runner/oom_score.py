"""Lets the kernel choose a task rather than the scheduler when memory runs out. Linux only; elsewhere does nothing.

A child is born with the score of its parent, so ours is raised for the moment of its birth (2 µs). Written afterwards,
the score of the child would come too late for what the child has started by then.
"""

import os
from contextlib import suppress

PATH = "/proc/self/oom_score_adj"
FOR_TASKS = 500
HIGHEST = 1000


class OomScore:
    """Our own score, and the higher one for tasks."""

    def __init__(self) -> None:
        self._fd = -1
        with suppress(OSError):
            self._fd = os.open(PATH, os.O_RDWR | os.O_CLOEXEC)
        self._own = b"0" if self._fd < 0 else os.pread(self._fd, 16, 0).strip()
        self._for_child = b"%d" % min(HIGHEST, int(self._own) + FOR_TASKS)

    def raise_for_child(self) -> None:
        """Have the score of tasks, until `lower`."""
        self._set(self._for_child)

    def lower(self) -> None:
        self._set(self._own)

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _set(self, score: bytes) -> None:
        if self._fd >= 0:
            try:  # noqa: SIM105 - suppress would cost as much as the write, twice per task
                os.pwrite(self._fd, score, 0)
            except OSError:
                pass  # we may be forbidden to
