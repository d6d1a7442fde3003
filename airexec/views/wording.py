"""What each event is called in one line on a console. Pure; knows neither colours nor where the line goes."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, assert_never

from airexec.scheduler import events
from airexec.scheduler.events import Because, Record
from airexec.scheduler.state import Run, TaskState
from airexec.scheduler.statuses import STOP_WORDS, Reason, Status, StopCause
from airexec.views.console_style import Mark
from airexec.views.sanitize import one_line
from airexec.workflow.durations import delay_text, duration_text
from airexec.workflow.model import Task, TriggerRule

_NAMED_MAX = 5
STATUS_ORDER = (
    Status.COMPLETED,
    Status.FAILED,
    Status.UPSTREAM_FAILED,
    Status.SKIPPED,
    Status.CANCELLED,
    Status.RUNNING,
    Status.UP_FOR_RETRY,
    Status.PENDING,
)


class Message(NamedTuple):
    """One event in words, for people. All parts are safe to print."""

    mark: Mark
    task: str
    """Empty when it is about the run."""
    duration: str
    text: str
    details: tuple[str, ...] = ()
    """Further lines."""
    ended: tuple[str, int] | None = None
    """(task, attempt), when an attempt is over and its log complete."""


def describe(run: Run, record: Record, explains: bool = False) -> Message | None:
    """Return a record in words, or None when nobody needs to hear of it. The record is already applied.

    With `explains` the start of an attempt is told with why its task has to run.
    """
    message = _described(run, record, explains)
    if message is None or (state := run.tasks.get(message.task)) is None or not state.task.label:
        return message
    return message._replace(task=task_name(state.task))


def task_name(task: Task) -> str:
    """Return how people are told of a task: by its id, for it is what commands take, and its label if it has one."""
    return f"{one_line(task.id)} ({one_line(task.label)})" if task.label else one_line(task.id)


def _described(run: Run, record: Record, explains: bool) -> Message | None:
    match record.event:
        case events.AttemptStarted(task=task, why=why) if explains:
            reason = one_line(why) or "it says nothing of what it reads and makes"
            return Message(Mark.NOTICE, one_line(task), "", f"runs: {reason}")
        case events.RunStarted() | events.RunResumed():
            return _about_run(Mark.STARTED, _begin_text(run, record.event))
        case events.AttemptStarted(task=task, attempt=attempt):
            return Message(Mark.STARTED, one_line(task), "", _attempt_text(run, task, attempt))
        case events.AttemptCompleted() as event:
            note = one_line(event.note)
            ended = (event.task, event.attempt)
            return Message(Mark.COMPLETED, one_line(event.task), duration_text(event.duration), note, (), ended)
        case events.AttemptFailed() as event:
            return _failed(run, event)
        case events.AttemptSkipped() as event:
            return _skipped(event)
        case events.TaskSkipped(task=task, because=because):
            return Message(Mark.NOT_RUN, one_line(task), "", f"skipped: {because_text(because)}")
        case events.TaskUpToDate(task=task):
            return Message(Mark.UP_TO_DATE, one_line(task), "", "up to date")
        case events.TaskUpstreamFailed(task=task, because=because):
            return Message(Mark.NOT_RUN, one_line(task), "", f"not run: {because_text(because)}")
        case events.NodesQueued() as event:
            return _queued(event)
        case events.NodesAdded(tasks=tasks):
            return _about_run(Mark.QUEUED, f"{job_name(run)}: added from outside: {_counted_and_named(tasks)}")
        case events.AdditionsRefused() as refused:
            return _refused(run, refused)
        case events.SignalSent(task=task, signal=signal, cause=cause):
            if cause in tuple(StopCause) and signal != "SIGKILL":
                return None  # StopRequested has said it, once for all tasks
            return Message(Mark.NOTICE, one_line(task), "", f"{signal} sent: {cause_text(cause)}")
        case events.Noticed(task=task, level=level, message=message):
            return Message(Mark.NOTICE, one_line(task), "", f"{level}: {one_line(message)}")
        case events.StopRequested(cause=cause):
            return _about_run(Mark.NOTICE, f"stopping: {cause_text(cause)}; nothing more is started")
        case events.TasksReset(tasks=tasks, removed=removed):
            gone = f", {len(removed)} queued by them removed" if removed else ""
            return _about_run(Mark.NOTICE, f"{tasks_text(len(tasks))} reset{gone}")
        case events.RetryReady() | events.RunFinished():
            return None  # the next attempt, and the summary, say it
        case _:
            assert_never(record.event)


def because_text(because: Because) -> str:
    """Return e.g. `condition is false: params.full` or `1 failed of 3 upstream (load)`."""
    if because.rule == "when":
        return f"condition is false: {one_line(because.detail)}"
    rule = "" if because.rule == TriggerRule.ALL_SUCCESS else f"{because.rule}: "
    named = f" ({named_text(because.upstream)})" if because.upstream else ""
    return f"{rule}{one_line(because.detail)}{named}"


def up_to_date_text(built: tuple[str, int]) -> str:
    """Return since when nothing has changed for a task: since an attempt, given by its run and number."""
    return f"nothing has changed since attempt {built[1]} of run {built[0]}"


def cause_text(cause: str) -> str:
    """Return a StopCause, the Reason of a signal, or `leftover`, in words."""
    words: dict[str, str] = {
        **STOP_WORDS,
        Reason.TIMEOUT: "execution_timeout is over",
        Reason.PRECONDITION: "a condition has taken too long",
        Reason.CANCELLED: "the run is stopping",
        Reason.CHANGED: "what it reads has changed",
        "leftover": "the attempt left processes behind",
    }
    return words.get(cause) or one_line(cause)


def named_text(task_ids: Iterable[str], named_max: int = _NAMED_MAX) -> str:
    """Return ids in a row, the many cut short: `a, b, c, d, e and 12 more`."""
    ids = [one_line(task_id) for task_id in task_ids]
    more = f" and {len(ids) - named_max} more" if len(ids) > named_max else ""
    return ", ".join(ids[:named_max]) + more


def tasks_text(count: int) -> str:
    return "1 task" if count == 1 else f"{count} tasks"


def attempts_max(state: TaskState) -> int:
    """Return the number that the last attempt would have, were all to fail."""
    return state.task.retries + 1 + state.attempts_forgiven


def time_text(moment: float) -> str:
    """Return a moment (Unix seconds) in local time: `2026-11-21 01:33:12`."""
    import time

    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment))


def counts_text(run: Run) -> str:
    """Return `40 tasks: 36 completed, 1 failed, 3 upstream_failed`, leaving out what is none."""
    parts = [f"{count} {status}" for status in STATUS_ORDER if (count := run.counts.get(status, 0))]
    if run.up_to_date:
        ran = run.counts[Status.COMPLETED] - run.up_to_date
        parts[:1] = [f"{ran} ran"] * bool(ran) + [f"{run.up_to_date} up to date"]
    if allowed := sum(map(run.tolerates, run.failed)):
        failed = f"{run.counts[Status.FAILED]} failed"
        parts[parts.index(failed)] = f"{failed} ({allowed} allowed to)"
    return f"{tasks_text(len(run.tasks))}: {', '.join(parts)}" if parts else tasks_text(len(run.tasks))


def job_name(run: Run) -> str:
    return one_line(run.plan.workflow.name) if run.plan else "run"


def operand(run: Run, job: str = "", *, is_named: bool = False) -> str:
    """Return what commands are given to find this run: `job`, or its name; and its id where it was asked for by that,
    or where the job may have several runs at once, so that what they find by themselves may be another."""
    job = job or job_name(run)
    has_others = run.plan is not None and run.plan.workflow.max_active_runs > 1
    return f"{job} --run {run.run_id}" if is_named or has_others else job


def _about_run(mark: Mark, text: str) -> Message:
    return Message(mark, "", "", text)


def _begin_text(run: Run, event: events.RunStarted | events.RunResumed) -> str:
    slots = run.plan.max_active_tasks if run.plan else 1
    at_once = f"{slots} at a time" if slots > 1 else "one at a time"
    if isinstance(event, events.RunStarted):
        cause = f" ({one_line(run.cause)})" if run.cause else ""
        return f"{job_name(run)}: run {run.run_id}: {tasks_text(len(run.tasks))}, {at_once}{cause}"
    kept = f"{run.counts[Status.COMPLETED]} of {tasks_text(len(run.tasks))} completed before"
    return f"{job_name(run)}: run {run.run_id} goes on: {kept}, {at_once}"


def _attempt_text(run: Run, task: str, attempt: int) -> str:
    return f"attempt {attempt} of {attempts_max(run.tasks[task])}" if attempt > 1 else ""


def _failed(run: Run, event: events.AttemptFailed) -> Message:
    mark, text = Mark.FAILED, one_line(event.error)
    if event.note:
        text += f" ({one_line(event.note)})"
    if event.retry_delay is not None:
        mark = Mark.RETRY
        again = f"attempt {event.attempt + 1} of {attempts_max(run.tasks[event.task])}"
        text += f"; {again} in {delay_text(event.retry_delay)}" if event.retry_delay else f"; {again} follows"
    elif event.reason in (Reason.CANCELLED, Reason.CHANGED):
        mark = Mark.CANCELLED
    elif run.tolerates(event.task):
        mark = Mark.TOLERATED
        text += " (allowed to fail)"
    details = tuple(map(one_line, event.details)) if len(event.details) > 1 else ()  # one alone is the error itself
    return Message(
        mark, one_line(event.task), duration_text(event.duration), text, details, (event.task, event.attempt)
    )


def _skipped(event: events.AttemptSkipped) -> Message:
    text = f"skipped: {because_text(event.because)}" + (f" ({one_line(event.note)})" if event.note else "")
    ended = (event.task, event.attempt)
    return Message(Mark.NOT_RUN, one_line(event.task), duration_text(event.duration), text, (), ended)


def _queued(event: events.NodesQueued) -> Message | None:
    if not event.tasks:
        return None
    return Message(Mark.QUEUED, one_line(event.emitter), "", f"queued {_counted_and_named(event.tasks)}")


def _refused(run: Run, event: events.AdditionsRefused) -> Message:
    if not event.problems:
        return _about_run(Mark.NOTICE, f"{job_name(run)}: nothing of what was added is wrong any more")
    problems = tuple(map(one_line, event.problems))
    return Message(Mark.NOTICE, "", "", f"{job_name(run)}: what cannot be added:", problems)


def _counted_and_named(tasks: Sequence[Task]) -> str:
    return f"{tasks_text(len(tasks))}: {named_text((task.id for task in tasks), named_max=3)}"
