"""Arguments of templates: what `with` must and may say, for tasks of the file and for `::queue` lines alike."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from airexec.workflow.model import Argument
from airexec.workflow.template.templates import has_template

Arguments = Mapping[str, Argument]


def declared(schemas: Mapping[str, Mapping[str, Any]]) -> dict[str, Argument]:
    """Return the arguments that the `params` of a template declare, given as JSON Schemas."""
    return {name: Argument("default" not in schema, schema) for name, schema in schemas.items()}


def with_defaults(given: Mapping[str, Any], arguments: Arguments | None) -> dict[str, Any]:
    """Return the arguments that a task is made with, those that have a default and are not given included."""
    defaults = {name: it.schema["default"] for name, it in (arguments or {}).items() if "default" in it.schema}
    return {**defaults, **given}


def missing(given: Iterable[str], arguments: Arguments) -> list[str]:
    """Return the names that have to be given and are not, in order of their declaration or use."""
    names = set(given)
    return [name for name, argument in arguments.items() if argument.is_required and name not in names]


def unknown(given: Iterable[str], arguments: Arguments) -> list[str]:
    """Return the names that mean nothing to the template."""
    return [name for name in given if name not in arguments]


def wrong_values(given: Mapping[str, Any], arguments: Arguments, *, are_written: bool) -> Iterator[tuple[str, str]]:
    """Yield name and problem of each value that breaks its schema; `are_written`: a text may be a template, whose value
    nobody knows yet."""
    for name, value in given.items():
        schema = arguments[name].schema if name in arguments else {}
        if not schema or (are_written and isinstance(value, str) and has_template(value)):
            continue
        from airexec.workflow.params import value_problems
        from airexec.workflow.schema.patterns import PatternBudgetError

        try:
            for problem in value_problems(name, schema, value):
                yield name, problem
        except PatternBudgetError as error:
            yield name, f"'{name}' cannot be checked: {error}"
