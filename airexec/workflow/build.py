"""Data that has passed the schema into the values of the model. The only door, for tasks of the file, templates and
queued tasks alike. Checks nothing: what the schema cannot say is checked elsewhere before.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from airexec.workflow.actions.command import build_command
from airexec.workflow.actions.condition import build_condition
from airexec.workflow.durations import seconds
from airexec.workflow.model import (
    Action,
    Dependency,
    EnvFile,
    Location,
    Overlap,
    QueueLimits,
    QueuePermission,
    Schedule,
    Secret,
    SpliceMoment,
    Task,
    Trigger,
    TriggerRule,
    Var,
)
from airexec.workflow.numbers import OF_TASKS, OF_WORKFLOWS, templates_in

Fields = Mapping[str, Any]


def build_task(task_id: str, fields: Fields, defaults: Fields | None = None, location: Location | None = None) -> Task:
    """Return the task that `fields` describe, in the keys of the file or of a queued item.

    `defaults` are `Workflow.default_args`; what `fields` say wins, key by key. A `matrix` is ignored: expansion is
    the work of `expand`.
    """
    fields = {**defaults, **fields} if defaults else fields
    numbers = templates_in(fields, OF_TASKS)
    values = {
        _FIELD_NAMES.get(key, key): _CONVERT[key](value)
        for key, value in fields.items()
        if key in _CONVERT and key not in numbers
    }
    if numbers:
        values["numbers"] = numbers
    action = build_action(fields)
    if "when" in fields or "preconditions" in fields:
        values.update(_conditions(fields))
    products = _items(fields.get("generates", ()))
    if atomic := next((str(it["path"]) for it in products if isinstance(it, Mapping) and it.get("atomic")), ""):
        values["atomic"] = atomic
    return Task(id=task_id, action=action, location=location, **values)


def build_instance(template: Task, task_id: str, fields: Fields, location: Location | None = None) -> Task:
    """Return the task that `fields` make of a template: what they say themselves wins, but for dependencies, which are
    added. `with` is taken as it is."""
    own = {key: value for key, value in fields.items() if key not in ("template", "with", "dependencies", "matrix")}
    built = build_task(task_id, {"command": "true", **own}, {}, location)
    names = [_FIELD_NAMES.get(key, key) for key in own if key in _CONVERT]
    numbers = {key: text for key, text in template.numbers.items() if key not in own}
    numbers.update(built.numbers)
    names = [name for name in names if name not in built.numbers]
    names += [key for key, extra in (("atomic", "generates"), ("preconditions", "preconditions")) if extra in own]
    return template._replace(
        id=task_id,
        template=template.id,
        with_=dict(fields.get("with", {})),
        location=location,
        numbers=numbers,
        dependencies=with_own(template.dependencies, fields.get("dependencies", ())),
        **{name: getattr(built, name) for name in names},
    )


def with_own(inherited: tuple[Dependency, ...], own: Any) -> tuple[Dependency, ...]:
    """Return the dependencies of a template with those of a task that is made of it."""
    names = {dependency.task for dependency in inherited}
    return (*inherited, *(dependency for dependency in dependencies(own) if dependency.task not in names))


def build_action(fields: Fields) -> Action:
    """Return what the fields of a task say it does."""
    return build_command(fields)


def _conditions(fields: Fields) -> Iterator[tuple[str, Any]]:
    """Yield the keys that are commands to be asked, which have the shell of the task."""
    shell = fields.get("shell", "sh")
    if isinstance(fields.get("when"), Mapping):
        yield "when", build_condition(fields["when"], shell)
    if "preconditions" in fields:
        yield "preconditions", tuple(build_condition(one, shell) for one in fields["preconditions"])


def task_defaults(data: Fields) -> dict[str, Any]:
    """Return what the tasks of a workflow file get by default: `default_args` without `env`, and `shell`."""
    defaults = {key: value for key, value in data.get("default_args", {}).items() if key != "env"}
    if "shell" in data:
        defaults.setdefault("shell", data["shell"])
    return defaults


def build_params(params: Fields) -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of each param; a bare value is the default. A type that is not said is inferred."""
    schemas = {name: dict(spec) if isinstance(spec, dict) else {"default": spec} for name, spec in params.items()}
    return {
        name: schema if "type" in schema or not (kind := _kind(schema)) else {"type": kind, **schema}
        for name, schema in schemas.items()
    }


def build_vars(items: Fields) -> dict[str, Var]:
    """Return the `vars` of a file."""
    return {name: _var(item) for name, item in items.items()}


def _var(item: Any) -> Var:
    if not isinstance(item, Mapping):
        return Var(str(item).lower() if isinstance(item, bool) else str(item))
    convert: Mapping[str, Callable[[Any], Any]] = {"cwd": str, "env": dict, "timeout": seconds}
    values = {key: change(item[key]) for key, change in convert.items() if key in item}
    return Var(action=build_action(item), **values)


_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_KIND_OF_KEYWORD: Mapping[str, str] = {
    **dict.fromkeys(_BOUNDS, "number"),
    **dict.fromkeys(("pattern", "minLength", "maxLength", "format"), "string"),
    **dict.fromkeys(("items", "minItems", "maxItems", "uniqueItems"), "array"),
    **dict.fromkeys(("properties", "required", "additionalProperties", "minProperties", "maxProperties"), "object"),
}


def _kind(schema: Fields) -> str:
    """Return the JSON type that a schema without one means: that of its values, else what its keywords are about.

    Empty when its values are of several types.
    """
    values = [schema[key] for key in ("default", "const") if key in schema] + list(schema.get("enum", ()))
    kinds = {json_type(value) for value in values}
    if not kinds:
        return next((kind for key, kind in _KIND_OF_KEYWORD.items() if key in schema), "")
    if kinds == {"integer"} and any(isinstance(schema.get(key), float) for key in _BOUNDS):
        return "number"
    return "number" if kinds == {"integer", "number"} else kinds.pop() if len(kinds) == 1 else ""


