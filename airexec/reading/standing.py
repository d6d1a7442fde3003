"""A run as it stands now, which takes the journal and one fact that is not in it: whether a scheduler is at work."""

from collections.abc import Sequence
from typing import NamedTuple

from airexec.reading.named import load
from airexec.scheduler.events import Record
from airexec.scheduler.readiness import move
from airexec.scheduler.reopen import lose_attempt
from airexec.scheduler.state import Run
from airexec.scheduler.statuses import Status
from airexec.state.layout import JobFolder, RunFolder
from airexec.state.lock import is_locked


class Standing(NamedTuple):
    """A run with the records that it is made of. When nobody works on it, nothing in it is running."""

    run: Run
    records: Sequence[Record]
    is_active: bool


def standing_of(job: JobFolder, folder: RunFolder) -> Standing:
    """Return how a run of the job stands. Raises StateDamagedError, UsageError."""
    latest = job.latest_run()
    is_latest = latest is not None and latest.run_id == folder.run_id
    is_locked_before = is_latest and is_locked(job)  # before reading: whoever let go since then has written all
    records, _, run = load(folder)
    is_active = is_locked_before and not run.is_over
    if not is_active:
        _lose_attempts(run)
    return Standing(run, records, is_active)


def _lose_attempts(run: Run) -> None:
    """Show what the journal leaves running as what a resume will find: pending again, its attempt lost."""
    for state in run.tasks.values():
        if state.status is Status.RUNNING:
            move(run, state, Status.PENDING)
            lose_attempt(state)
