"""One scheduler per job, or as many as `max_active_runs` says: files that are flock'd for their lives. Knows no runs.

The kernel decides who holds a lock and frees it when the holder dies, however it dies. What is written in the file
is for people: no decision, and no signal, ever rests on it. The files are never unlinked, since two processes
could then hold locks on two files of one name.

A scheduler that is to be the only one holds `lock` alone. Of several each holds `lock` together with the others, and
alone one of the slots `lock.1`, `lock.2`, …: so none of them can be at work beside one that is to be the only one.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count, takewhile
from json import dumps, loads
from math import inf
from time import monotonic, sleep, time
from typing import NamedTuple

from airexec.errors import JobLockedError, StateUnwritableError
from airexec.state.flocks import PAUSE_SECONDS, alone, is_held, try_lock
from airexec.state.layout import JobFolder
from airexec.state.timestamps import from_iso, to_iso

PATIENCE_SECONDS = 0.5
"""How long a loser looks for a believable holder, so that it can name the right one."""

CLOCK_SLACK_SECONDS = 2.0
"""By how much a process may seem to have begun too late: the system knows its own start to the second only, and clocks
are put right."""

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

    def __init__(self, files: "list[_Held]") -> None:
        self._files = files
        """The last one says who we are."""

    @property
    def is_shared(self) -> bool:
        """Whether other schedulers may be at work on the job at the same time."""
        return len(self._files) > 1

    def problem(self) -> str | None:
        """Return what is wrong when a file that we hold is no longer the one at its path: somebody else may run."""
        for held in self._files:
            if not held.is_in_place():
                return f"the lock {held.path} was removed or replaced while we held it"
        return None

    def release(self) -> None:
        """Empty our file, as far as the disk lets us, and let go."""
        if self._files:
            with suppress(OSError):
                os.ftruncate(self._files[-1].fd, 0)
        while self._files:
            os.close(self._files.pop().fd)


class _Held(NamedTuple):
    """A file that we have locked."""

    fd: int
    path: str

    def is_in_place(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self.fd), os.stat(self.path, follow_symlinks=False))
        except OSError:
            return False


def acquire(job: JobFolder, command: Sequence[str], now: float, runs: int = 1) -> JobLock:
    """Take the lock of a job whose folder exists, beside at most `runs` - 1 others. `command` and `now` (Unix seconds)
    are for the losers to read.

    Raises JobLockedError within a second when there is no room, StateUnwritableError.
    """
    deadline = monotonic() + PATIENCE_SECONDS
    while (files := _try_take(job, runs)) is None:
        # Not ours for an instant is not yet somebody else's: a reader may just be looking whether anybody runs.
        held = held_paths(job)
        holders = [holder for path in held if (holder := _living_holder(path)) is not None]
        is_alone = held == [job.lock]
        if (holders and (runs == 1 or is_alone)) or len(holders) >= runs or monotonic() >= deadline:
            raise _locked(job, holders, 1 if is_alone else runs)
        sleep(PAUSE_SECONDS)
    _write_holder(files[-1], command, now)
    return JobLock(files)


def wait_for(
    job: JobFolder,
    command: Sequence[str],
    now: Callable[[], float],
    seconds: float,
    say: Callable[[str], None],
    runs: int = 1,
) -> JobLock:
    """As `acquire`, but wait so many seconds for the lock; `say` is told once who holds it, `now` asked at the end.

    The waiting are in no order. Raises JobLockedError when the time is over, StateUnwritableError.
    """
    deadline = monotonic() + seconds
    told = False
    while True:
        try:
            return acquire(job, command, now(), runs)
        except JobLockedError as error:
            if (left := deadline - monotonic()) <= 0:
                raise
            if not told:
                say(f"waiting: {error.headline}")
                told = True
        sleep(min(left, WAITING_PAUSE_SECONDS))


def is_locked(job: JobFolder) -> bool:
    """Return whether a scheduler is at work on the job now. Writes nothing, and holds the locks for an instant."""
    return next(_held_paths(job), None) is not None


def held_paths(job: JobFolder) -> list[str]:
    """Return the locks that schedulers hold now: `lock` alone, or slots in order of their numbers."""
    return list(_held_paths(job))


def full_since(job: JobFolder, runs: int = 1) -> float | None:
    """Return since when (Unix seconds) so many schedulers have been at work on the job that there is no room for one
    more; None when there is, infinity when one of them has not said so yet."""
    held = held_paths(job)
    if len(held) < runs and held != [job.lock]:
        return None
    return max(map(_since, held))


def runners_of(job: JobFolder) -> list[int]:
    """Return the pids of the schedulers that are known to be at work on the job on this machine."""
    holders = map(_living_holder, _held_paths(job))
    return [holder.pid for holder in holders if holder is not None and holder.host == os.uname().nodename]


def has_slots(job: JobFolder) -> bool:
    """Return whether a run of the job ever was one of several, so that others may be at work beside it."""
    return os.path.exists(_slot(job, 1))


@contextmanager
def undisturbed(job: JobFolder) -> Iterator[None]:
    """Be for an instant the only one that changes what the runs of a job share, where there may be several of them.

    Raises OSError.
    """
    if not has_slots(job):
        yield
        return
    with alone(job.runs):
        yield


def _held_paths(job: JobFolder) -> Iterator[str]:
    if is_held(job.lock):
        yield job.lock
        return
    yield from filter(is_held, _slots_from(job, 1))


def _slot(job: JobFolder, number: int) -> str:
    return f"{job.lock}.{number}"


def _slots_from(job: JobFolder, first: int) -> Iterator[str]:
    """Yield the slots from a number on that there are; the first ones are made first."""
    return takewhile(os.path.exists, (_slot(job, number) for number in count(first)))


def _since(path: str) -> float:
    holder = _living_holder(path)
    try:
        return inf if holder is None else from_iso(holder.started_at)
    except ValueError:
        return inf


def _try_take(job: JobFolder, runs: int) -> list[_Held] | None:
    """Return what a scheduler has to hold, None when there is no room for it."""
    first = _try_lock(job.lock, is_shared=runs > 1)
    if first is None or runs == 1:
        return None if first is None else [first]
    beyond = sum(map(is_held, _slots_from(job, runs + 1)))  # of runs for which the number was higher
    for number in range(1, runs + 1 - beyond):
        if (slot := _try_lock(_slot(job, number))) is not None:
            return [first, slot]
    os.close(first.fd)
    return None


def _try_lock(path: str, *, is_shared: bool = False) -> _Held | None:
    """Lock the file at `path`, return None when somebody else has it."""
    try:
        held = _Held(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o664), path)
    except OSError as error:
        raise StateUnwritableError(f"cannot open the lock {path}: {error.strerror}") from error
    try:
        if try_lock(held.fd, is_shared=is_shared) and held.is_in_place():  # and not replaced between open and lock
            return held
    except OSError as error:
        os.close(held.fd)
        raise StateUnwritableError(f"cannot lock {path}: {error.strerror}") from error
    os.close(held.fd)
    return None


def _write_holder(held: _Held, command: Sequence[str], now: float) -> None:
    holder = Holder(os.getpid(), os.uname().nodename, to_iso(now), _as_typed(command))
    try:
        os.ftruncate(held.fd, 0)
        os.pwrite(held.fd, dumps(holder._asdict()).encode() + b"\n", 0)
    except OSError as error:
        raise StateUnwritableError(f"cannot write the lock {held.path}: {error.strerror}") from error


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


def _living_holder(path: str) -> Holder | None:
    """Return who says in a lock that it holds it, unless that is known to be gone."""
    holder = _read_holder(path)
    return None if holder is None or _is_dead(holder) else holder


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


def _locked(job: JobFolder, holders: Sequence[Holder], runs: int) -> JobLockedError:
    wait = "wait for its end, as `airexec run --wait` does"
    if not holders:
        return JobLockedError(f"job {job.name} is locked by another run", hint=wait)
    who = [f"pid {one.pid} on {one.host} since {one.started_at} ({one.command})" for one in holders]
    if len(who) == 1:
        hint = f"{wait}, or end it: kill {holders[0].pid}"
        return JobLockedError(f"job {job.name} is locked by another run: {who[0]}", hint=hint)
    many = f"{len(who)} runs at work{', as many as its max_active_runs' if runs > 1 else ''}"
    hint = f"wait for the end of {'one' if runs > 1 else 'all'}, as `airexec run --wait` does, or end one: kill PID"
    return JobLockedError(f"job {job.name} has {many}: {'; '.join(who)}", hint=hint)
