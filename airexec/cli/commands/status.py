"""`airexec status`: where a run stands, for people and for programs."""

import sys
from pathlib import Path

from airexec.cli.console import print_json, print_lines, style_of
from airexec.orders.order import WaitingOrder, waiting_order
from airexec.reading.named import named_job, run_folder
from airexec.reading.standing import standing_of
from airexec.state.layout import JobFolder, address


def show_status(job_name: str | None, run_id: str | None, as_json: bool, state_dir: Path | None) -> int:
    """Print where a run stands, by default the last run of the job. Raises AirexecError."""
    job = named_job(job_name, state_dir)
    waiting = None if run_id else waiting_order(job)
    if waiting is not None:
        _show_order(job, waiting, as_json)
        if as_json or job.latest_run() is None:
            return 0
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


def _show_order(job: JobFolder, order: WaitingOrder, as_json: bool) -> None:
    if as_json:
        print_json({"id": order.id, "name": job.name, "state": "waiting", "is_active": False, **order.content()})
        return
    from airexec.views.inspect.status import order_lines

    print_lines(order_lines(job.name, order.id, order.counts(), order.problems, address(job), style_of(sys.stdout)))
