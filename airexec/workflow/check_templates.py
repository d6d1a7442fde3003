"""Templates of a workflow file: syntax, names, unsafe places, and that a task whose results are used comes before.

Only texts that hold a template are looked at. What a template may say is known to `template`; here stands where
the texts are, which names there are at each place, and where in the source a mistake is.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from airexec.workflow.build import Fields
from airexec.workflow.check import names_of
from airexec.workflow.json_schema import Path
from airexec.workflow.matrix import names as matrix_names
from airexec.workflow.model import SHELLS
from airexec.workflow.places import Places
from airexec.workflow.source import Finding
from airexec.workflow.template import (
    Names,
    TemplateProblem,
    check_expression,
    check_template,
    has_template,
    task_references,
)
from airexec.workflow.upstream import Upstream
from airexec.workflow.wording import quoted


class _Text(NamedTuple):
    path: Path
    text: str
    shell: tuple[str, ...] | None = None
    """The argv in front, for a text that a shell reads."""
    is_expression: bool = False


def check_templates(data: Fields, raw: Fields, places: Places) -> list[Finding]:
    """Return the mistakes in all templates of a file."""
    return list(_Checker(data, raw, places).findings())


class _Checker:
    def __init__(self, data: Fields, raw: Fields, places: Places) -> None:
        self._data = data
        self._places = places
        self._params = names_of(raw, "params")
        self._upstream = Upstream(data.get("tasks", {}))
        self._shell = data.get("default_args", {}).get("shell", data.get("shell", "sh"))

    def findings(self) -> Iterator[Finding]:
        everywhere = self._names({}, with_=frozenset())
        for path in ((), ("default_args",)):
            fields = self._data if not path else self._data.get("default_args", {})
            for text in _texts(path, fields, self._shell):
                yield from self._text(text, everywhere)
                for other in sorted(task_references(text.text, expression=text.is_expression) & everywhere.tasks):
                    message = f"this is for every task, so it cannot use the results of {quoted(other)}"
                    yield self._reference(text, other, message)
        for section in ("tasks", "templates"):
            for name, fields in self._data.get(section, {}).items():
                yield from self._task((section, name), fields)

    def _task(self, path: Path, fields: Fields) -> Iterator[Finding]:
        is_task = path[0] == "tasks"
        names: Names | None = None
        for text in _texts(path, fields, self._shell):
            names = names or self._names(fields, with_=frozenset() if is_task else None)
            used = task_references(text.text, expression=text.is_expression)
            unknown = used - names.tasks
            if is_task and unknown and self._upstream.may_grow(str(path[1])):
                yield from self._perhaps_queued(text, unknown)
                names = names._replace(tasks=names.tasks | unknown)
            yield from self._text(text, names)
            if is_task:
                yield from self._order(str(path[1]), text, used - unknown)

    def _text(self, text: _Text, names: Names) -> Iterator[Finding]:
        for problem in _problems(text, names):
            start = self._places.in_text(text.path, problem.offset)
            end = None if start == self._places.value(text.path) else start + _word_length(text.text, problem.offset)
            yield Finding(start, problem.message, problem.hint, end=end)

    def _order(self, task_id: str, text: _Text, used: frozenset[str]) -> Iterator[Finding]:
        for other in sorted(used):
            instances = self._upstream.groups.get(other)
            if instances:
                message = f"task {quoted(other)} has a matrix, so it has no outputs of its own"
                yield self._reference(text, other, message, f"name an instance: tasks['{instances[0]}']")
            elif self._upstream.bare(other) == task_id:
                message = f"task {quoted(task_id)} uses its own results, which are not there yet"
                yield self._reference(text, other, message)
            elif not self._upstream.comes_before(other, task_id):
                message = f"task {quoted(task_id)} uses the results of {quoted(other)}, but does not wait for it"
                yield self._reference(text, other, message, f"add '{other}' to its dependencies")

    def _perhaps_queued(self, text: _Text, unknown: frozenset[str]) -> Iterator[Finding]:
        for other in sorted(unknown):
            message = f"no task of the file is called {quoted(other)}; this works only if it is queued"
            yield self._reference(text, other, message)._replace(severity="warning")

    def _reference(self, text: _Text, task_id: str, message: str, hint: str = "") -> Finding:
        found = re.search(rf"tasks\s*(\.|\[\s*[\"'])\s*{re.escape(task_id)}", text.text)
        if not found:
            return Finding(self._places.value(text.path), message, hint)
        start = self._places.in_text(text.path, found.start())
        return Finding(start, message, hint, end=start + len(found.group()))

    def _names(self, fields: Fields, with_: frozenset[str] | None) -> Names:
        matrix = matrix_names(fields["matrix"]) if "matrix" in fields else frozenset()
        return Names(self._params, self._upstream.task_ids, matrix, with_)


def _problems(text: _Text, names: Names) -> list[TemplateProblem]:
    if text.is_expression:
        return check_expression(text.text, names)
    if text.shell is None:
        return check_template(text.text, names, shell=False)
    from airexec.workflow.shell_quote import shell_family

    return check_template(text.text, names, shell=True, family=shell_family(text.shell))


def _texts(path: Path, fields: Fields, shell: Any) -> Iterator[_Text]:
    """Return the texts of a task that hold templates, in no certain order."""
    command = fields.get("command")
    if isinstance(command, str) and has_template(command):
        own = fields.get("shell", shell)
        argv = SHELLS[own] if isinstance(own, str) else tuple(own)
        yield _Text((*path, "command"), command, None if "args" in fields else argv)
    when = fields.get("when")
    if isinstance(when, str):
        yield _Text((*path, "when"), when, is_expression=True)
    for key in ("command", "args", "env", "cwd", "env_file"):
        if key in fields and (key != "command" or not isinstance(command, str)):
            yield from _plain_texts((*path, key), fields[key])


def _plain_texts(path: Path, value: Any) -> Iterator[_Text]:
    if isinstance(value, str):
        if has_template(value):
            yield _Text(path, value)
        return
    for key, item in value.items() if isinstance(value, Mapping) else enumerate(value):
        if isinstance(item, str) and has_template(item):
            yield _Text((*path, key), item)


def _word_length(text: str, offset: int) -> int:
    found = re.compile(r"[\w.]+|\S").match(text, offset)
    return len(found.group()) if found else 1
