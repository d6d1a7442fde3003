"""Whose process is whose, as far as it says so in its environment, wherever it has gone.

A look costs one listing of /proc and a read for every process that is new since the look before, so looking often is
cheap. What ran before the first look is nobody's. Linux only; elsewhere nobody is found.
"""

import os
from typing import NamedTuple

from airexec.runner.sweep import environment, has_mark, marker, pids, send

_MEMORY = 5.0
"""Seconds between two looks after which a number may mean another process than before."""
_EXEC_PATIENCE = 1.0
_KERNEL_THREAD = 0x00200000
"""PF_KTHREAD of the kernel's sched.h."""


class Owner(NamedTuple):
    """The attempt that has started a process."""

    task: str
    attempt: int


SOMEBODY = Owner("", 0)
"""No attempt that we could know: the process belongs to a run in a task, and names the task of that run only."""


class Carriers:
    """All processes that carry the folder of one run."""

    def __init__(self, run_dir: str) -> None:
        self._mark = marker(run_dir)
        self._run_id = os.fsencode(os.path.basename(run_dir))
        self._strangers = set(pids())
        self._unclear: dict[int, float] = {}
        """Those that were changing programs, and when we first saw that."""
        self._owners: dict[int, Owner] = {}
        self._looked_at = 0.0

    @property
    def is_unclear(self) -> bool:
        """Whether the last look met a process that did not show its environment yet: look again in a moment."""
        return bool(self._unclear)

    def look(self, now: float) -> dict[Owner, list[int]]:
        """Return who is there, by attempt. Some may have gone or changed since they were seen first: see `still`."""
        there = set(pids())
        if self._looked_at and now - self._looked_at > _MEMORY:
            self._strangers.clear()
            self._owners.clear()
        self._looked_at = now
        self._strangers &= there
        self._owners = {pid: owner for pid, owner in self._owners.items() if pid in there}
        self._unclear = {pid: since for pid, since in self._unclear.items() if pid in there}
        for pid in there - self._strangers - self._owners.keys():
            self._meet(pid, now)
        found: dict[Owner, list[int]] = {}
        for pid, owner in self._owners.items():
            found.setdefault(owner, []).append(pid)
        return found

    def _meet(self, pid: int, now: float) -> None:
        seen = environment(pid)
        since = self._unclear.pop(pid, now)
        owner = self._owner(seen)
        if owner is not None:
            self._owners[pid] = owner
        elif not seen and now - since < _EXEC_PATIENCE and _changes_programs(pid):
            self._unclear[pid] = since
        else:
            self._strangers.add(pid)

    def _owner(self, seen: bytes) -> Owner | None:
        if not has_mark(seen, self._mark):
            return None
        values = dict(entry.partition(b"=")[::2] for entry in seen.split(b"\0"))
        attempt = values.get(b"AIREXEC_ATTEMPT", b"")
        if values.get(b"AIREXEC_RUN") != self._run_id or not attempt.isdigit():
            return SOMEBODY
        return Owner(os.fsdecode(values.get(b"AIREXEC_TASK", b"")), int(attempt))

    def still(self, pid: int, owner: Owner) -> bool:
        """Return whether a process is there (not as a zombie) and the attempt's."""
        return self._owner(environment(pid)) == owner

    def send(self, pid: int, signum: int) -> bool:
        """Signal a process if it carries the folder of the run; return whether it did."""
        return send(pid, signum, self._mark)


def _changes_programs(pid: int) -> bool:
    """Return whether a process without an environment is amid an exec, rather than a zombie or the kernel's own."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return False
    state, flags, environment_end = fields[0], int(fields[6]), int(fields[48])  # fields 3, 9 and 51 of proc(5)
    return state not in (b"Z", b"X") and not flags & _KERNEL_THREAD and environment_end == 0
