"""A run as it stands now, which takes the journal and one fact that is not in it: whether a scheduler is at work."""

from collections.abc import Sequence
from typing import NamedTuple

from airexec.reading.named import load
from airexec.scheduler.events import Record
from airexec.scheduler.reopen import abandoned
from airexec.scheduler.state import Run
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
    return Standing(run if is_active else abandoned(run), records, is_active)
