"""What became of each attempt of one task, told from the journal, one sentence per attempt."""

from collections.abc import Iterable, Iterator

from airexec.scheduler import events
from airexec.scheduler.events import Record
from airexec.scheduler.state import TaskState
from airexec.scheduler.statuses import Reason
from airexec.views.command_text import command_lines
from airexec.views.sanitize import one_line
from airexec.views.wording import cause_text, time_text
from airexec.workflow.durations import delay_text, duration_text


def attempt_lines(records: Iterable[Record], state: TaskState, is_live: bool) -> Iterator[str]:
    """Yield the sentences, oldest first; the signals that an attempt got come below it, indented, after its
    command, where that is another than before.

    `is_live` says that a scheduler is at work, so an attempt without an end is running; else it is lost.
    """
    task_id = state.task.id
    started: tuple[int, float] | None = None
    signals: list[str] = []
    shown: tuple[str, ...] = ()
    for record in records:
        match record.event:
            case events.AttemptStarted(task=task, attempt=attempt) if task == task_id:
                started, signals = (attempt, record.time), []
                if record.event.why:
                    signals.append(f"  it ran because {one_line(record.event.why)}")
                if (command := record.event.command) != shown:
                    shown = command
                    signals += [f"  {line}" for line in command_lines(command)]
            case events.SignalSent(task=task) as event if task == task_id:
                signals.append(f"  {event.signal} was sent at {time_text(record.time)}: {cause_text(event.cause)}")
            case events.AttemptCompleted(task=task) as event if task == task_id:
                yield _begin(event.attempt, started) + _completed(event)
                yield from signals
                started = None
            case events.AttemptFailed(task=task) as event if task == task_id:
                yield _begin(event.attempt, started) + _failed(event, state)
                yield from signals
                yield from _detail_lines(event)
                started = None
            case events.AttemptSkipped(task=task) as event if task == task_id:
                yield _begin(event.attempt, started) + _skipped(event)
                yield from signals
                started = None
            case events.RunResumed():
                if started is not None:
                    yield _begin(started[0], started) + _LOST
                    yield from signals
                started = None
            case events.TasksReset(tasks=tasks) if task_id in tasks:
                yield f"it was reset at {time_text(record.time)}"
    if started is not None:
        yield _begin(started[0], started) + ("is running" if is_live else _LOST)
        yield from signals


_LOST = "was lost: the scheduler ended before it did"


def _detail_lines(event: events.AttemptFailed) -> list[str]:
    """One detail alone is the error itself."""
    return [f"  {one_line(detail)}" for detail in event.details] if len(event.details) > 1 else []


def _begin(attempt: int, started: tuple[int, float] | None) -> str:
    return f"attempt {attempt} started at {time_text(started[1])} and " if started else f"attempt {attempt} "


def _completed(event: events.AttemptCompleted) -> str:
    note = f" ({one_line(event.note)})" if event.note else ""
    return f"completed after {duration_text(event.duration)}{note}"


def _skipped(event: events.AttemptSkipped) -> str:
    note = f" ({one_line(event.note)})" if event.note else ""
    return f"skipped its task after {duration_text(event.duration)}{note}"


_VERBS = {Reason.CANCELLED: "was cancelled", Reason.CHANGED: "was ended"}


def _failed(event: events.AttemptFailed, state: TaskState) -> str:
    verb = _VERBS.get(event.reason, "failed")
    error = event.error.removeprefix("cancelled: ").removeprefix("ended: ")
    text = f"{verb} after {duration_text(event.duration)}: {one_line(error)}"
    if event.reason not in (Reason.EXIT, *_VERBS):
        text += f" (reason {event.reason})"
    if event.note:
        text += f" ({one_line(event.note)})"
    if event.retry_delay is not None:
        return f"{text}; attempt {event.attempt + 1} was due {delay_text(event.retry_delay)} later"
    retry_on = state.task.retry_on
    if retry_on and event.exit_code not in retry_on and event.reason is Reason.EXIT:
        return f"{text}; not tried again, as retry_on has {', '.join(map(str, retry_on))} only"
    return text
