"""One workflow file that the manager keeps: what starts a run of it now. What is settled stands in the job's record."""

import os
from collections.abc import Collection, Iterator

from airexec.manager.new_files import NewFiles
from airexec.reading.history import runs_after
from airexec.state.layout import JobFolder
from airexec.triggers.record import Record, RecordFile, claim, seen, settle
from airexec.triggers.start import Start
from airexec.triggers.ticks import Ticks
from airexec.workflow.model import Overlap, Schedule, Workflow

NAMED_MAX = 3
GONE_MAX = 1000
"""So many files that are no longer there stay in the record: a folder may be gone for a moment, and be back."""
_ENDED = ("completed", "failed", "cancelled")


class Kept:
    """What is kept of a checked workflow in a state folder, and what it waits for."""

    def __init__(self, state_dir: str, workflow: Workflow) -> None:
        self.workflow = workflow
        self.path = workflow.path
        self.job = JobFolder(state_dir, workflow.name)
        self._schedule = workflow.schedule
        self._ticks = Ticks(workflow.schedule) if workflow.schedule else None
        self._triggers = workflow.triggers
        self._tells_tick = "scheduled_at" in workflow.params
        folder = os.path.dirname(workflow.path)
        self._files = [
            [NewFiles(folder, pattern, trigger.settle) for pattern in trigger.files] for trigger in workflow.triggers
        ]
        self._record = RecordFile(state_dir, workflow.name)
        self._ends_seen: dict[tuple[str, tuple[str, ...], str], tuple[tuple[int, ...], str | None]] = {}
        """By job, states and the run after which: what its files were like, and the run that was found."""

    @property
    def was_damaged(self) -> bool:
        """Whether the record of the job could not be read."""
        return self._record.was_damaged

    @property
    def watched(self) -> set[tuple[str, bool]]:
        """The folders in which something may come that starts a run, and whether also below their folders."""
        return {files.watched for several in self._files for files in several}

    def wanted(self, now: float, clock: float, busy_since: float | None) -> Start | None:
        """Return what a run is to be started for now; None when there is nothing, or a run is at work.

        `now` and `busy_since` in Unix seconds, `clock` monotonic. What it meets for the first time is settled: it is
        not new.
        """
        record = self._record.change(lambda record: self._seen(record, now, busy_since))
        assert record is not None
        files = self._new_files(record, clock)  # also while a run is at work: for how long they have stayed as they are
        if busy_since is not None:
            return None
        return self._tick(record, now) or next(self._ends(record), None) or files

    def next_moment(self, now: float, clock: float) -> float | None:
        """Return in how many seconds there may be something, if nothing else happens."""
        moments = []
        if self._ticks and (tick := next(self._ticks.after(now), None)) is not None:
            moments.append(tick - now)
        moments += [due - clock for files in self._all_files() if (due := files.due()) is not None]
        return min((moment for moment in moments if moment > 0), default=None)

    def give_up(self, start: Start) -> bool:
        """Settle a start whose run has not begun, and will not; False when it has been claimed."""
        return self._record.change(lambda record: claim(record, start)) is not None

    # --- ticks --------------------------------------------------------------------------------------------------------

    def _seen(self, record: Record, now: float, busy_since: float | None) -> Record:
        if self._schedule is not None:
            record = seen(record, self._schedule, now)
            record = record if busy_since is None else self._met(record, self._schedule, now, busy_since)
        for trigger in self._triggers:
            if trigger.job and trigger.job not in record.jobs:
                ended = self._ended_run(trigger.job, _ENDED, "") or ""
                record = record._replace(jobs={**record.jobs, trigger.job: ended})
        for files in self._all_files():
            there, known = files.there(), record.files.get(files.pattern)
            gone = [] if known is None or not there else known.keys() - there.keys()
            if known is None:
                record = record._replace(files={**record.files, files.pattern: there})
            elif len(gone) > GONE_MAX:
                rest = {path: facts for path, facts in known.items() if path in there}
                record = record._replace(files={**record.files, files.pattern: rest})
        return record

    def _met(self, record: Record, schedule: Schedule, now: float, busy_since: float) -> Record:
        """Settle the ticks that meet a run, if they are to be skipped: none of before it began, it may be for one."""
        assert self._ticks is not None
        if schedule.overlap is not Overlap.SKIP or busy_since >= now:
            return record
        after = max(record.until, busy_since)
        if schedule.catchup:  # those of the time before are still to be made up for
            return settle(record, *(tick for tick in self._ticks.between(after, now) if tick not in record.settled))
        newest = self._ticks.newest(after, now)
        return record if newest is None else settle(record._replace(until=newest), newest)

    def _tick(self, record: Record, now: float) -> Start | None:
        if self._ticks is None or self._schedule is None:
            return None
        if self._schedule.catchup:
            ticks = self._ticks.between(record.until, now)
            tick = next((tick for tick in ticks if tick not in record.settled), None)
        else:
            tick = self._ticks.newest(record.until, now)
        if tick is None or tick in record.settled:
            return None
        shown = self._ticks.shown(tick)
        params = {"scheduled_at": shown} if self._tells_tick else {}
        return Start(f"schedule: {shown}", self._schedule, tick, params=params)

    # --- other jobs ---------------------------------------------------------------------------------------------------

    def _ends(self, record: Record) -> Iterator[Start]:
        for trigger in self._triggers:
            if not trigger.job:
                continue
            states = _ENDED if trigger.state == "ended" else (trigger.state,)
            if run_id := self._ended_run(trigger.job, states, record.jobs[trigger.job]):
                params = {trigger.param: run_id} if trigger.param else {}
                yield Start(f"job {trigger.job}: run {run_id}", job=trigger.job, run_id=run_id, params=params)

    def _ended_run(self, name: str, states: Collection[str], after: str) -> str | None:
        """Return the last run of a job, of those after one, that has ended so. Journals are read when one has grown."""
        job = JobFolder(self.job.state_dir, name)
        asked = name, tuple(states), after
        seen = tuple(map(_changed, (job.state_file, job.runs)))
        if (known := self._ends_seen.get(asked)) is not None and known[0] == seen:
            return known[1]
        found = next((run.run_id for run in runs_after(job, after) if run.state in states), None)
        self._ends_seen = {key: value for key, value in self._ends_seen.items() if key[:2] != asked[:2]}
        self._ends_seen[asked] = seen, found
        return found

    # --- files --------------------------------------------------------------------------------------------------------

    def _all_files(self) -> Iterator[NewFiles]:
        return (files for several in self._files for files in several)

    def _new_files(self, record: Record, clock: float) -> Start | None:
        first = None
        for trigger, several in zip(self._triggers, self._files, strict=True):
            found = {files.pattern: files.look(record.files[files.pattern], clock) for files in several}
            paths = sorted({path for files in found.values() for path in files})
            if paths and first is None:
                more = f" and {len(paths) - NAMED_MAX} more" if len(paths) > NAMED_MAX else ""
                first = Start(
                    f"files: {', '.join(paths[:NAMED_MAX])}{more}",
                    files=found,
                    params={trigger.param: paths} if trigger.param else {},
                )
        return first


def _changed(path: str) -> int:
    """Return when a file or folder has changed last, in nanoseconds; 0 where there is none."""
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0
