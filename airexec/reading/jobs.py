"""What jobs there are, and how the last run of each went."""

from typing import NamedTuple

from airexec.errors import AirexecError
from airexec.reading.folders import job_names
from airexec.reading.history import RunSummary, active_runs, newest_run
from airexec.reading.owner import workflow_path
from airexec.scheduler.statuses import JobState
from airexec.state.journal import is_at_work
from airexec.state.layout import JobFolder
from airexec.state.lock import has_slots
from airexec.workflow.find import StrPath


class JobSummary(NamedTuple):
    name: str
    workflow: str | None
    """Where its file was at the last run; None when that cannot be told."""
    run: RunSummary | None
    """The newest; None when it has none that began, or that can be read."""
    problem: str = ""
    """Why the newest run cannot be read."""


def list_jobs(state_dir: StrPath) -> list[JobSummary]:
    """Return all jobs of a state folder, the one whose newest run is newest first, those without runs last.

    Raises StateUnwritableError for folders that are not safe to read; damage in one job is its `problem`.
    """
    jobs = [_summary(JobFolder(state_dir, name)) for name in job_names(state_dir)]
    return sorted(jobs, key=lambda job: job.run.run_id if job.run else "", reverse=True)


def _summary(job: JobFolder) -> JobSummary:
    job.check()
    path = workflow_path(job)
    try:
        run = newest_run(job)
    except AirexecError as error:
        return JobSummary(job.name, path, None, error.headline)
    if run is not None:
        is_at_work_now = run.state is JobState.WORKING and is_at_work(job.run(run.run_id))
        run = run._replace(is_active=is_at_work_now or (has_slots(job) and bool(active_runs(job))))
    return JobSummary(job.name, path, run)
