"""What a task asks for with `::queue`: JSON items become task definitions, or problems with their line numbers.

Everything here is about the text of one attempt; whether the batch fits the running graph is `scheduler.splice`.
What a task prints is data: the definitions that come out are never rendered, except a declared template with the
item's `with` as values.
"""

import json
from collections.abc import Mapping
from typing import Any

from airexec.errors import AirexecError
from airexec.workflow.build import build_task, dependencies
from airexec.workflow.diagnostics import Path
from airexec.workflow.expand import resolve_groups
from airexec.workflow.json_text import json_encoder
from airexec.workflow.json_value import JsonError, parse_json
from airexec.workflow.model import Dependency, QueuePermission, Task, Workflow, same_definition
from airexec.workflow.numbers import numbered, refused
from airexec.workflow.schema.failure import Failure
from airexec.workflow.schema.published import failures

PROBLEMS_MAX = 100
"""Problems kept for one attempt; the rest are counted."""

_FOR_EVERYBODY = frozenset({"id", "template", "with", "dependencies", "detached", "description", "tags"})
"""What an item may say with `queue: [template]`: nothing that changes what the template does. The schema allows more,
but no key whose text would be rendered."""

_OF_THE_INSTANCE = frozenset({"id", "template", "with", "dependencies", "detached"})
"""What is no key of the template that an item overrides."""

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

    def __init__(self, permission: QueuePermission, workflow: Workflow, params: Mapping[str, Any] = {}) -> None:
        """`params` are the values that the run has."""
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
            task = define(item, self._permission, self._workflow, self._params)
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


def define(item: Any, permission: QueuePermission, workflow: Workflow, params: Mapping[str, Any]) -> Task:
    """Return the task that one `::queue` item stands for. Raises QueueItemError."""
    broken = failures("queue", item)
    if broken:
        raise QueueItemError(*_sentences(broken))
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
    return task._replace(literal=True, detached=item.get("detached", False))


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
    if own := item.keys() - _OF_THE_INSTANCE:
        template = _overridden(template, {key: item[key] for key in own})
    if "dependencies" in item:
        template = template._replace(dependencies=_with_own(template.dependencies, item["dependencies"]))
    return template._replace(
        id=item.get("id") or content_id(name, arguments),
        template=name,
        with_=arguments,
        detached=item.get("detached", False),
        location=None,
    )


def _overridden(template: Task, own: Mapping[str, Any]) -> Task:
    """Return the template with what the item sets itself."""
    built = build_task(template.id, {"command": "true", **own}, {})
    numbers = {key: text for key, text in template.numbers.items() if key not in own}
    return template._replace(**{key: getattr(built, key) for key in own}, numbers=numbers)


def _with_own(inherited: tuple[Dependency, ...], own: Any) -> tuple[Dependency, ...]:
    names = {dependency.task for dependency in inherited}
    return (*inherited, *(dependency for dependency in dependencies(own) if dependency.task not in names))


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
