"""Which tasks become pending again when a run is resumed or reset. What completed stays, unless it was asked for."""

from collections.abc import Iterable, Sequence, Set

from airexec.graph.walks import reached
from airexec.scheduler.events import TasksReset
from airexec.scheduler.readiness import move
from airexec.scheduler.state import Edge, Run, TaskState
from airexec.scheduler.statuses import Reason, Status
from airexec.workflow.model import Plan, same_definition

_OPEN_AGAIN = frozenset(
    {Status.PENDING, Status.RUNNING, Status.UP_FOR_RETRY, Status.FAILED, Status.UPSTREAM_FAILED, Status.CANCELLED}
)


def reopen(run: Run, changed: Iterable[str] = (), kept: Set[Status] = frozenset()) -> None:
    """Make pending what did not end well, what `changed`, and what was skipped downstream of any of these.

    Tasks of a status in `kept` stay as they are.
    """
    again = _OPEN_AGAIN - kept
    downstream = _downstream(run)

    def skipped_below(task_id: str) -> Iterable[str]:
        return [below for below in downstream.get(task_id, ()) if run.tasks[below].status is Status.SKIPPED]

    open_again = [id_ for id_, state in run.tasks.items() if state.status in again]
    for task_id in reached((*open_again, *(id_ for id_ in changed if id_ in run.tasks)), skipped_below):
        _open(run.tasks[task_id])


def abandoned(run: Run) -> Run:
    """Return the run as it is when nobody works on it any more, as a resume will find it.

    What the journal leaves running is pending again, its attempt lost. `run` itself is not changed.
    """
    from copy import copy

    left = copy(run)
    left.tasks, left.counts = dict(run.tasks), dict(run.counts)
    for task_id, state in run.tasks.items():
        if state.status is Status.RUNNING:
            left.tasks[task_id] = lost = copy(state)
            move(left, lost, Status.PENDING)
            lose_attempt(lost)
    return left


def lose_attempt(state: TaskState) -> None:
    """Note that nobody saw the end of a running attempt. The caller makes its task pending."""
    state.reason, state.error = Reason.LOST, "the scheduler ended before the attempt did"
    state.duration = None


def _open(state: TaskState) -> None:
    state.status = Status.PENDING
    state.completed_at = state.because = state.retry_delay = state.built = None


def _downstream(run: Run, emitted: bool = False) -> dict[str, list[str]]:
    """Return who builds on whom, from the edges themselves: the run's own table may be out of date here.

    That is not who only comes after another one. With `emitted` also who was queued at the line, and so waits for
    nobody.
    """
    downstream: dict[str, list[str]] = {}
    for task_id, state in run.tasks.items():
        for upstream, edge in state.upstream.items():
            if edge is not Edge.AFTER and (emitted or edge is not Edge.EMITTED):
                downstream.setdefault(upstream, []).append(task_id)
    return downstream


def rewritten(run: Run, plan: Plan) -> frozenset[str]:
    """Return the tasks of the run that the plan defines otherwise."""
    return frozenset(
        task_id
        for task_id, task in plan.tasks.items()
        if (known := run.tasks.get(task_id)) is not None and not same_definition(known.task, task)
    )


def reset_event(run: Run, task_ids: Sequence[str] = ()) -> TasksReset:
    """Return the event that forgets these tasks and all that was built on them; with no ids, the whole run.

    What a task that is reset has queued goes, since the task will queue it again; and as a queued task is downstream
    of its emitter, so does what that one has queued. The ids must exist. Both lists are in the order of the run.
    """
    downstream = _downstream(run, emitted=True)
    chosen = reached(task_ids or run.tasks, lambda task_id: downstream.get(task_id, ()))
    removed = {id_ for id_, state in run.tasks.items() if state.queued_by in chosen}
    return TasksReset(
        tuple(id_ for id_ in run.tasks if id_ in chosen and id_ not in removed),
        tuple(id_ for id_ in run.tasks if id_ in removed),
    )
