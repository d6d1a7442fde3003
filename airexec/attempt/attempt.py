"""A running attempt as the loop sees it: what it has printed for us so far, and whether it is being ended."""

from typing import TYPE_CHECKING, Any, NamedTuple

from airexec.attempt.facts import CommandLine, Exited
from airexec.attempt.spec import AttemptSpec
from airexec.scheduler.statuses import Reason, StopCause
from airexec.workflow.json_value import JsonError, parse_json
from airexec.workflow.model import QueuePermission, SpliceMoment, Workflow

if TYPE_CHECKING:
    from airexec.workflow.queue_line import QueueBatch

OUTPUT_BYTES_MAX = 1024 * 1024
"""All `::output` values of one task, as printed."""

_PROBLEMS_MAX = 100


class Taken(NamedTuple):
    """What the loop has to do about one `::` line; everything else was noted in the Live."""

    queued: bool = False
    progress: tuple[float, float] | None = None
    """(done, total), both at least 0."""
    mask: str | None = None
    notice: tuple[str, str] | None = None
    """(level, message)."""


NOTHING = Taken()


class Live:
    """One attempt from its announcement to its end."""

    def __init__(self, spec: AttemptSpec, permission: QueuePermission | None, workflow: Workflow) -> None:
        self.spec = spec
        self.spawned = False
        self.spawn_tries = 0
        self.started = 0.0
        """Monotonic seconds."""
        self.cause: Reason | StopCause | None = None
        """Why we are ending it; None while we are not."""
        self.batch = None if permission is None else _new_batch(permission, workflow)
        self.at_line = permission is not None and permission.when is SpliceMoment.LINE
        self.outputs: dict[str, Any] = {}
        self.problems: list[str] = []
        """What is wrong with its `::output` lines, one sentence each."""
        self.leftover = 0
        self.lost_bytes = 0
        self.ignored_lines = 0
        self._output_bytes = 0
        self.told_mask = False
        """Whether the user knows that this attempt asks to mask what cannot be masked."""
        self._told_queue = False

    def exited(self, fact: Exited) -> None:
        self.leftover, self.lost_bytes, self.ignored_lines = fact.leftover, fact.lost_bytes, fact.ignored_lines

    def take(self, line: CommandLine) -> Taken:
        """Take one `::verb JSON` line. What is no JSON of the right shape is ordinary output, but for queue, output."""
        where = f"line {line.line}"
        match line.verb:
            case "queue":
                return self.queue(where, line.payload, line.overlong)
            case "output":
                self.output(where, line.payload, line.overlong)
                return NOTHING
            case "progress":
                return Taken(progress=_progress(line.payload))
            case "mask":
                value = _json_or_none(line.payload)
                return Taken(mask=value) if isinstance(value, str) else NOTHING
            case level:
                return Taken(notice=_notice(level, line.payload))

    def queue(self, where: str, payload: str, overlong: bool = False) -> Taken:
        """Read one `::queue` value; without permission it is plain text, and the user is told once how to allow it."""
        if self.batch is None:
            return self._refuse_queue()
        if overlong:
            self.batch.complain(f"{where}: longer than 64 KiB")
            return NOTHING
        self.batch.read(where, payload)
        return Taken(queued=True)

    def _refuse_queue(self) -> Taken:
        if self._told_queue:
            return NOTHING
        self._told_queue = True
        message = (
            f"task '{self.spec.task}' printed a ::queue line but may not queue tasks, so it is plain text; "
            "to allow it, add `queue: [TEMPLATE]` or `queue: true` to the task"
        )
        return Taken(notice=("warning", message))

    def output(self, where: str, payload: str, overlong: bool = False) -> None:
        """Merge one `::output` object into the outputs of the attempt."""
        self._output_bytes += len(payload.encode("utf-8", "surrogateescape"))
        if overlong or self._output_bytes > OUTPUT_BYTES_MAX:
            self._complain(f"{where}: the outputs of a task may have {OUTPUT_BYTES_MAX} bytes")
            return
        try:
            value = parse_json(payload)
        except JsonError as error:
            self._complain(f"{where}: ::output: {error}")
            return
        if isinstance(value, dict):
            self.outputs.update(value)
        else:
            self._complain(f'{where}: ::output takes a JSON object, e.g. {{"rows": 42}}')

    def _complain(self, problem: str) -> None:
        if len(self.problems) < _PROBLEMS_MAX:
            self.problems.append(problem)


def _new_batch(permission: QueuePermission, workflow: Workflow) -> "QueueBatch":
    from airexec.workflow.queue_line import QueueBatch  # hashes and schemas, for the few that queue

    return QueueBatch(permission, workflow)


def _json_or_none(payload: str) -> Any:
    try:
        return parse_json(payload)
    except JsonError:
        return None


def _progress(payload: str) -> tuple[float, float] | None:
    value = _json_or_none(payload)
    if not isinstance(value, dict):
        return None
    done, total = _amount(value.get("done")), _amount(value.get("total"))
    return None if done is None or total is None else (done, total)


def _amount(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < 1e300 else None


def _notice(level: str, payload: str) -> tuple[str, str] | None:
    value = _json_or_none(payload)
    if isinstance(value, dict):
        value = value.get("message")
    return (level, value) if isinstance(value, str) else None
