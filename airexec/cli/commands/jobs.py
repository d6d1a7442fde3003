"""`airexec jobs`: the jobs of a state folder, for people and for programs."""

import sys
from pathlib import Path
from typing import Any

from airexec.cli.console import print_json, print_lines, style_of
from airexec.reading.jobs import JobSummary, list_jobs
from airexec.state.layout import find_state_dir
from airexec.state.timestamps import to_iso


def show_jobs(as_json: bool, state_dir: Path | None) -> int:
    """Print a line per job, those that ran last first; it is no error to have none. Raises AirexecError."""
    folder = state_dir or find_state_dir("-")
    jobs = list_jobs(folder)
    if as_json:
        print_json([_as_data(job) for job in jobs])
    elif jobs:
        from airexec.views.inspect.jobs import job_lines

        print_lines(job_lines(jobs, style_of(sys.stdout)))
    else:
        print(f"airexec: nothing has run yet: there is no job in {folder}", file=sys.stderr)
    return 0


def _as_data(job: JobSummary) -> dict[str, Any]:
    run = job.run
    return {
        "name": job.name,
        "workflow": job.workflow,
        "problem": job.problem,
        "run_id": run and run.run_id,
        "state": run and run.state,
        "is_active": run is not None and run.is_active,
        "started_at": run and to_iso(run.started_at),
        "finished_at": None if run is None or run.finished_at is None else to_iso(run.finished_at),
    }
