"""How an attempt ends, and who ends what it leaves behind. Knows no attempts, only how to ask for them.

**The leader.** An attempt is one process that we start, the leader, in a session and a process group of its own (its
runner). It ends when the leader exits, whoever still holds its pipes: a daemon that keeps stdout open would keep a
task running for ever. What the leader has printed lies in the pipes by then and is taken first; from there on
no `::` line counts. The pipes are then read for up to two seconds more, for those who finish what they print
(`DRAIN` in `runner`), and closed.

**Leftovers in the group.** Most of what outlives a leader is still in its group. It gets a moment to end by itself,
as helpers do whose input has ended (`tee` in bash's `> >(tee file)`), then TERM (and CONT, since what is stopped
cannot end), half a second, then KILL again and again until nothing runs, since somebody may have been forked while
the signal went round. After two seconds of KILL it is stuck in the kernel and given up. The attempt waits for this
ladder.

**Leftovers outside of the group.** `setsid` leads out of group and session, and what is left there belongs to nobody
by any rule of the kernel. But it keeps the environment that it was started with, and so do its children; each attempt
gets a mark there, the folder of its run, beside its task and its number (`proc`, `marked_processes`). A little after
a leader has exited we look through /proc for marked processes of attempts without a leader, and each such attempt
gets a ladder of its own, the same as in the group. All told what is left is gone, or being killed, a second after the
leader. The attempt does not wait for this, or a silent daemon would cost each task its time; the end of the run does
(`LocalProcesses.end_leftovers`).

Whose child is it, then? Of an attempt whose leader lives, everything is its own business, wherever it went. Of a run
inside of a task the processes name that inner run's tasks, of whom we know nothing: they are left alone as long as
any attempt of ours lives.

**`background: allow`** means: what outlives the leader is wanted. Such an attempt gets neither mark nor ladder, so
neither we nor the guardian nor the next run will end it (a run in whose task ours is may, its mark is there). It ends
with its leader at once, and what is printed later is read by somebody else (`background`).

**When the scheduler dies** (`kill -9`, out of memory) nobody is left to climb ladders. The `guardian`, a shell that
waits at a pipe which only the scheduler holds, then becomes `proc.py`, and kills everything that has the mark of the
run, at once and until two looks find nothing. A run inside of a task adds its own mark and keeps the outer one, so
both die. If the guardian was killed as well, the next `run` or `resume` of the job does it, for the marks of all its
runs: it holds the lock of the job, so nobody can be at work there. And should a bug of ours end the loop, `close`
kills the groups, and what has the mark if a look was still due.

**No stranger can be hit.** Timeouts, Ctrl-C and the ladder in the group signal the group, the ladder outside single
processes. A number alone is never enough for either, since the kernel gives it to somebody else once its process has
been reaped:

- Until the leader is reaped its number, and so that of its group, cannot be given away: `killpg` is safe.
- After that its pidfd still means that group and no other (Linux 6.9). On an older kernel and on other systems
  `killpg` is all there is; a group keeps its number while it has members, and we look for one directly before
  (`group`).
- Outside of the group a process is held by a pidfd, then its mark is read, then the signal goes through the pidfd:
  what was read and what is signalled are the same, whatever becomes of the number.
- A mark is the path of a folder that was made for one run alone. It comes into an environment only by descent from an
  attempt, or by somebody who puts it there on purpose.

**Who gets away.** Who leaves the group *and* changes its environment (`env -i setsid x`, a daemon that writes its
title over it), processes of another user, whose environment we may not read, and, without /proc (macOS), all outside
of the group. The guardian and the next run know no groups: from them the changed environment alone is enough.
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
    """A moment, TERM, half a second, KILL, for what is left of one attempt. `now` is always on the monotonic clock."""

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
