"""`airexec status`: where a run stands, for people and for programs."""

import sys
from pathlib import Path

from airexec.cli.console import print_json, print_lines, style_of
from airexec.reading.named import named_job, run_folder
from airexec.reading.standing import standing_of
from airexec.state.layout import address


def show_status(job_name: str | None, run_id: str | None, as_json: bool, state_dir: Path | None) -> int:
    """Print where a run stands, by default the last run of the job. Raises AirexecError."""
    job = named_job(job_name, state_dir)
    standing = standing_of(job, run_folder(job, run_id))
    if as_json:
        from json import loads

        from airexec.state.view_files import state_text, tasks_text

        state, tasks = loads(state_text(job, standing.run)), loads(tasks_text(job, standing.run))
        print_json({**state, "is_active": standing.is_active, "tasks": tasks})
    else:
        from airexec.views.inspect.status import status_lines

        print_lines(status_lines(standing.run, standing.is_active, style_of(sys.stdout), address(job)))
    return 0
