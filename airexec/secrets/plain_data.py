"""Hides secrets in plain data and in plans: what goes into the journal, the views and messages. Knows no secret.

Names stay as they are (keys, ids, paths, what depends on what): the journal must hang together, and a name that is
known to everybody is none.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from airexec.workflow.model import Plan, Task, Workflow

Mask = Callable[[str], str]


class Masking:
    """Hides secrets in what is written down or shown. Costs nothing as long as there are none."""

    def __init__(self, mask: Mask = str, is_needed: bool = False) -> None:
        self._mask = mask
        self.is_needed = is_needed
        """Whether there is anything to hide; becomes true with the first `::mask`."""

    def text(self, text: str) -> str:
        return self._mask(text) if self.is_needed else text

    def value(self, value: Any) -> Any:
        """Return plain data with the secrets in it hidden."""
        return masked(value, self._mask) if self.is_needed else value

    def problems(self, batch: Iterable[Task]) -> list[str]:
        """Return a sentence for each queued task that holds the value of a secret: it would end up in the journal."""
        if not self.is_needed:
            return []
        return [
            f"task '{task.id}' holds the value of a secret; give it by `secrets:` and use the variable"
            for task in batch
            if self.value(task) != task
        ]


def masked(value: Any, mask: Mask) -> Any:
    """Return plain data with secrets hidden in all its texts and numbers, keys included; named tuples stay such."""
    if isinstance(value, str):
        hidden = mask(value)
        return value if hidden == value else hidden  # an enum stays one
    if isinstance(value, Mapping):
        return {mask(key): masked(item, mask) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item, mask) for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        hidden = mask(digits := str(value))
        return value if hidden == digits else hidden
    if not isinstance(value, tuple):
        return value
    items = [masked(item, mask) for item in value]
    return type(value)(*items) if hasattr(value, "_fields") else tuple(items)


def mask_of(secrets: Collection[str]) -> Mask:
    """Return what hides these values; just `str` when there are none."""
    if not secrets:
        return str
    from airexec.secrets.masker import Masker

    return Masker(secrets).mask_text


def masked_plan(plan: Plan, mask: Mask) -> Plan:
    """Return the plan as it may be written down: a secret may have come by a param, or stand in the file itself."""
    if mask is str:
        return plan
    workflow, tasks = plan.workflow, _masked_tasks(plan.workflow.tasks, mask)
    return plan._replace(
        workflow=workflow._replace(
            **_masked_fields(workflow, _NAMES_OF_WORKFLOWS, mask),
            tasks=tasks,
            templates=_masked_tasks(workflow.templates, mask),
            unexpanded=_masked_tasks(workflow.unexpanded, mask),
        ),
        tasks={
            task_id: tasks[task_id] if workflow.tasks.get(task_id) is task else masked_task(task, mask)
            for task_id, task in plan.tasks.items()
        },
        params=_masked_items(plan.params, mask),
        vars=_masked_items(plan.vars, mask),
        args=masked(plan.args, mask),
        scopes=_masked_items(plan.scopes, mask),
    )


_NAMES_OF_TASKS = frozenset(
    {"id", "dependencies", "after", "trigger_rule", "secrets", "pool", "queue", "template", "scope", "location"}
)
_NAMES_OF_WORKFLOWS = frozenset(
    {"name", "path", "tasks", "templates", "secrets", "pools", "schedule", "triggers", "queue_limits", "groups", "axes",
     "unexpanded", "files"}
)  # fmt: skip
"""Fields that hold names, or are masked apart. All others are masked, so that none can be forgotten."""


def masked_task(task: Task, mask: Mask) -> Task:
    """Return a task of the file as it may be written down."""
    values = [value for name, value in zip(task._fields, task, strict=True) if name not in _NAMES_OF_TASKS]
    all_texts = "\0".join(_texts(values))
    if mask(all_texts) == all_texts:  # one look for the whole task, of which there may be a hundred thousand
        return task
    return task._replace(**_masked_fields(task, _NAMES_OF_TASKS, mask))


def _masked_fields(value: Task | Workflow, names: Collection[str], mask: Mask) -> dict[str, Any]:
    """Return the fields with secrets hidden in their texts; a number alone is a setting and stays one."""
    return {
        name: _masked_items(item, mask) if isinstance(item, Mapping) else masked(item, mask)
        for name, item in zip(value._fields, value, strict=True)
        if name not in names and not isinstance(item, int | float)
    }


def _masked_tasks(tasks: Mapping[str, Task], mask: Mask) -> dict[str, Task]:
    return {task_id: masked_task(task, mask) for task_id, task in tasks.items()}


def _masked_items(items: Mapping[str, Any], mask: Mask) -> dict[str, Any]:
    return {name: masked(value, mask) for name, value in items.items()}


def _texts(value: Any) -> Iterator[str]:
    """Yield all texts and numbers in plain data but keys."""
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, tuple | list):
        for item in value:
            yield from _texts(item)
    elif value is not None:
        yield str(value)
