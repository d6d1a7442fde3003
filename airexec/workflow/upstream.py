"""Which tasks of a file come before which, by the bare ids that the file writes. For checks, before all is built."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from airexec.workflow.build import Fields


class Upstream:
    """Answers from the `tasks` of a file. A question walks over what is upstream; most stop at the first step."""

    def __init__(self, tasks: Fields) -> None:
        self._tasks = tasks

    @cached_property
    def groups(self) -> Mapping[str, list[str]]:
        """Ids of the instances by the bare id of their task."""
        from airexec.workflow.check_matrix import instance_ids

        return {name: instance_ids(name, task["matrix"]) for name, task in self._tasks.items() if "matrix" in task}

    @cached_property
    def _bare(self) -> Mapping[str, str]:
        return {one: name for name, instances in self.groups.items() for one in instances}

    @cached_property
    def task_ids(self) -> frozenset[str]:
        """Every id that a template may name, bare ids of matrix tasks included."""
        return frozenset(self._tasks) | frozenset(self._bare)

    def bare(self, task_id: str) -> str:
        """Return the id as the file writes it: `test` for `test[3.11]`."""
        return self._bare.get(task_id, task_id)

    def comes_before(self, first: str, then: str) -> bool:
        """Return whether `then` waits for `first`, directly or through others."""
        wanted = self.bare(first)
        return any(task_id == wanted for task_id in self._walk(self.bare(then)))

    def may_grow(self, task_id: str) -> bool:
        """Return whether a task upstream of this one may queue further tasks."""
        return any(self._tasks[other].get("queue") for other in self._walk(self.bare(task_id)))

    def _walk(self, task_id: str) -> Iterator[str]:
        """Return all that is upstream, the direct ones first."""
        seen = {task_id}
        level = [task_id]
        while level:
            level = list(dict.fromkeys(other for one in level for other in self._direct(one) if other not in seen))
            seen.update(level)
            yield from level

    def _direct(self, task_id: str) -> list[str]:
        written: Any = self._tasks[task_id].get("dependencies", ())
        items = [written] if isinstance(written, str) else written
        ids = (self.bare(item if isinstance(item, str) else item["task"]) for item in items)
        return [one for one in ids if one in self._tasks]
