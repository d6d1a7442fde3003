"""May this batch enter the running graph? The check in front of every NodesQueued event; it changes nothing.

**What a splice is.** A running task, the emitter, has printed the definitions of other tasks. They enter the graph as
one batch, all or nothing, by one event. `splice` makes the event or says what is wrong with the batch; `apply` then
does what the event says and asks nothing again. The caller applies it before anything else can happen.

**Who waits.** A batch brings these edges, each of a kind of `state.Edge`:

- EMITTER, from the emitter to each new task. A batch is spliced when its attempt has ended well, just before the event
  that says so and in the same write. So this edge holds for no more than that write, unless a crash cuts between the
  two: then the emitter runs again, and what it queues again is known already.
- EMITTED, the same for `when: line`. The line is the promise, and the new task does not wait for the rest of the
  emitter: the edge counts as a success at once, also when the emitter fails later. It is kept for `reset`, which takes
  along whatever a task has queued.
- DEPENDENCY and TOLERANT, from what a new task names in its own `dependencies`: any task there is, or another one of
  the batch, in any order.
- QUEUED, from each new task to each task that waits for the emitter. Who depends on the emitter wants the work done
  that it has found. Where that edge to the emitter tolerates a failure, so does the new one: it is TOLERANT then; and
  it is AFTER for who only comes after the emitter.

Nobody collects what the new tasks will queue in turn, to any depth. It follows: by now the waiting tasks wait for the
new ones as well, so to those they are downstream like any other, when one of those queues.

Two ways lead out of this. `detached: true` brings no edge to the waiting tasks; the run still ends no sooner than the
task does, which is a task of the run like the others. And who has been decided already (`apply.waiting_downstream`
leaves it out) does not wait any more: a task that has started, is ready, or was refused, because its rule needed no
more than one upstream, say.

**Why a splice only adds.** It changes no task and takes no edge away, so what the journal has said stays true, and what
a rule has decided stays decided: a verdict of `trigger_rules.judge` is final, and `why` can name what it rests on. One
more upstream comes in time for a task that still waits, and for no other. For the same reason an id that is there with
another definition is refused rather than replaced: it may have started, and nobody could say which of the two is right.

**Known tasks.** The same id with the same definition is no mistake. A retry prints its lines again, and two tasks may
come upon the same work. Nothing is added, but whoever waits for this emitter may rely on that work too, so it gets an
edge from the known task, unless it has one. These are `NodesQueued.known`. When not even an edge is missing, there is
no event.

**Why the graph stays a DAG.** Before the splice it is one, so a new cycle would have to use new edges. The emitter is
on none: the last part of a way back to it would be old edges alone, from a task that waits for it, and with the edge
to that task they were a cycle before. So a cycle enters new tasks by their own `dependencies`, leaves them for a
waiting task, and comes back through what lies below the waiting tasks (or it enters there by a known task, or stays
within the batch). It is enough to search the new tasks and what lies below the waiting ones; and when the batch names
nothing outside of it but the emitter, not even those.

**What it costs.** A check of the whole graph for each splice would make 10 000 splices in a row cost 10 000 graphs.
As it is, a batch without dependencies costs what it brings, times the tasks that wait; with dependencies on tasks
that exist, also a walk over what lies below the waiting tasks. That is why this check is here and not in `graph/`: it
needs the statuses of the run and the tables of who is downstream of whom, and no graph is built for it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from airexec.graph.walks import find_cycle, reached
from airexec.scheduler.apply import waiting_downstream, waits_already
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
        if any(not waits_already(state, task_id, state.upstream[emitter_id]) for state in waiting)
    )
    if not new and not missing:
        return None
    return NodesQueued(emitter_id, attempt, tuple(new.values()), missing)


def _sort_out(run: Run, batch: Iterable[Task]) -> tuple[dict[str, Task], dict[str, None], list[str]]:
    """Return what the batch adds, by id; which tasks it names that are there; and what is wrong with it so far."""
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

    Above is told why it can only go through new tasks and what lies below the waiting tasks.
    """
    own = {dependency.task for task in new.values() for dependency in task.dependencies}
    # Without these the new tasks have no upstream but the emitter, which is on no cycle.
    if not own and not known:
        return []
    waited_for = [*(task.id for task in new.values() if not task.detached), *known]
    waiting = {state.task.id for state in waiting_downstream(run, emitter)}
    below = _below(run, waiting) if (own | set(known)) - {*new, emitter.task.id} else set[str]()

    def upstream(task_id: str) -> list[str]:
        if task_id in new:
            edges = [dependency.task for dependency in new[task_id].dependencies]
        else:
            edges = [*run.tasks[task_id].upstream, *(waited_for if task_id in waiting else ())]  # as they would be
        return [id_ for id_ in edges if id_ != task_id and (id_ in new or id_ in below)]

    itself = [task.id for task in new.values() if any(item.task == task.id for item in task.dependencies)]
    return [itself[0], itself[0]] if itself else find_cycle([*new, *known], upstream)


def _below(run: Run, task_ids: Iterable[str]) -> set[str]:
    """Return these tasks and everything downstream of them."""
    return reached(task_ids, lambda task_id: run.downstream.get(task_id, ()))
