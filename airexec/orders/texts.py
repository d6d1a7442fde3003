"""What other programs write into the folder of a job, as values. Pure: texts in, tasks or sentences out.

An order is two files, `state.json` and `tasks.json`, by the schema `order`. A program may take its time to write them,
so a text that is no JSON may be half of one, and only who looks again can tell.
"""

import re
from collections.abc import Iterator, Sequence, Set
from json import JSONDecodeError, JSONDecoder
from typing import Any, NamedTuple

from airexec.scheduler.statuses import JobState, Status
from airexec.workflow.build import build_task
from airexec.workflow.model import Location, Task, Workflow
from airexec.workflow.numbers import refused
from airexec.workflow.schema.published import failures

TASK_KEYS = (
    "command", "args", "dependencies", "env", "cwd", "trigger_rule", "retries", "retry_delay",
    "retry_exponential_backoff", "max_retry_delay", "retry_on", "execution_timeout", "priority_weight",
    "allow_failure", "queue", "background", "description", "tags",
)  # fmt: skip
"""What of an entry says what is to be done; `id` is its name, all else is for people or ours."""

_PENDING = frozenset({Status.PENDING, Status.RUNNING, Status.UP_FOR_RETRY, None})
_BLANKS = re.compile(r"[ \t\n\r]*")


class UnreadableTextError(ValueError):
    """A text that is no JSON, or not of the right shape; the text is one sentence with line and column."""

    def __init__(self, message: str, text: str, offset: int, *, may_be_cut: bool = True) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.line, self.column = line_column(text, offset)
        self.may_be_cut = may_be_cut
        """Whether it may be half of a text that somebody is about to write."""


class OrderState(NamedTuple):
    """What `state.json` says."""

    id: str
    state: JobState
    run_id: str | None
    """Of the run that wrote it."""
    file: str | None = None
    """The workflow file of that run, relative to the folder that holds the state."""
    created_at: str | None = None
    updated_at: str | None = None
    cause: str | None = None
    """What a job manager started that run for."""

    @property
    def is_ours(self) -> bool:
        """Whether airexec wrote it: it names a run."""
        return self.run_id is not None

    def is_of_order(self, name: str) -> bool:
        """Whether the job of this name is one that other programs write, and no run of a workflow file."""
        return not self.is_ours or (self.file or "").endswith(f"jobs/{name}/tasks.json")


class Entry(NamedTuple):
    """One entry of `tasks.json`."""

    raw: Any
    """As it stands there."""
    offset: int
    """Of its first character."""
    line: int
    """1-based, as `column`."""
    column: int

    @property
    def id(self) -> str:
        """The id, empty where there is none."""
        return _field(self.raw, "id") or ""

    @property
    def status(self) -> str:
        """What it says of its status; who says nothing wants it done."""
        return _field(self.raw, "status") or "pending"

    @property
    def is_pending(self) -> bool:
        """Whether somebody wants it done: what has ended is history, also that of others."""
        return not isinstance(self.raw, dict) or self.raw.get("status") in _PENDING

    @property
    def has_ended_well(self) -> bool:
        return _field(self.raw, "status") in (Status.COMPLETED, Status.SKIPPED)


def read_state(text: str) -> OrderState:
    """Return what a `state.json` says. Raises UnreadableTextError."""
    value = _whole_value(text)
    broken = failures("order", value, "state")
    if broken:
        raise UnreadableTextError(_sentences(broken), text, 0, may_be_cut=False)
    more = (_field(value, key) for key in ("run_id", "workflow", "created_at", "updated_at", "cause"))
    return OrderState(value["id"], JobState(value["state"]), *more)


def read_entries(text: str) -> list[Entry]:
    """Return the entries of a `tasks.json`, or of a file in `incoming/`: a list of tasks, or one. Raises
    UnreadableTextError."""
    start = _skip(text, 0)
    if text.startswith("{", start):
        value = _whole_value(text)
        return [Entry(value, start, *line_column(text, start))]
    if not text.startswith("[", start):
        value = _whole_value(text)
        raise UnreadableTextError("a list of tasks is expected here", text, start, may_be_cut=False)
    places = Places(text)
    return [Entry(value, offset, *places.of(offset)) for offset, value in _items(text, start)]


