"""The seam between a run and whoever is told what happens in it, above all the views that show it."""

from airexec.attempt.facts import Printed
from airexec.scheduler.events import Record
from airexec.scheduler.state import Run


class Listener:
    """Told by the run, in the order of what happened, from one thread. May be slow only in `tick` and `close`.

    Every method does nothing: a listener overrides those that it has a use for.
    """

    has_failed = False
    """What the user asked it for could not be written."""

    @property
    def tick_seconds(self) -> float | None:
        """The longest time between two ticks that it can bear; None: any, so the loop may sleep for events."""
        return None

    def record(self, run: Run, record: Record) -> None:
        """`record` has been applied to `run`, and later ones of the same burst too."""

    def printed(self, run: Run, printed: Printed) -> None:
        """A running task has printed something (masked, any bytes, not cut at lines)."""

    def progress(self, run: Run, task: str, done: float, total: float) -> None:
        """A running task printed `::progress`."""

    def tick(self, run: Run, now: float) -> None:
        """Called when something was told, but no more than twenty times a second, and when `tick_seconds` are over.

        `now` is in monotonic seconds. A view redraws at a rate of its own.
        """

    def close(self, run: Run, seconds: float) -> None:
        """The run is over, or the loop gives up; say what is to be said at the end.

        `seconds` is how long this process was at it, so a run that was resumed counts from there.
        """

    def wait(self) -> None:
        """The run is over, and signals are what they are to any program: wait for whoever reads more slowly."""


class View(Listener):
    """A listener for people, or for programs in their place: it reads events and output and changes nothing.

    It writes to the console, and where the user asked for a report or GitHub for a page there too, nowhere else.
    """
