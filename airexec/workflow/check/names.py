"""The names that a file gives, for checks before all is built: sections, tasks, instances of a matrix."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from airexec.workflow.build import Fields
from airexec.workflow.matrix import combinations, instance_id, is_too_large, matching_id

SUGGESTIONS_MAX = 30
"""Names that a check looks for the nearest of: each search goes through all that are known."""


def names_of(data: Fields, section: str) -> frozenset[str]:
    """Return the names of a section, or of a map of a task, whatever is wrong with their values."""
    found = data.get(section, {}) if isinstance(data, Mapping) else {}
    return frozenset(found) if isinstance(found, Mapping) else frozenset()


def instance_ids(task_id: str, matrix: Any) -> list[str]:
    """Return the ids of the instances, none when there are too many."""
    if is_too_large(matrix):
        return []
    return [instance_id(task_id, matrix, values) for values in combinations(matrix)]


def upstream_names(task: Fields) -> list[str]:
    """Return the names in the `dependencies` of a task, as they are written there."""
    written: Any = task.get("dependencies", ())
    items = [written] if isinstance(written, str) else written
    return [item if isinstance(item, str) else item["task"] for item in items]


class TaskNames:
    """The ids that the `tasks` of a file stand for."""

    def __init__(self, tasks: Fields, inner: Mapping[str, Iterable[str]] = {}) -> None:
        """`inner`: the ids in the files of those that are nodes, by the id of the node."""
        self._tasks = tasks
        self._inner = inner

    @cached_property
    def groups(self) -> Mapping[str, list[str]]:
        """Ids of the instances by the bare id of their task."""
        return {name: instance_ids(name, task["matrix"]) for name, task in self._tasks.items() if "matrix" in task}

    @cached_property
    def instances(self) -> Mapping[str, str]:
        """The bare id of its task by the id of each instance, and of each task of a node, in order of the file."""
        found = {one: name for name, instances in self.groups.items() for one in instances}
        for name, ids in self._inner.items():
            for node in self.groups.get(name, [name]):
                found.update((f"{node}.{id_}", name) for id_ in ids)
        return found

    @cached_property
    def all(self) -> frozenset[str]:
        """Every id that a template may name, bare ids of matrix tasks included."""
        return frozenset(self._tasks) | frozenset(self.instances)

    def meant(self, task_id: str, upstream: str) -> list[str]:
        """Return the ids that a dependency of a task means: itself, or by `{{ matrix.os }}` one per instance."""
        matrix = self._tasks[task_id].get("matrix")
        if "{{" not in upstream or not matrix or is_too_large(matrix):
            return [upstream]
        return [matching_id(upstream, values) for values in combinations(matrix)]

    def bare(self, task_id: str) -> str:
        """Return the id as the file writes it: `test` for `test[3.11]`."""
        return self.instances.get(task_id, task_id)
