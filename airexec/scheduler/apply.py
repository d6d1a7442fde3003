"""`apply(run, record)`: the single door through which a run changes. Replay is the same code as running.

Each event has one function here. Those that end a task count it for its downstream, ask the trigger rules there, and
leave the answer in `run.ready` or `run.refused`, where `decide` finds it (`readiness` tells why that is right). So one
event costs as much as its task has neighbours, whatever the size of the graph.

What `apply` may rely on: every event was decided from the very state that it is applied to. When that is not so
(a damaged or foreign journal), it raises IllegalTransition rather than guess. It looks at nothing but the run and the
record, which has the time in it; that is why a replay, years later, gives the same run.

A run is changed in place. To return a new one for each event would be prettier, and copy the table of all tasks each
time; what counts is that nobody else changes it. What belongs to a whole run (resume, reset) is rare and rebuilds the
caches; what belongs to a task keeps them up to date.
"""

from collections.abc import Iterable, Mapping
from typing import Any, assert_never

from airexec.graph.walks import remaining_path
from airexec.scheduler import events
from airexec.scheduler.events import Because, Record
from airexec.scheduler.readiness import (
    ask_rule,
    count_upstream,
    finish,
    leave_ready,
    make_ready,
    move,
    outcome,
    rebuild_caches,
)
from airexec.scheduler.state import Edge, Run, TaskState
from airexec.scheduler.statuses import JobState, Reason, Status
from airexec.workflow.model import Plan, SpliceMoment, Task


class IllegalTransition(Exception):  # noqa: N818 - the field's word for it
    """An event that cannot follow the present state of its task or run."""

    def __init__(self, record: Record, why: str) -> None:
        super().__init__(f"event {record.seq} ({type(record.event).__name__}): {why}")
        self.record = record
        self.why = why


def replay(records: Iterable[Record]) -> Run:
    """Return the run that these records, in order, make. Raises IllegalTransition."""
    run = Run()
    for record in records:
        apply(run, record)
    return run


def apply(run: Run, record: Record) -> None:
    """Change `run` by one event. Raises IllegalTransition when it cannot follow; `run` is then of no more use."""
    if record.seq != run.seq + 1:
        raise IllegalTransition(record, f"follows event {run.seq}")
    _apply_event(run, record)
    run.seq = record.seq
    run.updated_at = record.time


def _apply_event(run: Run, record: Record) -> None:
    match record.event:
        case events.AttemptStarted() as event:
            _start(run, _expect(run, record, event.task, Status.PENDING), event, record.time)
        case events.AttemptCompleted() as event:
            _complete(run, _expect(run, record, event.task, Status.RUNNING), event, record.time)
        case events.AttemptFailed() as event:
            _fail(run, _expect(run, record, event.task, Status.RUNNING), event, record.time)
        case events.AttemptSkipped() as event:
            _skip(run, _expect(run, record, event.task, Status.RUNNING), event, record.time)
        case events.NodesQueued() as event:
            status = Status.RUNNING if event.attempt else Status.PENDING  # of one that is up to date
            _splice(run, _expect(run, record, event.emitter, status), event, record)
        case events.NodesAdded(tasks=tasks):
            _take_in(run, tasks, record)
        case events.AdditionsRefused(problems=problems):
            run.refused_additions = problems
        case events.RetryReady(task=task):
            move(run, _expect(run, record, task, Status.UP_FOR_RETRY), Status.PENDING)
            make_ready(run, run.tasks[task])
        case events.TaskUpToDate() as event:
            _keep(run, _expect(run, record, event.task, Status.PENDING), event, record.time)
        case events.TaskSkipped() as event:
            _refuse(run, _expect(run, record, event.task, Status.PENDING), event.because, Status.SKIPPED, record)
        case events.TaskUpstreamFailed() as event:
            state = _expect(run, record, event.task, Status.PENDING)
            _refuse(run, state, event.because, Status.UPSTREAM_FAILED, record)
        case events.SignalSent() | events.Noticed():
            pass  # for people: they are read from the journal, nothing depends on them
        case events.StopRequested(cause=cause):
            run.stopping = cause
        case events.RunStarted() as event:
            _begin(run, record, event)
        case events.RunResumed() as event:
            _resume(run, event, record.time)
        case events.TasksReset() as event:
            _reset(run, event)
        case events.RunFinished(state=state):
            _end_run(run, state, record.time)
        case _:
            assert_never(record.event)


