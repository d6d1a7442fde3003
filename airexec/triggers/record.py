"""What a job has been started for: a file per job below `schedules/`, so that nothing starts it twice.

The runner writes down what it is started for, under the lock of the job and before the run begins. So whatever was
killed in between, and whoever else wanted the same: a tick, an end of another job, a file makes at most one run.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from json import dumps, loads
from typing import Any, NamedTuple

from airexec.state.flocks import alone
from airexec.state.layout import make_state_dir, unwritable
from airexec.state.safety import make_folder
from airexec.state.timestamps import from_iso, to_iso
from airexec.state.view_files import replace_file
from airexec.triggers.start import Files, Start, files_from_json
from airexec.workflow.model import Schedule

SETTLED_MAX = 1000
"""So many ticks are remembered one by one; of a tick a minute those of 16 hours."""
CLOCK_SECONDS = 86400.0
"""A clock that was put back by less is waited for; by more, the ticks go on, but none that was is again."""


DAMAGED = "damaged"
"""The schedule of a record that cannot be read."""


class Record(NamedTuple):
    """What is settled: has made a run, or is not to make one any more."""

    schedule: str = ""
    """The schedule that the ticks are of; another one begins anew."""
    until: float = 0.0
    """Unix seconds: all ticks up to then are settled."""
    settled: tuple[float, ...] = ()
    """The last ticks that were settled one by one, also before `until`."""
    jobs: Mapping[str, str] = {}
    """By the name of a job the last run of it that is settled; empty: none."""
    files: Mapping[str, Files] = {}
    """By glob the files that are settled, as they were then."""


def key_of(schedule: Schedule) -> str:
    """Return what makes a schedule another one: an `overlap` or a `catchup` alone does not."""
    return f"{schedule.cron} | {schedule.timezone} | {schedule.start_date}"


def seen(record: Record, schedule: Schedule, now: float) -> Record:
    """Return the record for a schedule as it is now: one that is new counts from now on, or from its start date."""
    if record.schedule == key_of(schedule):
        is_ahead = record.until > now + CLOCK_SECONDS and (schedule.start_date is None or schedule.start_date <= now)
        return record._replace(until=now) if is_ahead else record
    is_known = schedule.start_date is not None and record.schedule != DAMAGED  # what was before may have been run
    until = schedule.start_date - 1 if is_known and schedule.start_date is not None else now
    return record._replace(schedule=key_of(schedule), until=until, settled=())


def claim(record: Record, start: Start) -> Record | None:
    """Return the record with a start in it; None when it is settled already."""
    if start.tick is not None:
        assert start.schedule is not None
        record = seen(record, start.schedule, start.tick - 1)
        if start.tick <= record.until or start.tick in record.settled:
            return None
        return settle(record._replace(until=start.tick), start.tick)
    if start.job:
        if record.jobs.get(start.job) == start.run_id:
            return None
        return record._replace(jobs={**record.jobs, start.job: start.run_id})
    files = {glob: {**record.files.get(glob, {}), **found} for glob, found in start.files.items()}
    if any(
        record.files.get(glob, {}).get(path) == facts
        for glob in start.files
        for path, facts in start.files[glob].items()
    ):
        return None  # somebody has taken some of them, and whoever looks again finds the rest
    return record._replace(files={**record.files, **files})


def settle(record: Record, *ticks: float) -> Record:
    """Return the record with ticks that are settled one by one."""
    return record._replace(settled=(*record.settled, *ticks)[-SETTLED_MAX:])


class RecordFile:
    """The record of one job in a state folder."""

    def __init__(self, state_dir: str, job: str) -> None:
        self._state_dir = state_dir
        self._folder = f"{state_dir}/schedules"
        self._path = f"{self._folder}/{job}.json"
        self.was_damaged = False
        """Whether the file could not be read, and was put aside. What it had said nobody knows."""

    def read(self) -> Record:
        """Return the record; an empty one where there is none, and one that says so where it cannot be read."""
        try:
            with open(os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
                return _from_json(loads(file.read()))
        except FileNotFoundError:
            return Record()
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return Record(DAMAGED)

    def change(self, change: Callable[[Record], Record | None]) -> Record | None:
        """Let `change` make another record of what is there, with nobody else at it, and return that; None: leave it.

        Raises StateUnwritableError.
        """
        try:
            with self._alone():
                before = self.read()
                if before.schedule == DAMAGED:
                    os.replace(self._path, f"{self._path}.damaged")
                    self.was_damaged = True
                after = change(before)
                if after is not None and after.schedule == DAMAGED:  # it has no schedule, and is whole from here on
                    after = after._replace(schedule="")
                if after is not None and after != before:
                    replace_file(self._path, dumps(_to_json(after), indent=1) + "\n")
                return after
        except OSError as error:
            raise unwritable(self._folder, error) from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        make_folder(self._folder, make_state_dir(self._state_dir))
        with alone(self._folder):
            yield


def _to_json(record: Record) -> dict[str, Any]:
    return {**record._asdict(), "until": to_iso(record.until), "settled": [to_iso(tick) for tick in record.settled]}


def _from_json(fields: Any) -> Record:
    return Record(
        schedule=str(fields["schedule"]),
        until=from_iso(fields["until"]),
        settled=tuple(map(from_iso, fields["settled"])),
        jobs={str(job): str(run_id) for job, run_id in fields["jobs"].items()},
        files={str(glob): files_from_json(files) for glob, files in fields["files"].items()},
    )
