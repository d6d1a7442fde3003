"""One scheduler per job: a file that is flock'd for the life of the scheduler. Knows nothing of runs.

The kernel decides who holds the lock and frees it when the holder dies, however it dies. What is written in the file
is for people: no decision, and no signal, ever rests on it. The file is never unlinked, since two processes
could then hold locks on two files of that name.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, LOCK_UN, flock
from json import dumps, loads
from time import monotonic, sleep, time
from typing import NamedTuple

from airexec.errors import JobLockedError, StateUnwritableError
from airexec.state.layout import JobFolder
from airexec.state.timestamps import from_iso, to_iso

PATIENCE_SECONDS = 0.5
"""How long a loser looks for a believable holder, so that it can name the right one."""

CLOCK_SLACK_SECONDS = 2.0
"""By how much a process may seem to have begun too late: the system knows its own start to the second only, and clocks
are put right."""

PAUSE_SECONDS = 0.01
WAITING_PAUSE_SECONDS = 0.1

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%+=:,./-_")
"""Characters that need no quotes in a shell."""


class Holder(NamedTuple):
    """Who holds a lock, in its own words."""

    pid: int
    host: str
    started_at: str
    """ISO 8601, UTC."""
    command: str


class JobLock:
    """A lock that we hold, until `release` or the end of the process."""

    def __init__(self, fd: int, path: str) -> None:
        self.path = path
        self._fd = fd

    def still_ours(self) -> bool:
        """Return whether the file that we hold is still the one at its path; no longer: somebody else may run."""
        try:
            return os.path.samestat(os.fstat(self._fd), os.stat(self.path, follow_symlinks=False))
        except OSError:
            return False

    def problem(self) -> str | None:
        """Return what is wrong when the lock is no longer ours."""
        return None if self.still_ours() else f"the lock {self.path} was removed or replaced while we held it"

    def release(self) -> None:
        """Empty the file, as far as the disk lets us, and let go."""
        if self._fd >= 0:
            with suppress(OSError):
                os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = -1


def acquire(job: JobFolder, command: Sequence[str], now: float) -> JobLock:
    """Take the lock of a job whose folder exists. `command` and `now` (Unix seconds) are for the losers to read.

    Raises JobLockedError within a second when somebody else holds it, StateUnwritableError.
    """
    deadline = monotonic() + PATIENCE_SECONDS
    while (fd := _try_lock(job.lock)) is None:
        # Not ours for an instant is not yet somebody else's: a reader may just be looking whether anybody runs.
        holder = _read_holder(job.lock) if is_locked(job) else None
        if holder is not None and _is_dead(holder):
            holder = None
        if holder is not None or monotonic() >= deadline:
            raise _locked(job, holder)
        sleep(PAUSE_SECONDS)
    lock = JobLock(fd, job.lock)
    _write_holder(fd, job.lock, command, now)
    return lock


def wait_for(
    job: JobFolder, command: Sequence[str], now: Callable[[], float], seconds: float, say: Callable[[str], None]
) -> JobLock:
    """As `acquire`, but wait so many seconds for the lock; `say` is told once who holds it, `now` asked at the end.

    The waiting are in no order. Raises JobLockedError when the time is over, StateUnwritableError.
    """
    deadline = monotonic() + seconds
    told = False
    while True:
        try:
            return acquire(job, command, now())
        except JobLockedError as error:
            if (left := deadline - monotonic()) <= 0:
                raise
            if not told:
                say(f"waiting: {error.headline}")
                told = True
        sleep(min(left, WAITING_PAUSE_SECONDS))


def is_locked(job: JobFolder) -> bool:
    """Return whether a scheduler is at work on the job now. Writes nothing, and holds the lock for an instant."""
    try:
        fd = os.open(job.lock, os.O_RDONLY | os.O_NOFOLLOW)
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


def held_since(job: JobFolder) -> float | None:
    """Return since when (Unix seconds) a scheduler has been at work on the job; None when none is, infinity when it has
    not said so yet."""
    if not is_locked(job):
        return None
    holder = _read_holder(job.lock)
    try:
        return float("inf") if holder is None or _is_dead(holder) else from_iso(holder.started_at)
    except ValueError:
        return float("inf")


def runner_of(job: JobFolder) -> int | None:
    """Return the pid of the scheduler that is at work on the job on this machine, None when nobody is known to be."""
    holder = _read_holder(job.lock) if is_locked(job) else None
    if holder is None or holder.host != os.uname().nodename or _is_dead(holder):
        return None
    return holder.pid


def _try_lock(path: str) -> int | None:
    """Return a locked descriptor of the file at `path`, None when somebody else has it."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o664)
    except OSError as error:
        raise StateUnwritableError(f"cannot open the lock {path}: {error.strerror}") from error
    try:
        flock(fd, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    except OSError as error:
        os.close(fd)
        raise StateUnwritableError(f"cannot lock {path}: {error.strerror}") from error
    if JobLock(fd, path).still_ours():
        return fd
    os.close(fd)  # replaced between open and lock
    return None


def _write_holder(fd: int, path: str, command: Sequence[str], now: float) -> None:
    holder = Holder(os.getpid(), os.uname().nodename, to_iso(now), _as_typed(command))
    try:
        os.ftruncate(fd, 0)
        os.pwrite(fd, dumps(holder._asdict()).encode() + b"\n", 0)
    except OSError as error:
        raise StateUnwritableError(f"cannot write the lock {path}: {error.strerror}") from error


def _as_typed(command: Sequence[str]) -> str:
    if all(command) and _PLAIN.issuperset("".join(command)):  # as nearly always, and without an import
        return " ".join(command)
    from shlex import join

    return join(command)


def _read_holder(path: str) -> Holder | None:
    """Return what the file says, None while it says nothing yet."""
    try:
        with open(path, "rb") as file:
            holder = Holder(**loads(file.read()))
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    is_sound = type(holder.pid) is int and holder.pid > 0 and all(isinstance(text, str) for text in holder[1:])
    return holder if is_sound else None


def _is_dead(holder: Holder) -> bool:
    """Return whether the writer is known to be gone, so that its words are not those of the present holder.

    Nobody has its number any more, or somebody who began after the words were written.
    """
    if holder.host != os.uname().nodename:
        return False
    try:
        os.kill(holder.pid, 0)  # a question, no signal
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:
        pass  # somebody else's, and there
    try:
        return _began_after(holder.pid, from_iso(holder.started_at) + CLOCK_SLACK_SECONDS)
    except ValueError:  # it does not say when
        return False


def _began_after(pid: int, moment: float) -> bool:
    """Return whether a process is known to have begun after a moment in Unix seconds."""
    if time() <= moment:
        return False  # as nobody has; of many who start at once all but one come here
    import psutil  # 20 ms

    try:
        return psutil.Process(pid).create_time() > moment
    except psutil.Error:
        return False


def _locked(job: JobFolder, holder: Holder | None) -> JobLockedError:
    wait = "wait for its end, as `airexec run --wait` does"
    if holder is None:
        return JobLockedError(f"job {job.name} is locked by another run", hint=wait)
    return JobLockedError(
        f"job {job.name} is locked by another run: pid {holder.pid} on {holder.host} since {holder.started_at}"
        f" ({holder.command})",
        hint=f"{wait}, or end it: kill {holder.pid}",
    )
