"""Runs that are started by tasks of other runs: how they know, and that none waits for itself."""

from collections.abc import Mapping

from airexec.errors import JobLockedError
from airexec.state.layout import RUN_ID, JobFolder
from airexec.state.lock import is_locked

_RUN_DIR = "AIREXEC_RUN_DIR"
"""In the environment of a task the folder of its run; those of the runs around that are in AIREXEC_RUN_DIR_1, …."""


def enclosing_run(job: JobFolder, caller: Mapping[str, str]) -> str:
    """Return the run of the same state folder whose task this process is, as `<job>/<run id>`; "" when it is none's."""
    path = caller.get(_RUN_DIR, "")
    inside = path.removeprefix(f"{job.state_dir}/jobs/")
    name, _, run_id = inside.partition("/runs/")
    return f"{name}/{run_id}" if inside != path and RUN_ID.fullmatch(run_id) else ""


def refuse_own_ancestor(job: JobFolder, caller: Mapping[str, str]) -> None:
    """Raise JobLockedError if this process is part of the run that holds the job: it would wait for itself."""
    enclosing = {value for name, value in caller.items() if name.startswith(_RUN_DIR)}
    if not any(path.startswith(f"{job.runs}/") for path in enclosing) or not is_locked(job):
        return
    newest = job.latest_run()
    if newest is not None and newest.path in enclosing:
        raise JobLockedError(
            f"job {job.name} is the one that this is a task of (run {newest.run_id}), and would wait for itself",
            hint="run another workflow, give the inner run a name of its own with --job, or queue tasks instead",
        )
