"""Walks over plain dicts, for a run that starts or goes on: what is reached, how long the rest takes.

They lie on the way of every start, so they know no networkx: its import takes 0.1 to 0.2 s, more than a small run in
all, while these take a third of a second for 100 000 tasks with 300 000 edges. The core may import this.
"""

from collections.abc import Callable, Iterable, Mapping

from airexec.workflow.model import Task

UNKNOWN_DURATION = 1.0
"""Seconds assumed for a task that has never run; without any history, the longest path is that with most tasks."""


def reached(starts: Iterable[str], following: Callable[[str], Iterable[str]]) -> set[str]:
    """Return the starts and all that can be reached from them; `following` gives the ids one step on from an id."""
    seen = set(starts)
    todo = list(seen)
    while todo:
        for task_id in following(todo.pop()):
            if task_id not in seen:
                seen.add(task_id)
                todo.append(task_id)
    return seen


def remaining_path(tasks: Mapping[str, Task], durations: Mapping[str, float]) -> dict[str, float]:
    """Return for each task the seconds from its start to the end of the longest path below it, itself included."""
    return longest_below(order_of(tasks), durations)


def upstream_of(tasks: Mapping[str, Task]) -> dict[str, list[str]]:
    """Return the direct upstream ids of each task, without those outside of `tasks`."""
    return {
        task_id: [dependency.task for dependency in task.dependencies if dependency.task in tasks]
        for task_id, task in tasks.items()
    }


def order_of(tasks: Mapping[str, Task]) -> dict[str, list[str]]:
    """Return for each task those of `tasks` that have ended before it starts: its upstream, and what it comes `after`.

    What is needed is `upstream_of`.
    """
    upstream = upstream_of(tasks)
    for task_id, task in tasks.items():
        if task.after:
            upstream[task_id] += [id_ for id_ in task.after if id_ in tasks and id_ not in upstream[task_id]]
    return upstream


def longest_below(upstream: Mapping[str, Iterable[str]], durations: Mapping[str, float]) -> dict[str, float]:
    """Return the length in seconds of the longest path from each node to a leaf, the node included.

    `upstream` is acyclic and names only its own keys.
    """
    unmeasured = dict.fromkeys(upstream, 0)
    for ids in upstream.values():
        for task_id in ids:
            unmeasured[task_id] += 1
    length = dict.fromkeys(upstream, 0.0)
    ready = [task_id for task_id, count in unmeasured.items() if count == 0]
    while ready:
        task_id = ready.pop()
        # Until now length[id] was the longest path below the node.
        length[task_id] = own = length[task_id] + durations.get(task_id, UNKNOWN_DURATION)
        for above in upstream[task_id]:
            if length[above] < own:
                length[above] = own
            unmeasured[above] -= 1
            if unmeasured[above] == 0:
                ready.append(above)
    return length


def find_cycle(starts: Iterable[str], upstream: Callable[[str], list[str]]) -> list[str]:
    """Return a cycle that can be reached from the starts, `[a, b, a]`: each is upstream of the next; else nothing.

    `upstream` gives what an id waits for. The search goes down first, without recursion: chains may be ten thousand
    long.
    """
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
