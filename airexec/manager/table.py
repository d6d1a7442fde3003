"""How all jobs of a base path stand, from their `state.json` and locks alone: no journal is read."""

import os
from collections.abc import Mapping
from typing import NamedTuple

from airexec.reading.folders import job_names, state_fields
from airexec.state.layout import JobFolder
from airexec.state.lock import is_locked, runners_of


class JobRow(NamedTuple):
    """One job."""

    name: str
    state: str
    """As its file says it; `killed` when it says that somebody works on it, and nobody does; `unreadable`."""
    pending: int
    """Tasks, also those that wait for a retry, and those of an order that nobody has begun."""
    running: int
    runner: int | None
    """The pid of who works on it, or of the first of several."""
    updated_at: str
    problems: tuple[str, ...] = ()
    runners: tuple[int, ...] = ()
    """The pids of all who work on it."""


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
    if not os.path.lexists(job.state_file):
        return JobRow(job.name, "waiting", 0, 0, None, "")
    if not isinstance(state, str):
        return JobRow(job.name, "unreadable", 0, 0, None, "", _problems(job))
    runners = tuple(runners_of(job))
    is_working = bool(runners) or is_locked(job)
    if state == "working" and not is_working:
        state = "killed"
    elif runners and state in ("completed", "failed", "cancelled"):  # the newest run; an older one is at work
        state = "working"
    if state == "waiting" and "run_id" not in fields:
        return _waiting_row(job, str(fields.get("updated_at") or ""))
    counts, problems, updated_at = fields.get("counts"), fields.get("problems"), fields.get("updated_at")
    of = counts if isinstance(counts, Mapping) else {}
    return JobRow(
        name=job.name,
        state=state,
        pending=_number(of.get("pending")) + _number(of.get("up_for_retry")),
        running=_number(of.get("running")) if is_working else 0,
        runner=next(iter(runners), None),
        updated_at=updated_at if isinstance(updated_at, str) else "",
        problems=tuple(map(str, problems)) if isinstance(problems, list) else (),
        runners=runners,
    )


def _waiting_row(job: JobFolder, updated_at: str) -> JobRow:
    """Return the row of an order that nobody has begun: how much it is, or why it cannot be."""
    from airexec.orders.order import waiting_order

    order = waiting_order(job)
    pending = order.counts().get("pending", 0) if order else 0
    runners = tuple(runners_of(job))
    problems = order.problems if order else ()
    return JobRow(job.name, "waiting", pending, 0, next(iter(runners), None), updated_at, problems, runners)


def _problems(job: JobFolder) -> tuple[str, ...]:
    """Return what is wrong with the `state.json` of an order, as far as it is one."""
    from airexec.orders.order import waiting_order

    order = waiting_order(job)
    return order.problems if order else ()


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
