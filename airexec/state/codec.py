"""One event as one line of the journal, and back. Knows nothing of files.

A line is a JSON object in ASCII that ends in a newline:

    {"seq":7,"time":"2026-11-21T01:33:12.345Z","event":"retry_ready","task":"build","crc":"1f0a9c3e"}

`crc` is the CRC-32 of all bytes before `,"crc"`, in eight hex digits. The line with `seq` 0 carries the `version` of
the format. Fields that equal their default are left out.
"""

from collections.abc import Callable, Iterable, Mapping
from json import JSONDecoder
from math import inf
from typing import Any
from zlib import crc32

from airexec.scheduler import events
from airexec.scheduler.events import Because, Event, Record
from airexec.scheduler.statuses import JobState, Reason, Status, StopCause
from airexec.state.plan_codec import (
    Json,
    Reader,
    fields_from_json,
    fields_to_json,
    plan_from_json,
    plan_to_json,
    task_from_json,
    task_to_json,
)
from airexec.state.timestamps import from_iso, to_iso
from airexec.workflow.json_text import json_encoder, quoted
from airexec.workflow.model import Task

FORMAT_VERSION = 1

CRC_LENGTH = len(',"crc":"00000000"}\n')

_encode = json_encoder(",", ":")


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _finite(text: str) -> float:
    return number if (number := float(text)) - number == 0 else _refuse(text)


_decode = JSONDecoder(parse_constant=_refuse, parse_float=_finite).decode


class UnreadableLineError(ValueError):
    """A line whose checksum is right, and which still is no event of ours."""


class NewerFormatError(ValueError):
    """A line that says it was written in a later version of the format."""

    def __init__(self, version: object) -> None:
        super().__init__(f"format version {version}")
        self.version = version


def record_to_line(record: Record) -> bytes:
    """Return the line of one record, newline included."""
    seq, time, event = record
    version = f',"version":{FORMAT_VERSION}' if seq == 0 else ""
    text = f'{{"seq":{seq},"time":"{to_iso(time)}","event":"{_NAMES[type(event)]}"{version}{_fields_text(event)}'
    body = text.encode("ascii")
    return b'%b,"crc":"%08x"}\n' % (body, crc32(body))


def _fields_text(event: Event) -> str:
    """Return the fields of an event as they stand in its line, a comma before each.

    A run is little more than a row of tasks that start and end well: what JSON says of these two, we say ourselves.
    Three fields have no default; whatever else there is has it here, or is left to JSON.
    """
    if isinstance(event, events.AttemptStarted) and event[3:] == _STARTED_DEFAULTS:
        command = ",".join(map(quoted, event.command))
        return f"{_STARTED_TASK}{quoted(event.task)}{_STARTED_ATTEMPT}{event.attempt}{_STARTED_COMMAND}[{command}]"
    if isinstance(event, events.AttemptCompleted) and event.duration < inf and event[3:] == _ENDED_DEFAULTS:
        return f"{_ENDED_TASK}{quoted(event.task)}{_ENDED_ATTEMPT}{event.attempt}{_ENDED_DURATION}{event.duration}"
    fields = _encode(event_to_json(event))[1:-1]
    return f",{fields}" if fields else ""


def record_from_line(line: bytes, problem_of: Callable[[Json], str] = lambda content: "") -> Record:
    """Return the record of one line, newline included; `problem_of` tells what is wrong with its content, if anything.

    Raises UnreadableLineError, NewerFormatError.
    """
    if not is_intact(line):
        raise UnreadableLineError("the checksum does not match")
    try:
        content = _decode(line[:-CRC_LENGTH].decode("ascii") + "}")
        refuse_newer(content)
        if problem := problem_of(content):
            raise UnreadableLineError(f"not an event of this version: {problem}")
        seq, time = content.pop("seq"), from_iso(content.pop("time"))
        return Record(seq, time, event_from_json(content))
    except (NewerFormatError, UnreadableLineError):
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UnreadableLineError(f"not an event of this version: {error!r}") from error


def is_intact(line: bytes) -> bool:
    """Return whether a line is complete and its checksum matches."""
    body, end = line[:-CRC_LENGTH], line[-CRC_LENGTH:]
    return end == b',"crc":"%08x"}\n' % crc32(body)


def refuse_newer(content: Json) -> None:
    """Take the version out of the content of a line. Raises NewerFormatError when it is not ours."""
    version = content.pop("version", FORMAT_VERSION)
    if version != FORMAT_VERSION:
        raise NewerFormatError(version)


