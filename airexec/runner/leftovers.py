"""Ends what outlives the leader of an attempt, in its process group and outside of it.

(essay)
"""

import signal
from collections.abc import Callable, Collection, Sequence
from math import inf
from typing import NamedTuple, Protocol

from airexec.runner.group import group_of
from airexec.runner.marked_processes import MarkedProcesses, Owner

MOMENT = 0.1
GRACE = 0.5
"""All shall be gone a second after the leader has."""
PATIENCE = 2.0
"""After the first KILL; what is not gone then (stuck in the kernel) is given up."""
_STEP = 0.02


class Leftovers(Protocol):
    """What is left of one attempt, as `Group` has it."""

    def members(self) -> int:
        """Return how many run."""
        ...

    def send(self, signum: int) -> bool:
        """Signal them all."""
        ...


class LeftoverLadder:
    """The ladder for what is left of one attempt; `now` is always on the monotonic clock."""

    __slots__ = ("_due", "_give_up_at", "_leftovers", "_next", "count", "is_over", "look_at")

    def __init__(self, leftovers: Leftovers, now: float) -> None:
        self._leftovers = leftovers
        self._next = signal.SIGTERM
        self._due = now + MOMENT
        """When to send `_next`."""
        self._give_up_at: float | None = None
        self.count = 0
        """How many processes had to be ended."""
        self.is_over = False
        self.look_at = now + _STEP
        """When to call `step` again."""

    def step(self, now: float) -> int | None:
        """Look after them; return the signal that was sent, if one was and it is not a repeated KILL."""
        self.look_at = now + _STEP
        members = self._leftovers.members()
        if not members or (self._give_up_at is not None and now >= self._give_up_at):
            self.is_over = True
        elif now >= self._due:
            self.count = max(self.count, members)
            return self._terminate(now) if self._next == signal.SIGTERM else self._kill(now)
        return None

    def hurry(self, now: float) -> None:
        """Go on to KILL: the user has lost patience."""
        self._next, self._due, self.look_at = signal.SIGKILL, now, now

    def _terminate(self, now: float) -> int:
        self._next, self._due = signal.SIGKILL, now + GRACE
        self._leftovers.send(signal.SIGTERM)
        self._leftovers.send(signal.SIGCONT)
        return signal.SIGTERM

    def _kill(self, now: float) -> int | None:
        """Repeated at every look, since a process may have been forked while the signal went round."""
        self._leftovers.send(signal.SIGKILL)
        if self._give_up_at is not None:
            return None
        self._give_up_at = now + PATIENCE
        return signal.SIGKILL


# --- outside of the groups --------------------------------------------------------------------------------------------

LOOK = 0.2
"""Seconds from the exit of a leader to the look for what it has left."""
_SOON = 0.002
_EMPTY_LOOKS = 3
"""So many looks in a row have to find nothing: who forks and exits all the time can slip through one, as its number is
gone before we can see whose it was."""


class OutsideTheGroup:
    """What is left of one attempt outside of its group, as of the last look."""

    def __init__(self, marked: MarkedProcesses) -> None:
        self._marked = marked
        self.pids: Sequence[int] = ()
        self._empty_looks = 0

    def see(self, pids: Sequence[int] | None) -> None:
        """Take what a look has found to run; None: nobody was there even when it began."""
        self.pids = pids or ()
        self._empty_looks = self._empty_looks + 1 if pids is None else 0

    @property
    def is_in_doubt(self) -> bool:
        """Whether nothing runs as far as we could see, and that may have been too late."""
        return not self.pids and self._empty_looks < _EMPTY_LOOKS

    def members(self) -> int:
        return len(self.pids)

    def send(self, signum: int) -> bool:
        return 0 < sum(self._marked.send(pid, signum) for pid in self.pids)


class Signalled(NamedTuple):
    """A signal went to what an attempt had left; `processes` is how many had to be ended so far."""

    owner: Owner
    signal: int
    processes: int


class LeftoversOutside:
    """Looks as often as leaders exit, but not more than every LOOK seconds: attempts that leave nothing cost nothing.

    `is_live(owner)` says whether the leader of an attempt runs; what its children do is its own business then.
    """

    def __init__(self, run_dir: str, is_live: Callable[[Owner], bool]) -> None:
        self._marked = MarkedProcesses(run_dir)
        self._is_live = is_live
        self._ladders: dict[Owner, tuple[OutsideTheGroup, LeftoverLadder]] = {}
        self._given_up: set[Owner] = set()
        self.look_at = inf
        """When to call `look`; never, for as long as nothing can be left."""

    def leader_exited(self, now: float) -> None:
        self.look_at = min(self.look_at, now + LOOK)

    def look(self, now: float, groups: Collection[int]) -> list[Signalled]:
        """Look who is left, go on ending them, return what was sent. Members of `groups` are in other hands."""
        found = self._left(now, groups)
        for owner in found.keys() - self._ladders.keys() - self._given_up:
            outside = OutsideTheGroup(self._marked)
            self._ladders[owner] = outside, LeftoverLadder(outside, now)
        said = []
        for owner, (outside, ladder) in list(self._ladders.items()):
            outside.see(found.get(owner))
            if outside.is_in_doubt:
                ladder.look_at = now + _SOON
                continue
            if (signum := ladder.step(now)) is not None:
                said.append(Signalled(owner, signum, ladder.count))
            if ladder.is_over:
                del self._ladders[owner]
                if outside.pids:
                    self._given_up.add(owner)
        self.look_at = min((ladder.look_at for _, ladder in self._ladders.values()), default=inf)
        if self._marked.is_unclear:
            self.look_at = min(self.look_at, now + _SOON)
        return said

    def _left(self, now: float, groups: Collection[int]) -> dict[Owner, list[int]]:
        """Return what runs without its leader, by attempt; nothing for one whose processes have gone meanwhile."""
        found: dict[Owner, list[int]] = {}
        for owner, pids in self._marked.look(now).items():
            if not self._is_live(owner):
                outside = [pid for pid in pids if group_of(pid) not in groups]
                if outside:
                    found[owner] = [pid for pid in outside if self._marked.still(pid, owner)]
        return found