def _expect(run: Run, record: Record, task_id: str, status: Status) -> TaskState:
    state = run.tasks.get(task_id)
    if state is None:
        raise IllegalTransition(record, f"there is no task '{task_id}'")
    if state.status is not status:
        raise IllegalTransition(record, f"task '{task_id}' is {state.status}, not {status}")
    return state


# --- the run as a whole -----------------------------------------------------------------------------------------------


def _begin(run: Run, record: Record, event: events.RunStarted) -> None:
    if run.plan is not None:
        raise IllegalTransition(record, "the run has started before")
    (run.run_id, run.plan, run.inside, run.order, run.cause), run.state = event, JobState.WORKING
    run.created_at = record.time
    for task in event.plan.tasks.values():
        _add(run, task, record.time)
    for state in run.tasks.values():
        _connect(run, state)
    rebuild_caches(run)


def _resume(run: Run, event: events.RunResumed, time: float) -> None:
    from airexec.scheduler.reopen import lose_attempt, reopen, rewritten

    kept = frozenset[Status]()
    if event.continued:  # what an unfinished run has cancelled is unfinished
        kept = _ENDED_BADLY if run.is_over else _ENDED_BADLY - {Status.CANCELLED}
    run.state, run.stopping = JobState.WORKING, None
    changed, plan = frozenset[str](), event.plan
    if plan is not None and run.plan is not None:
        changed = rewritten(run, plan)
        _replace_plan(run, plan, time)
    for state in run.tasks.values():
        if state.status is Status.RUNNING:
            lose_attempt(state)
        state.attempts_forgiven = state.attempt  # whoever resumes has perhaps mended something, so retries count anew
    reopen(run, changed, kept)
    rebuild_caches(run)


_ENDED_BADLY = frozenset({Status.FAILED, Status.UPSTREAM_FAILED, Status.CANCELLED})


def _replace_plan(run: Run, plan: Plan, time: float) -> None:
    """Take the tasks of another plan; tasks that it does not have are gone, those that were queued stay.

    The edges of the old definitions go and those of the new ones come. Edges that a splice has made stay: the journal
    holds what was queued, and the emitters will not run again.
    """
    run.plan = plan
    queued = {id_ for id_, state in run.tasks.items() if state.came_later}
    kept = {id_: state for id_, state in run.tasks.items() if id_ in plan.tasks or id_ in queued}
    run.tasks = {}
    for order, task in enumerate(plan.tasks.values()):
        known = kept.pop(task.id, None)
        if known is None:
            _add(run, task, time)
        else:
            known.task, known.order = task, order
            known.upstream = {id_: edge for id_, edge in known.upstream.items() if id_ in queued}
            run.tasks[task.id] = known
    run.tasks.update(kept)
    for state in run.tasks.values():
        if not state.came_later:
            _connect(run, state)
        state.upstream = {id_: edge for id_, edge in state.upstream.items() if id_ in run.tasks}


def _reset(run: Run, event: events.TasksReset) -> None:
    for task_id in event.removed:
        del run.tasks[task_id]
    for state in run.tasks.values():
        state.upstream = {id_: edge for id_, edge in state.upstream.items() if id_ in run.tasks}
    for task_id in event.tasks:
        state = run.tasks[task_id]
        state.forget()
    run.state = JobState.WAITING  # also of a run that was over: it can be resumed now
    rebuild_caches(run)


def _end_run(run: Run, state: JobState, time: float) -> None:
    """Cancel what was left when the run was stopped; of a run that was not, nothing is left."""
    run.state = state
    for task in run.tasks.values():
        if task.status in (Status.PENDING, Status.UP_FOR_RETRY):
            task.completed_at = time
            move(run, task, Status.CANCELLED)
    run.ready, run.refused = {}, {}


