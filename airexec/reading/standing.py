"""A run as it stands now, which takes the journal and one fact that is not in it: whether a scheduler is at work."""

from collections.abc import Sequence
from typing import NamedTuple

from airexec.reading.named import load
from airexec.scheduler.events import Record
from airexec.scheduler.reopen import abandoned
from airexec.scheduler.state import Run
from airexec.state.journal import is_at_work
from airexec.state.layout import RunFolder


class Standing(NamedTuple):
    """A run with the records that it is made of. When nobody works on it, nothing in it is running."""

    run: Run
    records: Sequence[Record]
    is_active: bool


def standing_of(folder: RunFolder) -> Standing:
    """Return how a run stands. Raises StateDamagedError, UsageError."""
    was_at_work = is_at_work(folder)  # before reading: whoever let go since then has written all
    records, _, run = load(folder)
    is_active = was_at_work and not run.is_over
    return Standing(run if is_active else abandoned(run), records, is_active)
