"""`airexec status`: where a run stands, for people and for programs."""

import sys
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, NamedTuple

from airexec.cli.console import print_json, print_lines, style_of
from airexec.errors import AirexecError
from airexec.state.layout import JobFolder, address, find_state_dir
from airexec.workflow.find import find_file

WATCH_SECONDS = 1.0
ALWAYS = "it says nothing of what it reads and makes"


if TYPE_CHECKING:
    from airexec.orders.order import WaitingOrder


class StatusRequest(NamedTuple):
    job: str | None = None
    run_id: str | None = None
    as_json: bool = False
    all_jobs: bool = False
    watch: bool = False
    stale: bool = False
    state_dir: Path | None = None


def show_status(request: StatusRequest) -> int:
    """Print where a run stands, by default the last run of the job; or a table of all jobs. Raises AirexecError."""
    if request.stale:
        return _show_stale(request)
    wants_all = request.all_jobs or (request.job is None and request.run_id is None and _works_off_orders(request))
    while True:
        code = _show_all(request) if wants_all else _show_one(request)
        if not request.watch:
            return code
        sys.stdout.flush()
        sleep(WATCH_SECONDS)
        if sys.stdout.isatty():
            print("\033[H\033[2J", end="")  # as `watch` does


def _show_stale(request: StatusRequest) -> int:
    """Print which tasks a run would have to run now, and why; by default of the workflow file here."""
    from airexec.run.dry_run import needs
    from airexec.run.options import RunOptions
    from airexec.run.planning import make_plan, read_workflow
    from airexec.run.run_file import preview_of
    from airexec.views.inspect.columns import aligned
    from airexec.views.sanitize import one_line
    from airexec.views.wording import tasks_text

    workflow, _ = read_workflow(find_file(request.job), request.state_dir, None)
    options = RunOptions(state_dir=request.state_dir)
    plan = make_plan(workflow, options)
    found = list(needs(plan, preview_of(plan, options)))
    stale = [(id_, ALWAYS if why is None else why) for id_, why in found if why != ""]
    if request.as_json:
        print_json([{"id": id_, "why": why} for id_, why in stale])
        return 0
    print_lines(line.rstrip() for line in aligned([(id_, one_line(why)) for id_, why in stale]))
    print(f"{len(stale)} of {tasks_text(len(found))} would run")
    return 0


def _works_off_orders(request: StatusRequest) -> bool:
    """Return whether this is a place where other programs write jobs, and no workflow file is meant."""
    try:
        find_file(None)
    except AirexecError:
        from airexec.manager.table import has_orders

        return has_orders(str(request.state_dir or find_state_dir("-")))
    return False


def _show_all(request: StatusRequest) -> int:
    from airexec.manager.table import job_rows
    from airexec.views.inspect.table import table_lines

    state_dir = str(request.state_dir or find_state_dir("-"))
    rows = job_rows(state_dir)
    if request.as_json:
        print_json([row._asdict() for row in rows])
    elif rows:
        print_lines(
            table_lines([((*row[:4], row.runners, row.updated_at), row.problems) for row in rows], style_of(sys.stdout))
        )
    else:
        print(f"airexec: there is no job in {state_dir}", file=sys.stderr)
    return 0


def _show_one(request: StatusRequest) -> int:
    from airexec.cli.runs import chosen_run
    from airexec.reading.folders import state_fields
    from airexec.reading.named import named_job
    from airexec.reading.standing import standing_of

    job_name, run_id, as_json, state_dir = request.job, request.run_id, request.as_json, request.state_dir
    job = named_job(job_name, state_dir)
    if run_id is None and "run_id" not in state_fields(job):  # nor is it damaged, or airexec's own
        from airexec.orders.order import waiting_order

        if (waiting := waiting_order(job)) is not None:
            _show_order(job, waiting, as_json)
            if as_json or job.latest_run() is None:
                return 0
    standing = standing_of(chosen_run(job, run_id))
    if as_json:
        from json import loads

        from airexec.state.view_files import state_text, tasks_text

        state, tasks = loads(state_text(job, standing.run)), loads(tasks_text(job, standing.run))
        print_json({**state, "is_active": standing.is_active, "tasks": tasks})
    else:
        from airexec.views.inspect.status import status_lines
        from airexec.views.wording import operand

        found_by = operand(standing.run, address(job), is_named=run_id is not None)
        print_lines(status_lines(standing.run, standing.is_active, style_of(sys.stdout), found_by))
    return 0


def _show_order(job: JobFolder, order: "WaitingOrder", as_json: bool) -> None:
    if as_json:
        print_json({"id": order.id, "name": job.name, "state": "waiting", "is_active": False, **order.content()})
        return
    from airexec.views.inspect.status import order_lines

    print_lines(order_lines(job.name, order.id, order.counts(), order.problems, address(job), style_of(sys.stdout)))
