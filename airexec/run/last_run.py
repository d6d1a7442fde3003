"""What can be done about the last run of a job while nobody works on it: reset tasks of it, or cancel what is left.

What that takes along is the scheduler's knowledge.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import time

from airexec.errors import JobLockedError
from airexec.reading.named import existing_task_ids, load, run_folder
from airexec.scheduler.apply import apply
from airexec.scheduler.decide import decide
from airexec.scheduler.events import Event, Record, RunFinished, RunResumed, StopRequested, TasksReset
from airexec.scheduler.reopen import reset_event
from airexec.scheduler.state import Run
from airexec.scheduler.statuses import JobState, StopCause
from airexec.state.journal import JournalWriter, is_at_work, open_for_resume
from airexec.state.layout import JobFolder, RunFolder
from airexec.state.lock import acquire, has_slots
from airexec.state.view_files import write_views


def reset(job: JobFolder, names: Sequence[str], run_id: str | None = None) -> TasksReset:
    """Reset the tasks of these names in a run of a job, by default its last, all tasks without names; return what was
    reset.

    Raises UsageError for a name that no task has, JobLockedError, StateDamagedError.
    """
    with _idle_run(job, run_id) as (run, journal):
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
    with _idle_run(job) as (run, journal):
        if run.is_over:
            return False
        if run.state is JobState.WORKING:
            from airexec.run.session import end_orphans
            from airexec.runner.local import ThisMachine

            end_orphans(job, ThisMachine(), run_folder(job, None))
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
def _idle_run(job: JobFolder, run_id: str | None = None) -> Iterator[tuple[Run, JournalWriter]]:
    """Give a run of a job, by default the last, and its journal, while nobody else may write it."""
    folder = run_folder(job, run_id)
    if is_at_work(folder) and has_slots(job):
        raise JobLockedError(f"run {folder.run_id} of {job.name} is at work", hint="name another one with --run")
    runs = _runs_at_once(folder) if has_slots(job) else 1
    lock = acquire(job, ["airexec", *sys.argv[1:]], time(), runs)
    try:
        run = load(folder).run
        journal = open_for_resume(folder.journal).writer
        try:
            yield run, journal
        finally:
            journal.close()
    finally:
        lock.release()


def _runs_at_once(folder: RunFolder) -> int:
    """Return beside how many runs, itself among them, this one may be held."""
    plan = load(folder).run.plan
    return plan.workflow.max_active_runs if plan else 1
