"""`airexec list`: the tasks and templates of a workflow, for people and for programs."""

from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from airexec.cli.console import print_json, print_lines
from airexec.cli.workflows import load_workflow
from airexec.workflow.model import Task, Workflow, default_ids

_TIMES = "\N{MULTIPLICATION SIGN}"
_INSTANCES_MAX = 3
"""So many instances of a matrix are named one by one."""


def list_tasks(workflow: Path | None, as_json: bool = False) -> int:
    """Print the tasks of a workflow in order of the file. Raises UsageError, WorkflowError."""
    checked = load_workflow(workflow)
    if as_json:
        print_json(listing_as_data(checked))
    else:
        print_lines(listing_lines(checked))
    return 0


def listing_lines(workflow: Workflow) -> Iterator[str]:
    """Yield the listing as text: a head line, a line per task, then params and templates if there are any."""
    yield f"{workflow.name}: {workflow.description}" if workflow.description else workflow.name
    default = default_ids(workflow)
    yield from _section("tasks", _task_rows(workflow.tasks.values(), default))
    yield from _section("templates", _task_rows(workflow.templates.values(), default))
    yield from _section("params", _param_rows(workflow))


def _section(title: str, rows: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield f"{title}:"
    name_width, about_width = (max(len(row[column]) for row in rows) for column in (0, 1))
    for name, about, remark in rows:
        yield f"  {name:{name_width}}  {about:{about_width}}  {remark}".rstrip()


def _task_rows(tasks: Iterable[Task], default: Container[str]) -> list[tuple[str, str, str]]:
    """Return (id, description, when it runs, what it waits for and may queue) per task."""
    return [(task.id, one_line(task.description), "; ".join(_remarks(task, default))) for task in tasks]


def _remarks(task: Task, default: Container[str]) -> Iterator[str]:
    if task.id in default:
        yield "default"
    if task.manual:
        yield "manual"
    if "~" in task.id:  # the id alone does not tell which it is
        yield ", ".join(f"{name}={one_line(str(value))}" for name, value in task.matrix.items())
    if written := _named(it.task for it in task.dependencies if not it.from_files):
        yield f"after {written}"
    if read := _named(it.task for it in task.dependencies if it.from_files):
        yield f"reads what {read} makes"
    if task.queue is not None:
        yield f"may queue {'anything' if task.queue.templates is None else ', '.join(task.queue.templates)}"


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


def listing_as_data(workflow: Workflow) -> dict[str, Any]:
    """Return the listing as plain data."""
    return {
        "name": workflow.name,
        "description": workflow.description,
        "file": workflow.path,
        "default": workflow.default,
        "params": workflow.params,
        "tasks": [_task_as_data(task, workflow.path) for task in workflow.tasks.values()],
        "templates": [_task_as_data(task, workflow.path) for task in workflow.templates.values()],
    }


def _task_as_data(task: Task, path: str) -> dict[str, Any]:
    queue = task.queue and {"templates": task.queue.templates, "when": task.queue.when}
    return {
        "id": task.id,
        "description": task.description,
        **task.action.written(),
        "dependencies": [dependency.task for dependency in task.dependencies],
        "sources": task.sources,
        "generates": task.generates,
        "depfile": task.depfile,
        "trigger_rule": task.trigger_rule,
        "queue": queue,
        "manual": task.manual,
        "tags": task.tags,
        "file": (task.location and task.location.file) or path,
        "line": task.location.line if task.location else 0,
    }
