"""The page that GitHub shows for a step ($GITHUB_STEP_SUMMARY): what happened, the failures, a table of all tasks."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from airexec.scheduler.state import Run, TaskState
from airexec.scheduler.statuses import Status
from airexec.views.command_text import command_lines
from airexec.views.live.summary import LogPath, failure_text
from airexec.views.log_tail import for_people, last_lines
from airexec.views.sanitize import one_line
from airexec.views.wording import because_text, counts_text, job_name, up_to_date_text
from airexec.workflow.durations import duration_text

_PAGE_BYTES_MAX = 1024 * 1024
"""GitHub refuses a larger file as a whole."""
_ROOM = 200
"""Bytes kept for the line that says what was left out."""
_FAILURES_MAX = 20
_LOG_LINES = 10
_LINE_MAX = 500
_SIGNS = {
    Status.COMPLETED: "✅",
    Status.FAILED: "❌",
    Status.UPSTREAM_FAILED: "⛔",
    Status.SKIPPED: "⏭️",
    Status.CANCELLED: "🛑",
}


def write_page(path: Path, run: Run, seconds: float, log_path: LogPath) -> None:
    """Append the page to the file, which earlier commands of the step may have begun; a failure to write is ignored:
    the page is a courtesy, and everything in it is on the console too.
    """
    with suppress(OSError), path.open("ab") as file:
        file.write(page(run, seconds, log_path, _PAGE_BYTES_MAX - file.tell()).encode())


def page(run: Run, seconds: float, log_path: LogPath, bytes_max: int = _PAGE_BYTES_MAX) -> str:
    """Return the page in Markdown, cut between rows of the table so that it fits."""
    parts: list[str] = []
    left = bytes_max - _ROOM
    rest = 0
    for part in _parts(run, seconds, log_path):
        size = len(part.encode())
        if rest or size > left:
            rest += 1
            continue
        left -= size
        parts.append(part)
    if rest and bytes_max >= _ROOM:
        parts.append(f"\n… cut here: {rest} more lines do not fit.\n")
    return "".join(parts)


def _parts(run: Run, seconds: float, log_path: LogPath) -> Iterator[str]:
    yield f"### {_plain(job_name(run))}: {run.state} in {duration_text(seconds)}\n\n"
    yield f"{counts_text(run)} (run {run.run_id})\n\n"
    failed = [task_id for task_id in run.failed if not run.tolerates(task_id)]
    for task_id in failed[:_FAILURES_MAX]:
        yield _failure(run, run.tasks[task_id], log_path)
    yield "| | task | status | duration | |\n|---|---|---|---|---|\n"
    for state in run.tasks.values():
        yield _row(run, state)


def _failure(run: Run, state: TaskState, log_path: LogPath) -> str:
    head = f"**{_plain(state.task.id)}**: {_plain(failure_text(run, state))}\n\n"
    lines = [*command_lines(state.command), *map(one_line, state.details)]
    log = log_path(state.task.id, state.attempt)
    lines += last_lines(log, _LOG_LINES, for_people(run, state.task.id, log), colours=False)
    if not lines:
        return head
    text = "\n".join(line[:_LINE_MAX] for line in lines)
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{head}{fence}text\n{text}\n{fence}\n\n"


def _row(run: Run, state: TaskState) -> str:
    duration = "" if state.duration is None else duration_text(state.duration)
    why, status = state.note, str(state.status)
    if state.built is not None:
        why, status = up_to_date_text(state.built), "up to date"
    if state.because is not None:
        why = because_text(state.because)
    elif state.status is Status.FAILED:
        why = failure_text(run, state)
    is_tolerated = state.status is Status.FAILED and run.tolerates(state.task.id)
    sign = "⚠️" if is_tolerated else _SIGNS.get(state.status, "")
    return f"| {sign} | {_plain(state.task.id)} | {status} | {duration} | {_plain(why)} |\n"


def _plain(text: str) -> str:
    """Return text that Markdown and HTML leave as it is: special characters as references, which are never syntax."""
    return re.sub(r"[^\w\s.,;:/=()'-]|_", lambda found: f"&#{ord(found.group())};", one_line(text)[:_LINE_MAX])
