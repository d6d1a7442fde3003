"""What the folder of a job asks for. Asks the file system whether anything has changed before it reads anything."""

import os
from hashlib import blake2b
from json import dumps
from typing import Any, NamedTuple

from airexec.orders.incoming import incoming_names
from airexec.orders.shared_file import read_file
from airexec.orders.texts import Entry, decoded, read_entries, read_state
from airexec.reading.history import list_runs
from airexec.scheduler.statuses import JobState
from airexec.state.journal import load_run
from airexec.state.layout import JobFolder
from airexec.state.lock import has_slots
from airexec.triggers.start import Start

Signature = tuple[tuple[int, int, int] | None, ...]
"""Inode, size and time of change of `state.json`, `tasks.json` and `incoming/`, None for one that is not there."""


class Need(NamedTuple):
    """Something to do for a runner."""

    why: str
    """`ordered`, `added`, `reset` or `left`: its runner was killed."""
    what: str
    """A digest: the same as long as nothing has happened to what is wanted."""
    arguments: tuple[str, ...]
    """What `airexec` is called with."""
    start: Start | None = None
    """What a workflow that is kept is started for."""


def signature(folder: str) -> Signature:
    """Return what changes when others or a runner have written in the folder of a job."""
    return tuple(map(_facts, (f"{folder}/state.json", f"{folder}/tasks.json", f"{folder}/incoming")))


def need_of(job: JobFolder) -> Need | None:
    """Return what a job needs a runner for; whether it has one already is not asked here.

    A run of a workflow file that somebody has called needs none: whoever runs it by hand goes on with it by hand.

    Raises UnreadableTextError for a file that is none, or half of one, OSError.
    """
    try:
        state = read_state(decoded(read_file(job.state_file)))
    except FileNotFoundError:
        return None
    is_left = state.is_ours and state.state is JobState.WORKING
    if not state.is_of_order(job.name):
        if has_slots(job):
            return _left_beside(job)
        again = ("resume", job.name, "--run", str(state.run_id))
        return Need("left", _digest(state.run_id, state.updated_at), again) if is_left and state.cause else None
    arguments = ("run", "--job", job.name)
    if is_left:
        return Need("left", _digest(state.run_id, state.updated_at), arguments)
    if state.is_ours and state.state is JobState.WAITING:
        return Need("reset", _digest(state.run_id, state.updated_at), arguments)
    wanted = _wanted(job)
    if not wanted or (not state.is_ours and state.state is not JobState.WAITING):
        return None
    return Need("added" if state.is_ours else "ordered", _digest(state.id, *wanted), arguments)


def _left_beside(job: JobFolder) -> Need | None:
    """Return the newest run that a manager has started and nobody is at work on any more, of a job that may have
    several: `state.json` is of the newest run alone."""
    for summary in list_runs(job):
        if summary.state is JobState.WORKING and not summary.is_active:
            run = load_run(job.run(summary.run_id).journal).run
            if run.cause:
                again = ("resume", job.name, "--run", summary.run_id)
                return Need("left", _digest(summary.run_id, run.updated_at), again)
    return None


def need_of_start(job: JobFolder, path: str, start: Start) -> Need:
    """Return what a workflow file needs that is to be started."""
    return Need("started", _digest(start.cause), ("run", path), start)


def _wanted(job: JobFolder) -> list[Any]:
    """Return what others have written and no runner has made its own: entries, and the names of files."""
    try:
        entries = read_entries(decoded(read_file(job.tasks_file)))
    except FileNotFoundError:
        entries = []
    return [*(entry.raw for entry in entries if _is_strange(entry)), *incoming_names(job.incoming)]


def _is_strange(entry: Entry) -> bool:
    return entry.is_pending and not (isinstance(entry.raw, dict) and "attempt" in entry.raw)


def _digest(*parts: Any) -> str:
    return blake2b(dumps(parts).encode(), digest_size=12).hexdigest()


def _facts(path: str) -> tuple[int, int, int] | None:
    try:
        facts = os.stat(path, follow_symlinks=False)
    except OSError:
        return None
    return facts.st_ino, facts.st_size, facts.st_mtime_ns
