"""`airexec logs`: what the attempts of a run have printed, once or for as long as the run goes on."""

import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from airexec.cli.commands.log_printer import LogPrinter
from airexec.cli.runs import chosen_run
from airexec.errors import UsageError
from airexec.reading.logs import Logs
from airexec.reading.named import existing_task_ids, job_and_tasks, load, named_job
from airexec.state.layout import JobFolder, address
from airexec.views.wording import operand

PAUSE_SECONDS = 0.1
OVERVIEW_LINES = 50
"""So many lines of each task where all are shown and nobody says how many. Whoever names a task gets all of it."""


class LogRequest(NamedTuple):
    names: tuple[str, ...] = ()
    """`[JOB] [TASK]`."""
    job: str | None = None
    tail: int | None = None
    """Lines per attempt; None: all of a task that is named, else the last OVERVIEW_LINES."""
    follow: bool = False
    run_id: str | None = None
    state_dir: Path | None = None


def show_logs(request: LogRequest) -> int:
    """Print the logs that are asked for, in the order in which the attempts started. Raises AirexecError."""
    job, names = _job_and_task(request)
    if len(names) > 1:
        raise UsageError(f"logs shows one task, and these are {len(names)}: {', '.join(names)}", "ask for one")
    folder = chosen_run(job, request.run_id)
    run = load(folder).run  # also when all tasks are asked for: a damaged journal must not pass for a short one
    tasks = frozenset(existing_task_ids(run, names[0], job)) if names else None
    is_overview = request.tail is None and tasks is None
    logs = Logs(folder, tasks, OVERVIEW_LINES if is_overview else request.tail)
    found_by = operand(run, address(job), is_named=request.run_id is not None)
    only_task = tasks is not None and len(tasks) == 1

    def left_out(task: str, attempt: int) -> str:
        if not (is_overview and logs.is_cut(task, attempt)):
            return ""
        return f"    … its last {OVERVIEW_LINES} lines; all of them: airexec logs {found_by} {task}"

    printer = LogPrinter(only_task, logs.for_people, logs.command, left_out)
    try:
        while request.follow and logs.go_on():
            print_new(logs, printer)
            time.sleep(PAUSE_SECONDS)
        print_new(logs, printer, is_end=True)
    finally:
        printer.close()
    if not logs.have_begun:
        what = f"{names[0]} has not started" if names else "no task has started"
        print(f"airexec: {what} in run {folder.run_id}", file=sys.stderr)
    return 0


def _job_and_task(request: LogRequest) -> tuple[JobFolder, Sequence[str]]:
    """Return the job and the names of tasks that are meant: of two names the first is the job, if there is one."""
    if request.job is None and len(request.names) == 2:
        with suppress(UsageError):
            return named_job(request.names[0], request.state_dir), request.names[1:]
    return job_and_tasks(request.names, request.job, request.state_dir, request.run_id)


def print_new(logs: Logs, printer: LogPrinter, is_end: bool = False) -> None:
    """Print what is new; at the end all that is there."""
    for piece in logs.read_new(is_end):
        printer.print(*piece)
    printer.flush()
