"""`airexec why TASK`: why a task has the status that it has, in plain sentences, from the journal and nothing else."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import assert_never

from airexec.errors import UsageError
from airexec.scheduler import events
from airexec.scheduler.events import Record
from airexec.scheduler.state import Edge, Run, TaskState
from airexec.scheduler.statuses import JobState, Status
from airexec.views.inspect.attempt_lines import attempt_lines
from airexec.views.live.summary import failure_text
from airexec.views.sanitize import one_line
from airexec.views.wording import (
    STATUS_ORDER,
    because_text,
    cause_text,
    named_text,
    operand,
    task_name,
    tasks_text,
    time_text,
    up_to_date_text,
)
from airexec.workflow.durations import delay_text
from airexec.workflow.model import TriggerRule
from airexec.workflow.wording import did_you_mean, either

_UPSTREAM_MAX = 5
_CHAIN_MAX = 8


def explain(run: Run, records: Sequence[Record], task_id: str, is_live: bool = True) -> list[str]:
    """Return the answer for one task; see `Story`."""
    return Story(run, records, is_live).explain(task_id)


class Story:
    """The records that a run is made of, sorted once for all tasks that are asked for.

    `is_live` says whether a scheduler is at work on the run now; the journal alone cannot tell. `job` is what commands
    are given to find the run, its `operand` where that is not said.
    """

    def __init__(self, run: Run, records: Sequence[Record], is_live: bool, job: str = "") -> None:
        self.run = run
        self.job = job or operand(run)
        self.is_live = is_live
        self.stops: list[Record] = []
        self.spliced_in: dict[str, int] = {}
        """The attempt of its emitter, by queued task."""
        self.queued_by: dict[str, list[str]] = {}
        self._resumes: list[Record] = []
        self._records: dict[str, list[Record]] = {}
        for record in records:
            self._sort(record)
        for state in run.tasks.values():
            if state.queued_by is not None:
                self.queued_by.setdefault(state.queued_by, []).append(state.task.id)

    def _sort(self, record: Record) -> None:
        match record.event:
            case events.StopRequested():
                self.stops.append(record)
            case events.RunResumed():
                self._resumes.append(record)
            case events.TasksReset(tasks=tasks):
                for task in tasks:
                    self._records.setdefault(task, []).append(record)
            case events.NodesQueued(tasks=queued, attempt=attempt):
                self.spliced_in.update((task.id, attempt) for task in queued)
            case (
                events.AttemptStarted(task=task)
                | events.AttemptCompleted(task=task)
                | events.AttemptFailed(task=task)
                | events.AttemptSkipped(task=task)
                | events.SignalSent(task=task)
            ):
                self._records.setdefault(task, []).append(record)

    @cached_property
    def running(self) -> list[TaskState]:
        return [state for state in self.run.tasks.values() if state.status is Status.RUNNING]

    def records_of(self, task_id: str) -> list[Record]:
        """Return what happened to a task, and each resume of the run, in order."""
        own = self._records.get(task_id, [])
        return sorted([*own, *self._resumes], key=lambda record: record.seq) if self._resumes else own

    def explain(self, task_id: str) -> list[str]:
        """Return the answer, the first line saying the status. Raises UsageError when the run has no such task."""
        run, state = self.run, self.run.tasks.get(task_id)
        if state is None:
            hint = did_you_mean(task_id, run.tasks) or "`airexec status` lists its tasks"
            raise UsageError(f"run {run.run_id} has no task '{one_line(task_id)}'", hint)
        sentences = [
            *attempt_lines(self.records_of(task_id), state, self.is_live),
            *_status_lines(self, state),
            *_upstream_lines(run, state),
            *_tolerance_lines(run, state),
            *_queue_lines(self, state),
        ]
        return [f"{task_name(state.task)}: {state.status}", *(f"  {sentence}" for sentence in sentences)]


def _status_lines(story: Story, state: TaskState) -> Iterator[str]:
    run = story.run
    match state.status:
        case Status.COMPLETED if state.built is not None:
            yield f"{up_to_date_text(state.built)}, which completed"
        case Status.COMPLETED | Status.FAILED:
            pass  # its attempts have said it
        case Status.RUNNING:
            if not story.is_live:
                yield _resume_hint(story)
        case Status.UP_FOR_RETRY:
            yield _retry_line(story, state)
        case Status.SKIPPED | Status.UPSTREAM_FAILED:
            yield from _refusal_lines(run, state)
        case Status.CANCELLED:
            yield _stop_line(story, state)
        case Status.PENDING:
            yield _pending_line(story, state)
        case _:
            assert_never(state.status)


# --- skipped, upstream_failed: the chain of causes --------------------------------------------------------------------


def _refusal_lines(run: Run, state: TaskState) -> Iterator[str]:
    """Yield the rule that decided, then one `because` per upstream task up to where the trouble began."""
    if state.because is None:
        return
    if state.because.rule == "when":
        yield f"its condition `when` is false: {one_line(state.because.detail)}"
        return
    if state.because.rule == "skip_on_exit_code":
        yield f"it said so itself: {one_line(state.because.detail)} is one of skip_on_exit_code"
        return
    named = f"; decided by {named_text(state.because.upstream)}" if state.because.upstream else ""
    yield f"its trigger rule is {state.because.rule}: {one_line(state.because.detail)}{named}"
    links = [_link(run, cause) for cause in _causes(run, state)]
    if len(links) > _CHAIN_MAX:
        left_out = len(links) - _CHAIN_MAX
        links[_CHAIN_MAX // 2 : -(_CHAIN_MAX // 2)] = [f"({left_out} more in between)"]
    yield from links


def _causes(run: Run, state: TaskState) -> Iterator[TaskState]:
    """Yield the upstream task that decided, then the one that decided that, and so on, none of them twice: who writes
    journals by hand can have them decide each other."""
    told = {state.task.id}
    while state.because is not None and state.because.upstream:
        known = [
            run.tasks[task_id] for task_id in state.because.upstream if task_id in run.tasks and task_id not in told
        ]
        if not known:
            return
        state = min(known, key=_gravity)
        told.add(state.task.id)
        yield state


def _gravity(state: TaskState) -> int:
    order = (Status.FAILED, Status.UPSTREAM_FAILED, Status.SKIPPED)
    return order.index(state.status) if state.status in order else len(order)


def _link(run: Run, state: TaskState) -> str:
    task = task_name(state.task)
    if state.status is Status.FAILED:
        return f"because {task} failed: {failure_text(run, state)}"
    if state.because is None:
        return f"because {task} is {state.status}"
    return f"because {task} is {state.status}: {because_text(state.because)}"


# --- pending, up_for_retry, cancelled ---------------------------------------------------------------------------------


def _pending_line(story: Story, state: TaskState) -> str:
    run = story.run
    if run.state is JobState.WAITING:
        return f"it has not been started since; `airexec resume {story.job}` does"
    if not story.is_live:
        return _resume_hint(story)
    if run.stopping is not None:
        return f"it is not started any more: the run is stopping: {cause_text(run.stopping)}"
    if (refused := run.refused.get(state.task.id)) is not None:
        return f"it will not run: {because_text(refused.because)}"
    return _slot_line(story, state) if state.ready else _waiting_line(run, state)


def _waiting_line(run: Run, state: TaskState) -> str:
    open_ = [upstream for upstream in state.upstream if not run.tasks[upstream].is_terminal]
    if not open_:
        return "its upstream is done; it is being decided"
    open_.sort(key=lambda upstream: run.tasks[upstream].status is Status.PENDING)  # what runs is nearest to its end
    more = f" and {len(open_) - _UPSTREAM_MAX} more" if len(open_) > _UPSTREAM_MAX else ""
    if all(state.upstream[upstream] is Edge.AFTER for upstream in open_):
        return f"it waits for {', '.join(map(one_line, open_[:_UPSTREAM_MAX]))}{more} (after)"
    named = ", ".join(_upstream_text(run, state, upstream) for upstream in open_[:_UPSTREAM_MAX])
    return f"it waits for {len(open_)} of {len(state.upstream)} upstream: {named}{more}"


def _slot_line(story: Story, state: TaskState) -> str:
    """Return what a ready task lacks: room in its pool, or one of the slots of the run."""
    run, running = story.run, story.running
    slots = run.plan.max_active_tasks if run.plan else 1
    pool, needed = state.task.pool, state.task.pool_slots
    size = run.plan.workflow.pools.get(pool, 0) if run.plan and pool else 0
    if pool and run.pool_used.get(pool, 0) + needed > size:
        holders = named_text(other.task.id for other in running if other.task.pool == pool)
        used = f"{run.pool_used.get(pool, 0)} of {size} slots are taken"
        return f"it is ready and waits for pool {pool}: {used}, by {holders}; it needs {needed}"
    if len(running) >= slots:
        holders = named_text(other.task.id for other in running)
        return f"it is ready and waits for a slot: {len(running)} of {slots} are taken, by {holders}"
    return "it is ready and about to start"


def _retry_line(story: Story, state: TaskState) -> str:
    if not story.is_live:
        return _resume_hint(story)
    delay = state.retry_delay or 0.0
    due = time_text((state.completed_at or 0.0) + delay)
    return f"attempt {state.attempt + 1} starts at about {due}, {delay_text(delay)} after the last one ended"


def _stop_line(story: Story, state: TaskState) -> str:
    begin = "" if state.reason is not None else "it was not started: "
    if not story.stops:
        return f"{begin}the run was ended"
    stop = story.stops[-1].event
    assert isinstance(stop, events.StopRequested)
    return f"{begin}the run was stopped at {time_text(story.stops[-1].time)}: {cause_text(stop.cause)}"


def _resume_hint(story: Story) -> str:
    return f"no scheduler is at work on this run; `airexec resume {story.job}` goes on with it"


# --- what goes for every status ---------------------------------------------------------------------------------------


def _upstream_lines(run: Run, state: TaskState) -> Iterator[str]:
    """Name all upstream tasks with their statuses, or count them where there are many."""
    rule = f"trigger rule {state.task.trigger_rule}"
    if not state.upstream:
        if state.task.trigger_rule is not TriggerRule.ALL_SUCCESS:
            yield f"{rule}, no upstream"
    elif len(state.upstream) <= _UPSTREAM_MAX:
        yield f"{rule}, upstream: {', '.join(_upstream_text(run, state, task_id) for task_id in state.upstream)}"
    else:
        statuses = [run.tasks[task_id].status for task_id in state.upstream]
        counts = ", ".join(f"{count} {status}" for status in STATUS_ORDER if (count := statuses.count(status)))
        yield f"{rule}, {len(statuses)} upstream: {counts}"


def _upstream_text(run: Run, state: TaskState, upstream: str) -> str:
    edge = state.upstream[upstream]
    remarks = {
        Edge.TOLERANT: " (may fail)",
        Edge.QUEUED: f" (queued by {run.tasks[upstream].queued_by})",
        Edge.EMITTED: " (queued it at the line)",
        Edge.AFTER: " (after)",
    }
    return f"{one_line(upstream)} {run.tasks[upstream].status}{remarks.get(edge, '')}"


def _tolerance_lines(run: Run, state: TaskState) -> Iterator[str]:
    if state.task.allow_failure:
        yield f"it may fail{_with_codes(state.task.allow_failure)} (allow_failure) without failing the run"
    elif state.status is Status.FAILED and run.tolerates(state.task.id):
        yield "its failure does not fail the run: all that is downstream of it allows it"


def _with_codes(allowed: bool | tuple[int, ...]) -> str:
    """Return ` with exit code 1 or 2`, nothing where any failure is allowed."""
    return "" if isinstance(allowed, bool) else f" with exit code {either(list(map(str, allowed)))}"


def _queue_lines(story: Story, state: TaskState) -> Iterator[str]:
    if state.queued_by is not None:
        template = f" from template {state.task.template}" if state.task.template else ""
        yield f"it was queued{template} by {_emitters(story, state)}"
    elif state.was_added:
        yield "another program added it to the job"
    if queued := story.queued_by.get(state.task.id):
        yield f"it queued {tasks_text(len(queued))}: {named_text(queued)}"


def _emitters(story: Story, state: TaskState) -> str:
    """Return `b (attempt 1), which was queued by a (attempt 2)`, the way up to a task of the file."""
    chain: list[TaskState] = [state]
    while (emitter := chain[-1].queued_by) is not None and emitter in story.run.tasks:
        chain.append(story.run.tasks[emitter])
    queued = (link for link in chain if link.queued_by is not None)  # also by one that is gone from the file
    names = [f"{one_line(str(link.queued_by))} (attempt {story.spliced_in[link.task.id]})" for link in queued]
    if len(names) > _CHAIN_MAX:
        left_out = len(names) - _CHAIN_MAX
        names[_CHAIN_MAX // 2 : -(_CHAIN_MAX // 2)] = [f"({left_out} more in between)"]
    return ", which was queued by ".join(names)
