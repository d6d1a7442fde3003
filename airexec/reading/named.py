"""Which job, run and tasks a command means. Reads the state folder and creates nothing."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from airexec.errors import AirexecError, UsageError
from airexec.reading.finding import find_job
from airexec.reading.owner import check_owner
from airexec.scheduler.state import Run
from airexec.state.journal import LoadedRun, load_run
from airexec.state.layout import JobFolder, RunFolder, find_state_dir
from airexec.state.workflow_cache import WorkflowCache
from airexec.workflow.find import find_file, is_path
from airexec.workflow.wording import did_you_mean


def named_job(job: str | None, state_dir: Path | None) -> JobFolder:
    """Return the job of this name or of this workflow file; for None the one that is meant here.

    Raises UsageError when there is no such job.
    """
    if job is None or not is_path(job):
        return find_job("", job, state_dir)
    path = find_file(job)
    state_dir = state_dir or Path(find_state_dir(path))
    checked = WorkflowCache(state_dir, path).read()
    sys.stderr.write(checked.warnings)
    folder = find_job(os.path.dirname(path), checked.workflow.name, state_dir)
    check_owner(folder, path)
    return folder


def run_folder(job: JobFolder, run_id: str | None) -> RunFolder:
    """Return the run whose id this is, or alone begins or ends so; for None and `latest` the newest.

    Raises UsageError when there is no such run.
    """
    if run_id is None or run_id == "latest":
        run = job.latest_run()
        if run is None:
            raise UsageError(f"job {job.name} has no runs", "`airexec run` starts one")
        return run
    found = [known for known in job.run_ids() if known.startswith(run_id) or known.endswith(run_id)]
    if len(found) != 1:
        problem = "several runs like" if found else "no run"
        raise UsageError(f"job {job.name} has {problem} '{run_id}'", f"`airexec history {job.name}` lists its runs")
    return job.run(found[0])


def load(folder: RunFolder) -> LoadedRun:
    """Return the run as its journal tells it. Raises StateDamagedError, UsageError when it never began."""
    loaded = load_run(folder.journal)
    if not loaded.records:  # the scheduler was killed while it wrote the first line
        raise UsageError(f"run {folder.run_id} ended before it began", "`airexec run` starts another")
    return loaded


def job_and_tasks(
    names: Sequence[str], job: str | None, state_dir: Path | None, run_id: str | None = None
) -> tuple[JobFolder, Sequence[str]]:
    """Return what `[JOB] [TASK]...` means: with `job` said, all are tasks; else the first may be the job.

    A first name that the job meant here has as a task, in the run of this id, is that task, also if a job is called so.
    Raises UsageError.
    """
    if job is not None or not names:
        return named_job(job, state_dir), names
    try:
        here = named_job(None, state_dir)
    except UsageError:
        return named_job(names[0], state_dir), names[1:]
    with suppress(UsageError):  # the run may be one of another job
        if not is_path(names[0]) and task_ids(load(run_folder(here, run_id)).run, names[0]):
            return here, names
    return _job_or_task(names, here, state_dir)


def _job_or_task(names: Sequence[str], here: JobFolder, state_dir: Path | None) -> tuple[JobFolder, Sequence[str]]:
    try:
        return named_job(names[0], state_dir), names[1:]
    except UsageError as no_job:
        if is_path(names[0]):
            raise
        raise UsageError(
            f"'{names[0]}' is neither a task of job {here.name} nor a job",
            _earlier(here, names[0]) or did_you_mean(names[0], load(run_folder(here, None)).run.tasks) or no_job.hint,
        ) from None


def task_ids(run: Run, name: str) -> list[str]:
    """Return the tasks of a run that a name means: the task of this id, or all of this matrix, template or node."""
    if name in run.tasks:
        return [name]
    return [task_id for task_id in run.tasks if task_id.startswith((f"{name}[", f"{name}."))]


def existing_task_ids(run: Run, name: str, job: JobFolder) -> list[str]:
    """As `task_ids`, for a run of this job. Raises UsageError when it means none."""
    found = task_ids(run, name)
    if not found:
        hint = _earlier(job, name) or did_you_mean(name, run.tasks) or "`airexec status` lists them"
        raise UsageError(f"run {run.run_id} has no task '{name}'", hint)
    return found


_EARLIER_RUNS = 10
"""How many are read to find a task that the newest has not."""


def _earlier(job: JobFolder, name: str) -> str:
    """Return the newest run that has a task of this name, as a hint; empty when none of the last has."""
    for run_id in sorted(job.run_ids(), reverse=True)[:_EARLIER_RUNS]:
        with suppress(AirexecError):
            if task_ids(load(job.run(run_id)).run, name):
                return f"run {run_id} has it: --run {run_id}"
    return ""