def json_type(value: Any) -> str:
    """Return the JSON type of a value; empty for null, which says nothing of other values."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    return "array" if isinstance(value, list) else "object" if isinstance(value, dict) else "string"


def settings(data: Fields) -> dict[str, Any]:
    """Return the fields of Workflow that do not depend on its tasks; those not written are left out."""
    convert: Mapping[str, Callable[[Any], Any]] = {
        "description": str, "params": build_params, "vars": build_vars, "env": dict, "env_file": env_files,
        "secrets": _secrets, "cwd": str, "max_active_tasks": int, "max_active_runs": int, "fail_fast": bool,
        "dagrun_timeout": _limit, "pools": _slots,
        "triggers": partial(_triggers, data), "queue_limits": _queue_limits, "default": texts,
    }  # fmt: skip
    numbers = templates_in(data, OF_WORKFLOWS)
    found = {key: change(data[key]) for key, change in convert.items() if key in data and key not in numbers}
    if numbers:
        found["numbers"] = numbers
    return {**found, "schedule": _schedule(data)} if "schedule" in data else found


def texts(value: str | Sequence[str]) -> tuple[str, ...]:
    """Return a string or a list of strings as a tuple."""
    return (value,) if isinstance(value, str) else tuple(value)


def env_files(value: Any) -> tuple[EnvFile, ...]:
    """Return one env file or several, in order."""
    return tuple(EnvFile(item) if isinstance(item, str) else EnvFile(**item) for item in _items(value))


def _secrets(value: Any) -> tuple[Secret, ...]:
    return tuple(Secret(item) if isinstance(item, str) else Secret(**item) for item in value)


def _schedule(data: Fields) -> Schedule:
    from airexec.workflow.dates import moment

    timezone, catchup = data.get("timezone", "UTC"), data.get("catchup", False)
    return Schedule(
        cron=data["schedule"].strip(),
        timezone=timezone,
        start_date=moment(data["start_date"], timezone) if "start_date" in data else None,
        catchup=catchup,
        overlap=Overlap(data.get("overlap", Overlap.QUEUE if catchup else Overlap.SKIP)),
    )


def _triggers(data: Fields, triggers: Sequence[Fields]) -> tuple[Trigger, ...]:
    """Return the items of `triggers`; the list of files goes to the param `files` where there is one."""
    convert: Mapping[str, Callable[[Any], Any]] = {"files": texts, "settle": seconds}
    usual = "files" if "files" in data.get("params", {}) else ""
    return tuple(
        Trigger(**{
            **({"param": usual} if "files" in one else {}),
            **{key: convert.get(key, str)(value) for key, value in one.items()},
        })
        for one in triggers
    )  # fmt: skip


def _limit(value: str | float | None) -> float | None:
    """Return the seconds that something may take; None for 0 and for null, which are to end nothing at once."""
    return None if value is None else seconds(value) or None


def _slots(pools: Fields) -> dict[str, int]:
    return {name: int(slots) for name, slots in pools.items()}


def _queue_limits(limits: Fields) -> QueueLimits:
    return QueueLimits(**{key: int(value) for key, value in limits.items()})


def dependencies(value: Any) -> tuple[Dependency, ...]:
    """Return each upstream once; of two items about one task the first holds."""
    items = [value] if isinstance(value, str) else value
    found: dict[str, Dependency] = {}
    for item in items:
        one = Dependency(item) if isinstance(item, str) else Dependency(**item)
        found.setdefault(one.task, one)
    return tuple(found.values())


def _each_once(value: str | Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts(value)))


def _when(value: Any) -> str:
    """Return an expression; of a map `_conditions` makes what it is."""
    return value if isinstance(value, str) else str(value).lower()


def _queue(value: Any) -> QueuePermission | None:
    if isinstance(value, bool):
        return QueuePermission() if value else None
    if isinstance(value, list):
        return QueuePermission(tuple(value))
    templates = tuple(value["templates"]) if "templates" in value else None
    return QueuePermission(templates, SpliceMoment(value.get("when", "end")))


def _products(value: Any) -> tuple[str, ...]:
    return tuple(item if isinstance(item, str) else str(item["path"]) for item in _items(value))


def _items(value: Any) -> Sequence[Any]:
    return [value] if isinstance(value, str | Mapping) else value


def exit_codes(value: Any) -> tuple[int, ...]:
    """Return an exit code or a list of them as a tuple."""
    return tuple(map(int, value if isinstance(value, list) else [value]))


def _allowed(value: Any) -> bool | tuple[int, ...]:
    return exit_codes(value.get("exit_codes", ())) if isinstance(value, Mapping) else bool(value)


_FIELD_NAMES = {"with": "with_", "map_index_template": "label"}
_CONVERT: Mapping[str, Callable[[Any], Any]] = {
    "params": build_params, "dependencies": dependencies, "after": _each_once, "trigger_rule": TriggerRule,
    "when": _when, "env": dict, "env_file": env_files, "cwd": str, "secrets": _secrets, "retries": int,
    "retry_delay": seconds, "retry_exponential_backoff": float, "max_retry_delay": seconds, "retry_on": exit_codes,
    "execution_timeout": _limit, "pool": str, "pool_slots": int, "priority_weight": int,
    "allow_failure": _allowed, "skip_on_exit_code": exit_codes, "queue": _queue,
    "sources": texts, "generates": _products, "depfile": str, "cache_key": str,
    "map_index_template": str, "background": bool, "manual": bool, "description": str,
    "tags": tuple, "template": str, "with": dict, "detached": bool,
}  # fmt: skip
