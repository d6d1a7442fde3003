"""Which tasks take `{{ args }}`, the words behind `--` on the command line. Told by their texts, without Jinja."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from airexec.workflow.actions.forms import EXPRESSION, RENDERED
from airexec.workflow.model import Task, Workflow

_NAME = re.compile(r"(?<![\w.])args\b")
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


def takes_args(task: Task) -> bool:
    """Return whether a template of a task names them."""
    if task.literal:
        return False
    texts = [task.action.written(), *(getattr(task, key) for key, form in RENDERED.items() if form is not EXPRESSION)]
    texts += [(condition.command, condition.message) for condition in task.conditions]
    return _named_in(texts) or bool(isinstance(task.when, str) and _NAME.search(task.when))


def takers(workflow: Workflow, tasks: Iterable[Task]) -> list[str]:
    """Return who of these tasks takes them: the ids, also of templates that one of them may queue.

    What the file says for all tasks, such as `env`, counts for each.
    """
    tasks = list(tasks)
    if _named_in([workflow.env, workflow.default_env, workflow.env_file, workflow.cwd]):
        return [task.id for task in tasks]
    templates = workflow.templates.values() if any(task.queue for task in tasks) else ()
    return [task.id for task in (*tasks, *templates) if takes_args(task)]


def _named_in(value: Any) -> bool:
    return any(_NAME.search(tag) for text in _texts(value) for tag in _TAG.findall(text))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(item)
