"""Finds and kills the processes of a run by what they carry in their environment, wherever they have gone.

A task can leave its process group and its session; the environment that it was started with stays with it and with
all its children. This file is also the program of the guardian, run without site-packages on a machine that may be
in trouble: it imports next to nothing, and nothing of airexec. Linux only; elsewhere nothing is found.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping

VARIABLE = "AIREXEC_RUN_DIR"
"""Names the run that a process belongs to. Of runs inside of each other, the outer ones are in AIREXEC_RUN_DIR_1, ….

So a process can be found by each of them, and a run that is killed takes the runs in its tasks along."""
_PAUSE = 0.05
_PATIENCE = 10.0


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


def marker(path: str, whole: bool = True) -> bytes:
    """Return what to look for in an environment: the folder of a run, or all folders below `path`."""
    return b"=" + os.fsencode(path) + (b"\0" if whole else b"/")


def sweep(mark: bytes) -> int:
    """Kill everything that carries the mark, until two looks in a row find nothing; return how many there were.

    Gives up after ten seconds: what is still there then is stuck in the kernel.
    """
    killed: set[int] = set()
    deadline = time.monotonic() + _PATIENCE
    empty_looks = 0
    while empty_looks < 2 and time.monotonic() < deadline:
        found = set(_kill_carriers(mark))
        killed |= found
        empty_looks = 0 if found else empty_looks + 1
        if empty_looks < 2:
            time.sleep(_PAUSE)
    return len(killed)


def _kill_carriers(mark: bytes) -> Iterator[int]:
    """Kill once; yield the pids."""
    for pid in pids():
        if send(pid, signal.SIGKILL, mark):
            yield pid


def send(pid: int, signum: int, mark: bytes) -> bool:
    """Signal a process if it carries the mark; return whether it did.

    Through a pidfd, opened before the look, so that a reused pid cannot be hit.
    """
    try:
        pidfd = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        if not carries(pid, mark):
            return False
        signal.pidfd_send_signal(pidfd, signum)
    except OSError:
        return False
    finally:
        os.close(pidfd)
    return True


def carries(pid: int, mark: bytes) -> bool:
    """Return whether a process was started with the mark; of one that we may not look into, no."""
    return has_mark(environment(pid), mark)


def has_mark(environ: bytes, mark: bytes) -> bool:
    return mark in environ and any(_is_ours(entry, mark) for entry in environ.split(b"\0"))


def environment(pid: int) -> bytes:
    """Return what a process was started with, a NUL after every `NAME=value`; nothing when we may not know."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return file.read()
    except OSError:
        return b""


def _is_ours(entry: bytes, mark: bytes) -> bool:
    name, equals, value = entry.partition(b"=")
    return name.startswith(VARIABLE.encode()) and (equals + value + b"\0").startswith(mark)


def pids() -> list[int]:
    """Return the numbers of all processes but ourselves."""
    own = os.getpid()
    try:
        return [pid for name in os.listdir("/proc") if name.isdigit() and (pid := int(name)) != own]
    except OSError:
        return []


if __name__ == "__main__":
    sweep(marker(sys.argv[1]))