def read_task(entry: Entry, workflow: Workflow, done: Set[str] = frozenset()) -> Task:
    """Return the task that an entry stands for in the workflow of its job, without its dependencies on what is `done`.

    Raises ValueError with a sentence for what is no task.
    """
    raw = entry.raw
    if isinstance(raw, dict):
        raw = {key: value for key, value in raw.items() if value is not None}
    if broken := failures("order", raw, "task"):
        raise ValueError(_sentences(broken) + _misspelt(raw))
    if problem := refused(raw):
        raise ValueError(problem)
    fields = {key: raw[key] for key in TASK_KEYS if key in raw}
    if isinstance(fields["command"], str):
        fields["args"] = fields.get("args", [])  # with them it is a program, without a shell
    task = build_task(raw["id"], fields, workflow.default_args, Location("", entry.line, entry.column))
    wanted = tuple(dependency for dependency in task.dependencies if dependency.task not in done)
    return task._replace(literal=True, dependencies=wanted)


def decoded(content: bytes) -> str:
    """Return the text of a file. Raises UnreadableTextError when it is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig", "replace")
        raise UnreadableTextError("this is not UTF-8", before, len(before)) from None


def line_column(text: str, offset: int) -> tuple[int, int]:
    """Return the 1-based line and column of an offset."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


class Places:
    """Lines and columns of offsets that are asked for in rising order, each part of the text being read once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at, self._line = 0, 1

    def of(self, offset: int) -> tuple[int, int]:
        self._line += self._text.count("\n", self._at, offset)
        self._at = offset
        return self._line, offset - self._text.rfind("\n", 0, offset)


def _field(raw: Any, key: str) -> str | None:
    value = raw.get(key) if isinstance(raw, dict) else None
    return value if isinstance(value, str) else None


def _sentences(broken: Sequence[Any]) -> str:
    from airexec.workflow.schema.words import explain

    return "; ".join(f"{it.message}{f' ({it.hint})' if it.hint else ''}" for it in explain(list(broken)))


def _misspelt(raw: Any) -> str:
    """Return which key of an entry was probably meant to be one that it must have. Other keys are the writer's own."""
    from airexec.workflow.wording import nearest, quoted

    if not isinstance(raw, dict):
        return ""
    missing = [key for key in ("id", "command") if key not in raw]
    meant = {key: nearest(key, missing) for key in raw if key not in TASK_KEYS}
    return "".join(f"; did you mean '{near}' by {quoted(key)}?" for key, near in meant.items() if near)


def _whole_value(text: str) -> Any:
    start = _skip(text, 0)
    value, end = _value(text, start)
    if (rest := _skip(text, end)) != len(text):
        raise UnreadableTextError("this is no JSON: more follows after its end", text, rest)
    return value


def _items(text: str, opening: int) -> Iterator[tuple[int, Any]]:
    at = _skip(text, opening + 1)
    is_first = True
    while not (text.startswith("]", at) and is_first):
        value, end = _value(text, at)
        yield at, value
        is_first = False
        at = _skip(text, end)
        if text.startswith("]", at):
            break
        if not text.startswith(",", at):
            raise UnreadableTextError("this is no JSON: ',' or ']' is expected here", text, at)
        at = _skip(text, at + 1)
    if (rest := _skip(text, at + 1)) != len(text):
        raise UnreadableTextError("this is no JSON: more follows after its end", text, rest)


def _value(text: str, at: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except JSONDecodeError as error:
        what = "the text ends here" if at >= len(text) else error.msg[:1].lower() + error.msg[1:]
        raise UnreadableTextError(f"this is no JSON: {what}", text, error.pos) from None
    except (RecursionError, ValueError) as error:
        what = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise UnreadableTextError(f"this is no JSON that is taken: {what}", text, at, may_be_cut=False) from None


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def _skip(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


_DECODER = JSONDecoder(parse_constant=_refuse)