def event_to_json(event: Event) -> Json:
    """Return the fields of an event that differ from their defaults; enums and tuples are left to the encoder."""
    fields = fields_to_json(event)
    if (writers := _WRITERS.get(type(event))) is not None:
        for name in writers.keys() & fields.keys():
            fields[name] = writers[name](fields[name])
    return fields


def event_from_json(content: Json) -> Event:
    """Return an event from its fields and its name, the key `event`. `content` is changed."""
    cls = _EVENTS[content.pop("event")]
    event: Event = fields_from_json(cls, content, _READERS.get(cls, {}))
    return event


def _because_from_json(fields: Json) -> Because:
    return fields_from_json(Because, fields, {"upstream": tuple})


def _tasks_to_json(tasks: Iterable[Task]) -> list[Json]:
    return list(map(task_to_json, tasks))


def _tasks_from_json(items: list[Json]) -> tuple[Any, ...]:
    return tuple(map(task_from_json, items))


def _counts_from_json(counts: Mapping[str, int]) -> dict[Status, int]:
    return {Status(name): count for name, count in counts.items()}


_EVENTS: Mapping[str, type[Any]] = {
    "run_started": events.RunStarted,
    "run_resumed": events.RunResumed,
    "attempt_started": events.AttemptStarted,
    "attempt_completed": events.AttemptCompleted,
    "attempt_failed": events.AttemptFailed,
    "attempt_skipped": events.AttemptSkipped,
    "retry_ready": events.RetryReady,
    "task_skipped": events.TaskSkipped,
    "task_up_to_date": events.TaskUpToDate,
    "task_upstream_failed": events.TaskUpstreamFailed,
    "nodes_queued": events.NodesQueued,
    "nodes_added": events.NodesAdded,
    "additions_refused": events.AdditionsRefused,
    "signal_sent": events.SignalSent,
    "noticed": events.Noticed,
    "stop_requested": events.StopRequested,
    "tasks_reset": events.TasksReset,
    "run_finished": events.RunFinished,
}

_NAMES: Mapping[type[Any], str] = {cls: name for name, cls in _EVENTS.items()}


def _keys(cls: Any) -> tuple[str, ...]:
    """Return how each field without a default begins in a line, in order."""
    return tuple(f',"{name}":' for name in cls._fields if name not in cls._field_defaults)


_STARTED_TASK, _STARTED_ATTEMPT, _STARTED_COMMAND = _keys(events.AttemptStarted)
_STARTED_DEFAULTS = tuple(events.AttemptStarted._field_defaults.values())
_ENDED_TASK, _ENDED_ATTEMPT, _ENDED_DURATION = _keys(events.AttemptCompleted)
_ENDED_DEFAULTS = tuple(events.AttemptCompleted._field_defaults.values())
"""A fourth field without a default has no place here, which nobody can overlook; one with a default needs none."""

_WRITERS: Mapping[type[Any], Mapping[str, Callable[[Any], Any]]] = {
    events.RunStarted: {"plan": plan_to_json},
    events.RunResumed: {"plan": plan_to_json},
    events.AttemptSkipped: {"because": fields_to_json},
    events.TaskSkipped: {"because": fields_to_json},
    events.TaskUpstreamFailed: {"because": fields_to_json},
    events.NodesQueued: {"tasks": _tasks_to_json},
    events.NodesAdded: {"tasks": _tasks_to_json},
}

_READERS: Mapping[type[Any], Mapping[str, Reader]] = {
    events.RunStarted: {"plan": plan_from_json},
    events.RunResumed: {"plan": plan_from_json},
    events.AttemptStarted: {"command": tuple},
    events.AttemptFailed: {"reason": Reason, "details": tuple},
    events.AttemptSkipped: {"because": _because_from_json},
    events.TaskSkipped: {"because": _because_from_json},
    events.TaskUpstreamFailed: {"because": _because_from_json},
    events.NodesQueued: {"tasks": _tasks_from_json, "known": tuple},
    events.NodesAdded: {"tasks": _tasks_from_json},
    events.AdditionsRefused: {"problems": tuple},
    events.StopRequested: {"cause": StopCause},
    events.TasksReset: {"tasks": tuple, "removed": tuple},
    events.RunFinished: {"state": JobState, "counts": _counts_from_json},
}
