"""`airexec history`: the runs of a job, for people and for programs."""

import sys
from pathlib import Path
from typing import Any

from airexec.cli.console import print_json, print_lines, style_of
from airexec.reading.history import RunSummary, list_runs
from airexec.reading.named import named_job, run_folder
from airexec.state.timestamps import to_iso


def show_history(job_name: str | None, run_id: str | None, as_json: bool, state_dir: Path | None) -> int:
    """Print the runs of a job, newest first, or that one alone. Raises AirexecError."""
    job = named_job(job_name, state_dir)
    runs = list_runs(job)
    if run_id is not None:
        wanted = run_folder(job, run_id).run_id
        runs = [run for run in runs if run.run_id == wanted]
    if as_json:
        print_json([_as_data(run) for run in runs])
    else:
        from airexec.views.inspect.history import history_lines

        print_lines(history_lines(runs, style_of(sys.stdout)))
    return 0


def _as_data(run: RunSummary) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "state": run.state,
        "is_active": run.is_active,
        "started_at": to_iso(run.started_at),
        "finished_at": None if run.finished_at is None else to_iso(run.finished_at),
        "duration": None if run.duration is None else round(run.duration, 3),
        "counts": {status: count for status, count in run.counts.items() if count},
    }
