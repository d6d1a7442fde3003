"""Fakes for the seams of a run, and short ways to write plans: for our own tests and for whoever embeds airexec.

Time passes only when a test says so, children end when a test says so, and nothing touches a disk.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from signal import Signals
from typing import Any

from airexec.attempt.facts import Exited, Fact, SpawnError
from airexec.attempt.spec import AttemptSpec
from airexec.attempt.timers import Timers
from airexec.attempt.verdict import Verdict
from airexec.scheduler.admit import admit
from airexec.scheduler.apply import apply
from airexec.scheduler.decide import Start, decide
from airexec.scheduler.events import (
    AttemptCompleted,
    AttemptFailed,
    AttemptStarted,
    Event,
    NodesAdded,
    NodesQueued,
    Record,
    RunStarted,
)
from airexec.scheduler.splice import SpliceRejectedError, splice
from airexec.scheduler.state import Run, TaskState
from airexec.scheduler.statuses import Reason, Status
from airexec.workflow.actions.command import Command
from airexec.workflow.model import Dependency, EnvFile, Location, Plan, Secret, Task, TriggerRule, Workflow


def make_task(
    id_: str, dependencies: Iterable[str | Dependency] = (), /, rule: str = "all_success", **fields: Any
) -> Task:
    """Return a task that does nothing; `dependencies` may be plain ids, `fields` of Task or Command, or `line`.

    Secrets and env files may be plain texts.
    """
    edges = tuple(item if isinstance(item, Dependency) else Dependency(item) for item in dependencies)
    command = {name: fields.pop(name) for name in Command._fields if name in fields}
    action = Command(**{"command": "true", **command})
    if "line" in fields:
        fields["location"] = Location("", fields.pop("line"))
    return Task(
        **{"id": id_, "action": action, "dependencies": edges, "trigger_rule": TriggerRule(rule), **_named(fields)}
    )


def make_plan(*tasks: Task, **settings: Any) -> Plan:
    """Return a plan of these tasks; `settings` are fields of Plan, or else of Workflow, as for `make_task`."""
    by_id = {task.id: task for task in tasks}
    plan_fields = {name: settings.pop(name) for name in Plan._fields if name in settings}
    workflow = Workflow(**{"name": "job", "path": "/w/job.yml", "tasks": by_id, **_named(settings)})
    return Plan(**{"workflow": workflow, "tasks": by_id, "params": {}, "max_active_tasks": 2, **plan_fields})


def _named(fields: dict[str, Any]) -> dict[str, Any]:
    kinds: dict[str, Callable[[Any], Any]] = {"secrets": Secret, "env_file": EnvFile}
    texts = {name: fields[name] for name in kinds if name in fields}
    return fields | {
        name: tuple(kinds[name](it) if isinstance(it, str) else it for it in texts[name]) for name in texts
    }


class Script:
    """A run that a test drives by hand: events in, statuses out, with every record kept."""

    def __init__(self, plan: Plan) -> None:
        self.run = Run()
        self.records: list[Record] = []
        self.happen(RunStarted("20260102-030405-0000", plan))

    def happen(self, event: Event) -> None:
        record = Record(len(self.records), 1_000.0 + len(self.records), event)
        apply(self.run, record)
        self.records.append(record)

    def settle(self) -> list[str]:
        """Obey decisions until there are none; return the ids that were started, in order."""
        started = []
        while (decision := decide(self.run)) is not None:
            if isinstance(decision, Start):
                started.append(decision.task)
                attempt = self.run.tasks[decision.task].attempt + 1
                self.happen(AttemptStarted(decision.task, attempt, ("true",)))
            else:
                self.happen(decision)
        return started

    def complete(self, task_id: str, *queued: Task) -> list[str]:
        """End the running attempt well, with what it queued spliced first; return what started after."""
        if queued:
            self.queue(task_id, *queued)
        self.happen(AttemptCompleted(task_id, self.run.tasks[task_id].attempt, 1.0))
        return self.settle()

    def fail(self, task_id: str, retry_delay: float | None = None, reason: Reason = Reason.EXIT) -> list[str]:
        """End the running attempt badly; return what started after."""
        attempt = self.run.tasks[task_id].attempt
        self.happen(AttemptFailed(task_id, attempt, 1.0, reason, "exit code 1", 1, retry_delay))
        return self.settle()

    def queue(self, emitter: str, *batch: Task, attempt: int | None = None) -> NodesQueued | None:
        """Splice a batch below a running task, or by attempt 0 below one that is kept. Raises SpliceRejectedError."""
        attempt = self.run.tasks[emitter].attempt if attempt is None else attempt
        event = splice(self.run, emitter, attempt, batch)
        if event is not None:
            self.happen(event)
        return event

    def add(self, *added: Task) -> Mapping[str, str]:
        """Take in what somebody else has added, as far as it can be; return the problems of the rest, by id."""
        admission = admit(self.run, added)
        if admission.tasks:
            self.happen(NodesAdded("outside", admission.tasks))
        return admission.problems

    def statuses(self) -> dict[str, str]:
        return {id_: str(state.status) for id_, state in self.run.tasks.items()}

    def with_status(self, status: Status) -> list[str]:
        return [id_ for id_, state in self.run.tasks.items() if state.status is status]


class FakeClock:
    """A clock that a test moves. Wall and monotonic time are apart, as they are in life."""

    def __init__(self, monotonic: float = 0.0, wall: float = 1_790_000_000.0) -> None:
        self._monotonic = monotonic
        self._wall = wall

    def monotonic(self) -> float:
        return self._monotonic

    def wall(self) -> float:
        return self._wall

    def advance(self, seconds: float) -> None:
        assert seconds >= 0.0, "monotonic time never goes back"
        self._monotonic += seconds
        self._wall += seconds

    def jump(self, seconds: float) -> None:
        """Let the wall clock be set; durations must not notice."""
        self._wall += seconds


class FakeExecutor:
    """Children that end when `finish` says so. `log` has every call, in order, as tuples.

    `wait` hands out the facts that were put in; when there are none, it advances the clock by the timeout, as a
    sleeping scheduler would.
    """

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.log: list[tuple[Any, ...]] = []
        self.specs: list[AttemptSpec] = []
        """Of every start, in order."""
        self.running: dict[str, AttemptSpec] = {}
        self.facts: list[Fact] = []
        self.refuse: dict[str, SpawnError] = {}
        """Task id to the error that its next start raises."""
        self.leftovers: list[Fact] = []
        """What `end_leftovers` answers, once."""
        self.mask_problem: str | None = None
        """What `mask` answers."""

    def start(self, spec: AttemptSpec) -> None:
        if (error := self.refuse.pop(spec.task, None)) is not None:
            raise error
        assert spec.task not in self.running, f"a second live attempt of '{spec.task}'"
        self.log.append(("start", spec.task, spec.attempt))
        self.specs.append(spec)
        self.running[spec.task] = spec

    def signal(self, task: str, signum: int) -> None:
        if task in self.running:
            self.log.append(("signal", task, signum))

    def has_exited(self, task: str) -> bool:
        return task not in self.running

    def mask(self, secret: str) -> str | None:
        self.log.append(("mask", secret))
        return self.mask_problem

    def mask_text(self, text: str) -> str:
        return text

    def post(self, fact: Fact) -> None:
        self.facts.append(fact)

    def finish(self, task: str, returncode: int = 0) -> None:
        spec = self.running.pop(task)
        self.facts.append(Exited(task, spec.attempt, returncode))

    def wait(self, timeout: float | None) -> Sequence[Fact]:
        if not self.facts:
            assert timeout is not None, "waits for ever: nothing runs and no timer is set"
            self.clock.advance(timeout)
        facts, self.facts = self.facts, []
        return facts

    def end_leftovers(self) -> Sequence[Fact]:
        facts, self.leftovers = self.leftovers, []
        return facts


class FakeHost:
    """The host of one attempt, in the place of a loop. `log` has every call, in order, as tuples."""

    def __init__(self, executor: FakeExecutor, grace: float = 10.0) -> None:
        self.executor = executor
        self.clock = executor.clock
        self.grace = grace
        self.log: list[tuple[Any, ...]] = []
        self.timers = Timers()
        self.verdict: Verdict | None = None
        self.rejects: Sequence[str] = ()
        """What is wrong with all that is to be spliced."""
        self.has_others = False
        """What `others_run` answers."""

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        self.timers.set(self.clock.monotonic() + seconds, action)

    def pass_time(self, seconds: float) -> None:
        """Let time pass, and do what is due by then."""
        self.clock.advance(seconds)
        self.timers.fire(self.clock.monotonic())

    def others_run(self) -> bool:
        return self.has_others

    def send(self, spec: AttemptSpec, number: Signals, cause: str) -> None:
        self.log.append(("send", number.name, cause))

    def splice(self, spec: AttemptSpec, batch: Sequence[Task]) -> None:
        if self.rejects:
            raise SpliceRejectedError(self.rejects)
        self.log.append(("splice", *(task.id for task in batch)))

    def mask(self, secret: str) -> str | None:
        return self.executor.mask(secret)

    def progress(self, spec: AttemptSpec, done: float, total: float) -> None:
        self.log.append(("progress", done, total))

    def notice(self, spec: AttemptSpec, level: str, message: str) -> None:
        self.log.append(("notice", level, message))

    def end(self, spec: AttemptSpec, verdict: Verdict) -> None:
        assert self.verdict is None, "an attempt ends once"
        self.verdict = verdict


class FakeTokens:
    """So many tokens beside our own slot; `spare` is what others have left of them, for a test to change."""

    def __init__(self, spare: int) -> None:
        self.spare = spare
        self.held = 0
        """By attempts, the one with our own slot among them."""
        self._own_is_free = True

    def acquire(self) -> bool:
        if self._own_is_free:
            self._own_is_free = False
        elif self.spare:
            self.spare -= 1
        else:
            return False
        self.held += 1
        return True

    def release(self) -> None:
        assert self.held, "given back what nobody has taken"
        self.held -= 1
        if self.held:
            self.spare += 1
        else:
            self._own_is_free = True


class MemoryJournal:
    """Keeps the records; `fail` makes the next append raise it."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self.records = list(records)
        self.batches: list[list[Event]] = []
        """The events of each append."""
        self.fail: Exception | None = None

    def append(self, records: Sequence[Record]) -> None:
        if self.fail is not None:
            raise self.fail
        self.records.extend(records)
        self.batches.append([record.event for record in records])

    def events(self) -> list[Event]:
        return [record.event for record in self.records]


def summary(run: Run) -> Mapping[str, Any]:
    """Return a copy of everything about a run that must be equal after replay."""
    return {
        "run": (run.run_id, run.state, run.seq, run.stopping, run.created_at, run.updated_at, run.queued_total),
        "counts": dict(run.counts),
        "failed": list(run.failed),
        "tasks": {id_: _task_summary(state) for id_, state in run.tasks.items()},
        "refused": dict(run.refused),
        "ready": [id_ for id_, state in run.tasks.items() if state.ready],
    }


def _task_summary(state: TaskState) -> dict[str, Any]:
    fields = {name: getattr(state, name) for name in state.__slots__}
    return {**fields, "upstream": dict(state.upstream), "outputs": dict(state.outputs), "tally": repr(state.tally)}
