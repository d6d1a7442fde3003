"""Ends what has left the process group of an attempt, once the leader of the attempt has exited.

The same ladder as for what stays in the group, one for each attempt. Knows no attempts, only how to ask for them.
"""

import os
from collections.abc import Callable, Collection, Sequence
from math import inf
from typing import NamedTuple

from airexec.runner.carriers import Carriers, Owner
from airexec.runner.leftovers import Leftovers

LOOK = 0.2
"""Seconds from the exit of a leader to the look for what it has left."""
_SOON = 0.002


class Scattered:
    """What is left of one attempt, wherever it is, as of the last look."""

    def __init__(self, carriers: Carriers) -> None:
        self._carriers = carriers
        self.pids: Sequence[int] = ()
        self._empty_looks = 0

    def see(self, pids: Sequence[int]) -> None:
        self.pids = pids
        self._empty_looks = 0 if pids else self._empty_looks + 1

    @property
    def is_in_doubt(self) -> bool:
        """Whether nothing was seen once: who forks and exits all the time can slip through one look."""
        return self._empty_looks == 1

    def members(self) -> int:
        return len(self.pids)

    def send(self, signum: int) -> bool:
        return 0 < sum(self._carriers.send(pid, signum) for pid in self.pids)


class Ended(NamedTuple):
    """A signal went to what an attempt had left; `processes` is how many had to be ended so far."""

    owner: Owner
    signal: int
    processes: int


class Strays:
    """Looks as often as leaders exit, but not more than every LOOK seconds: attempts that leave nothing cost nothing.

    `is_live(owner)` says whether the leader of an attempt runs; what its children do is its own business then.
    """

    def __init__(self, run_dir: str, is_live: Callable[[Owner], bool]) -> None:
        self._carriers = Carriers(run_dir)
        self._is_live = is_live
        self._ladders: dict[Owner, tuple[Scattered, Leftovers]] = {}
        self._given_up: set[Owner] = set()
        self.look_at = inf
        """When to call `look`; never, for as long as nothing can be left."""

    def leader_exited(self, now: float) -> None:
        self.look_at = min(self.look_at, now + LOOK)

    def look(self, now: float, groups: Collection[int]) -> list[Ended]:
        """Look who is left, go on ending them, return what was sent. Members of `groups` are in other hands."""
        found = self._left(now, groups)
        for owner in found.keys() - self._ladders.keys() - self._given_up:
            scattered = Scattered(self._carriers)
            self._ladders[owner] = scattered, Leftovers(scattered, now)
        said = []
        for owner, (scattered, ladder) in list(self._ladders.items()):
            scattered.see(found.get(owner, ()))
            if scattered.is_in_doubt:
                ladder.look_at = now + _SOON
                continue
            if (signum := ladder.step(now)) is not None:
                said.append(Ended(owner, signum, ladder.count))
            if ladder.is_over:
                del self._ladders[owner]
                if scattered.pids:
                    self._given_up.add(owner)
        self.look_at = min((ladder.look_at for _, ladder in self._ladders.values()), default=inf)
        if self._carriers.is_unclear:
            self.look_at = min(self.look_at, now + _SOON)
        return said

    def _left(self, now: float, groups: Collection[int]) -> dict[Owner, list[int]]:
        """Return what runs without its leader, by attempt."""
        found = {}
        for owner, pids in self._carriers.look(now).items():
            if not self._is_live(owner):
                left = [pid for pid in pids if self._carriers.still(pid, owner) and _group(pid) not in groups]
                if left:
                    found[owner] = left
        return found


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0
