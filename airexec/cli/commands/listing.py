"""`airexec list`: the tasks and templates of a workflow, for people and for programs."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from airexec.cli.console import print_json, print_lines
from airexec.cli.workflows import load_workflow
from airexec.workflow.model import Task, Workflow, default_ids

_TIMES = "\N{MULTIPLICATION SIGN}"
_INSTANCES_MAX = 3
"""So many instances of a matrix are named one by one."""


def list_tasks(workflow: Path | None, as_json: bool = False, tags: Sequence[str] = (), everything: bool = False) -> int:
    """Print the tasks of a workflow in order of the file, or those with one of these tags. Raises UsageError,
    WorkflowError."""
    from airexec.graph.select import tagged

    checked = load_workflow(workflow)
    tasks = tagged(checked, tags) if tags else list(checked.tasks.values())
    if as_json:
        print_json(listing_as_data(checked, tasks))
    else:
        print_lines(listing_lines(checked, tasks, everything=everything, only_tasks=bool(tags)))
    return 0


def listing_lines(
    workflow: Workflow, tasks: Sequence[Task], *, everything: bool = False, only_tasks: bool = False
) -> Iterator[str]:
    """Yield the listing as text: a head line, a line per task or matrix, then templates and params if there are any.

    `everything`: a line per instance of a matrix, and private tasks as well.
    """
    yield f"{workflow.name}: {workflow.description}" if workflow.description else workflow.name
    default = default_ids(workflow)
    if everything:
        rows = [_task_row(task, default) for task in tasks]
    else:
        rows = [_row_of_group(name, several, default) for name, several in _grouped(workflow, tasks)]
    yield from _section("tasks", rows, _params_below(workflow, tasks, everything=everything))
    if only_tasks:
        return
    templates = (task for task in workflow.templates.values() if everything or not task.is_private)
    yield from _section("templates", [_task_row(task, default) for task in templates])
    yield from _section("params", _param_rows(workflow))


def _grouped(workflow: Workflow, tasks: Iterable[Task]) -> Iterator[tuple[str, list[Task]]]:
    """Yield the tasks that are not private, in order, instances of one matrix together under its bare id; the name is
    empty for a task that is no instance."""
    nodes = {name.rpartition("[")[0] if name.endswith("]") else name for name in workflow.nodes}
    matrices = {name: ids for name, ids in workflow.groups.items() if name not in nodes}
    groups = {instance: name for name, instances in matrices.items() for instance in instances}
    found: dict[str, list[Task]] = {}
    for task in tasks:
        if not task.is_private:
            found.setdefault(groups.get(task.id, task.id), []).append(task)
    return ((name if name in matrices else "", several) for name, several in found.items())


def _section(
    title: str, rows: Sequence[tuple[str, str, str]], below: Mapping[str, Sequence[str]] = {}
) -> Iterator[str]:
    """Yield a title and a line per row, each with the lines `below` its name."""
    if not rows:
        return
    yield ""
    yield f"{title}:"
    name_width, about_width = (max(len(row[column]) for row in rows) for column in (0, 1))
    for name, about, remark in rows:
        yield f"  {name:{name_width}}  {about:{about_width}}  {remark}".rstrip()
        yield from below.get(name, ())


def _task_row(task: Task, default: Container[str]) -> tuple[str, str, str]:
    """Return id, description, and when it runs, what it waits for and may queue."""
    return task.id, _about(task), "; ".join(_remarks(task, task.id in default))


def _about(task: Task) -> str:
    return ": ".join(filter(None, (task.label, one_line(task.description))))


def _row_of_group(name: str, tasks: Sequence[Task], default: Container[str]) -> tuple[str, str, str]:
    """Return one row for all instances of a matrix, or for a task that has none."""
    first = tasks[0]
    if not name:
        return _task_row(first, default)
    upstream = dict.fromkeys(dependency for task in tasks for dependency in task.dependencies)
    whole = first._replace(id=name, dependencies=tuple(upstream), matrix={})
    instances = "1 instance" if len(tasks) == 1 else f"{len(tasks)} instances"
    remarks = _remarks(whole, any(task.id in default for task in tasks))
    return f"{name}[…]", one_line(first.description), "; ".join((instances, *remarks))


def _remarks(task: Task, is_default: bool) -> Iterator[str]:
    if is_default:
        yield "default"
    if task.manual:
        yield "manual"
    if "~" in task.id and not task.label:  # the id alone does not tell which it is
        yield ", ".join(f"{name}={one_line(str(value))}" for name, value in task.matrix.items())
    if written := _named(it.task for it in task.dependencies if not it.from_files):
        yield f"after {written}"
    if read := _named(it.task for it in task.dependencies if it.from_files):
        yield f"reads what {read} makes"
    if first := _named(task.after):
        yield f"not before {first}"
    if task.queue is not None:
        yield f"may queue {'anything' if task.queue.templates is None else ', '.join(task.queue.templates)}"
    if task.tags:
        yield f"tags {', '.join(task.tags)}"


def _params_below(workflow: Workflow, tasks: Iterable[Task], *, everything: bool) -> dict[str, list[str]]:
    """Return the lines about the params that a task has for itself, by the name of its row; of a matrix that is written
    out below the last instance."""
    of_base = {task.id.partition("[")[0]: task for task in tasks if task.params and not task.scope}
    return {
        f"{base}[…]" if base in workflow.groups and not everything else task.id: list(
            map(_param_line, task.params.items())
        )
        for base, task in of_base.items()
    }


def _param_line(param: tuple[str, Mapping[str, Any]]) -> str:
    from airexec.workflow.params import kind_text

    name, schema = param
    about = one_line(str(schema.get("description", "")))
    return f"      -p {name}=…  {kind_text(schema)}, {_default(schema)}{f': {about}' if about else ''}"


def _named(ids: Iterable[str]) -> str:
    """Return ids in a row; of the instances of a matrix, where they are many, how many they are."""
    several: dict[str, list[str]] = {}
    for id_ in ids:
        several.setdefault(id_.partition("[")[0], []).append(id_)
    return ", ".join(
        f"{base}[…] {_TIMES} {len(found)}" if len(found) > _INSTANCES_MAX else ", ".join(found)
        for base, found in several.items()
    )


def _param_rows(workflow: Workflow) -> list[tuple[str, str, str]]:
    return [
        (name, one_line(str(schema.get("description", ""))), _default(schema))
        for name, schema in workflow.params.items()
    ]


def _default(schema: Any) -> str:
    import json

    return f"default {json.dumps(schema['default'])}" if "default" in schema else "required"


def one_line(text: str) -> str:
    """Return the first line of a text."""
    return text.strip().partition("\n")[0]


def listing_as_data(workflow: Workflow, tasks: Iterable[Task]) -> dict[str, Any]:
    """Return the listing as plain data."""
    return {
        "name": workflow.name,
        "description": workflow.description,
        "file": workflow.path,
        "default": workflow.default,
        "params": workflow.params,
        "groups": workflow.groups,
        "tasks": [_task_as_data(task, workflow.path) for task in tasks],
        "templates": [_task_as_data(task, workflow.path) for task in workflow.templates.values()],
    }


def _task_as_data(task: Task, path: str) -> dict[str, Any]:
    queue = task.queue and {"templates": task.queue.templates, "when": task.queue.when}
    return {
        "id": task.id,
        **({"label": task.label} if task.label else {}),
        "description": task.description,
        **task.action.written(),
        "dependencies": [dependency.task for dependency in task.dependencies],
        "after": task.after,
        "params": task.params,
        "sources": task.sources,
        "generates": task.generates,
        "depfile": task.depfile,
        "trigger_rule": task.trigger_rule,
        "queue": queue,
        "manual": task.manual,
        "private": task.is_private,
        "tags": task.tags,
        "file": (task.location and task.location.file) or path,
        "line": task.location.line if task.location else 0,
    }
