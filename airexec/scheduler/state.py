"""What is going on: one `Run` with a `TaskState` per task. Only `airexec.scheduler.apply` changes these.

The fields in the first part of each class are the truth, a fold over the events. Those marked as caches can be
computed from them again; they are here so that one event costs the same at 10 tasks and at 100 000.
"""

from enum import StrEnum
from typing import Any

from airexec.scheduler.events import Because, TaskSkipped, TaskUpstreamFailed
from airexec.scheduler.statuses import TERMINAL, JobState, Reason, Status, StopCause
from airexec.scheduler.trigger_rules import Tally
from airexec.workflow.model import Plan, Task


class Edge(StrEnum):
    """Why a task waits for an upstream task. `airexec.scheduler.splice` tells how each kind comes about.

    How the end of an upstream counts on each is told by `readiness.outcome`.
    """

    DEPENDENCY = "dependency"
    """Written in `dependencies`."""
    TOLERANT = "tolerant"
    """Written with `allow_failure: true`, or inherited from such an edge: a failure counts as success."""
    QUEUED = "queued"
    """The upstream was queued by a task that this one depends on (DESIGN: who waits)."""
    EMITTER = "emitter"
    """The upstream queued this task."""
    EMITTED = "emitted"
    """As EMITTER, but spliced at the line: the emitter's line is enough, nobody waits for its end."""
    AFTER = "after"
    """Written in `after`, or inherited from such an edge: order alone. It counts for no rule, see `readiness`."""


class TaskState:
    """One task of a run."""

    __slots__ = (
        "attempt", "attempts_forgiven", "because", "built", "command", "completed_at", "created_at", "depth", "details",
        "duration", "error", "exit_code", "gates", "note", "order", "outputs", "queued_by", "queued_count", "ready",
        "reason", "retry_delay", "started_at", "status", "tally", "task", "upstream", "was_added", "why",
    )  # fmt: skip

    def __init__(self, task: Task, order: int, created_at: float, queued_by: str | None, depth: int) -> None:
        self.task = task
        self.order = order
        """Place in file order; queued tasks come after all others."""
        self.created_at = created_at
        """Unix seconds, as all `_at`."""
        self.queued_by = queued_by
        self.depth = depth
        """Length of the chain of emitters above this task; 0 for tasks of the file."""
        self.was_added = False
        """By another program, which nobody can ask for it again."""
        self.status = Status.PENDING
        self.upstream: dict[str, Edge] = {}
        """Direct upstream ids, in the order written, then in the order spliced."""
        self.attempt = 0
        """Number of the latest attempt, 1-based; 0: none yet."""
        self.attempts_forgiven = 0
        """Attempts that do not count against `retries`: lost, or made before a resume."""
        self.command: tuple[str, ...] = ()
        """The argv of the latest attempt, secrets masked."""
        self.started_at: float | None = None
        """Start of the latest attempt."""
        self.completed_at: float | None = None
        self.duration: float | None = None
        self.exit_code: int | None = None
        self.reason: Reason | None = None
        self.error: str | None = None
        self.details: tuple[str, ...] = ()
        self.note = ""
        self.outputs: dict[str, Any] = {}
        self.because: Because | None = None
        self.built: tuple[str, int] | None = None
        """The run id and the attempt of the success since which nothing has changed; None: it is not up to date."""
        self.why = ""
        """Why the latest attempt was needed; empty: the task is of a kind that always runs."""
        self.retry_delay: float | None = None
        self.queued_count = 0
        """How many tasks this one has queued."""
        # caches
        self.gates = 0
        """How many of those that it only comes after have not ended yet."""
        self.tally = Tally()
        self.ready = False
        """Pending, the trigger rule is satisfied, waiting for a slot."""

    def forget(self) -> None:
        """Become pending again as if never run; only the number of attempts goes on, since their logs are there."""
        self.status = Status.PENDING
        self.attempts_forgiven = self.attempt
        self.started_at = self.completed_at = self.duration = self.exit_code = None
        self.reason = self.error = self.because = self.retry_delay = None
        self.details, self.note, self.outputs, self.built, self.why = (), "", {}, None, ""
        self.queued_count = 0

    @property
    def came_later(self) -> bool:
        """Whether it came into the run while that was under way, so that no file has it."""
        return self.was_added or self.queued_by is not None

    @property
    def may_fail(self) -> bool:
        """Whether `allow_failure` of the task tolerates the failure of its latest attempt."""
        allowed = self.task.allow_failure
        if isinstance(allowed, bool):
            return allowed
        return self.reason is Reason.EXIT and self.exit_code in allowed

    @property
    def is_terminal(self) -> bool:
        return self.status in TERMINAL


class Run:
    """One execution of a plan, from its first event on."""

    def __init__(self) -> None:
        self.run_id = ""
        self.plan: Plan | None = None
        self.inside = ""
        """`<job>/<run id>` of the run whose task started this one."""
        self.order = ""
        """The id of the order that the run carries out; empty: it has a workflow file."""
        self.cause = ""
        """What a job manager started it for; empty: somebody called it."""
        self.state = JobState.WAITING
        self.created_at = 0.0
        self.updated_at = 0.0
        self.seq = -1
        """`seq` of the last applied record; -1 before the first."""
        self.tasks: dict[str, TaskState] = {}
        """By id, in order of the file, then of the splices."""
        self.stopping: StopCause | None = None
        self.refused_additions: tuple[str, ...] = ()
        """What other programs want added and is no task that could be, a sentence each."""
        # caches
        self.downstream: dict[str, list[str]] = {}
        self.counts: dict[Status, int] = dict.fromkeys(Status, 0)
        self.pool_used: dict[str, int] = {}
        self.ready: dict[str | None, list[tuple[Any, ...]]] = {}
        """Per pool a heap of (key, id); the smallest key starts first. Entries of tasks no longer ready are stale."""
        self.held: set[str] = set()
        """Tasks that are ready, and are not to be started while somebody looks at their files."""
        self.unasked: dict[str, None] = {}
        """Tasks that became ready and say what they read and make, in that order, until asked what they have to do."""
        self.refused: dict[str, TaskSkipped | TaskUpstreamFailed] = {}
        """Tasks whose trigger rule has spoken against them, with the event that will say so."""
        self.queued_total = 0
        self.up_to_date = 0
        """How many tasks needed no attempt, since nothing had changed."""
        self.failed: dict[str, None] = {}
        """Failed tasks, in order of failure."""
        self.untolerated = 0
        """How many of them neither `allow_failure` nor their downstream tolerates."""
        self.remaining: dict[str, float] = {}
        """Seconds on the longest path from a task to the end, itself included: longer paths start first."""

    def tolerates(self, task_id: str) -> bool:
        """Return whether a failure of this task leaves the run good: itself or everything downstream allows it.

        Who only comes after it has no say in that.
        """
        if self.tasks[task_id].may_fail:
            return True
        edges = {self.tasks[below].upstream[task_id] for below in self.downstream.get(task_id, ())} - {Edge.AFTER}
        return edges == {Edge.TOLERANT}

    @property
    def is_over(self) -> bool:
        return self.state in (JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED)