# --- one task ---------------------------------------------------------------------------------------------------------


def _start(run: Run, state: TaskState, event: events.AttemptStarted, time: float) -> None:
    state.attempt, state.command, state.why = event.attempt, event.command, event.why
    state.started_at, state.completed_at, state.duration = time, None, None
    state.exit_code = state.reason = state.error = state.retry_delay = None
    state.details, state.note = (), ""
    leave_ready(run, state)
    move(run, state, Status.RUNNING)
    if (pool := state.task.pool) is not None:
        run.pool_used[pool] = run.pool_used.get(pool, 0) + state.task.pool_slots


def _end_attempt(
    run: Run, state: TaskState, duration: float, note: str, outputs: Mapping[str, Any], time: float
) -> None:
    state.duration, state.completed_at, state.note = duration, time, note
    state.outputs = dict(outputs)
    if (pool := state.task.pool) is not None:
        run.pool_used[pool] -= state.task.pool_slots


def _complete(run: Run, state: TaskState, event: events.AttemptCompleted, time: float) -> None:
    _end_attempt(run, state, event.duration, event.note, event.outputs, time)
    state.exit_code = 0
    finish(run, state, Status.COMPLETED)


def _keep(run: Run, state: TaskState, event: events.TaskUpToDate, time: float) -> None:
    state.outputs, state.built = dict(event.outputs), (event.run_id, event.attempt)
    state.completed_at, state.exit_code = time, 0
    run.up_to_date += 1
    leave_ready(run, state)
    finish(run, state, Status.COMPLETED)


def _fail(run: Run, state: TaskState, event: events.AttemptFailed, time: float) -> None:
    _end_attempt(run, state, event.duration, event.note, event.outputs, time)
    state.reason, state.error, state.details = event.reason, event.error, event.details
    state.exit_code, state.retry_delay = event.exit_code, event.retry_delay
    state.attempts_forgiven += event.reason is Reason.CHANGED
    if event.retry_delay is not None:
        move(run, state, Status.UP_FOR_RETRY)
    elif event.reason in _GIVEN_UP:
        move(run, state, Status.CANCELLED)  # nobody downstream is judged: the run is ending, and they are cancelled too
    else:
        run.failed[state.task.id] = None
        run.untolerated += not run.tolerates(state.task.id)
        finish(run, state, Status.FAILED)


def _skip(run: Run, state: TaskState, event: events.AttemptSkipped, time: float) -> None:
    _end_attempt(run, state, event.duration, event.note, {}, time)
    state.because, state.exit_code = event.because, event.exit_code
    finish(run, state, Status.SKIPPED)


_GIVEN_UP = frozenset({Reason.CANCELLED, Reason.CHANGED})
"""Why an attempt was ended that would not have failed; it has when it was to start anew, and the run stopped then."""


def _refuse(run: Run, state: TaskState, because: Because, status: Status, record: Record) -> None:
    state.because = because
    state.completed_at = record.time
    run.refused.pop(state.task.id, None)
    leave_ready(run, state)
    finish(run, state, status)


# --- the graph --------------------------------------------------------------------------------------------------------


def _add(run: Run, task: Task, time: float, queued_by: str | None = None, depth: int = 0) -> TaskState:
    state = TaskState(task, len(run.tasks), time, queued_by, depth)
    run.tasks[task.id] = state
    return state


def _connect(run: Run, state: TaskState) -> None:
    """Note what `state` waits for by its own `dependencies`; an edge that is there (to its emitter, say) stays.

    And what it comes after, of that what is in the run.
    """
    for dependency in state.task.dependencies:
        edge = Edge.TOLERANT if dependency.allow_failure else Edge.DEPENDENCY
        state.upstream.setdefault(dependency.task, edge)
    for task_id in state.task.after:
        if task_id in run.tasks:
            state.upstream.setdefault(task_id, Edge.AFTER)


