"""One workflow file that the manager keeps: what starts a run of it now. What is settled stands in the job's record."""

import os
from collections.abc import Iterator

from airexec.manager.new_files import NewFiles
from airexec.reading.folders import state_fields
from airexec.state.layout import JobFolder
from airexec.triggers.record import Record, RecordFile, claim, seen, settle
from airexec.triggers.start import Start
from airexec.triggers.ticks import Ticks
from airexec.workflow.model import Overlap, Schedule, Trigger, Workflow

NAMED_MAX = 3
GONE_MAX = 1000
"""So many files that are no longer there stay in the record: a folder may be gone for a moment, and be back."""
_ENDED = ("completed", "failed", "cancelled")


class Kept:
    """What is kept of a checked workflow in a state folder, and what it waits for."""

    def __init__(self, state_dir: str, workflow: Workflow, now: float) -> None:
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
        self._looked = now

    @property
    def upstream(self) -> set[str]:
        """The jobs whose end starts a run of this one."""
        return {trigger.job for trigger in self._triggers if trigger.job}

    @property
    def watched(self) -> set[tuple[str, bool]]:
        """The folders in which something may come that starts a run, and whether also below their folders."""
        return {files.watched for several in self._files for files in several}

    def wanted(self, now: float, clock: float, is_busy: bool) -> Start | None:
        """Return what a run is to be started for now; None when there is nothing, or a run is at work.

        `now` in Unix seconds, `clock` monotonic. What it meets for the first time is settled: it is not new.
        """
        record = self._record.change(lambda record: self._seen(record, now, is_busy))
        assert record is not None
        self._looked = now
        files = self._new_files(record, clock)  # also while a run is at work: for how long they have stayed as they are
        if is_busy:
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

    def _seen(self, record: Record, now: float, is_busy: bool) -> Record:
        if self._schedule is not None:
            record = seen(record, self._schedule, now)
            record = self._met(record, self._schedule, now) if is_busy else record
        for trigger in self._triggers:
            if trigger.job and trigger.job not in record.jobs:
                record = record._replace(jobs={**record.jobs, trigger.job: self._ended_run(trigger) or ""})
        for files in self._all_files():
            there, known = files.there(), record.files.get(files.pattern)
            gone = [] if known is None or not there else known.keys() - there.keys()
            if known is None:
                record = record._replace(files={**record.files, files.pattern: there})
            elif len(gone) > GONE_MAX:
                rest = {path: facts for path, facts in known.items() if path in there}
                record = record._replace(files={**record.files, files.pattern: rest})
        return record

    def _met(self, record: Record, schedule: Schedule, now: float) -> Record:
        """Settle the ticks that meet a run, if they are to be skipped."""
        assert self._ticks is not None
        if schedule.overlap is not Overlap.SKIP:
            return record
        if schedule.catchup:  # those of the time before are still to be made up for
            after = max(record.until, min(self._looked, now))
            return settle(record, *(tick for tick in self._ticks.between(after, now) if tick not in record.settled))
        newest = self._ticks.newest(record.until, now)
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
            run_id = self._ended_run(trigger) if trigger.job else None
            if run_id is not None and run_id != record.jobs[trigger.job]:
                params = {trigger.param: run_id} if trigger.param else {}
                yield Start(f"job {trigger.job}: run {run_id}", job=trigger.job, run_id=run_id, params=params)

    def _ended_run(self, trigger: Trigger) -> str | None:
        """Return the run id of the job if its last run has ended as the trigger wants it."""
        fields = state_fields(JobFolder(self.job.state_dir, trigger.job))
        state, run_id = fields.get("state"), fields.get("run_id")
        is_wanted = state in _ENDED if trigger.state == "ended" else state == trigger.state
        return run_id if is_wanted and isinstance(run_id, str) else None

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
