"""What can be done about the last run of a job while nobody works on it: reset tasks of it, or cancel what is left.

What that takes along is the scheduler's knowledge.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import time

from airexec.reading.named import existing_task_ids, load, run_folder
from airexec.scheduler.apply import apply
from airexec.scheduler.decide import decide
from airexec.scheduler.events import Event, Record, RunFinished, RunResumed, StopRequested, TasksReset
from airexec.scheduler.reopen import reset_event
from airexec.scheduler.state import Run
from airexec.scheduler.statuses import JobState, StopCause
from airexec.state.journal import JournalWriter, open_for_resume
from airexec.state.layout import JobFolder
from airexec.state.lock import acquire
from airexec.state.view_files import write_views


def reset(job: JobFolder, names: Sequence[str]) -> TasksReset:
    """Reset the tasks of these names in the last run of a job, all tasks without names; return what was reset.

    Raises UsageError for a name that no task has, JobLockedError, StateDamagedError.
    """
    with _last_run(job) as (run, journal):
        event = reset_event(run, [task_id for name in names for task_id in existing_task_ids(run, name, job)])
        record = Record(run.seq + 1, time(), event)
        journal.append([record])
        apply(run, record)
        if any(run.tasks[task].task.says_what for task in event.tasks):
            from airexec.fresh.record_file import RecordFile

            records = RecordFile(job)
            records.forget((*event.tasks, *event.removed))
            records.close()
        _write_views(job, run)
    return event


def cancel(job: JobFolder) -> bool:
    """End the last run of a job, whose scheduler was killed or which waits to be resumed; False when it is over.

    Raises UsageError where there is no run, JobLockedError, StateDamagedError.
    """
    with _last_run(job) as (run, journal):
        if run.is_over:
            return False
        if run.state is JobState.WORKING:
            from airexec.run.session import end_orphans
            from airexec.runner.local import ThisMachine

            end_orphans(job, ThisMachine())
        event: Event | None = RunResumed(continued=True)
        records = []
        while event is not None:
            records.append(Record(run.seq + 1, time(), event))
            apply(run, records[-1])
            event = StopRequested(StopCause.TERMINATE) if run.stopping is None else _end(run)
        journal.append(records)
        _write_views(job, run)
    return True


def _end(run: Run) -> RunFinished | None:
    """Return what ends a run that is being stopped, and in which nothing runs; None when it has ended."""
    decision = decide(run)
    assert decision is None or isinstance(decision, RunFinished)
    return decision


def _write_views(job: JobFolder, run: Run) -> None:
    if not run.order:
        write_views(job, run)
        return
    from airexec.run.run_order import order_files

    files = order_files(job, run)  # which others may write, too
    files.write(run)
    files.close(run)


@contextmanager
def _last_run(job: JobFolder) -> Iterator[tuple[Run, JournalWriter]]:
    """Give the last run of a job and its journal, while nobody else may write it."""
    folder = run_folder(job, None)
    lock = acquire(job, ["airexec", *sys.argv[1:]], time())
    try:
        run = load(folder).run
        journal = open_for_resume(folder.journal).writer
        try:
            yield run, journal
        finally:
            journal.close()
    finally:
        lock.release()
