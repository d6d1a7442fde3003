"""The file descriptors of airexec itself: none leaks into a task, and how many attempts they allow at once."""

import os

from airexec.errors import UsageError

LEAST = 24
"""With fewer open files not even one attempt is sure to find room."""
PER_ATTEMPT = 4
"""Log, two pipes, pidfd."""
_OWN = 32
"""Journal, lock, terminal, pipes being made, and some air."""


def seal_inherited() -> None:
    """Let no task inherit what our own caller has left open beyond 0-2 (make's jobserver, a CI's log)."""
    try:
        numbers = os.listdir("/dev/fd")
    except OSError:
        numbers = []
    for fd in map(int, numbers):
        try:
            if fd > 2 and os.get_inheritable(fd):
                os.set_inheritable(fd, False)
        except OSError:
            pass  # the descriptor of the listing itself, closed by now


def open_null() -> int:
    """Return a descriptor of /dev/null above 2; any of 0-2 that was closed gets one too, lest a pipe take its place."""
    while (fd := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    return fd


def room_for_attempts() -> int | None:
    """Return how many attempts the limit on open files leaves room for (at least 1), or None without a limit.

    Raises UsageError when there is room for none.
    """
    soft = os.sysconf("SC_OPEN_MAX")  # -1: no limit. The same number as that of `resource`, without the import
    if 0 <= soft < LEAST:
        raise UsageError(f"the limit on open files is {soft}; a run needs {LEAST}", hint="raise it: ulimit -n 1024")
    return None if soft < 0 else max(1, (soft - _OWN) // PER_ATTEMPT)
