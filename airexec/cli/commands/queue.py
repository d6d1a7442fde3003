"""`airexec queue`: tasks from a script inside a task. Unaware of graphs: the scheduler checks and splices."""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from shlex import join
from string import ascii_letters
from typing import Any, BinaryIO, NamedTuple

from airexec.cli.side_channel import append_values, json_argument, parse_assignments
from airexec.errors import UsageError

_PROGRAM_STARTS = frozenset(ascii_letters + "./_~")


class QueueRequest(NamedTuple):
    values: tuple[str, ...] = ()
    """JSON texts; with `id` and without `template` the argv of a command."""
    id: str | None = None
    template: str | None = None
    with_: tuple[str, ...] = ()
    each: str | None = None
    """The template argument that takes a line of stdin; one task per line."""


def queue_tasks(request: QueueRequest) -> int:
    """Append the asked tasks to the queue file of the running attempt."""
    append_values("AIREXEC_QUEUE", lambda: queued_values(request, sys.stdin.buffer), os.environ)
    return 0


def add_tasks(request: QueueRequest, job: str, state_dir: Path | None) -> int:
    """Drop the asked tasks into the folder of a job that other programs write. Raises UsageError."""
    from airexec.orders.order import is_ordered
    from airexec.orders.texts import Entry, read_task
    from airexec.reading.finding import find_job
    from airexec.workflow.model import Workflow

    _refuse(request.template is not None, "a job that other programs write has no templates", "give a command")
    folder = find_job("", job, state_dir)
    _refuse(
        not is_ordered(folder), f"job {job} is that of a workflow file", "its own tasks may queue: `airexec help lines`"
    )
    entries = [item for value in _commands(request) for item in (value if isinstance(value, list) else [value])]
    for entry in entries:
        try:
            read_task(Entry(entry, 0, 1, 1), Workflow(folder.name, folder.tasks_file, {}))
        except ValueError as error:
            raise UsageError(str(error), "see `airexec schema order`") from None
    from airexec.client import drop

    drop(folder.incoming, entries)
    return 0


def queued_values(request: QueueRequest, lines: BinaryIO) -> list[Any]:
    """Return what is queued, one JSON value per line of the queue file. Raises UsageError."""
    if request.template is None:
        _refuse(request.each is not None, "--each needs --template", "for example: --template process --each path")
        _refuse(bool(request.with_), "--with needs --template", "for example: --template process --with path=a.csv")
        return _commands(request)
    _refuse(
        bool(request.values),
        f"both --template and '{request.values[0] if request.values else ''}' say what to run",
        "arguments of a template are given as --with KEY=VALUE",
    )
    return list(_instances(request, request.template, lines))


def _refuse(condition: bool, headline: str, hint: str) -> None:
    if condition:
        raise UsageError(headline, hint)


def _commands(request: QueueRequest) -> list[Any]:
    _refuse(
        not request.values,
        "nothing to queue",
        "give --template NAME, --id ID -- COMMAND..., or a task as JSON; see `airexec queue --help`",
    )
    if request.id is not None:
        return [{"id": request.id, "command": list(request.values)}]
    _refuse(
        _looks_like_a_command(request.values[0]),
        f"'{request.values[0]}' is no task as JSON, and a command needs an id",
        f"for example: airexec queue --id NAME -- {join(request.values)}",
    )
    values = [json_argument(text) for text in request.values]
    for text, value in zip(request.values, values, strict=True):
        _refuse(
            not isinstance(value, dict | list),
            f"a task is a JSON object, and this is none: {text}",
            'for example: {"id": "check", "command": ["python", "check.py"]}',
        )
    return values


def _looks_like_a_command(text: str) -> bool:
    return text[:1] in _PROGRAM_STARTS and text not in ("true", "false", "null", "NaN", "Infinity")


def _instances(request: QueueRequest, template: str, lines: BinaryIO) -> Iterator[dict[str, Any]]:
    arguments = parse_assignments(request.with_)
    named = {} if request.id is None else {"id": request.id}
    if request.each is None:
        yield {**named, "template": template, "with": arguments}
        return
    _refuse(bool(named), "--each makes many tasks and --id names one", "leave --id out: values name the tasks")
    for line in _text_lines(lines):
        yield {"template": template, "with": {**arguments, request.each: line}}


def _text_lines(lines: Iterable[bytes]) -> Iterator[str]:
    """Yield the lines that are not empty, without their ends. Raises UsageError for one that is not UTF-8."""
    for number, line in enumerate(lines, start=1):
        try:
            text = line.decode().rstrip("\r\n")
        except UnicodeDecodeError:
            raise UsageError(f"line {number} of stdin is not UTF-8", "JSON cannot carry it") from None
        if text:
            yield text
