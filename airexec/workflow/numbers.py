"""Keys that are numbers, and that a workflow file may also say by a template, such as `retries: "{{ params.tries }}"`.

They are needed before a task starts, so only what is known then may stand in them: `params`, `matrix` and `with`. They
are worked out in one place, when a plan is made or a task is queued: whoever runs tasks sees plain numbers.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from airexec.errors import UsageError
from airexec.workflow.durations import seconds
from airexec.workflow.model import Task, Workflow
from airexec.workflow.template.problem import TemplateError
from airexec.workflow.template.templates import Templates, has_template

KNOWN_EARLY = frozenset({"params", "matrix", "with"})
"""What such a template may name."""

SECONDS_MAX = 3_153_600_000
COUNT_MAX = 1_000_000
"""As in the schema."""


class Number(NamedTuple):
    """What a key takes: `read` turns a text into its value, or raises ValueError."""

    form: str
    read: Callable[[str], Any]


def _count(text: str, least: int) -> int:
    if not re.fullmatch(r"[0-9]{1,9}(\.0+)?", text) or not least <= float(text) <= COUNT_MAX:
        raise ValueError(text)
    return int(float(text))


def _duration(text: str) -> float:
    found = float(text) if re.fullmatch(r"[0-9]{1,12}(\.[0-9]+)?", text) else seconds(text)
    if found > SECONDS_MAX:
        raise ValueError(text)
    return found


_DURATION = Number("a duration is a number of seconds, or like 500ms, 30s, 5m, 1h30m, 2d", _duration)
_LIMIT = _DURATION._replace(read=lambda text: _duration(text) or None)
_AT_LEAST_1 = Number("it takes a whole number of at least 1", lambda text: _count(text, 1))

OF_TASKS: Mapping[str, Number] = {
    "retries": Number("it takes a whole number of at least 0", lambda text: _count(text, 0)),
    "retry_delay": _DURATION,
    "max_retry_delay": _DURATION,
    "execution_timeout": _LIMIT,
    "pool_slots": _AT_LEAST_1,
}
OF_WORKFLOWS: Mapping[str, Number] = {"max_active_tasks": _AT_LEAST_1, "dagrun_timeout": _LIMIT}


class NumberError(UsageError):
    """What a template makes is not what its key takes, or it makes nothing. `key` is that of the file."""

    def __init__(self, key: str, headline: str, hint: str, *, is_of_template: bool = False) -> None:
        super().__init__(headline, hint)
        self.key = key
        self.is_of_template = is_of_template
        """The template itself has no value."""


def templates_in(fields: Mapping[str, Any], keys: Mapping[str, Number]) -> dict[str, str]:
    """Return those of the keys whose value is a template, with it."""
    return {key: fields[key] for key in keys if isinstance(fields.get(key), str) and has_template(fields[key])}


def refused(fields: Mapping[str, Any]) -> str:
    """Return what is wrong with numbers that a program has printed or written, and that are templates; empty: nothing
    is."""
    found = next(iter(templates_in(fields, OF_TASKS)), "")
    return f"'{found}' is a template, and what a task or a program says is data" if found else ""


def with_numbers(
    workflow: Workflow, tasks: Mapping[str, Task], params: Mapping[str, Mapping[str, Any]]
) -> tuple[Workflow, Mapping[str, Task]]:
    """Return the workflow and the tasks of a plan: what its keys and those of these tasks say by templates is worked
    out. `params` by scope. What does not run, and templates, which lack the values of `with`, stay as they are.

    Raises NumberError.
    """
    if workflow.numbers:
        context = {"params": params[""]}
        workflow = workflow._replace(**worked_out("", workflow.numbers, OF_WORKFLOWS, context), numbers={})
    if not any(task.numbers for task in tasks.values()):
        return workflow, tasks
    done = {id_: numbered(task, params[task.scope], workflow.pools, is_written=True) for id_, task in tasks.items()}
    return workflow._replace(tasks={id_: done.get(id_, task) for id_, task in workflow.tasks.items()}), done


def numbered(task: Task, params: Mapping[str, Any], pools: Mapping[str, int], *, is_written: bool = False) -> Task:
    """Return a task with what it says by templates worked out. `is_written`: it is one of the file, so its
    arguments may be templates, too. Raises NumberError."""
    if not task.numbers:
        return task
    context = {"params": params, "matrix": task.matrix, "with": task.with_}
    if is_written and task.with_:
        context["with"] = _early_arguments(task, context)
    done = task._replace(**worked_out(task.id, task.numbers, OF_TASKS, context), numbers={})
    available = pools.get(done.pool or "", done.pool_slots)
    if done.pool_slots > available:
        message = f"task '{task.id}' needs {done.pool_slots} slots, pool '{done.pool}' has {available}"
        raise NumberError("pool_slots", message, _origin(task.numbers.get("pool_slots", ""), context))
    return done


def _early_arguments(task: Task, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a task that are known before anything runs."""
    templates, found = Templates(), {}
    for name, value in task.with_.items():
        with suppress(TemplateError):
            found[name] = templates.value(value, context)
    return found


def worked_out(
    task_id: str, numbers: Mapping[str, str], keys: Mapping[str, Number], context: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the values of these keys, which are templates. `task_id` is empty for a workflow. Raises NumberError."""
    templates = Templates()
    found = {}
    of_task = f" of task '{task_id}'" if task_id else ""
    for key, template in numbers.items():
        try:
            text = templates.render(template, context).strip()
            found[key] = keys[key].read(text)
        except TemplateError as error:
            hint = _origin(template, context) or error.hint
            raise NumberError(key, f"'{key}'{of_task}: {error.headline}", hint, is_of_template=True) from None
        except ValueError:
            origin = _origin(template, context)
            hint = f"{keys[key].form}{f'; {origin}' if origin else ''}"
            raise NumberError(key, f"'{key}'{of_task} cannot be '{text[:60]}'", hint) from None
    return found


def params_in(template: str) -> list[str]:
    """Return the names of the params that a template names, each once."""
    return list(dict.fromkeys(re.findall(r"\bparams\.(\w+)", template)))


def _origin(template: str, context: Mapping[str, Any]) -> str:
    """Return which params a template has taken its value from, and how to give others."""
    names = [name for name in params_in(template) if name in context["params"]]
    return ", ".join(f"param '{name}' is {context['params'][name]!r:.60}: -p {name}=…" for name in names)
