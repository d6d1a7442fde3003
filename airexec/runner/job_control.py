"""Ctrl-Z for the groups of attempts, and for an airexec inside of one, which has groups of its own to stop.

Nobody can react to STOP, so TSTP goes ahead of it. Whoever does not catch that does not notice: TSTP does nothing in a
group that has no parent in its own session. Whoever catches it is waited for, until it has stopped by itself.
"""

import os
import signal
from collections.abc import Iterator, Sequence
from time import monotonic, sleep

from airexec.runner.group import Group

PATIENCE = 1.0
"""Seconds that those who catch TSTP have."""
_LOOK = 0.005
_CAUGHT = 1 << (signal.SIGTSTP - 1)


def stop(groups: Sequence[Group]) -> None:
    """Stop all members of these groups, the considerate ones first."""
    waited_for = list(_catching({group.leader for group in groups}))
    for group in groups:
        group.send(signal.SIGTSTP)
    deadline = monotonic() + PATIENCE
    while not all(map(_has_stopped, waited_for)) and monotonic() < deadline:
        sleep(_LOOK)
    for group in groups:
        group.send(signal.SIGSTOP)


def _catching(leaders: set[int]) -> Iterator[str]:
    """Yield the pids in the groups of these leaders that catch TSTP, in one walk; without /proc none."""
    for pid in os.listdir("/proc") if os.path.exists("/proc/self/status") else ():
        if pid.isdigit() and _group_of(int(pid)) in leaders and int(_status(pid, b"SigCgt:") or b"0", 16) & _CAUGHT:
            yield pid


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except OSError:
        return None


def _has_stopped(pid: str) -> bool:
    return (_status(pid, b"State:") or b"gone")[:1] in b"TtZXg"


def _status(pid: str, field: bytes) -> bytes | None:
    """Return a field of /proc/PID/status, None when the process is gone."""
    try:
        with open(f"/proc/{pid}/status", "rb") as file:
            return next((line[len(field) :].strip() for line in file if line.startswith(field)), None)
    except OSError:
        return None
