"""What a job that may have several runs needs a runner for: which of them was left, whatever the newest says."""

from pathlib import Path

from airexec.manager.need import need_of
from airexec.manager.table import job_rows
from airexec.reading.jobs import list_jobs
from airexec.state.journal import JournalWriter
from airexec.state.layout import JobFolder
from airexec.state.lock import acquire
from tests.cli.jobs_on_disk import started, task, write_run


def job_of_several(state_dir: Path, *causes: str) -> JobFolder:
    """Return a job with an unfinished run for each cause, the oldest first."""
    for number, cause in enumerate(causes):
        write_run(state_dir, started("w", task("a"))._replace(cause=cause), seconds_later=60 * number)
    job = JobFolder(state_dir, "w")
    acquire(job, ["airexec"], 0.0, runs=2).release()
    return job


def test_the_newest_of_those_that_were_left_goes_on(tmp_path: Path) -> None:
    """One at work needs nothing, and what somebody has called by hand is left to them."""
    job = job_of_several(tmp_path, "a tick", "another tick", "", "a third tick")
    newest, by_hand, left, _ = job.run_ids()
    writer = JournalWriter(job.run(newest).journal)
    need = need_of(job)
    writer.close()

    assert need is not None
    assert ("resume", "w", "--run", left) == need.arguments
    assert by_hand != left
    again = need_of(job)
    assert again is not None
    assert newest == again.arguments[-1]


def test_a_job_is_at_work_while_any_of_its_runs_is(tmp_path: Path) -> None:
    """Also when the newest has ended."""
    job = job_of_several(tmp_path, "", "")
    _, oldest = job.run_ids()
    lock = acquire(job, ["airexec"], 0.0, runs=2)
    writer = JournalWriter(job.run(oldest).journal)
    (summary,) = list_jobs(tmp_path)
    (row,) = job_rows(str(tmp_path))
    writer.close()
    lock.release()
    (after,) = list_jobs(tmp_path)

    assert summary.run is not None
    assert after.run is not None
    assert (True, "working") == (summary.run.is_active, row.state)
    assert not after.run.is_active
