"""`airexec status`: one run as a table of its tasks, in plain aligned text."""

from collections.abc import Mapping, Sequence

from airexec.scheduler.state import Run, TaskState
from airexec.scheduler.statuses import Status
from airexec.views.console_style import DIM, RED, YELLOW, ConsoleStyle, Mark, paint, painted_sign
from airexec.views.inspect.columns import aligned
from airexec.views.live.summary import failure_text
from airexec.views.sanitize import one_line
from airexec.views.wording import (
    because_text,
    cause_text,
    counts_text,
    job_name,
    operand,
    task_name,
    tasks_text,
    time_text,
)
from airexec.workflow.durations import duration_text

_MARKS = {
    Status.PENDING: None,
    Status.RUNNING: Mark.STARTED,
    Status.UP_FOR_RETRY: Mark.RETRY,
    Status.COMPLETED: Mark.COMPLETED,
    Status.FAILED: Mark.FAILED,
    Status.SKIPPED: Mark.NOT_RUN,
    Status.UPSTREAM_FAILED: Mark.NOT_RUN,
    Status.CANCELLED: Mark.CANCELLED,
}


def status_lines(run: Run, is_live: bool, style: ConsoleStyle, job: str = "") -> list[str]:
    """Return the table; `is_live` says whether a scheduler is at work on the run now, `job` is what commands are given
    to find the run, its `operand` where that is not said.
    """
    head = f"{job_name(run)}: {_state_text(run, is_live, job or operand(run))} (run {run.run_id})"
    times = f"started {time_text(run.created_at)}, last event {time_text(run.updated_at)}"
    if run.cause:
        times += f"; started for {one_line(run.cause)}"
    rows = [_row(run, state) for state in run.tasks.values()]
    signs = [_sign(run, state, style) for state in run.tasks.values()]
    colours = [_colour(run, state) for state in run.tasks.values()]
    cells = aligned([row[:-1] for row in rows])
    table = [
        f"{sign} {cell}  {paint(row[-1], colour, style)}".rstrip()
        for sign, cell, row, colour in zip(signs, cells, rows, colours, strict=True)
    ]
    refused = [paint(f"  cannot be added: {one_line(problem)}", RED, style) for problem in run.refused_additions]
    return [head, f"  {counts_text(run)}", paint(f"  {times}", DIM, style), *table, *refused]


def order_lines(
    name: str, order: str, counts: Mapping[str, int], problems: Sequence[str], job: str, style: ConsoleStyle
) -> list[str]:
    """Return what is to be said of an order that waits to be carried out; `counts` of its tasks by status."""
    what = "cannot be carried out" if problems else f"`airexec run --job {job}` carries it out"
    number = sum(counts.values())
    counted = ", ".join(f"{count} {one_line(status)}" for status, count in counts.items())
    return [
        f"{name}: waiting (order {one_line(order)}); {what}",
        f"  {tasks_text(number)}{f': {counted}' if counted else ''}",
        *(paint(f"  {one_line(problem)}", RED, style) for problem in problems),
    ]


def _state_text(run: Run, is_live: bool, job: str) -> str:
    if run.is_over:
        return f"{run.state}"
    if is_live:
        return "stopping" if run.stopping else f"{run.state}"
    return f"unfinished, and nobody works on it; `airexec resume {job}` goes on"


def _row(run: Run, state: TaskState) -> tuple[str, str, str, str, str]:
    duration = "" if state.duration is None else duration_text(state.duration)
    attempt = f"#{state.attempt}" if state.attempt > 1 else ""
    return task_name(state.task), str(state.status), duration, attempt, _remark(run, state)


def _remark(run: Run, state: TaskState) -> str:
    if state.status is Status.FAILED:
        return failure_text(run, state)
    if state.status is Status.CANCELLED:
        return cause_text(run.stopping) if run.stopping else ""
    if state.built is not None:
        return f"up to date since run {state.built[0]}"
    if state.because is not None:
        return because_text(state.because)
    if state.error is not None and state.status is not Status.COMPLETED:
        return one_line(state.error)
    return one_line(state.note)


def _colour(run: Run, state: TaskState) -> str:
    if state.status is not Status.FAILED:
        return DIM
    return YELLOW if run.tolerates(state.task.id) else RED


def _sign(run: Run, state: TaskState, style: ConsoleStyle) -> str:
    mark = Mark.UP_TO_DATE if state.built is not None else _MARKS[state.status]
    if mark is Mark.FAILED and run.tolerates(state.task.id):
        mark = Mark.TOLERATED
    return " " if mark is None else painted_sign(mark, style)
