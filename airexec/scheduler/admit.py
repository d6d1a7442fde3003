"""May tasks that somebody else has added enter the running graph? The check in front of every NodesAdded event.

Other than with the batch of a task (`splice`), each task stands for itself: several programs may add to a job, and what
is wrong with the task of one must not keep back those of the others. So what can be taken is taken, and what cannot has
a problem. It is asked again whenever more was added, since what it depends on may have come by then.

Nobody in the run waits for what is added, since nobody there has asked for it. So a cycle is one of added tasks alone.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from airexec.graph.walks import find_cycle, upstream_of
from airexec.scheduler.state import Run
from airexec.scheduler.statuses import Status
from airexec.workflow.model import Task, same_definition


class Admission(NamedTuple):
    """What is to become of tasks that were added."""

    tasks: tuple[Task, ...]
    """Those that can be taken, in the order in which they came."""
    problems: Mapping[str, str]
    """One sentence for each of the others, by id, in that order."""


def admit(run: Run, added: Iterable[Task]) -> Admission:
    """Say which of these tasks can be taken. What is there already is neither taken nor wrong, if it is the same."""
    new: dict[str, Task] = {}
    problems: dict[str, str] = {}
    names: dict[str, None] = {}
    for task in added:
        names[task.id] = None
        present = new.get(task.id) or (run.tasks[task.id].task if task.id in run.tasks else None)
        if present is None:
            new[task.id] = task
        elif not same_definition(present, task):
            problems[task.id] = f"task '{task.id}' is there already, with another definition"
    for task in new.values():
        if problem := _problem(run, task, new):
            problems[task.id] = problem
    problems.update(_cycles(new))
    _refuse_what_is_below(new, problems)
    taken = [task_id for task_id in _in_order(new) if task_id not in problems]
    assert run.plan is not None
    limit = run.plan.workflow.queue_limits.per_run
    for task_id in taken[max(0, limit - run.queued_total) :]:
        problems[task_id] = f"a run may have {limit} tasks that were queued or added (queue_limits.per_run)"
    tasks = tuple(task for task in new.values() if task.id not in problems)
    return Admission(tasks, {task_id: problems[task_id] for task_id in names if task_id in problems})


def _problem(run: Run, task: Task, new: Mapping[str, Task]) -> str:
    for dependency in task.dependencies:
        upstream = dependency.task
        if upstream in run.tasks:
            if run.tasks[upstream].status is Status.CANCELLED:
                return f"task '{task.id}' depends on '{upstream}', which was cancelled"
        elif upstream not in new:
            return f"task '{task.id}' depends on '{upstream}', which is not there"
    return ""


def _cycles(new: Mapping[str, Task]) -> dict[str, str]:
    """Return a problem for each task that waits for itself."""
    upstream = upstream_of(new)
    left = dict.fromkeys(new.keys() - set(_in_order(new)))
    problems: dict[str, str] = {}
    while left and (cycle := find_cycle(filter(left.__contains__, new), lambda id_: _within(left, upstream[id_]))):
        for task_id in cycle[1:]:
            problems[task_id] = f"task '{task_id}' is in a cycle: {' -> '.join(cycle)}"
            del left[task_id]
    return problems


def _within(left: Mapping[str, None], ids: Iterable[str]) -> list[str]:
    return [id_ for id_ in ids if id_ in left]


def _refuse_what_is_below(new: Mapping[str, Task], problems: dict[str, str]) -> None:
    """Add a problem for each task that waits for one that has a problem."""
    downstream: dict[str, list[str]] = {}
    for task_id, ids in upstream_of(new).items():
        for upstream in ids:
            downstream.setdefault(upstream, []).append(task_id)
    left = [task_id for task_id in new if task_id in problems]
    while left:
        upstream = left.pop()
        for task_id in downstream.get(upstream, ()):
            if task_id not in problems:
                problems[task_id] = f"task '{task_id}' depends on '{upstream}', which cannot be taken"
                left.append(task_id)


def _in_order(new: Mapping[str, Task]) -> list[str]:
    """Return the ids, upstream first; without those that wait for themselves, and what is below them."""
    upstream = upstream_of(new)
    missing = {task_id: len(ids) for task_id, ids in upstream.items()}
    downstream: dict[str, list[str]] = {}
    for task_id, ids in upstream.items():
        for above in ids:
            downstream.setdefault(above, []).append(task_id)
    order = [task_id for task_id, count in missing.items() if not count]
    for task_id in order:  # it grows while it is read
        for below in downstream.get(task_id, ()):
            missing[below] -= 1
            if not missing[below]:
                order.append(below)
    return order