def _splice(run: Run, emitter: TaskState, event: events.NodesQueued, record: Record) -> None:
    """Add a batch. What waits for the emitter, and has not been decided yet, waits for the batch as well.

    What each edge means is told in `splice`. In this order, since the tasks of a batch may depend on each other: first
    all of them, then all edges, then what has ended already, and the rules last, or a task could be ready too soon.
    """
    permission = emitter.task.queue
    at_line = permission is not None and permission.when is SpliceMoment.LINE
    waiting = waiting_downstream(run, emitter)
    _rank_batch(run, event.tasks, waiting)
    batch = [_add(run, task, record.time, event.emitter, emitter.depth + 1) for task in event.tasks]
    emitter.queued_count += len(batch)
    run.queued_total += len(batch)
    run.counts[Status.PENDING] += len(batch)
    for state in batch:
        state.upstream[event.emitter] = Edge.EMITTED if at_line else Edge.EMITTER
        _connect(run, state)
    for state in batch:
        count_upstream(run, state)
    for task_id in (*(s.task.id for s in batch if not s.task.detached), *event.known):
        for downstream in waiting:
            _wait_also(run, downstream, task_id, downstream.upstream[event.emitter])
    for state in batch:
        ask_rule(run, state)


def _take_in(run: Run, tasks: tuple[Task, ...], record: Record) -> None:
    """Add tasks that nobody in the run has queued, so nobody waits for them but who of them says so."""
    if run.state is not JobState.WORKING:
        raise IllegalTransition(record, f"the run is {run.state}")
    assert run.plan is not None
    run.remaining.update(remaining_path({task.id: task for task in tasks}, run.plan.durations))
    batch = [_add(run, task, record.time) for task in tasks]
    run.queued_total += len(batch)
    run.counts[Status.PENDING] += len(batch)
    for state in batch:
        state.was_added = True
        _connect(run, state)
    for state in batch:
        count_upstream(run, state)
    if any(id_ in run.failed for state in batch for id_ in state.upstream):
        run.untolerated = sum(not run.tolerates(id_) for id_ in run.failed)  # who depends on it has a say in that
    for state in batch:
        ask_rule(run, state)


def waiting_downstream(run: Run, emitter: TaskState) -> list[TaskState]:
    """Return the downstream of a running emitter that has yet to be decided, without what it queued itself."""
    return [
        state
        for state in map(run.tasks.__getitem__, run.downstream.get(emitter.task.id, ()))
        if state.status is Status.PENDING
        and not state.ready
        and state.task.id not in run.refused
        and state.upstream[emitter.task.id] not in (Edge.EMITTER, Edge.EMITTED)
    ]


def waits_already(state: TaskState, upstream: str, like: Edge) -> bool:
    """Return whether a task needs no more edge to wait for an upstream as it does on the edge `like`."""
    known = state.upstream.get(upstream)
    return upstream == state.task.id or (known is not None and (known is not Edge.AFTER or like is Edge.AFTER))


def _wait_also(run: Run, state: TaskState, upstream: str, like: Edge) -> None:
    """Make `state` wait for one more upstream, as tolerant of its failure as it is on the edge `like`.

    Whom it only came after, it may depend on now.
    """
    if waits_already(state, upstream, like):
        return
    edge = like if like in (Edge.TOLERANT, Edge.AFTER) else Edge.QUEUED
    known, is_open = upstream in state.upstream, not run.tasks[upstream].is_terminal
    state.upstream[upstream] = edge
    if not known:
        run.downstream.setdefault(upstream, []).append(state.task.id)
    if edge is Edge.AFTER:
        state.gates += is_open
        return
    state.gates -= known and is_open
    state.tally.total += 1
    if (counts_as := outcome(run.tasks[upstream], edge)) is not None:
        state.tally.count(counts_as)
    if known or counts_as is not None:
        ask_rule(run, state)


def _rank_batch(run: Run, tasks: tuple[Task, ...], waiting: list[TaskState]) -> None:
    """Every node of a batch leads to the waiting tasks, so its longest path is that inside the batch, then theirs."""
    assert run.plan is not None
    beyond = max((run.remaining[state.task.id] for state in waiting), default=0.0)
    inside = remaining_path({task.id: task for task in tasks}, run.plan.durations)
    for task in tasks:
        run.remaining[task.id] = inside[task.id] + (0.0 if task.detached else beyond)
