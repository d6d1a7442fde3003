"""What templates take in `with`, and whether the tasks of a file that call them say just that."""

from collections.abc import Iterator, Mapping
from typing import Any

from airexec.workflow.actions.forms import EXPRESSION, NUMBER, RENDERED
from airexec.workflow.arguments import Arguments, declared, missing, unknown, wrong_values
from airexec.workflow.build import Fields, build_action, build_params, task_defaults
from airexec.workflow.check.misread import unrendered
from airexec.workflow.diagnostics import Finding, Path
from airexec.workflow.model import Argument
from airexec.workflow.numbers import OF_TASKS
from airexec.workflow.template.templates import has_template
from airexec.workflow.wording import did_you_mean, quoted
from airexec.workflow.yaml.places import Places


def arguments_of(data: Fields) -> dict[str, dict[str, Argument]]:
    """Return by template and name what it takes: what its `params` declare, else what its texts use.

    A template that uses `with` in a way that does not say which, as a loop over it does, is left out: it takes
    anything.
    """
    found = {}
    defaults = task_defaults(data)
    for name, fields in data.get("templates", {}).items():
        if "params" in fields:
            found[name] = declared(build_params(fields["params"]))
        elif (used := _used({**defaults, **fields})) is not None:
            found[name] = used
    return found


def _used(fields: Fields) -> dict[str, Argument] | None:
    texts = [
        (text, form is EXPRESSION and isinstance(fields[key], str))
        for key, form in _forms(fields).items()
        for text in _texts(fields.get(key))
    ]
    texts = [(text, is_expression) for text, is_expression in texts if "with" in text]
    if not texts:
        return {}
    from airexec.workflow.template.checker import Checker

    checker = Checker()
    used: dict[str, bool] = {}
    for text, is_expression in texts:
        if not (is_expression or has_template(text)):
            continue
        names = checker.arguments(text, expression=is_expression)
        if names is None:
            return None
        for name, is_required in names:
            used[name] = used.get(name, False) or is_required
    return {name: Argument(is_required) for name, is_required in used.items()}


def _forms(fields: Fields) -> Mapping[str, Any]:
    return {**build_action(fields).rendered(), **RENDERED, **dict.fromkeys(OF_TASKS, NUMBER)}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(item)


def check_call(
    path: Path, fields: Fields, templates: Fields, known: Arguments | None, places: Places
) -> Iterator[Finding]:
    """Yield what is wrong with a task that is made of a template; `known` is what that takes, None: anything."""
    template, given = fields["template"], fields.get("with", {})
    if template not in templates:
        hint = did_you_mean(template, templates) or "define it under templates"
        yield Finding(places.value((*path, "template")), f"template {quoted(template)} is not defined", hint)
        return
    for name, value in given.items():
        if not isinstance(value, str):
            yield from unrendered(value, (*path, "with", name), places, "in `with` a text alone may be a template")
    if known is None:
        return
    for name in unknown(given, known):
        hint = did_you_mean(name, known) or (f"it takes {', '.join(known)}" if known else "it takes nothing")
        message = f"template {quoted(template)} takes no {quoted(name)}"
        yield Finding(places.key((*path, "with", name)), message, hint)
    if lacking := missing(given, known):
        names = ", ".join(map(quoted, lacking))
        hint = f"such as  with: {{{', '.join(f'{name}: …' for name in lacking)}}}"
        place = places.key((*path, "with")) if "with" in fields else places.value((*path, "template"))
        yield Finding(place, f"template {quoted(template)} needs {names}", hint)
    for name, problem in wrong_values(given, known, are_written=True):
        yield Finding(places.value((*path, "with", name)), problem)
