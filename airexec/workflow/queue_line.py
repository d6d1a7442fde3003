"""What a task asks for with `::queue`: JSON items become task definitions, or problems with their line numbers.

Everything here is about the text of one attempt; whether the batch fits the running graph is `scheduler.splice`.
What a task prints is data: the definitions that come out are never rendered, except a declared template with the
item's `with` as values.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from airexec.errors import AirexecError
from airexec.workflow.actions.condition import Condition
from airexec.workflow.arguments import Arguments, missing, unknown, with_defaults, wrong_values
from airexec.workflow.build import build_instance, build_task
from airexec.workflow.diagnostics import Path
from airexec.workflow.expand import resolve_groups
from airexec.workflow.json_text import json_encoder
from airexec.workflow.json_value import JsonError, parse_json
from airexec.workflow.model import QueuePermission, Task, Workflow, same_definition
from airexec.workflow.numbers import numbered, refused
from airexec.workflow.schema.failure import Failure
from airexec.workflow.schema.published import failures

PROBLEMS_MAX = 100
"""Problems kept for one attempt; the rest are counted."""

_FOR_EVERYBODY = frozenset({"id", "template", "with", "dependencies", "detached", "description", "tags"})
"""What an item may say with `queue: [template]`: nothing that changes what the template does. The schema allows more,
but no key whose text would be rendered."""

_ID_VALUE_MAX = 80

_JSON_MARKS = frozenset(',[]{}"\\')
_JSON_STARTS = frozenset("-0123456789tfnNI")
"""What JSON without any of the marks begins with; Python takes NaN and Infinity for JSON too."""

_compact = json_encoder(",", ":", sort_keys=True)


class QueueBatch:
    """The `::queue` lines of one attempt, read as they come, in flat memory.

    `tasks` are the definitions in order of their lines, without repetitions; `problems` one sentence per mistake.
    Once there is a problem nothing of the batch can be queued, so later items are checked and dropped.
    """

    def __init__(
        self, permission: QueuePermission, workflow: Workflow, params: Mapping[str, Any] = {}, scope: str = ""
    ) -> None:
        """`params` are the values that the scope of the task has: the names in its lines are those of its own file."""
        self._scope = scope
        self._permission = permission
        self._params = params
        self._workflow = workflow
        self._tasks: dict[str, Task] = {}
        self.problems: list[str] = []
        self.problems_more = 0
        """How many problems came after the first PROBLEMS_MAX."""
        self._full = False

    @property
    def tasks(self) -> tuple[Task, ...]:
        return tuple(self._tasks.values())

    def take(self) -> tuple[Task, ...]:
        """Return the tasks read so far and forget them: for a splice at the line."""
        tasks = self.tasks
        self._tasks.clear()
        return tasks

    def read(self, where: str, payload: str) -> None:
        """Read the JSON of one line; `where` says which, e.g. `line 3`."""
        if self._full:
            return
        try:
            value = parse_json(payload)
        except JsonError as error:
            self.complain(f"{where}: {error}")
            return
        for item in value if isinstance(value, list) else [value]:
            self._read_item(where, item)

    def complain(self, problem: str) -> None:
        self._tasks.clear()
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(problem)
        else:
            self.problems_more += 1

    def _read_item(self, where: str, item: Any) -> None:
        if self._full:
            return
        try:
            task = define(item, self._permission, self._workflow, self._params, self._scope)
        except QueueItemError as error:
            for problem in error.problems:
                self.complain(f"{where}: {problem}")
            return
        if self.problems:
            return
        known = self._tasks.setdefault(task.id, task)
        if known is not task and not same_definition(known, task):
            self.complain(f"{where}: task '{task.id}' stands in the batch twice, with different definitions")
        elif len(self._tasks) > (limit := self._workflow.queue_limits.per_task):
            self.complain(f"{where}: a task may queue {limit} tasks (queue_limits.per_task); the rest was not read")
            self._full = True


class QueueItemError(ValueError):
    """One item cannot be a task; `problems` has a sentence for each mistake."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def define(
    item: Any, permission: QueuePermission, workflow: Workflow, params: Mapping[str, Any], scope: str = ""
) -> Task:
    """Return the task that one `::queue` item of a task of this scope stands for. Raises QueueItemError."""
    broken = failures("queue", item)
    if broken:
        raise QueueItemError(*_sentences(broken))
    if scope:
        task = define(item, _inside(permission, scope), _of_file(workflow, scope), params)
        return _outside(task, scope, workflow)
    if problem := refused(item):
        raise QueueItemError(problem)
    task = _instance(item, permission, workflow) if "template" in item else _command(item, permission, workflow)
    if task.dependencies:
        task = task._replace(dependencies=resolve_groups(task.dependencies, workflow.groups))
    if task.numbers:
        task = _numbered(task, params)
    if task.pool is not None:
        slots = workflow.pools.get(task.pool)
        if slots is None:
            raise QueueItemError(f"task '{task.id}' uses pool '{task.pool}', which is not defined")
        if task.pool_slots > slots:
            raise QueueItemError(f"task '{task.id}' needs {task.pool_slots} slots, pool '{task.pool}' has {slots}")
    return task


def _inside(permission: QueuePermission, scope: str) -> QueuePermission:
    """Return a permission with the names of templates as the file of the scope has them."""
    if permission.templates is None:
        return permission
    return permission._replace(templates=tuple(name.removeprefix(f"{scope}.") for name in permission.templates))


