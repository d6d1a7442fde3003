"""When the run as it stands is written for others to read: about twice a second while it changes, and in the end.

Knows neither files nor formats. What is written is no more than a view, and the journal has the truth.
"""

from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING

from airexec.scheduler.state import Run

if TYPE_CHECKING:
    from airexec.attempt.executor import Clock

_PAUSE = 0.5
"""Seconds between two writes, or longer when the run is so big that writing takes more than this share of time:"""
_SHARE = 0.05
_SMALL = 100
"""A run of so many tasks is written as soon as it begins. To write more takes a while, which no task shall wait for."""


class Snapshots:
    """Remembers what was written last, and when the next may be."""

    def __init__(self, write: Callable[[Run], None], clock: "Clock") -> None:
        self._write = write
        self._clock = clock
        self._seq = -1
        """The last event that was written."""
        self._due = 0.0

    def write(self, run: Run) -> None:
        """Write now, whatever was written before."""
        self._seq = run.seq
        self._write(run)

    def write_if_due(self, run: Run, now: float) -> None:
        """Write if something happened since the last time, and that is long enough ago."""
        if self._due == 0.0 and len(run.tasks) > _SMALL:
            self._due = now + _PAUSE
        if self._seq == run.seq or now < self._due:
            return
        self.write(run)
        took = self._clock.monotonic() - now
        self._due = now + max(_PAUSE, took / _SHARE)

    def due(self, run: Run) -> float:
        """Return when `write_if_due` will write, infinity while there is nothing new."""
        return inf if self._seq == run.seq else self._due
