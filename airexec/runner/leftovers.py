"""Ends what outlives the leader of an attempt: a moment to finish, TERM, half a second, KILL until it is gone.

The moment is for helpers that end when their input does, such as `tee` in bash's `> >(tee file)`. Whether they are in
the group of the attempt or have left it (`strays`) makes no difference here.
"""

import signal
from typing import Protocol

MOMENT = 0.1
GRACE = 0.5
"""All shall be gone a second after the leader has."""
PATIENCE = 2.0
"""After the first KILL; what is not gone then (stuck in the kernel) is given up."""
_LOOK = 0.02


class Left(Protocol):
    """What is left of one attempt, as `Group` has it."""

    def members(self) -> int:
        """Return how many run."""
        ...

    def send(self, signum: int) -> bool:
        """Signal them all."""
        ...


class Leftovers:
    """The ladder for what is left of one attempt; `now` is always on the monotonic clock."""

    __slots__ = ("_due", "_give_up_at", "_left", "_next", "count", "is_over", "look_at")

    def __init__(self, left: Left, now: float) -> None:
        self._left = left
        self._next = signal.SIGTERM
        self._due = now + MOMENT
        """When to send `_next`."""
        self._give_up_at: float | None = None
        self.count = 0
        """How many processes had to be ended."""
        self.is_over = False
        self.look_at = now + _LOOK
        """When to call `step` again."""

    def step(self, now: float) -> int | None:
        """Look after them; return the signal that was sent, if one was and it is not a repeated KILL."""
        self.look_at = now + _LOOK
        members = self._left.members()
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
        self._left.send(signal.SIGTERM)
        self._left.send(signal.SIGCONT)
        return signal.SIGTERM

    def _kill(self, now: float) -> int | None:
        """Repeated at every look, since a process may have been forked while the signal went round."""
        self._left.send(signal.SIGKILL)
        if self._give_up_at is not None:
            return None
        self._give_up_at = now + PATIENCE
        return signal.SIGKILL
