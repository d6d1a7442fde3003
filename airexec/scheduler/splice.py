"""May this batch enter the running graph? The check in front of every NodesQueued event; it changes nothing.

A splice only adds nodes, never makes a started task wait, and leaves the graph a DAG. The cost is that of the batch,
and of what is downstream of the emitter when the batch depends on existing tasks; never that of the whole graph, so
a chain of ten thousand splices stays linear.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from airexec.graph.walks import reached
from airexec.scheduler.apply import waiting_downstream
from airexec.scheduler.events import NodesQueued
from airexec.scheduler.state import Run, TaskState
from airexec.workflow.model import Task, same_definition


class SpliceRejectedError(Exception):
    """Nothing of a batch can be queued; `problems` has one sentence for each mistake, in order of the batch."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


def splice(run: Run, emitter_id: str, attempt: int, batch: Sequence[Task]) -> NodesQueued | None:
    """Return the event that adds this batch below a running emitter; None when it asks for nothing new.

    A task that is there already with the same definition is not added again. Raises SpliceRejectedError.
    """
    emitter = run.tasks[emitter_id]
    new, known, problems = _sort_out(run, batch)
    problems += _limits(run, emitter, len(new))
    problems += _unknown_dependencies(run, new)
    if not problems and (path := _cycle(run, emitter, new, known)):
        problems.append(f"the batch makes a cycle: {' -> '.join(path)}")
    if problems:
        raise SpliceRejectedError(problems)
    waiting = waiting_downstream(run, emitter)
    missing = tuple(
        task_id
        for task_id in known
        if any(task_id not in state.upstream and task_id != state.task.id for state in waiting)
    )
    if not new and not missing:
        return None
    return NodesQueued(emitter_id, attempt, tuple(new.values()), missing)


def _sort_out(run: Run, batch: Iterable[Task]) -> tuple[dict[str, Task], dict[str, None], list[str]]:
    new: dict[str, Task] = {}
    known: dict[str, None] = {}
    problems: list[str] = []
    for task in batch:
        present = new.get(task.id) or (run.tasks[task.id].task if task.id in run.tasks else None)
        if present is None:
            new[task.id] = task
        elif not same_definition(present, task):
            problems.append(f"task '{task.id}' exists with another definition")
        elif task.id not in new and not task.detached:
            known[task.id] = None
    return new, known, problems


def _limits(run: Run, emitter: TaskState, count: int) -> list[str]:
    assert run.plan is not None
    limits = run.plan.workflow.queue_limits
    problems = []
    if emitter.queued_count + count > limits.per_task:
        problems.append(f"a task may queue {limits.per_task} tasks (queue_limits.per_task)")
    if run.queued_total + count > limits.per_run:
        problems.append(f"a run may have {limits.per_run} queued tasks (queue_limits.per_run)")
    if count and emitter.depth + 1 > limits.depth:
        problems.append(f"a chain of queued tasks may be {limits.depth} long (queue_limits.depth)")
    return problems


def _unknown_dependencies(run: Run, new: dict[str, Task]) -> list[str]:
    return [
        f"task '{task.id}' depends on '{dependency.task}', which does not exist"
        for task in new.values()
        for dependency in task.dependencies
        if dependency.task not in new and dependency.task not in run.tasks
    ]


def _cycle(run: Run, emitter: TaskState, new: Mapping[str, Task], known: Collection[str]) -> list[str]:
    """Return a cycle that the batch would close, upstream first, ends equal; empty when there is none.

    New edges go from `dependencies` to new tasks, and from all of the batch that is not detached to what waits for
    the emitter. So a cycle goes through new tasks and through what lies below the waiting tasks, and nowhere else;
    a batch that depends on nothing there costs nothing but itself.
    """
    own = {dependency.task for task in new.values() for dependency in task.dependencies}
    if not own and not known:
        return []
    waited_for = [*(task.id for task in new.values() if not task.detached), *known]
    waiting = {state.task.id for state in waiting_downstream(run, emitter)}
    below = _below(run, waiting) if (own | set(known)) - {*new, emitter.task.id} else set[str]()

    def upstream(task_id: str) -> list[str]:
        if task_id in new:
            edges = [dependency.task for dependency in new[task_id].dependencies]
        else:
            edges = [*run.tasks[task_id].upstream, *(waited_for if task_id in waiting else ())]
        return [id_ for id_ in edges if id_ != task_id and (id_ in new or id_ in below)]

    itself = [task.id for task in new.values() if any(item.task == task.id for item in task.dependencies)]
    return [itself[0], itself[0]] if itself else _find_cycle([*new, *known], upstream)


def _below(run: Run, task_ids: Iterable[str]) -> set[str]:
    """Return these tasks and everything downstream of them."""
    return reached(task_ids, lambda task_id: run.downstream.get(task_id, ()))


def _find_cycle(starts: Iterable[str], upstream: Callable[[str], list[str]]) -> list[str]:
    """Search depth first, without recursion: chains may be ten thousand long."""
    done: set[str] = set()
    for start in starts:
        if start in done:
            continue
        path, stack, on_path = [start], [iter(upstream(start))], {start}
        while stack:
            following = next(stack[-1], None)
            if following is None:
                stack.pop()
                on_path.discard(path[-1])
                done.add(path.pop())
            elif following in on_path:
                return [following, *reversed(path[path.index(following) :])]
            elif following not in done:
                path.append(following)
                on_path.add(following)
                stack.append(iter(upstream(following)))
    return []
