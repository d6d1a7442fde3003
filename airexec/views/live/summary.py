"""What every console view says at the end: the failures once more, each with what ran, the end of its log unless it was
shown, and how to see more; then one line. Failures that are allowed are not among them.
"""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from airexec.scheduler.state import Run, TaskState
from airexec.scheduler.statuses import JobState
from airexec.views.command_text import command_lines
from airexec.views.console_style import BOLD, DIM, GREEN, RED, YELLOW, ConsoleStyle, Mark, ellipsis, paint, painted_sign
from airexec.views.live.message_lines import message_lines
from airexec.views.log_tail import for_people, last_lines
from airexec.views.sanitize import one_line
from airexec.views.wording import Message, attempts_max, cause_text, counts_text, job_name, operand, task_name
from airexec.workflow.durations import duration_text
from airexec.workflow.find import StrPath

LogPath = Callable[[str, int], StrPath]
"""(task, attempt) to the attempt's log, which need not be there."""

_FAILURES_MAX = 20
_LOG_LINES = 10
_COLOURS = {JobState.COMPLETED: GREEN, JobState.FAILED: RED}


class Shown(NamedTuple):
    """What somebody who reads along has seen by the end."""

    ended: Collection[tuple[str, int]] = ()
    """(task, attempt) of those that were shown with their output."""
    last: tuple[str, int] | None = None
    """The one that stands in the last lines."""


NOTHING_SHOWN = Shown()


def summary_lines(
    run: Run, seconds: float, log_path: LogPath, style: ConsoleStyle, shown: Shown = NOTHING_SHOWN, job: str = ""
) -> list[str]:
    """Return the end of a run that took `seconds` (in this process, so a resumed run counts from its resumption).

    `job` is what commands are given to find the job, quoted for a shell; its name where that is not said.
    """
    job = operand(run, job)
    lines = _failure_lines(run, log_path, style, shown, job)
    if run.stopping is not None:
        lines.append(f"{painted_sign(Mark.NOTICE, style)} stopped: {cause_text(run.stopping)}")
    lines.append(last_line(run, seconds, style))
    if run.state is not JobState.COMPLETED:
        lines.append(paint(f"  continue: airexec resume {job}", DIM, style))
    return lines


def last_line(run: Run, seconds: float, style: ConsoleStyle) -> str:
    """Return e.g. `etl: failed in 12.3 s: 40 tasks: 36 completed, 4 failed (run 20261121-013312-a3f9)`."""
    words = f"{run.state} in" if run.is_over else "unfinished after"  # the loop gave up
    state = paint(words, f"{BOLD};{_COLOURS.get(run.state, YELLOW)}", style)
    return f"{job_name(run)}: {state} {duration_text(seconds)}: {counts_text(run)} (run {run.run_id})"


def _failure_lines(run: Run, log_path: LogPath, style: ConsoleStyle, shown: Shown, job: str) -> list[str]:
    """Return each failed task, in order of failure: its reason, command, the end of its log and how to see more; of a
    single one that stands right above only what is not there."""
    lines: list[str] = []
    failed = [run.tasks[task_id] for task_id in run.failed if not run.tolerates(task_id)]
    if len(failed) == 1 and (failed[0].task.id, failed[0].attempt) == shown.last:
        return [*_command_and_more(failed[0], style, job), ""]
    for state in failed[:_FAILURES_MAX]:
        lines += ["", *_failure(run, state, log_path, style, shown, job)]
    if len(failed) > _FAILURES_MAX:
        more = len(failed) - _FAILURES_MAX
        lines += ["", f"{ellipsis(style)} and {more} more failed: airexec status {job}"]
    return [*lines, ""] if lines else []


def failure_text(run: Run, state: TaskState) -> str:
    """Return why a task failed, in one line: `exit code 2 (attempt 3 of 3)`."""
    attempts = f"attempt {state.attempt} of {attempts_max(state)}" if state.attempt > 1 else ""
    tolerated = "allowed to fail" if run.tolerates(state.task.id) else ""
    extra = ", ".join(part for part in (attempts, tolerated, one_line(state.note)) if part)
    return one_line(state.error or "failed") + (f" ({extra})" if extra else "")


def _failure(run: Run, state: TaskState, log_path: LogPath, style: ConsoleStyle, shown: Shown, job: str) -> list[str]:
    task_id = state.task.id
    duration = duration_text(state.duration or 0.0)
    details = tuple(map(one_line, state.details)) if len(state.details) > 1 else ()
    message = Message(Mark.FAILED, task_name(state.task), duration, failure_text(run, state), details)
    gutter = paint("|", DIM, style)
    path = log_path(task_id, state.attempt)
    is_new = (task_id, state.attempt) not in shown.ended
    tail = last_lines(path, _LOG_LINES, for_people(run, task_id, path), style.colour) if is_new else []
    log = [f"  {gutter} {line}{reset(line)}" for line in tail]
    return [*message_lines(message, style), *_command_and_more(state, style, job, log)]


def _command_and_more(state: TaskState, style: ConsoleStyle, job: str, log: Sequence[str] = ()) -> list[str]:
    """Return what ran, the lines of its log, and two commands on lines of their own, to be copied."""
    task = _word(state.task.id)
    command = [paint(f"  {line}", DIM, style) for line in command_lines(state.command)]
    more = [f"  more: airexec logs {job} {task}", f"  why:  airexec why {job} {task}"]
    return [*command, *log, *(paint(line, DIM, style) for line in more)]


def _word(text: str) -> str:
    """Return a word to type into a shell: ids of matrix tasks have brackets."""
    import shlex

    return shlex.quote(text)


def reset(line: str) -> str:
    """Return what ends the colours of a safe line, so that they do not run into the next."""
    return "\x1b[0m" if "\x1b" in line else ""
