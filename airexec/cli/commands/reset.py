"""`airexec reset`: tasks of the last run become pending again. What that takes along is the scheduler's knowledge."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from airexec.reading.named import existing_task_ids, job_and_tasks, load, run_folder
from airexec.scheduler.apply import apply
from airexec.scheduler.events import Record, TasksReset
from airexec.scheduler.reopen import reset_event
from airexec.scheduler.state import Run
from airexec.state.journal import JournalWriter, open_for_resume
from airexec.state.layout import JobFolder
from airexec.state.lock import acquire
from airexec.state.view_files import write_views
from airexec.workflow.diagnostics import counted


def reset_tasks(names: Sequence[str], job_name: str | None, state_dir: Path | None) -> int:
    """Reset `[JOB] [TASK]...` in the last run of the job; without TASKs, all. Raises AirexecError, JobLockedError."""
    job, tasks = job_and_tasks(names, job_name, state_dir)
    with _last_run(job) as (run, journal):
        event = reset_event(run, [task_id for name in tasks for task_id in existing_task_ids(run, name)])
        record = Record(run.seq + 1, time.time(), event)
        journal.append([record])
        apply(run, record)
        write_views(job, run)
    print(reset_text(job.name, event))
    return 0


def reset_text(job: str, event: TasksReset) -> str:
    """Return what was reset in words, with what to do next."""
    removed = f", {counted(len(event.removed), 'queued task')} removed" if event.removed else ""
    named = f" ({', '.join(event.tasks)})" if len(event.tasks) <= 5 else ""
    return f"{job}: {counted(len(event.tasks), 'task')} reset{named}{removed}; `airexec resume {job}` runs them"


@contextmanager
def _last_run(job: JobFolder) -> Iterator[tuple[Run, JournalWriter]]:
    """Give the last run of a job and its journal, while nobody else may write it."""
    folder = run_folder(job, None)
    lock = acquire(job, ["airexec", *sys.argv[1:]], time.time())
    try:
        run = load(folder).run
        journal = open_for_resume(folder.journal).writer
        try:
            yield run, journal
        finally:
            journal.close()
    finally:
        lock.release()
