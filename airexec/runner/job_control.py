"""Ctrl-Z for the groups of attempts, and for an airexec inside of one, which has groups of its own to stop.

Nobody can react to STOP, so TSTP goes ahead of it. Whoever does not catch that does not notice: TSTP does nothing in a
group that has no parent in its own session. Whoever catches it is waited for, until it has stopped by itself.
"""

import signal
from collections.abc import Iterator, Sequence
from time import monotonic, sleep

from airexec.runner.group import Group, group_of
from airexec.runner.proc import catches, pids

PATIENCE = 1.0
"""Seconds that those who catch TSTP have."""
_LOOK = 0.005


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


def _catching(leaders: set[int]) -> Iterator[int]:
    """Yield the pids in the groups of these leaders that catch TSTP, in one walk; without /proc none."""
    for pid in pids():
        if group_of(pid) in leaders and catches(pid, signal.SIGTSTP):
            yield pid


def _has_stopped(pid: int) -> bool:
    """Return whether a process has, or has ended."""
    import psutil  # 20 ms, while somebody is waited for anyway

    at_rest = (psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP, psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    try:
        return psutil.Process(pid).status() in at_rest
    except psutil.NoSuchProcess:
        return True
