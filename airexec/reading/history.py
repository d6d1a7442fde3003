"""How the runs of a job went, for a list of them. Reads journals, and as little of them as will do."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from airexec.scheduler.events import Record, RunFinished, RunResumed, TasksReset
from airexec.scheduler.statuses import JobState, Status
from airexec.state.codec import FORMAT_VERSION, UnreadableLineError, record_from_line
from airexec.state.journal import is_at_work, load_run, read_bytes
from airexec.state.layout import JobFolder, RunFolder
from airexec.state.timestamps import from_iso

LAST_BYTES = 4096
"""Enough for the line that ends a run."""


class RunSummary(NamedTuple):
    """One run, for a list of runs."""

    run_id: str
    state: JobState
    """WORKING also when nobody works on it any more; see `is_active`."""
    is_active: bool
    """A scheduler is at work on it now."""
    started_at: float
    """Unix seconds, as `finished_at`."""
    finished_at: float | None
    """None while the run is not over."""
    counts: Mapping[Status, int]
    idle: float = 0.0
    """Seconds between its start and its end in which no scheduler was at work on it, since it waited for a resume."""

    @property
    def duration(self) -> float | None:
        """Seconds of work on the wall clock, never negative; None while the run is not over."""
        return None if self.finished_at is None else max(0.0, self.finished_at - self.started_at - self.idle)


def list_runs(job: JobFolder) -> list[RunSummary]:
    """Return all runs of a job, newest first. Runs that ended are read at both ends only, unless they were
    resumed; others whole.

    Raises StateDamagedError.
    """
    return list(_summaries(job, job.run_ids()))


def runs_after(job: JobFolder, run_id: str) -> Iterator[RunSummary]:
    """Yield the runs of a job that are newer than one, newest first; all for an empty id. Raises StateDamagedError."""
    for newer in job.run_ids():
        if newer <= run_id:
            return
        if (summary := _summary(job.run(newer))) is not None:
            yield summary


def newest_run(job: JobFolder, *, is_idle: bool = False) -> RunSummary | None:
    """Return the summary of the newest run alone, or of the newest that nobody is at work on; None when there is none.

    Raises StateDamagedError.
    """
    run = job.latest_run()
    if is_idle and run is not None and is_at_work(run):
        run = next((run for run in map(job.run, job.run_ids()) if not is_at_work(run)), None)
    return None if run is None else _summary(run)


def active_runs(job: JobFolder) -> list[str]:
    """Return the ids of the runs that schedulers are at work on now, newest first."""
    return [run_id for run_id in job.run_ids() if is_at_work(job.run(run_id))]


def _summaries(job: JobFolder, run_ids: list[str]) -> Iterator[RunSummary]:
    active = set(active_runs(job))  # before reading: whoever let go since then has written all
    for run_id in run_ids:
        summary = _summary(job.run(run_id))
        if summary is not None:
            yield summary._replace(is_active=run_id in active and summary.state is JobState.WORKING)


def _summary(run: RunFolder) -> RunSummary | None:
    return _summary_of_ends(run) or _summary_of_replay(run)


def _summary_of_ends(run: RunFolder) -> RunSummary | None:
    """Return the summary from the first bytes and the last line of the journal, None if that is no end of a run."""
    last_line = b"\n".join(read_bytes(run.journal, last=LAST_BYTES).split(b"\n")[-2:])
    try:
        last = record_from_line(last_line)
        started_at = _started_at(run.journal)
    except ValueError:
        return None
    if not isinstance(last.event, RunFinished) or _RESUMED in read_bytes(run.journal):
        return None
    return RunSummary(run.run_id, last.event.state, False, started_at, last.time, last.event.counts)


def _started_at(journal: str) -> float:
    """Return the time of the first record, but for the plan in it. Raises ValueError, also for another version."""
    before, after = b'{"seq":0,"time":"', b'","event":"run_started","version":%d,' % FORMAT_VERSION
    time_ends = len(before) + len("2026-11-21T01:33:12.345Z")
    first = read_bytes(journal, first=time_ends + len(after))
    if not first.startswith(before) or not first.endswith(after):
        raise UnreadableLineError("not the beginning of a journal of this version")
    return from_iso(first[len(before) : time_ends].decode("ascii"))


def _summary_of_replay(run: RunFolder) -> RunSummary | None:
    """Return the summary of a run by replaying it; None when not even its start was written."""
    records, _, now = load_run(run.journal)
    if not records:
        return None
    finished_at = now.updated_at if now.is_over else None
    return RunSummary(run.run_id, now.state, False, records[0].time, finished_at, now.counts, _idle(records))


_RESUMED = b'"event":"run_resumed"'
"""No text of a task can look so: the quotes in it are escaped."""


def _idle(records: Sequence[Record]) -> float:
    """Return how long it was before each resume, and each reset before it, that anything else had happened."""
    return sum(
        max(0.0, after.time - before.time)
        for before, after in pairwise(records)
        if isinstance(after.event, RunResumed | TasksReset)
    )
