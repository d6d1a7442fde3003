"""When a schedule is due. Pure: what time it is, is an argument.

cronsim knows the expressions, and does with a change of the clocks what Debian's cron does: of a schedule with an hour
and a minute of its own (neither begins with `*`), what would fall into the hour that is left out comes right after
it, and what falls into the hour that comes twice comes once, at the first of the two. Other schedules go by the clock
on the wall: an hour that is left out has no ticks, one that comes twice has them twice.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim

from airexec.workflow.model import Schedule

NAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}

_DAY = 86400.0
_WINDOWS = (2 * _DAY, 62 * _DAY, 800 * _DAY)
"""How far back the newest tick is looked for first: of a tick a minute nobody has to count a year."""


class Ticks:
    """The ticks of a schedule, in Unix seconds. Where it has a start date, none is before it."""

    def __init__(self, schedule: Schedule) -> None:
        self._cron = NAMES.get(schedule.cron, schedule.cron)
        self._zone = UTC if schedule.timezone == "UTC" else ZoneInfo(schedule.timezone)
        self._first = schedule.start_date

    def after(self, moment: float) -> Iterator[float]:
        """Yield the ticks that come after a moment, each once, in order, for as long as there are any."""
        last = moment if self._first is None else max(moment, self._first - 1)
        with suppress(OverflowError, ValueError):  # at the end of the calendar
            for tick in CronSim(self._cron, datetime.fromtimestamp(last, self._zone)):
                # Two times that are left out become one, and the second 02:10 of a night is after its 02:30.
                if (found := tick.timestamp()) > last:
                    last = found
                    yield found

    def between(self, after: float, until: float) -> Iterator[float]:
        """Yield the ticks after one moment and up to another, in order."""
        for tick in self.after(after):
            if tick > until:
                return
            yield tick

    def newest(self, after: float, until: float) -> float | None:
        """Return the last tick after one moment and up to another; None when there is none."""
        for window in _WINDOWS:
            start = max(after, until - window)
            if ticks := list(self.between(start, until)):
                return ticks[-1]
            if start == after:
                return None
        return max(self.between(after, until), default=None)

    def shown(self, tick: float) -> str:
        """Return a tick as its schedule means it, with what its zone is ahead of UTC: `2026-11-28T06:00:00+01:00`."""
        return datetime.fromtimestamp(tick, self._zone).isoformat()
