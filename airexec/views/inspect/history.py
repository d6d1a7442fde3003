"""`airexec history`: the runs of a job as a table, newest first."""

from collections.abc import Sequence

from airexec.reading.history import RunSummary
from airexec.scheduler.statuses import JobState
from airexec.views.console_style import GREEN, RED, YELLOW, ConsoleStyle, paint
from airexec.views.inspect.columns import aligned
from airexec.views.wording import STATUS_ORDER, time_text
from airexec.workflow.durations import duration_text

_COLOURS = {JobState.COMPLETED: GREEN, JobState.FAILED: RED}


def history_lines(runs: Sequence[RunSummary], style: ConsoleStyle) -> list[str]:
    """Return a line per run: id, start, duration, state, how many tasks ended how."""
    heads = aligned([_head(run) for run in runs])
    states = aligned([(state_text(run),) for run in runs])
    return [
        f"{head}  {paint(state, state_colour(run), style)}  {_counts(run)}".rstrip()
        for head, state, run in zip(heads, states, runs, strict=True)
    ]


def _head(run: RunSummary) -> tuple[str, str, str]:
    duration = "" if run.duration is None else duration_text(run.duration)
    return run.run_id, time_text(run.started_at), duration


def state_colour(run: RunSummary) -> str:
    return _COLOURS.get(run.state, YELLOW)


def state_text(run: RunSummary) -> str:
    """Return the word for the state of a run, `unfinished` when nobody is at work on it any more."""
    if run.state is JobState.WORKING and not run.is_active:
        return "unfinished"
    return str(run.state)


def _counts(run: RunSummary) -> str:
    return ", ".join(f"{count} {status}" for status in STATUS_ORDER if (count := run.counts.get(status, 0)))