def _of_file(workflow: Workflow, scope: str) -> Workflow:
    """Return what of a workflow a file knows that is a node of it, by the names that it gives."""
    prefix = f"{scope}."
    return workflow._replace(
        templates={name.removeprefix(prefix): it for name, it in workflow.templates.items() if name.startswith(prefix)},
        arguments={name.removeprefix(prefix): it for name, it in workflow.arguments.items() if name.startswith(prefix)},
        groups={},
        default_args=workflow.nodes[scope].default_args,
    )


def _outside(task: Task, scope: str, workflow: Workflow) -> Task:
    """Return a task that a file knows under its own names as the run knows it."""

    def full(name: str) -> str:
        return name if name.startswith(f"{scope}.") else f"{scope}.{name}"

    named = tuple(it._replace(task=full(it.task)) for it in task.dependencies)
    return task._replace(
        id=full(task.id),
        template=None if task.template is None else full(task.template),
        dependencies=resolve_groups(named, workflow.groups),
        scope=scope,
    )


def _numbered(task: Task, params: Mapping[str, Any]) -> Task:
    try:
        return numbered(task, params, {})
    except AirexecError as error:
        raise QueueItemError(f"{error.headline}{f' ({error.hint})' if error.hint else ''}") from None


def _sentences(broken: list[Failure]) -> list[str]:
    from airexec.workflow.schema.words import explain

    return [_sentence(problem.path, problem.message, problem.hint) for problem in explain(broken)]


def _sentence(path: Path, message: str, hint: str) -> str:
    place = ".".join(str(part) for part in path) if len(path) > 1 else ""
    return f"{place + ': ' if place else ''}{message}{f' ({hint})' if hint else ''}"


def _command(item: Mapping[str, Any], permission: QueuePermission, workflow: Workflow) -> Task:
    if permission.templates is not None:
        allowed = ", ".join(permission.templates)
        raise QueueItemError(f"this task may queue only template {allowed}; `queue: true` allows commands")
    fields = {key: value for key, value in item.items() if key not in ("id", "detached")}
    task = build_task(item["id"], fields, workflow.default_args)
    return task._replace(literal=True, detached=item.get("detached", False), **_own_conditions(task, item))


def _own_conditions(task: Task, item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the conditions that an item asks for, as the data that they are; those of `default_args` are no data."""
    own: dict[str, Any] = {}
    if isinstance(task.when, Condition) and "when" in item:
        own["when"] = task.when._replace(literal=True)
    if "preconditions" in item:
        own["preconditions"] = tuple(one._replace(literal=True) for one in task.preconditions)
    return own


def _instance(item: Mapping[str, Any], permission: QueuePermission, workflow: Workflow) -> Task:
    name = item["template"]
    template = workflow.templates.get(name)
    if template is None:
        raise QueueItemError(f"template '{name}' is not defined; there is {', '.join(workflow.templates) or 'none'}")
    if permission.templates is not None and name not in permission.templates:
        raise QueueItemError(f"this task may not queue template '{name}', only {', '.join(permission.templates)}")
    if permission.templates is not None and (extra := sorted(item.keys() - _FOR_EVERYBODY)):
        raise QueueItemError(f"this task may not set {', '.join(extra)}; `queue: true` allows it")
    arguments = item.get("with", {})
    known = workflow.arguments.get(name)
    if known is not None and (problems := list(_wrong_arguments(name, arguments, known))):
        raise QueueItemError(*problems)
    own = {key: value for key, value in item.items() if key not in ("id", "detached")}
    own["with"] = with_defaults(arguments, known)
    task = build_instance(template, item.get("id") or content_id(name, arguments), own)
    return task._replace(detached=item.get("detached", False))


def _wrong_arguments(template: str, given: Mapping[str, Any], known: Arguments) -> Iterator[str]:
    for name in unknown(given, known):
        from airexec.workflow.wording import did_you_mean

        hint = did_you_mean(name, known) or (f"it takes {', '.join(known)}" if known else "it takes nothing")
        yield f"template '{template}' takes no '{name}' ({hint})"
    for name in missing(given, known):
        yield f"template '{template}' needs '{name}' in `with`"
    for _, problem in wrong_values(given, known, are_written=False):
        yield f"template '{template}': {problem}"


def content_id(template: str, arguments: Mapping[str, Any]) -> str:
    """Return the id of a template instance that has none: `process[a.csv]`.

    The values stand in order of their keys. A string that could be taken for another value or for two is written as
    JSON; what is long is cut, and made unique by a hash of the whole.
    """
    values = ",".join(_id_value(arguments[key]) for key in sorted(arguments))
    if len(values) > _ID_VALUE_MAX:
        from hashlib import sha256  # 2 ms

        whole = _compact(arguments)
        digest = sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        values = f"{values[: _ID_VALUE_MAX - 13]}~{digest}"
    return f"{template}[{values}]"


def _id_value(value: Any) -> str:
    return value if isinstance(value, str) and _is_unmistakable(value) else _compact(value)


def _is_unmistakable(text: str) -> bool:
    """Return whether `text` can be taken for nothing but itself: for no other JSON value, nor for two texts."""
    if not text or not text.isprintable() or text != text.strip() or not _JSON_MARKS.isdisjoint(text):
        return False
    if text[0] not in _JSON_STARTS:
        return True
    try:
        json.loads(text)
    except ValueError:
        return True
    return False
