"""Whose process is whose, as far as its environment says so, wherever it has gone.

A look costs one listing of /proc and a read for every process that is new since the look before, so looking often is
cheap. What ran before the first look is nobody's. Linux only; elsewhere nobody is found.
"""

import os
from typing import NamedTuple

from airexec.runner.proc import environment, exists, has_mark, is_amid_exec, mark_of, pids, send

_MEMORY = 5.0
"""Seconds between two looks after which a number may mean another process than before."""
_UNCLEAR_PATIENCE = 1.0
"""Seconds for which a process, or look after look, may be unclear; on a busy machine it would never end."""


class Owner(NamedTuple):
    """The attempt that has started a process."""

    task: str
    attempt: int


UNKNOWN = Owner("", 0)
"""No attempt that we could know: the process belongs to a run in a task, and names the task of that run only."""


class MarkedProcesses:
    """All processes that have the mark of one run."""

    def __init__(self, run_dir: str) -> None:
        self._mark = mark_of(run_dir)
        self._run_id = os.fsencode(os.path.basename(run_dir))
        self._strangers = set(pids())
        self._unclear: dict[int, float] = {}
        """Those that did not show whose they are, and when we first saw that."""
        self._unclear_since = 0.0
        self._owners: dict[int, Owner] = {}
        self._looked_at = 0.0
        self.is_unclear = False
        """Whether the last look met a process that was changing programs, or gone before we could see whose it was (and
        may have had a child that was not there when the look began): look again in a moment."""

    def look(self, now: float) -> dict[Owner, list[int]]:
        """Return who was there when the look began, by attempt. Some may have gone or changed since: see `still`."""
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
        self._unclear_since = self._unclear_since if self.is_unclear and self._unclear else now
        self.is_unclear = bool(self._unclear) and now - self._unclear_since < _UNCLEAR_PATIENCE
        found: dict[Owner, list[int]] = {}
        for pid, owner in self._owners.items():
            found.setdefault(owner, []).append(pid)
        return found

    def _meet(self, pid: int, now: float) -> None:
        seen = environment(pid)
        is_amid = not seen and is_amid_exec(pid)
        if not seen and not is_amid:
            seen = environment(pid)  # its next program may have begun since
        since = self._unclear.pop(pid, now)
        owner = self._owner(seen)
        if owner is not None:
            self._owners[pid] = owner
        elif not seen and now - since < _UNCLEAR_PATIENCE and (is_amid or not exists(pid)):
            self._unclear[pid] = since
        else:
            self._strangers.add(pid)

    def _owner(self, seen: bytes) -> Owner | None:
        if not has_mark(seen, self._mark):
            return None
        values = dict(entry.partition(b"=")[::2] for entry in seen.split(b"\0"))
        attempt = values.get(b"AIREXEC_ATTEMPT", b"")
        if values.get(b"AIREXEC_RUN") != self._run_id or not attempt.isdigit():
            return UNKNOWN
        return Owner(os.fsdecode(values.get(b"AIREXEC_TASK", b"")), int(attempt))

    def still(self, pid: int, owner: Owner) -> bool:
        """Return whether a process that `look` has returned is there (not as a zombie) and the attempt's.

        If not, and if it is not just changing programs, the next look takes it for a new one.
        """
        seen = environment(pid)
        if self._owner(seen) == owner:
            return True
        if seen or not is_amid_exec(pid):
            self._owners.pop(pid, None)
        return False

    def send(self, pid: int, signum: int) -> bool:
        """Signal a process if it has the mark of the run; return whether it did."""
        return send(pid, signum, self._mark)
