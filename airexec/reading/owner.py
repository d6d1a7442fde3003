"""Whose a job is: it belongs to one workflow file, known by its path from the folder that holds the state."""

import os

from airexec.errors import AirexecError, UsageError
from airexec.reading.folders import state_fields
from airexec.state.journal import load_run
from airexec.state.layout import JobFolder
from airexec.workflow.find import StrPath, absolute


def workflow_path(job: JobFolder) -> str | None:
    """Return where the workflow file of the job lies, going by its last run; None when that cannot be told."""
    file = state_fields(job).get("workflow")
    if not isinstance(file, str):
        file = _of_newest_run(job)
    return None if file is None else os.path.join(job.root, file)


def other_owner(job: JobFolder, path: StrPath) -> str | None:
    """Return the workflow file that the job belongs to, if it is there and is not the one at `path`."""
    owner = workflow_path(job)
    if owner is None or not os.path.exists(owner):
        return None  # whoever renames a file keeps its job
    return None if _is_same(owner, absolute(path)) else owner


def check_owner(job: JobFolder, path: StrPath) -> None:
    """Raise UsageError if the job belongs to another workflow file than the one at `path`."""
    if (owner := other_owner(job, path)) is not None:
        raise UsageError(
            f"job '{job.name}' belongs to {_shown(owner, job)}, not to {_shown(absolute(path), job)}",
            hint="give this one a name of its own: `name:` in the file, or --job NAME",
        )


def _of_newest_run(job: JobFolder) -> str | None:
    try:
        run = job.latest_run()
        plan = load_run(run.journal).run.plan if run is not None else None
    except AirexecError:
        return None
    return None if plan is None else plan.file


def _is_same(first: str, second: str) -> bool:
    try:
        return os.path.samefile(first, second)
    except OSError:
        return first == second


def _shown(path: str, job: JobFolder) -> str:
    return path.removeprefix(f"{job.root}/")
