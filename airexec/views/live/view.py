"""The seam between a run and what shows it. A view reads events and output and changes nothing."""

from typing import Protocol

from airexec.attempt.facts import Printed
from airexec.scheduler.events import Record
from airexec.scheduler.state import Run


class View(Protocol):
    """Called by the run, in the order of what happened, from one thread. May be slow only in `tick` and `close`."""

    @property
    def tick_seconds(self) -> float | None:
        """The longest time between two ticks that the view can bear; None: any, so the loop may sleep for events."""
        ...

    def record(self, run: Run, record: Record) -> None:
        """`record` has been applied to `run`, and later ones of the same burst too."""
        ...

    def printed(self, run: Run, printed: Printed) -> None:
        """A running task has printed something (masked, any bytes, not cut at lines)."""
        ...

    def progress(self, run: Run, task: str, done: float, total: float) -> None:
        """A running task printed `::progress`."""
        ...

    def tick(self, run: Run, now: float) -> None:
        """Called when something was told, but no more than twenty times a second, and when `tick_seconds` are over.

        `now` is in monotonic seconds. A view redraws at a rate of its own.
        """
        ...

    def close(self, run: Run) -> None:
        """The run is over, or the loop gives up; print what is to be said at the end."""
        ...
