"""Locks of the kernel on files: who holds one keeps it until it lets go or dies, however it dies.

They belong to an open file, so two of one process are in each other's way as those of two processes are.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, LOCK_UN, flock
from time import monotonic, sleep

PAUSE_SECONDS = 0.01


def try_lock(fd: int, *, is_shared: bool = False, patience: float = 0.0) -> bool:
    """Lock an open file, waiting at most so many seconds; return whether it is ours. Raises OSError.

    A little patience is for readers, who hold a lock for an instant to see whether anybody else does.
    """
    deadline = monotonic() + patience
    while True:
        try:
            flock(fd, (LOCK_SH if is_shared else LOCK_EX) | LOCK_NB)
        except BlockingIOError:
            if monotonic() >= deadline:
                return False
            sleep(PAUSE_SECONDS)
        else:
            return True


def is_held(path: str) -> bool:
    """Return whether somebody holds the file at `path` alone. Writes nothing, and holds it for an instant."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        flock(fd, LOCK_SH | LOCK_NB)
        flock(fd, LOCK_UN)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


@contextmanager
def alone(folder: str) -> Iterator[None]:
    """Be the only one in a folder, as far as all ask here: for files that are replaced and so hold no lock themselves.

    Waits as long as it takes, which is an instant. Raises OSError.
    """
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        flock(fd, LOCK_EX)
        yield
    finally:
        os.close(fd)
