"""What should happen now: the next decision about a run, read from its state and from nothing else.

There is no clock here: a retry delay that is over, a timeout, an interruption reach the run as events.
"""

from typing import NamedTuple

from airexec.scheduler.events import RunFinished, StopRequested, TaskSkipped, TaskUpstreamFailed
from airexec.scheduler.state import Run, TaskState
from airexec.scheduler.statuses import JobState, Reason, Status, StopCause


class Start(NamedTuple):
    """Start the next attempt of a task, unless its `when` turns out false."""

    task: str


Decision = Start | TaskSkipped | TaskUpstreamFailed | StopRequested | RunFinished

_FAILS_THE_RUN = frozenset({StopCause.FAIL_FAST, StopCause.DAGRUN_TIMEOUT})
_RETRIED = frozenset({Reason.EXIT, Reason.SIGNAL, Reason.TIMEOUT, Reason.SPAWN, Reason.QUEUE})


def decide(run: Run) -> Decision | None:
    """Return the next thing to do, or None while there is nothing but waiting.

    Apply the event that comes of it before asking again. Refusals come before starts, so that a slot never goes to a
    task while the state of another is already known; among ready tasks the order is that of `Run.ready`.
    """
    assert run.plan is not None
    if run.is_over:
        return None
    running = run.counts[Status.RUNNING]
    if run.stopping is not None:
        return None if running else _finished(run)
    if run.plan.fail_fast and run.untolerated:
        return StopRequested(StopCause.FAIL_FAST)
    if run.refused:
        return next(iter(run.refused.values()))
    if running < run.plan.max_active_tasks and (task_id := _next_ready(run)) is not None:
        return Start(task_id)
    if running or run.held or run.counts[Status.UP_FOR_RETRY]:
        return None
    assert not run.counts[Status.PENDING], "a pending task that nothing can decide"
    return _finished(run)


def _next_ready(run: Run) -> str | None:
    """Return the first ready task whose pool has room. A big task at the head of its pool is not overtaken there."""
    best: tuple[object, ...] | None = None
    for pool, heap in run.ready.items():
        if heap and _has_room(run, pool, heap[0][-1]) and (best is None or heap[0] < best):
            best = heap[0]
    return None if best is None else str(best[-1])


def _has_room(run: Run, pool: str | None, task_id: str) -> bool:
    if pool is None:
        return True
    assert run.plan is not None
    slots = run.plan.workflow.pools[pool]
    return run.pool_used.get(pool, 0) + run.tasks[task_id].task.pool_slots <= slots


def _finished(run: Run) -> RunFinished:
    counts = {status: number for status, number in run.counts.items() if number}
    if run.stopping is not None:
        unfinished = counts.pop(Status.PENDING, 0) + counts.pop(Status.UP_FOR_RETRY, 0)
        if unfinished:
            counts[Status.CANCELLED] = counts.get(Status.CANCELLED, 0) + unfinished
    return RunFinished(_final_state(run), counts)


def _final_state(run: Run) -> JobState:
    """The run state tells the truth: one failure that nobody tolerates fails the run, whatever its leaves did."""
    if run.stopping in _FAILS_THE_RUN or any(not run.tolerates(task_id) for task_id in run.failed):
        return JobState.FAILED
    return JobState.CANCELLED if run.stopping is not None else JobState.COMPLETED


def retry_delay(state: TaskState, attempt: int, reason: Reason, exit_code: int | None) -> float | None:
    """Return the seconds until the next attempt after this one failed; None when it was the last.

    Who was ended because of what it reads starts anew at once, and that takes none of its retries.

    `retry_delay` grows by the factor `retry_exponential_backoff` with every retry, up to `max_retry_delay`. With
    `retry_on` only those exit codes are worth a retry.
    """
    if reason is Reason.CHANGED:
        return 0.0
    task = state.task
    retries = attempt - state.attempts_forgiven - 1
    if retries >= task.retries or reason not in _RETRIED:
        return None
    if task.retry_on and exit_code not in task.retry_on:
        return None
    try:
        delay = task.retry_delay * task.retry_exponential_backoff**retries
    except OverflowError:
        delay = float("inf")
    return min(delay, task.max_retry_delay if task.max_retry_delay is not None else _DELAY_MAX)


_DELAY_MAX = 86_400.0 * 365
"""A year: what an unlimited backoff amounts to, and still a number that JSON has."""
