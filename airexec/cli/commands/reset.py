"""`airexec reset`: what was reset, in words."""

import sys
from collections.abc import Sequence
from pathlib import Path

from airexec.cli.console import agrees
from airexec.reading.named import job_and_tasks
from airexec.run.last_run import reset
from airexec.scheduler.events import TasksReset
from airexec.state.layout import address
from airexec.workflow.diagnostics import counted


def reset_tasks(
    names: Sequence[str], job_name: str | None, run_id: str | None, state_dir: Path | None, *, is_sure: bool = False
) -> int:
    """Reset `[JOB] [TASK]...` in that run of the job, by default the last; without TASKs, all.

    For all who is at a terminal is asked first. Return 1 when the answer is no. Raises AirexecError, JobLockedError.
    """
    job, tasks = job_and_tasks(names, job_name, state_dir, run_id)
    is_asked = not tasks and not is_sure and sys.stdin.isatty() and sys.stdout.isatty()
    if is_asked and not agrees(f"Reset all tasks of job {job.name}, so that they run again?"):
        print("airexec: nothing was reset", file=sys.stderr)
        return 1
    operand = address(job) + (f" --run {run_id}" if run_id else "")
    print(reset_text(job.name, reset(job, tasks, run_id), operand))
    return 0


def reset_text(job: str, event: TasksReset, operand: str) -> str:
    """Return what was reset in words, with what to do next; `operand` is what commands are given to find the job."""
    removed = f", {counted(len(event.removed), 'queued task')} removed" if event.removed else ""
    named = f" ({', '.join(event.tasks)})" if len(event.tasks) <= 5 else ""
    return f"{job}: {counted(len(event.tasks), 'task')} reset{named}{removed}; `airexec resume {operand}` runs them"
