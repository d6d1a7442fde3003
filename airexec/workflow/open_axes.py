"""Matrices with open axes, `os: "{{ params.systems }}"`: what values they have, and the tasks of a workflow for other
values than those that it was read with.

A workflow is read, checked and kept with the defaults of its params, so that there is something to list and to draw.
With it is kept how its tasks are written (`Workflow.unexpanded`), from which `expanded_for` makes them anew.
"""

import os
import re
from collections.abc import Mapping
from typing import Any

from airexec.errors import UsageError
from airexec.workflow.expand import Expanded, expand_written, with_groups_resolved
from airexec.workflow.matrix import INSTANCES_MAX, is_too_large, limit_broken, size, value_name
from airexec.workflow.model import Task, Workflow
from airexec.workflow.template.problem import TemplateError
from airexec.workflow.template.templates import Templates
from airexec.workflow.wording import quoted, shown

Context = Mapping[str, Any]
"""What axes see: `params` and `vars`, maps of values by name; of vars those that no command works out."""

KNOWN = frozenset({"params", "vars"})
"""The names in it."""

_PARAM = re.compile(r"\s*\{\{\s*params\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}\s*")
_PROBLEMS_MAX = 10


class AxisError(ValueError):
    """The expression of an axis has a value that no matrix can be made of."""


def defaults_of(params: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the defaults of params, given by their schemas, of those that have one."""
    return {name: schema["default"] for name, schema in params.items() if "default" in schema}


def values_of(axis: str, context: Context, templates: Templates) -> list[Any]:
    """Return the values of an open axis. Raises AxisError, which begins with the expression; TemplateError."""
    text = " ".join(axis.split())
    found = _PARAM.fullmatch(axis)
    if found and found[1] in context["params"]:  # so that a list by name needs no Jinja2
        value = context["params"][found[1]]
    else:
        value = templates.evaluate(axis, context)
    if not isinstance(value, list):
        raise AxisError(f"{text} is {shown(value)}, not a list")
    if not value:
        raise AxisError(f"{text} is an empty list, so there is nothing to do")
    if len(value) > INSTANCES_MAX:
        raise AxisError(f"{text} has {len(value)} values; at most {INSTANCES_MAX} are allowed")
    names: set[str] = set()
    for place, one in enumerate(value):
        if not isinstance(one, str | int | float):
            raise AxisError(f"item {place + 1} of {text} is {shown(one)}; it must be a text, a number, true or false")
        if (name := value_name(one)) in names:
            raise AxisError(f"{quoted(name)} stands twice in {text}")
        names.add(name)
    return value


def expanded_for(workflow: Workflow, context: Context) -> Workflow:
    """Return the workflow with the tasks that it has for these values.

    Raises UsageError for values of which no graph can be made; the graph is checked as that of the file was.
    """
    if not workflow.unexpanded or context["params"] == defaults_of(workflow.params):
        return workflow
    templates = Templates()
    written = {task_id: _closed(task, context, templates) for task_id, task in workflow.unexpanded.items()}
    _check_sizes(written)
    expanded = _with_nodes(expand_written(written), workflow)
    if any(task.generates for task in expanded.tasks.values()):
        expanded = expanded._replace(tasks=_with_files(expanded.tasks, workflow, context))
    _check(expanded)
    return workflow._replace(tasks=expanded.tasks, groups=expanded.groups)


def _with_nodes(expanded: Expanded, workflow: Workflow) -> Expanded:
    """Return the tasks with those of the files that are nodes, each where it stood."""
    if not workflow.nodes:
        return expanded
    of_nodes = {id_ for id_, task in workflow.tasks.items() if task.scope}
    groups = {
        name: ids for name, ids in workflow.groups.items() if name not in expanded.groups and of_nodes.issuperset(ids)
    }
    tasks: dict[str, Task] = {}
    bare = {one: name for name, ids in workflow.groups.items() for one in ids if name in expanded.groups}
    for id_, task in workflow.tasks.items():
        if id_ in of_nodes:
            tasks[id_] = task
        else:
            name = bare.get(id_, id_)
            tasks.update((one, expanded.tasks[one]) for one in expanded.groups.get(name, (name,)))
    return with_groups_resolved(Expanded(tasks, {**expanded.groups, **groups}))


def _closed(task: Task, context: Context, templates: Templates) -> Task:
    """Return a task as it is written, each open axis of its matrix a list."""
    matrix = dict(task.matrix)
    for key, axis in task.matrix.items():
        if isinstance(axis, str):
            try:
                matrix[key] = values_of(axis, context, templates)
            except (AxisError, TemplateError) as error:
                found = _PARAM.fullmatch(axis)
                hint = f"""such as -p {found[1]}='["a", "b"]'""" if found else ""
                raise UsageError(f"the matrix of task {quoted(task.id)}: {key}: {error}", hint) from None
    return task._replace(matrix=matrix) if task.matrix else task


def _check_sizes(written: Mapping[str, Task]) -> None:
    sizes = {task_id: size(task.matrix) if task.matrix else 1 for task_id, task in written.items()}
    for task_id, task in written.items():
        if task.matrix and is_too_large(task.matrix):
            raise UsageError(f"the matrix of task {quoted(task_id)} makes {sizes[task_id]} tasks, which are too many")
    upstream = {task_id: [it.task for it in task.dependencies] for task_id, task in written.items()}
    if (broken := limit_broken(sizes, upstream)) is not None:
        raise UsageError(f"task {quoted(broken[0])}: {broken[1]}")


def _check(expanded: Expanded) -> None:
    from graphlib import CycleError, TopologicalSorter

    tasks = expanded.tasks
    problems = [
        f"the matrix of task {quoted(name)} makes no task: every combination is excluded"
        for name, ids in expanded.groups.items()
        if not ids
    ]
    problems += [
        f"task {quoted(task.id)} depends on {quoted(it.task)}, which is not there for these params"
        for task in tasks.values()
        for it in task.dependencies
        if it.task not in tasks
    ]
    if problems:
        more = [f"… and {len(problems) - _PROBLEMS_MAX} more"] if len(problems) > _PROBLEMS_MAX else []
        raise UsageError("\n".join([*problems[:_PROBLEMS_MAX], *more]))
    try:
        TopologicalSorter({task.id: [it.task for it in task.dependencies] for task in tasks.values()}).prepare()
    except CycleError as error:
        circle = " → ".join(reversed(error.args[1]))
        raise UsageError(f"tasks depend on each other in a circle: {circle}") from None


def _with_files(tasks: Mapping[str, Task], workflow: Workflow, context: Context) -> dict[str, Task]:
    from airexec.workflow.file_edges import with_file_edges

    folder = os.path.dirname(workflow.path)
    scopes = {}
    if workflow.nodes:
        from airexec.workflow.compose import default_scopes

        scopes = default_scopes(workflow.nodes, context["params"])
    linked, clashes = with_file_edges(tasks, context["params"], folder, workflow.cwd, scopes)
    for path, first, second in clashes:
        raise UsageError(f"tasks {quoted(first)} and {quoted(second)} both generate {path}")
    return linked
