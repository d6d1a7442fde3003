"""The list of jobs: what each is, and how its last run went."""

from pathlib import Path

import pytest

from airexec.reading.jobs import list_jobs
from airexec.scheduler.events import AttemptCompleted, AttemptStarted, Event, Record, RunFinished
from airexec.scheduler.statuses import JobState
from airexec.state.codec import record_to_line
from airexec.state.journal import JournalWriter
from airexec.state.layout import JobFolder
from tests.reading.test_finding import NOON, ran


def finish(job: JobFolder) -> None:
    """Let the run of a job end well."""
    run = job.latest_run()
    assert run is not None
    events: list[Event] = [AttemptStarted("build", 1, ()), AttemptCompleted("build", 1, 1.0)]
    events.append(RunFinished(JobState.COMPLETED, {}))
    with open(run.journal, "ab") as journal:
        journal.writelines(record_to_line(Record(seq, NOON + seq, event)) for seq, event in enumerate(events, 1))


@pytest.mark.parametrize(
    ("is_over", "is_locked", "is_active"), [(False, True, True), (False, False, False), (True, True, False)]
)
def test_a_job_is_active_while_somebody_works_on_a_run_that_is_not_over(
    is_over: bool, is_locked: bool, is_active: bool, tmp_path: Path
) -> None:
    """A lock alone says nothing: whoever has ended a run holds it for a moment more."""
    job = ran(tmp_path / ".airexec", "etl", tmp_path)
    if is_over:
        finish(job)
    run = job.latest_run()
    assert run is not None
    writer = JournalWriter(run.journal) if is_locked else None

    (summary,) = list_jobs(job.state_dir)

    assert summary.run is not None
    assert is_active == summary.run.is_active
    if writer is not None:
        writer.close()


def test_the_job_that_ran_last_is_first_and_damage_is_a_problem_of_its_own(tmp_path: Path) -> None:
    state = tmp_path / ".airexec"
    ran(state, "old", tmp_path)
    ran(state, "new", tmp_path, NOON + 60)
    broken = ran(state, "broken", tmp_path, NOON + 90).latest_run()
    assert broken is not None
    Path(broken.journal).write_bytes(b"{}\n" + Path(broken.journal).read_bytes())

    jobs = list_jobs(state)

    assert ["new", "old", "broken"] == [job.name for job in jobs]
    assert ["", "", True] == [job.problem and "is damaged" in job.problem for job in jobs]
    assert [str(tmp_path / f"{job.name}.yml") for job in jobs] == [job.workflow for job in jobs]
