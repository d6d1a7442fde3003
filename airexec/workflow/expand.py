"""The tasks of a file, every matrix written out, and dependencies on a bare id turned into dependencies on all
instances. Works on data that has passed the schema.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from airexec.workflow.build import Fields, build_instance, build_task
from airexec.workflow.matrix import combinations, instance_id, is_too_large
from airexec.workflow.model import Dependency, Location, Task

Groups = Mapping[str, tuple[str, ...]]
"""Bare id of a matrix task to the ids of its instances."""


class Expanded(NamedTuple):
    """All tasks in order of the file, and per matrix task the ids of its instances."""

    tasks: dict[str, Task]
    groups: Groups


def expand(
    tasks: Mapping[str, Fields],
    defaults: Fields,
    locate: Callable[[str], Location],
    known: Groups | None = None,
    templates: Mapping[str, Task] = {},
) -> Expanded:
    """Return what the `tasks` of a file stand for, or its `templates`, given the groups of the tasks as `known`.

    `templates` are those that a task may be made of, as `expand` returns them.
    """
    done: dict[str, Task] = {}
    groups = dict(known or {})
    for task_id, fields in tasks.items():
        template = templates.get(fields.get("template", ""))
        if template is None:
            task = build_task(task_id, fields, defaults, locate(task_id))
        else:
            task = build_instance(template, task_id, fields, locate(task_id))
        if "matrix" not in fields:
            done[task_id] = task
            continue
        instances = _instances(task, fields["matrix"])
        done.update(instances)
        groups[task_id] = tuple(instances)
    return with_groups_resolved(Expanded(done, groups))


def resolve_groups(dependencies: tuple[Dependency, ...], groups: Groups) -> tuple[Dependency, ...]:
    """Return the dependencies with each bare id of a matrix task replaced by all its instances, each upstream once."""
    resolved: dict[str, Dependency] = {}
    for dependency in dependencies:
        for upstream in groups.get(dependency.task, (dependency.task,)):
            resolved.setdefault(upstream, dependency._replace(task=upstream))
    return tuple(resolved.values())


def _members(ids: tuple[str, ...], groups: Groups) -> tuple[str, ...]:
    """Return the ids with each bare one of a matrix replaced by its instances, each once."""
    return tuple(dict.fromkeys(one for id_ in ids for one in groups.get(id_, (id_,))))


def _instances(task: Task, matrix: Mapping[str, Any]) -> dict[str, Task]:
    if is_too_large(matrix):
        return {}  # which the checks complain about; made all the same, they would fill the memory
    named = ((instance_id(task.id, matrix, values), values) for values in combinations(matrix))
    return {name: task._replace(id=name, matrix=values) for name, values in named}


def with_groups_resolved(expanded: Expanded) -> Expanded:
    """Return the tasks with each dependency on a bare id turned into dependencies on all that it stands for."""
    tasks, groups = expanded
    if not groups:
        return expanded
    return Expanded({task_id: _with_members(task, groups) for task_id, task in tasks.items()}, groups)


def _with_members(task: Task, groups: Groups) -> Task:
    if any(dependency.task in groups for dependency in task.dependencies):
        task = task._replace(dependencies=resolve_groups(task.dependencies, groups))
    if any(id_ in groups for id_ in task.after):
        task = task._replace(after=_members(task.after, groups))
    return task
