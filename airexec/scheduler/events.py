"""Everything that can happen to a run, as a closed union of values. The journal is a list of these.

An event is what was decided or observed. It is applied to the run, and written to the journal before anything acts on
it. Some readers `match` all classes and end in `assert_never`; the rest are listed in `tests/test_event_readers.py`,
each with the events that it has no use for. So a new event is a question to every reader.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from airexec.scheduler.statuses import JobState, Reason, Status, StopCause
from airexec.workflow.model import Plan, Task


class Because(NamedTuple):
    """Why a task was not run: the trigger rule with the upstream that decided, the condition that was false, or the
    exit code by which it said so itself."""

    rule: str
    """A trigger rule, `when` or `skip_on_exit_code`."""
    detail: str
    """The expression or command of `when`, the exit code; else the statuses counted, e.g. `1 of 3 upstream failed`."""
    upstream: tuple[str, ...] = ()
    """Up to five deciding upstream task ids, in order of the file."""


class RunStarted(NamedTuple):
    run_id: str
    plan: Plan
    inside: str = ""
    """`<job>/<run id>` of the run of the same state folder whose task started this one."""
    order: str = ""
    """The id of the order that this run carries out, as its writer gave it; empty: it has a workflow file."""
    cause: str = ""
    """What a job manager started it for, such as `schedule: 2026-11-28T06:00:00+01:00`; empty: somebody called it."""


class RunResumed(NamedTuple):
    """A later scheduler took the run up again: what had not ended well is pending, what was running is lost.

    `plan` is None when the run goes on with the plan it has, else the accepted changes.
    """

    plan: Plan | None = None
    continued: bool = False
    """For what was added from outside: what has failed, or waited for that, stays as it is."""


class AttemptStarted(NamedTuple):
    """Journaled before the process exists: an attempt without an end in the journal may have run."""

    task: str
    attempt: int
    command: tuple[str, ...]
    """The argv as executed, secrets masked; empty when it could not be rendered."""
    why: str = ""
    """Why it was not up to date; empty: it is of a kind that always runs."""


class AttemptCompleted(NamedTuple):
    task: str
    attempt: int
    duration: float
    """Seconds on the monotonic clock."""
    outputs: Mapping[str, Any] = {}
    note: str = ""
    """What the user should know though all is well, e.g. `2 processes left behind were ended`."""


class AttemptFailed(NamedTuple):
    task: str
    attempt: int
    duration: float
    reason: Reason
    error: str
    """One line for people, e.g. `exit code 2`."""
    exit_code: int | None = None
    """As a shell would report it: 128 + n for signal n; None when there was no process."""
    retry_delay: float | None = None
    """Seconds until the task is ready again; None when this was the last attempt."""
    outputs: Mapping[str, Any] = {}
    details: tuple[str, ...] = ()
    """Further lines, one per bad `::queue` line."""
    note: str = ""


class AttemptSkipped(NamedTuple):
    """An attempt found that its task is not to be done: nothing is wrong, and nothing was done."""

    task: str
    attempt: int
    duration: float
    because: Because
    exit_code: int | None = None
    """Of the command, if that was started."""
    note: str = ""


class RetryReady(NamedTuple):
    """The retry delay of a task is over."""

    task: str


class TaskSkipped(NamedTuple):
    task: str
    because: Because


class TaskUpToDate(NamedTuple):
    """Nothing has changed since the task last succeeded, so it counts as a success without an attempt."""

    task: str
    outputs: Mapping[str, Any] = {}
    """Of that success, secrets masked."""
    run_id: str = ""
    """The run that it was in."""
    attempt: int = 0


class TaskUpstreamFailed(NamedTuple):
    task: str
    because: Because


class NodesQueued(NamedTuple):
    """A splice: one batch, accepted as a whole. `tasks` are complete definitions in the order of their lines.

    `known` are ids that the batch named again with the same definition: nothing is added, but what is downstream of
    this emitter waits for them too.
    """

    emitter: str
    attempt: int
    tasks: tuple[Task, ...]
    known: tuple[str, ...] = ()


class NodesAdded(NamedTuple):
    """A splice of what somebody else wants done in this job, in the order in which it was found."""

    emitter: str
    """Its kind: `outside` for other programs, which write into the folder of the job."""
    tasks: tuple[Task, ...]


class AdditionsRefused(NamedTuple):
    """What of that cannot be taken, as it stands now: one sentence each, with its place. None any more when empty."""

    problems: tuple[str, ...]


class SignalSent(NamedTuple):
    task: str
    attempt: int
    signal: str
    """`SIGTERM`, …"""
    cause: str
    """Why, in the words of Reason or StopCause, or `leftover` for processes that outlived their leader."""


class Noticed(NamedTuple):
    """Something to tell the user about a task: `::notice`, `::warning`, `::error`, or a warning of our own."""

    task: str
    attempt: int
    level: str
    """`notice`, `warning` or `error`."""
    message: str


class StopRequested(NamedTuple):
    """From here on nothing starts; what runs is being ended."""

    cause: StopCause


class TasksReset(NamedTuple):
    """`airexec reset`: `tasks` are pending again, `removed` (queued by them) are gone."""

    tasks: tuple[str, ...]
    removed: tuple[str, ...] = ()


class RunFinished(NamedTuple):
    state: JobState
    counts: Mapping[Status, int]


Event = (
    RunStarted
    | RunResumed
    | AttemptStarted
    | AttemptCompleted
    | AttemptFailed
    | AttemptSkipped
    | RetryReady
    | TaskSkipped
    | TaskUpToDate
    | TaskUpstreamFailed
    | NodesQueued
    | NodesAdded
    | AdditionsRefused
    | SignalSent
    | Noticed
    | StopRequested
    | TasksReset
    | RunFinished
)


class Record(NamedTuple):
    """An event with its place in the journal. Order is `seq`; `time` (Unix seconds, wall clock) is for people."""

    seq: int
    time: float
    event: Event
