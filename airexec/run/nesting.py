"""Runs that are started by tasks of other runs: how they know, and that none waits for itself."""

import os
from collections.abc import Mapping

from airexec.errors import JobLockedError
from airexec.state.flocks import is_held
from airexec.state.layout import JOURNAL, RUN_ID, JobFolder

_RUN_DIR = "AIREXEC_RUN_DIR"
"""In the environment of a task the folder of its run; those of the runs around that are in AIREXEC_RUN_DIR_1, …."""


def enclosing_run(job: JobFolder, caller: Mapping[str, str]) -> str:
    """Return the run of the same state folder whose task this process is, as `<job>/<run id>`; "" when it is none's."""
    path = caller.get(_RUN_DIR, "")
    inside = path.removeprefix(f"{job.state_dir}/jobs/")
    name, _, run_id = inside.partition("/runs/")
    return f"{name}/{run_id}" if inside != path and RUN_ID.fullmatch(run_id) else ""


def refuse_own_ancestor(job: JobFolder, caller: Mapping[str, str], runs: int = 1) -> None:
    """Raise JobLockedError if this process is part of the runs that hold the job, which has room for so many: it would
    wait for itself."""
    enclosing = {value for name, value in caller.items() if name.startswith(_RUN_DIR)}
    own = sorted(path for path in enclosing if path.startswith(f"{job.runs}/") and is_held(f"{path}/{JOURNAL}"))
    if len(own) >= runs:
        raise JobLockedError(
            f"job {job.name} is the one that this is a task of (run {os.path.basename(own[-1])}), and would wait for"
            " itself",
            hint="run another workflow, give the inner run a name of its own with --job, or queue tasks instead",
        )
