"""Where a run touches the world: the small Protocols at its edge, and all of them as one value for the loop.

The loop talks to these and to nothing else outside, so a simulation can own time, attempts and disk. Fakes for all
are in `airexec.testing`.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from airexec.attempt.ladder import GRACE
from airexec.scheduler.events import Record
from airexec.scheduler.state import Run
from airexec.views.live.view import Listener

if TYPE_CHECKING:
    from airexec.attempt.executor import Clock, Executor
    from airexec.fresh.freshness import Freshness
    from airexec.orders.found import Found


class Tokens(Protocol):
    """What other programs must let us have before an attempt may start: the job slots of a make around us."""

    def acquire(self) -> bool:
        """Take one for an attempt if there is one, without waiting; return whether there was."""
        ...

    def release(self) -> None:
        """Give back that of an attempt, which has ended."""
        ...


class Journal(Protocol):
    """The append-only event file of a run."""

    def append(self, records: Sequence[Record]) -> None:
        """Write all records with one write; on return they survive `kill -9`. Raises JournalError."""
        ...


class Additions(Protocol):
    """What other programs want added to a run."""

    def look(self, run: Run) -> "Found":
        """Return what is wanted by now and not in the run. Raises nothing: what cannot be read is a problem."""
        ...

    def taken(self, run: Run) -> None:
        """What the last look has found is in the journal, or refused there."""
        ...


class Unlimited:
    """The tokens of a run that shares its slots with nobody."""

    def acquire(self) -> bool:
        return True

    def release(self) -> None:
        pass


class Ports:
    """What the loop drives a run with."""

    def __init__(
        self,
        clock: "Clock",
        executor: "Executor",
        journal: Journal,
        snapshot: Callable[[Run], None],
        listeners: Sequence[Listener] = (),
        state_problem: Callable[[], str | None] = lambda: None,
        grace: float = GRACE,
        tokens: Tokens | None = None,
        additions: Additions | None = None,
        freshness: "Freshness | None" = None,
        follow_changes: Callable[[Callable[[], None]], None] | None = None,
    ) -> None:
        self.clock = clock
        self.executor = executor
        self.journal = journal
        self.snapshot = snapshot
        """Writes state.json and tasks.json. They are views, so it raises no OSError: that must not stop the run."""
        self.listeners = listeners
        self.state_problem = state_problem
        """Returns what is wrong with the state folder by now, e.g. that it was deleted."""
        self.grace = grace
        self.tokens = tokens or Unlimited()
        self.additions = additions
        """None: nobody can add anything."""
        self.freshness = freshness
        """None: every task runs."""
        self.follow_changes = follow_changes
        """Is given what to call, from any thread, whenever files may have changed; None: nobody looks at them."""
