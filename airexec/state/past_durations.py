"""How long tasks took in earlier runs, in `durations.json` beside `state.json`. Knows nothing of what it is used for.

A view like the others, renewed at the end of each run: when it is damaged or gone, it is as if nothing had ever run.
"""

from contextlib import suppress
from json import dumps, loads

from airexec.scheduler.state import Run
from airexec.scheduler.statuses import Status
from airexec.state.layout import JobFolder
from airexec.state.lock import undisturbed
from airexec.state.view_files import replace_file

RUNS_REMEMBERED = 5

TASKS_REMEMBERED = 20_000
"""Queued tasks may be others in every run; those not seen for longest are forgotten."""

LONGEST_SECONDS = 1e9
"""Beyond: no duration, but damage; infinity could not even be journaled."""

Seconds = int | float


def recent_durations(job: JobFolder, limit: int = RUNS_REMEMBERED) -> dict[str, float]:
    """Return for each task that completed before the median of its last `limit` durations, in seconds."""
    return {task: _median(values[-limit:]) for task, values in _read(job).items()}


def remember_durations(job: JobFolder, run: Run) -> None:
    """Add what completed in this run. The caller holds the lock; a failure to write does not matter."""
    with suppress(OSError), undisturbed(job):
        _remember(job, run)


def _remember(job: JobFolder, run: Run) -> None:
    values = _read(job)
    for task, state in run.tasks.items():
        if state.status is Status.COMPLETED and state.duration is not None:
            values[task] = [*values.pop(task, []), round(state.duration, 3)][-RUNS_REMEMBERED:]
    newest = list(values.items())[-TASKS_REMEMBERED:]
    replace_file(_path(job), dumps(dict(newest), separators=(",", ":")) + "\n")


def _read(job: JobFolder) -> dict[str, list[Seconds]]:
    try:
        with open(_path(job), "rb") as file:
            content = loads(file.read())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(content, dict):
        return {}
    return {task: values for task, values in content.items() if _are_seconds(values)}


def _are_seconds(values: object) -> bool:
    return isinstance(values, list) and bool(values) and all(map(_is_seconds, values))


def _is_seconds(value: object) -> bool:
    return isinstance(value, Seconds) and 0 <= value < LONGEST_SECONDS


def _median(values: list[Seconds]) -> float:
    return float(sorted(values)[len(values) // 2])


def _path(job: JobFolder) -> str:
    return f"{job.path}/durations.json"
