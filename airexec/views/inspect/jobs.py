"""`airexec jobs`: the jobs as a table."""

from collections.abc import Sequence

from airexec.reading.jobs import JobSummary
from airexec.views.console_style import ConsoleStyle, paint
from airexec.views.inspect.columns import aligned
from airexec.views.inspect.history import state_colour, state_text
from airexec.views.sanitize import visible
from airexec.views.wording import time_text


def job_lines(jobs: Sequence[JobSummary], style: ConsoleStyle) -> list[str]:
    """Return a line per job: name, state of its last run, when that began, its id, and the workflow file."""
    names = aligned([(job.name,) for job in jobs])
    states = aligned([(_state(job),) for job in jobs])
    return [
        f"{name}  {_painted(job, state, style)}  {_rest(job)}".rstrip()
        for name, state, job in zip(names, states, jobs, strict=True)
    ]


def _state(job: JobSummary) -> str:
    return state_text(job.run) if job.run else "unreadable" if job.problem else "no run"


def _painted(job: JobSummary, state: str, style: ConsoleStyle) -> str:
    return paint(state, state_colour(job.run), style) if job.run else state


def _rest(job: JobSummary) -> str:
    run = (time_text(job.run.started_at), job.run.run_id) if job.run else (job.problem,)
    return "  ".join(part for part in (*run, visible(job.workflow or "", colours=False)) if part)
