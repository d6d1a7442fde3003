"""When workflow files are due next, and what else would start them. Reads records, and settles nothing."""

from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import islice
from typing import NamedTuple

from airexec.triggers.record import Record, RecordFile, seen
from airexec.triggers.ticks import Ticks
from airexec.workflow.durations import duration_text
from airexec.workflow.model import Schedule, Trigger, Workflow


class Tick(NamedTuple):
    """One tick that is to start a run."""

    moment: float
    """Unix seconds."""
    shown: str
    """In the time zone of its schedule: `2026-11-28T06:00:00+01:00`."""
    job: str
    schedule: Schedule
    file: str
    is_missed: bool = False
    """It is past, and a run is still to be made for it."""


class Wait(NamedTuple):
    """What else starts a run of a job."""

    job: str
    trigger: Trigger
    file: str

    @property
    def text(self) -> str:
        """For people: `when etl is completed`, `when in/*.csv has come or changed, 2.0 s later`."""
        if self.trigger.job:
            state = "has ended" if self.trigger.state == "ended" else f"is {self.trigger.state}"
            return f"when {self.trigger.job} {state}"
        return f"when {', '.join(self.trigger.files)} has come or changed, {duration_text(self.trigger.settle)} later"


def upcoming(workflows: Sequence[Workflow], state_dir: str, now: float, number: int) -> list[Tick]:
    """Return the next ticks of all workflows together: those that were missed, then the earliest ones."""
    several = (_ticks(it, RecordFile(state_dir, it.name), now) for it in workflows)
    return list(islice(merge(*several, key=lambda tick: tick.moment), number))


def waits(workflows: Sequence[Workflow]) -> list[Wait]:
    """Return what else starts runs, in the order of the files and of their triggers."""
    return [Wait(it.name, trigger, it.path) for it in workflows for trigger in it.triggers]


def _ticks(workflow: Workflow, file: RecordFile, now: float) -> Iterator[Tick]:
    if workflow.schedule is None:
        return
    ticks, schedule = Ticks(workflow.schedule), workflow.schedule
    record = seen(file.read(), schedule, now)
    for moment in _missed(record, schedule, ticks, now):
        yield Tick(moment, ticks.shown(moment), workflow.name, schedule, workflow.path, is_missed=True)
    for moment in ticks.after(max(now, record.until)):
        if moment not in record.settled:
            yield Tick(moment, ticks.shown(moment), workflow.name, schedule, workflow.path)


def _missed(record: Record, schedule: Schedule, ticks: Ticks, now: float) -> Iterator[float]:
    if schedule.catchup:
        yield from (tick for tick in ticks.between(record.until, now) if tick not in record.settled)
    elif (newest := ticks.newest(record.until, now)) is not None and newest not in record.settled:
        yield newest
