"""What only /proc tells of processes, and what rests on it: finding and ending those of a run, wherever they are.

No other module asks /proc about a process. What psutil can tell as well (does it run, has it stopped), it is asked for
by those who need it; environments it reads five times slower than we do, and they are read often.

A task can leave its process group and its session; the environment that it was started with stays with it and with
all its children. So each attempt gets a mark in its environment, the folder of its run.

This file is also the program of the guardian, run with `-I -S` on a machine that may be in trouble: it imports next to
nothing, nothing of airexec, and no psutil. Linux only; elsewhere nothing is found.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping

# --- one process ------------------------------------------------------------------------------------------------------

_KERNEL_THREAD = 0x00200000
"""PF_KTHREAD of the kernel's sched.h."""


def pids() -> list[int]:
    """Return the numbers of all processes but ourselves."""
    own = os.getpid()
    try:
        return [pid for name in os.listdir("/proc") if name.isdigit() and (pid := int(name)) != own]
    except OSError:
        return []


def environment(pid: int) -> bytes:
    """Return what a process was started with, a NUL after every `NAME=value`; nothing when we may not know."""
    return _read(pid, "environ")


def is_amid_exec(pid: int) -> bool:
    """Return whether a process without an environment is changing programs, and is neither a zombie nor the kernel's.

    The environment of its next program is not there for a moment. That of somebody else never is, as far as we can see.
    """
    if _is_foreign(pid):
        return False
    fields = _read(pid, "stat").rpartition(b")")[2].split()
    if not fields:
        return False
    state, flags, environment_end = fields[0], int(fields[6]), int(fields[48])  # fields 3, 9 and 51 of proc_pid_stat(5)
    return state not in (b"Z", b"X") and not flags & _KERNEL_THREAD and environment_end == 0


def _is_foreign(pid: int) -> bool:
    """Return whether a process is that of another user, which we may not look into."""
    user = os.geteuid()
    try:
        return user not in (0, os.stat(f"/proc/{pid}").st_uid)
    except OSError:
        return False


def exists(pid: int) -> bool:
    """Return whether there is a process of that number, if only as a zombie."""
    return os.path.exists(f"/proc/{pid}")


def catches(pid: int, signum: int) -> bool:
    """Return whether a process has a handler for a signal."""
    _, _, caught = _read(pid, "status").partition(b"\nSigCgt:")
    return bool(caught) and int(caught.split(maxsplit=1)[0], 16) >> (signum - 1) & 1 == 1


def _read(pid: int, name: str) -> bytes:
    """Return a file of a process; nothing when it is gone, or somebody else's."""
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file:
            return file.read()
    except OSError:
        return b""


# --- the mark of a run ------------------------------------------------------------------------------------------------

VARIABLE = "AIREXEC_RUN_DIR"
"""Names the run that a process belongs to. Of runs inside of each other, the outer ones are in AIREXEC_RUN_DIR_1, ….

So a process can be found by each of them, and a run that is killed takes the runs in its tasks along."""


def with_mark(env: Mapping[str, str], run_dir: str) -> dict[str, str]:
    """Return the environment of an attempt, saying whose it is, and still in whose task its run is."""
    env = dict(env)
    outer = env.get(VARIABLE, run_dir)
    if outer != run_dir:
        number = 1
        while f"{VARIABLE}_{number}" in env:
            number += 1
        env[f"{VARIABLE}_{number}"] = outer
    env[VARIABLE] = run_dir
    return env


def mark_of(run_dir: str) -> bytes:
    """Return what to look for in environments for the processes of one run."""
    return b"=" + os.fsencode(run_dir) + b"\0"


def mark_below(folder: str) -> bytes:
    """Return what to look for in environments for the processes of all runs below a folder."""
    return b"=" + os.fsencode(folder) + b"/"


Spared = Callable[[str], bool]
"""Whether what belongs to the run of this folder is to be left alone."""


def nobody(run_dir: str) -> bool:
    return False


def has_mark(environ: bytes, mark: bytes, is_spared: Spared = nobody) -> bool:
    """Return whether what `environment` returned has the mark, of a run that is not spared, in one of our variables."""
    return mark in environ and any(_is_ours(entry, mark, is_spared) for entry in environ.split(b"\0"))


def _is_ours(entry: bytes, mark: bytes, is_spared: Spared) -> bool:
    name, equals, value = entry.partition(b"=")
    is_ours = name.startswith(VARIABLE.encode()) and (equals + value + b"\0").startswith(mark)
    return is_ours and not is_spared(os.fsdecode(value))


def is_marked(pid: int, mark: bytes, is_spared: Spared = nobody) -> bool:
    """Return whether a process was started with the mark; of one that we may not look into, no."""
    return has_mark(environment(pid), mark, is_spared)


def send(pid: int, signum: int, mark: bytes, is_spared: Spared = nobody) -> bool:
    """Signal a process if it has the mark; return whether it did.

    Through a pidfd, opened before the look, so that a reused pid cannot be hit.
    """
    try:
        pidfd = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        if not is_marked(pid, mark, is_spared):
            return False
        signal.pidfd_send_signal(pidfd, signum)
    except OSError:
        return False
    finally:
        os.close(pidfd)
    return True


GUARDED = "AIREXEC_GUARDED_RUN_DIR"
"""In the environment of a guardian the folder of its run, whose mark it does not have."""


def end_guardians(folder: str, is_spared: Spared = nobody) -> None:
    """Kill the guardians of all runs below a folder whose schedulers are dead.

    One that is slow would take the tasks of a resumed run for those of the run that it was left with.
    """
    name = os.fsencode(f"{GUARDED}=")
    entry = name + os.fsencode(f"{folder}/")
    for pid in pids():
        try:
            pidfd = os.pidfd_open(pid)
        except OSError:
            continue
        try:
            environ = environment(pid)
            run_dir = os.fsdecode(environ.partition(b"\0")[0].removeprefix(name))
            if environ.startswith(entry) and not is_spared(run_dir):
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        except OSError:
            pass
        finally:
            os.close(pidfd)


# --- killing what a run has left --------------------------------------------------------------------------------------

_PAUSE = 0.05
_PATIENCE = 10.0


def sweep(mark: bytes, is_spared: Spared = nobody) -> int:
    """Kill everything that has the mark, of a run that is not spared, until two looks in a row find nothing.

    Return how many there were.

    Gives up after ten seconds: what is still there then is stuck in the kernel.
    """
    killed: set[int] = set()
    deadline = time.monotonic() + _PATIENCE
    empty_looks = 0
    while empty_looks < 2 and time.monotonic() < deadline:
        found = set(_kill_marked(mark, is_spared))
        killed |= found
        empty_looks = 0 if found else empty_looks + 1
        if empty_looks < 2:
            time.sleep(_PAUSE)
    return len(killed)


def _kill_marked(mark: bytes, is_spared: Spared) -> Iterator[int]:
    """Kill once; yield the pids."""
    for pid in pids():
        if send(pid, signal.SIGKILL, mark, is_spared):
            yield pid


if __name__ == "__main__":
    sweep(mark_of(sys.argv[1]))
