"""What a list of runs says of each."""

from pathlib import Path

import pytest

from airexec.errors import StateDamagedError
from airexec.reading.history import RunSummary, active_runs, list_runs, newest_run
from airexec.scheduler.events import (
    AttemptStarted,
    Event,
    Record,
    RunFinished,
    RunResumed,
    RunStarted,
    TasksReset,
)
from airexec.scheduler.statuses import JobState, Status
from airexec.state.codec import record_to_line
from airexec.state.journal import JournalWriter
from airexec.state.layout import JobFolder, RunFolder
from airexec.testing import make_plan, make_task

NOON = 1_795_262_400.0
COUNTS = dict.fromkeys(Status, 0)


def journal(job: JobFolder, started_at: float, *happened: Event, seconds: float = 1.0) -> RunFolder:
    """Make a run with these events after its start, `seconds` apart."""
    run = job.create_run(started_at)
    start = RunStarted(run.run_id, make_plan(make_task("build")))
    records = [Record(seq, started_at + seq * seconds, event) for seq, event in enumerate([start, *happened])]
    Path(run.journal).write_bytes(b"".join(map(record_to_line, records)))
    return run


def test_a_run_that_ended_is_read_at_both_ends_only(job: JobFolder) -> None:
    """What is damaged in between is not looked at."""
    run = journal(job, NOON, AttemptStarted("build", 1, ()), RunFinished(JobState.FAILED, {Status.FAILED: 1}))
    lines = Path(run.journal).read_bytes().splitlines(keepends=True)
    Path(run.journal).write_bytes(lines[0] + b"junk\n" + lines[2])

    assert [RunSummary(run.run_id, JobState.FAILED, False, NOON, NOON + 2, {Status.FAILED: 1})] == list_runs(job)
    assert 2.0 == list_runs(job)[0].duration


def test_a_run_without_an_end_is_replayed(job: JobFolder) -> None:
    """It counts its tasks as they stood; nobody works on it any more."""
    run = journal(job, NOON, AttemptStarted("build", 1, ()))

    summary = RunSummary(run.run_id, JobState.WORKING, False, NOON, None, COUNTS | {Status.RUNNING: 1})
    assert [summary] == list_runs(job)
    assert summary.duration is None


def test_the_run_that_somebody_works_on_is_active(job: JobFolder) -> None:
    """Of several without an end those whose journals are held; the newest need not be one."""
    held = journal(job, NOON)
    journal(job, NOON + 60)
    writer = JournalWriter(held.journal)

    active = [summary.is_active for summary in list_runs(job)]
    active_of = active_runs(job)
    idle = newest_run(job, is_idle=True)
    writer.close()

    assert ([False, True], [held.run_id]) == (active, active_of)
    assert idle is not None
    assert idle.run_id != held.run_id


def test_a_torn_end_is_no_end(job: JobFolder) -> None:
    """The run is replayed up to there."""
    run = journal(job, NOON, RunFinished(JobState.COMPLETED, {Status.COMPLETED: 1}))
    Path(run.journal).write_bytes(Path(run.journal).read_bytes()[:-1])

    assert [JobState.WORKING] == [summary.state for summary in list_runs(job)]


def test_runs_are_listed_newest_first_and_without_those_that_never_began(job: JobFolder) -> None:
    """A run that was killed before its first event is none."""
    first = journal(job, NOON)
    second = journal(job, NOON + 60)
    Path(job.create_run(NOON + 120).journal).write_bytes(b'{"seq":0')

    assert [second.run_id, first.run_id] == [summary.run_id for summary in list_runs(job)]


def test_a_duration_is_never_negative(job: JobFolder) -> None:
    """The clock may have gone back meanwhile."""
    journal(job, NOON, RunFinished(JobState.COMPLETED, {}), seconds=-60.0)

    assert [0.0] == [summary.duration for summary in list_runs(job)]


def test_a_damaged_run_without_an_end_is_an_error(job: JobFolder) -> None:
    """Nobody may guess what it was."""
    run = journal(job, NOON, AttemptStarted("build", 1, ()))
    data = Path(run.journal).read_bytes()
    Path(run.journal).write_bytes(b"?" + data[1:])

    with pytest.raises(StateDamagedError):
        list_runs(job)


def test_a_job_that_never_ran_has_no_runs(job: JobFolder) -> None:
    """And no newest one."""
    assert ([], None) == (list_runs(job), newest_run(job))


def test_the_newest_run_is_the_first_of_the_list(job: JobFolder) -> None:
    """Found without reading the others."""
    journal(job, NOON, RunFinished(JobState.COMPLETED, {}))
    journal(job, NOON + 60, RunFinished(JobState.FAILED, {}))

    assert list_runs(job)[0] == newest_run(job)


def test_the_time_before_a_resume_is_no_work(job: JobFolder) -> None:
    """Nor is that before and after a reset: the run waited for somebody."""
    run = job.create_run(NOON)
    happened: list[tuple[float, Event]] = [
        (0, RunStarted(run.run_id, make_plan(make_task("build")))),
        (2, RunFinished(JobState.FAILED, COUNTS)),
        (1000, TasksReset(("build",))),
        (5000, RunResumed()),
        (5003, RunFinished(JobState.COMPLETED, COUNTS)),
    ]
    records = [Record(seq, NOON + seconds, event) for seq, (seconds, event) in enumerate(happened)]
    Path(run.journal).write_bytes(b"".join(map(record_to_line, records)))

    (summary,) = list_runs(job)

    assert (NOON, NOON + 5003, 5.0) == (summary.started_at, summary.finished_at, summary.duration)
