"""How all jobs of a base path stand, from their `state.json` and locks alone: no journal is read."""

from collections.abc import Mapping
from typing import NamedTuple

from airexec.reading.folders import job_names, state_fields
from airexec.state.layout import JobFolder
from airexec.state.lock import is_locked, runner_of


class JobRow(NamedTuple):
    """One job."""

    name: str
    state: str
    """As its file says it; `killed` when it says that somebody works on it, and nobody does; `unreadable`."""
    pending: int
    """Tasks, also those that wait for a retry. None are counted before the first run."""
    running: int
    runner: int | None
    """The pid of who works on it."""
    updated_at: str
    problems: tuple[str, ...] = ()


def job_rows(state_dir: str) -> list[JobRow]:
    """Return a row per job, by name. What cannot be read is a row as well."""
    return [_row(JobFolder(state_dir, name)) for name in job_names(state_dir)]


def has_orders(state_dir: str) -> bool:
    """Return whether a job here is one that other programs write."""
    return any(_is_order(JobFolder(state_dir, name)) for name in job_names(state_dir))


def _is_order(job: JobFolder) -> bool:
    fields = state_fields(job)
    return bool(fields) and ("run_id" not in fields or str(fields.get("workflow")).endswith("/tasks.json"))


def _row(job: JobFolder) -> JobRow:
    fields = state_fields(job)
    state = fields.get("state")
    if not isinstance(state, str):
        return JobRow(job.name, "unreadable", 0, 0, None, "")
    is_working = is_locked(job)
    if state == "working" and not is_working:
        state = "killed"
    counts, problems, updated_at = fields.get("counts"), fields.get("problems"), fields.get("updated_at")
    of = counts if isinstance(counts, Mapping) else {}
    return JobRow(
        name=job.name,
        state=state,
        pending=_number(of.get("pending")) + _number(of.get("up_for_retry")),
        running=_number(of.get("running")) if is_working else 0,
        runner=runner_of(job) if is_working else None,
        updated_at=updated_at if isinstance(updated_at, str) else "",
        problems=tuple(map(str, problems)) if isinstance(problems, list) else (),
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
