"""Plans, workflows and tasks as plain JSON values, and back. Knows nothing of files and lines.

What equals its default is left out, so a task of a 10 000-task plan takes some 60 bytes. The round trip is exact:
tuples, enums and None come back as they were. What the user wrote freely (params, matrix values, `with`) has to be
plain JSON data already, so lists rather than tuples.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache, partial
from typing import Any, TypeVar

from airexec.workflow.actions.command import Command
from airexec.workflow.model import (
    Action,
    Argument,
    Dependency,
    EnvLayer,
    FileAxis,
    IncludedFile,
    Location,
    Overlap,
    Plan,
    QueueLimits,
    QueuePermission,
    Schedule,
    Scope,
    SpliceMoment,
    Task,
    Trigger,
    TriggerRule,
    Var,
    Workflow,
)

Json = dict[str, Any]
Reader = Callable[[Any], Any]
T = TypeVar("T")


def fields_to_json(value: Any) -> Json:
    """Return the fields of a NamedTuple that differ from their defaults, by name, in order."""
    fields = zip(_defaults(value.__class__), value, strict=True)
    return {name: item for (name, default), item in fields if item is not default and item != default}


@lru_cache(maxsize=64)
def _defaults(cls: Any) -> Sequence[tuple[str, object]]:
    """Return the fields of a NamedTuple with their defaults, in order; a field without one has what equals nothing."""
    return tuple((name, cls._field_defaults.get(name, object())) for name in cls._fields)


def fields_from_json(cls: Callable[..., T], fields: Json, readers: Mapping[str, Reader]) -> T:
    """Return a `cls` from the fields given, those in `readers` passed through their reader. `fields` is changed."""
    for name in readers.keys() & fields.keys():
        fields[name] = readers[name](fields[name])
    return cls(**fields)


def task_to_json(task: Task) -> Json:
    """Return a task as an object with the keys of the workflow file; `shell` is always an argv."""
    fields = fields_to_json(task)
    action = fields.pop("action")
    fields = {"id": fields.pop("id"), **fields_to_json(action), **fields}
    if (place := fields.pop("location", None)) is not None:
        fields["line"], fields["column"] = place.line, place.column
        if place.file:
            fields["file"] = place.file
    if "dependencies" in fields:
        fields["dependencies"] = [fields_to_json(item) if any(item[1:]) else item.task for item in task.dependencies]
    if task.queue is not None:
        fields["queue"] = _permission_to_json(task.queue)
    if "with_" in fields:
        fields["with"] = fields.pop("with_")
    return fields


def task_from_json(fields: Json) -> Task:
    """Return the task that `task_to_json` was given. `fields` is changed."""
    if "with" in fields:
        fields["with_"] = fields.pop("with")
    if "line" in fields:
        fields["location"] = Location(fields.pop("file", ""), fields.pop("line"), fields.pop("column", 1))
    return fields_from_json(Task, _with_action(fields), _TASK_READERS)


def workflow_to_json(workflow: Workflow) -> Json:
    """Return a workflow as an object; `tasks` and `templates` become lists, in order."""
    fields = fields_to_json(workflow)
    fields["tasks"] = [task_to_json(task) for task in workflow.tasks.values()]
    if workflow.templates:
        fields["templates"] = [task_to_json(task) for task in workflow.templates.values()]
    if "queue_limits" in fields:
        fields["queue_limits"] = fields_to_json(workflow.queue_limits)
    if workflow.vars:
        fields["vars"] = {name: _var_to_json(var) for name, var in workflow.vars.items()}
    if workflow.arguments:
        fields["arguments"] = {
            template: {name: fields_to_json(one) for name, one in arguments.items()}
            for template, arguments in workflow.arguments.items()
        }
    if workflow.schedule is not None:
        fields["schedule"] = fields_to_json(workflow.schedule)
    if workflow.axes:
        fields["axes"] = [fields_to_json(axis) for axis in workflow.axes]
    if workflow.files:
        fields["files"] = [fields_to_json(file) for file in workflow.files]
    if workflow.triggers:
        fields["triggers"] = [fields_to_json(trigger) for trigger in workflow.triggers]
    return fields


def workflow_from_json(fields: Json) -> Workflow:
    """Return the workflow that `workflow_to_json` was given. `fields` is changed."""
    return fields_from_json(Workflow, fields, _WORKFLOW_READERS)


def plan_to_json(plan: Plan) -> Json:
    """Return a plan as an object. Tasks that are as in the workflow are named, not repeated; all of them: left out."""
    fields = fields_to_json(plan)
    fields["workflow"] = workflow_to_json(plan.workflow)
    if plan.scopes:
        fields["scopes"] = {name: fields_to_json(scope) for name, scope in plan.scopes.items()}
    written = plan.workflow.tasks
    if plan.tasks == written and list(plan.tasks) == list(written):
        del fields["tasks"]
    else:
        fields["tasks"] = [
            task.id if task == written.get(task.id) else task_to_json(task) for task in plan.tasks.values()
        ]
    return fields


def plan_from_json(fields: Json) -> Plan:
    """Return the plan that `plan_to_json` was given. `fields` is changed."""
    workflow = workflow_from_json(fields.pop("workflow"))
    if "tasks" not in fields:
        return fields_from_json(partial(Plan, workflow, dict(workflow.tasks)), fields, _PLAN_READERS)
    selected = [workflow.tasks[item] if isinstance(item, str) else task_from_json(item) for item in fields.pop("tasks")]
    return fields_from_json(partial(Plan, workflow, {task.id: task for task in selected}), fields, _PLAN_READERS)


def _scopes_from_json(scopes: Mapping[str, Json]) -> dict[str, Scope]:
    return {name: fields_from_json(Scope, fields, {"env": _layers_from_json}) for name, fields in scopes.items()}


def _layers_from_json(layers: list[Any]) -> tuple[EnvLayer, ...]:
    return tuple(tuple(layer) if isinstance(layer, list) else layer for layer in layers)


def _dependencies_from_json(items: list[Any]) -> tuple[Dependency, ...]:
    return tuple(_plain_dependency(item) if isinstance(item, str) else Dependency(**item) for item in items)


_plain_dependency = cache(Dependency)
"""One for each name: the same upstream stands in many tasks of a graph."""


def _permission_to_json(permission: QueuePermission) -> bool | Json:
    return fields_to_json(permission) or True


def _permission_from_json(value: Any) -> QueuePermission:
    readers: Mapping[str, Reader] = {"templates": tuple, "when": SpliceMoment}
    return QueuePermission() if value is True else fields_from_json(QueuePermission, value, readers)


def _var_to_json(var: Var) -> Json:
    fields = fields_to_json(var)
    return {**fields_to_json(fields.pop("action")), **fields} if "action" in fields else fields


def _vars_from_json(items: Mapping[str, Json]) -> dict[str, Var]:
    return {name: fields_from_json(Var, _with_action(fields), {}) for name, fields in items.items()}


def _arguments_from_json(items: Mapping[str, Mapping[str, Json]]) -> dict[str, dict[str, Argument]]:
    return {
        template: {name: Argument(**fields) for name, fields in arguments.items()}
        for template, arguments in items.items()
    }


def _with_action(fields: Json) -> Json:
    """Return fields with those of an action, if there are any, put together."""
    for key, read in _ACTION_READERS.items():
        if key in fields:
            fields["action"] = read(fields)
            break
    return fields


def _command_from_json(fields: Json) -> Command:
    """Take the fields of a command out of those of a task."""
    command = fields.pop("command")
    own = {name: tuple(fields.pop(name)) for name in ("args", "shell") if name in fields}
    return Command(command if isinstance(command, str) else tuple(command), **own)


def _tasks_from_json(items: list[Json]) -> dict[str, Task]:
    return {task.id: task for task in map(task_from_json, items)}


def _groups_from_json(groups: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(ids) for name, ids in groups.items()}


def _schedule_from_json(fields: Json | str) -> Schedule:
    """Return a schedule; a text is one that had no other keys yet."""
    return Schedule(fields) if isinstance(fields, str) else fields_from_json(Schedule, fields, {"overlap": Overlap})


def _axes_from_json(items: list[Json]) -> tuple[FileAxis, ...]:
    return tuple(fields_from_json(FileAxis, fields, {"globs": tuple, "files": tuple}) for fields in items)


def _triggers_from_json(items: list[Json]) -> tuple[Trigger, ...]:
    return tuple(fields_from_json(Trigger, fields, {"files": tuple}) for fields in items)


_ACTION_READERS: Mapping[str, Callable[[Json], Action]] = {Command._fields[0]: _command_from_json}
"""By the key that tells a kind of action from the others: takes its fields out of those of a task."""

_TASK_READERS: Mapping[str, Reader] = {
    "dependencies": _dependencies_from_json,
    "trigger_rule": TriggerRule,
    "env_file": tuple,
    "secrets": tuple,
    "retry_on": tuple,
    "queue": _permission_from_json,
    "sources": tuple,
    "generates": tuple,
    "tags": tuple,
}

_WORKFLOW_READERS: Mapping[str, Reader] = {
    "tasks": _tasks_from_json,
    "templates": _tasks_from_json,
    "vars": _vars_from_json,
    "arguments": _arguments_from_json,
    "env_file": tuple,
    "secrets": tuple,
    "default": tuple,
    "queue_limits": lambda fields: QueueLimits(**fields),
    "schedule": _schedule_from_json,
    "triggers": _triggers_from_json,
    "axes": _axes_from_json,
    "files": lambda items: tuple(IncludedFile(**fields) for fields in items),
    "groups": _groups_from_json,
}

_PLAN_READERS: Mapping[str, Reader] = {"scopes": _scopes_from_json}
