"""Who is told what happens in a run, in batches: most of it is for people to read, and they do not read faster.

After a pause everything is passed on at once; in a burst at most twenty times a second. Knows nothing of what the
views and the others make of it.
"""

from collections.abc import Sequence
from math import inf

from airexec.attempt.facts import Printed
from airexec.scheduler.events import Record
from airexec.scheduler.state import Run
from airexec.views.live.view import Listener

_PAUSE = 0.05
"""Seconds between two ticks, less where a listener cannot bear that."""


class Listeners:
    """All listeners as one. What they are told, each of them hears in that order."""

    def __init__(self, listeners: Sequence[Listener]) -> None:
        self._all = listeners
        self._records: list[Record] = []
        """Not passed on yet."""
        self._began: float | None = None
        """When the first event came that this process has written; in Unix seconds."""
        self._has_news = False
        """Something was passed on or kept since the last tick."""
        self._last_tick = 0.0
        self._due = 0.0
        """No tick before that, in monotonic seconds."""

    def record(self, records: Sequence[Record]) -> None:
        """Keep what has been written to the journal."""
        if self._all and records:
            if self._began is None:
                self._began = records[0].time
            self._records += records
            self._has_news = True

    def printed(self, run: Run, printed: Printed) -> None:
        self._pass_on(run)
        for listener in self._all:
            listener.printed(run, printed)
        self._has_news = True

    def progress(self, run: Run, task: str, done: float, total: float) -> None:
        self._pass_on(run)
        for listener in self._all:
            listener.progress(run, task, done, total)
        self._has_news = True

    def tick(self, run: Run, now: float) -> None:
        """Let them work if it is time. `now` is in monotonic seconds."""
        if now < self._due:
            return
        self._pass_on(run)
        for listener in self._all:
            listener.tick(run, now)
        self._last_tick, self._has_news = now, False
        self._due = now + min(_PAUSE, self._tick_seconds())

    def due(self) -> float:
        """Return when the next tick should be, in monotonic seconds; infinity while nobody needs one."""
        return self._due if self._has_news else self._last_tick + self._tick_seconds()

    def close(self, run: Run) -> None:
        """The run is over, or the loop gives up."""
        self._pass_on(run)
        seconds = 0.0 if self._began is None else run.updated_at - self._began
        for listener in self._all:
            listener.close(run, seconds)

    def _tick_seconds(self) -> float:
        return min((seconds for listener in self._all if (seconds := listener.tick_seconds) is not None), default=inf)

    def _pass_on(self, run: Run) -> None:
        records, self._records = self._records, []
        for record in records:
            for listener in self._all:
                listener.record(run, record)
