"""Which job a command means that takes [JOB]. Reads the state folder and creates nothing."""

import os
from json import loads

from airexec.errors import UsageError
from airexec.state.layout import JobFolder, find_state_dir
from airexec.workflow.find import StrPath


def job_names(state_dir: StrPath) -> list[str]:
    """Return the names of the jobs in a state folder, sorted."""
    try:
        names = os.listdir(os.path.join(state_dir, "jobs"))
    except OSError:
        return []
    return sorted(name for name in names if _is_job(state_dir, name))


def find_job(start: StrPath, job: str | None = None, state_dir: StrPath | None = None) -> JobFolder:
    """Return the job named, or else the one that is meant in the folder `start`.

    That is the only job there is; of several the one that ran last, where jobs whose workflow file lies in `start`
    go first. The state folder is looked for from `start` upwards. Raises UsageError when there is no such job, and
    StateUnwritableError when the folder is not safe to read.
    """
    state_dir = state_dir or find_state_dir(os.path.join(start, "-"))
    names = job_names(state_dir)
    if job is not None:
        folder = JobFolder(state_dir, job)
        if job not in names:
            raise _no_such_job(job, names, state_dir)
    else:
        folder = JobFolder(state_dir, _meant(names, state_dir, start))
    folder.check()
    return folder


def _meant(names: list[str], state_dir: StrPath, start: StrPath) -> str:
    if not names:
        raise UsageError(f"nothing has run yet: there is no job in {state_dir}", hint="`airexec run` makes the first")
    if len(names) == 1:
        return names[0]
    folder = os.path.abspath(start)
    here = [name for name in names if _lies_in(folder, JobFolder(state_dir, name))]
    return max(here or names, key=lambda name: _newest_run_id(JobFolder(state_dir, name)))


def _newest_run_id(job: JobFolder) -> str:
    """Return the id of the newest run, which begins with the time of its start; empty when there is none."""
    run = job.latest_run()
    return run.run_id if run else ""


def _lies_in(folder: str, job: JobFolder) -> bool:
    path = workflow_path(job)
    return path is not None and os.path.dirname(path) == folder


def workflow_path(job: JobFolder) -> str | None:
    """Return where the workflow file of the job was at its last run; a view will do for a guess."""
    try:
        with open(job.state_file, "rb") as file:
            return str(loads(file.read())["workflow"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _is_job(state_dir: StrPath, name: str) -> bool:
    try:
        return os.path.isdir(JobFolder(state_dir, name).runs)
    except UsageError:
        return False


def _no_such_job(job: str, names: list[str], state_dir: StrPath) -> UsageError:
    known = f"jobs here: {_listed(names)}" if names else "it has none yet"
    return UsageError(f"no job {job!r} in {state_dir}", hint=known)


def _listed(names: list[str]) -> str:
    shown = names[:10]
    return ", ".join(shown) + (f" and {len(names) - len(shown)} more" if len(names) > len(shown) else "")
