"""Where a run touches the world: all seams of the loop as one value. Does nothing."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from airexec.run.seams import Clock, Journal, Processes, Tokens
from airexec.scheduler.state import Run
from airexec.views.view import View

GRACE = 10.0
"""Seconds between two steps of a kill ladder."""


class Unlimited:
    """The tokens of a run that shares its slots with nobody."""

    def acquire(self) -> bool:
        return True

    def release(self) -> None:
        pass


class Ports(NamedTuple):
    """What the loop drives a run with."""

    clock: Clock
    processes: Processes
    journal: Journal
    snapshot: Callable[[Run], None]
    """Writes state.json and tasks.json. They are views, so it raises no OSError: that must not stop the run."""
    views: Sequence[View] = ()
    state_problem: Callable[[], str | None] = lambda: None
    """Returns what is wrong with the state folder by now, e.g. that it was deleted."""
    grace: float = GRACE
    tokens: Tokens = Unlimited()
