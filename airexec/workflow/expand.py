"""The tasks of a file, every matrix written out. A dependency on a bare id becomes dependencies on all instances, and
`pack[{{ matrix.os }}]` the matching one of them. Works on data that has passed the schema.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from airexec.workflow.build import Fields, build_instance, build_task
from airexec.workflow.matrix import combinations, instance_id, is_too_large, matching_id
from airexec.workflow.model import Dependency, Location, Task
from airexec.workflow.template.problem import TemplateError
from airexec.workflow.template.templates import Templates

Groups = Mapping[str, tuple[str, ...]]
"""Bare id of a matrix task to the ids of its instances."""


class Expanded(NamedTuple):
    """All tasks in order of the file, and per matrix task the ids of its instances."""

    tasks: dict[str, Task]
    groups: Groups


def as_written(
    tasks: Mapping[str, Fields],
    defaults: Fields,
    locate: Callable[[str], Location],
    templates: Mapping[str, Task] = {},
) -> dict[str, Task]:
    """Return the `tasks` of a file, or its `templates`, with their tables for matrices.

    `templates` are those that a task may be made of.
    """
    written = {}
    for task_id, fields in tasks.items():
        template = templates.get(fields.get("template", ""))
        if template is None:
            task = build_task(task_id, fields, defaults, locate(task_id))
        else:
            task = build_instance(template, task_id, fields, locate(task_id))
        written[task_id] = task._replace(matrix=fields["matrix"]) if "matrix" in fields else task
    return written


def expand_written(written: Mapping[str, Task]) -> Expanded:
    """Return what the tasks of a file stand for; every axis of a matrix is a list."""
    done: dict[str, Task] = {}
    groups = {}
    templates = Templates()
    for task_id, task in written.items():
        if not task.matrix:
            done[task_id] = task._replace(label="") if task.label else task
            continue
        instances = _instances(task, task.matrix, templates)
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


def label_of(template: str, values: Mapping[str, Any], templates: Templates) -> str:
    """Return what an instance with these values is called, in one line. Raises TemplateError."""
    return " ".join(templates.render(template, {"matrix": values}).split())


def _instances(task: Task, matrix: Mapping[str, Any], templates: Templates) -> dict[str, Task]:
    if is_too_large(matrix):
        return {}  # which the checks complain about; made all the same, they would fill the memory
    named = ((instance_id(task.id, matrix, values), values) for values in combinations(matrix))
    has_matching = any("{{" in dependency.task for dependency in task.dependencies)
    return {
        name: task._replace(
            id=name,
            matrix=values,
            dependencies=_matching(task.dependencies, values) if has_matching else task.dependencies,
            label=_label(task.label, values, templates),
        )
        for name, values in named
    }


def _label(template: str, values: Mapping[str, Any], templates: Templates) -> str:
    try:
        return label_of(template, values, templates) if template else ""
    except TemplateError:
        return ""  # the checks say so; it has its id


def _matching(dependencies: tuple[Dependency, ...], values: Mapping[str, Any]) -> tuple[Dependency, ...]:
    found: dict[str, Dependency] = {}
    for dependency in dependencies:
        upstream = matching_id(dependency.task, values)
        found.setdefault(upstream, dependency._replace(task=upstream))
    return tuple(found.values())


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
