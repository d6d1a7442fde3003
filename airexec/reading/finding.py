"""Which job a command means that takes [JOB]. Reads the state folder and creates nothing."""

import os
from contextlib import suppress

from airexec.errors import UsageError
from airexec.reading.folders import job_names, state_fields
from airexec.reading.owner import workflow_path
from airexec.state.layout import JobFolder, find_state_dir
from airexec.workflow.find import StrPath, find_workflow


def find_job(start: StrPath, job: str | None = None, state_dir: StrPath | None = None) -> JobFolder:
    """Return the job named, or else the one that is meant in the folder `start`.

    That is the job that ran last: of those whose workflow file lies in `start`; else below it; else, unless `start` has
    a workflow file of its own, of all. A run that a task of another had started does not count as last.
    The state folder is looked for from `start` upwards. Raises UsageError when there is no such job, and
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
    folder = os.path.abspath(start)
    jobs = [JobFolder(state_dir, name) for name in names]
    files = {job.name: workflow_path(job) or "" for job in jobs}
    meant = [job for job in jobs if os.path.dirname(files[job.name]) == folder]
    meant = meant or [job for job in jobs if files[job.name].startswith(f"{folder}/")]
    if not meant and (own := _workflow_of(folder)) is not None:
        raise UsageError(
            f"{own} has not run yet", hint=f"`airexec run` does; jobs of other files: {_listed(names)}, by --job NAME"
        )
    return max(meant or jobs, key=lambda job: (not state_fields(job).get("inside"), _newest_run_id(job))).name


def _newest_run_id(job: JobFolder) -> str:
    """Return the id of the newest run, which begins with the time of its start; empty when there is none."""
    run = job.latest_run()
    return run.run_id if run else ""


def _workflow_of(folder: str) -> str | None:
    with suppress(UsageError, OSError):
        return os.path.basename(find_workflow(folder))
    return None


def _no_such_job(job: str, names: list[str], state_dir: StrPath) -> UsageError:
    known = f"jobs here: {_listed(names)}" if names else "it has none yet"
    return UsageError(f"no job {job!r} in {state_dir}", hint=known)


def _listed(names: list[str]) -> str:
    shown = names[:10]
    return ", ".join(shown) + (f" and {len(names) - len(shown)} more" if len(names) > len(shown) else "")
