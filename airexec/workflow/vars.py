"""`vars` of a workflow file: which ones a run needs, and in what order. Works out none of them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from airexec.errors import AirexecError
from airexec.workflow.model import Plan, Task, Var
from airexec.workflow.template.templates import Templates, has_template

_USE = re.compile(r"""\bvars\s*(?:\.\s*([A-Za-z_]\w*)|\[\s*(?:'([^']*)'|"([^"]*)")\s*\])?""")


def names_in(text: str, known: Iterable[str]) -> list[str]:
    """Return which of the known vars a template may use, in order of the text; all where it does not say which.

    Reads no tree: Jinja2 would cost every run its import. So a name in a comment or in a text counts as well.
    """
    uses = list(_USE.finditer(text))
    if not uses:
        return []
    named = [use[1] or use[2] or use[3] for use in uses]
    wanted = set(named)
    return [name for name in known if name in wanted or "" in wanted or None in wanted]


def texts_of(var: Var) -> Iterator[str]:
    """Yield the texts of a var that may hold templates."""
    yield var.text
    yield from var.env.values()
    yield var.cwd or ""
    if var.action is not None:
        yield from filter(None, _leaves(var.action))


def uses(definitions: Mapping[str, Var]) -> dict[str, list[str]]:
    """Return for each var those that it uses, in order of the file."""
    return {
        name: [one for text in texts_of(var) if has_template(text) for one in names_in(text, definitions)]
        for name, var in definitions.items()
    }


def circle_in(definitions: Mapping[str, Var]) -> list[str] | None:
    """Return vars that use each other in a circle, the first once more at the end; None when there are none."""
    from graphlib import CycleError, TopologicalSorter

    try:
        TopologicalSorter(uses(definitions)).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return None


def needed(plan: Plan, scope: str = "") -> list[str]:
    """Return the vars that the tasks of a plan may use in one scope, and those that these use, in order of the file."""
    definitions = plan.workflow.vars_of(scope)
    if not definitions:
        return []
    found: set[str] = set()
    waiting = [name for text in _texts(plan, scope) for name in names_in(text, definitions)]
    using = uses(definitions)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += using[name]
    return [name for name in definitions if name in found]


def with_unknown(plan: Plan, caller: Mapping[str, str]) -> Plan:
    """Return the plan as it can be shown before a run: what only a run works out stands for itself (`unknown`).

    `caller` is the environment.
    """
    if not plan.workflow.has_vars:
        return plan
    scopes = {name: scope._replace(vars=_unknown_of(plan, name, caller)) for name, scope in plan.scopes.items()}
    return plan._replace(vars=_unknown_of(plan, "", caller), scopes=scopes)


def _unknown_of(plan: Plan, scope: str, caller: Mapping[str, str]) -> dict[str, str]:
    definitions, params = plan.workflow.vars_of(scope), plan.scope(scope).params
    templates, using = Templates(), uses(definitions)
    values: dict[str, str] = {}

    def value(name: str) -> str:
        if name not in values:
            context = {"params": params, "vars": {one: value(one) for one in using[name]}, "env": caller}
            values[name] = unknown(name)
            if definitions[name].action is None:
                with suppress(AirexecError):
                    values[name] = templates.render(definitions[name].text, context)
        return values[name]

    return {name: value(name) for name in definitions}


def texts_alone(definitions: Mapping[str, Var], params: Mapping[str, Any]) -> dict[str, str]:
    """Return the vars that are made of params and of each other alone, so that they are known before any run."""
    templates, using = Templates(), uses(definitions)
    found: dict[str, str] = {}
    left = [name for name, var in definitions.items() if var.action is None]
    while ready := [name for name in left if all(one in found for one in using[name])]:
        for name in ready:
            left.remove(name)
            with suppress(AirexecError):
                found[name] = templates.render(definitions[name].text, {"params": params, "vars": found})
    return found


def made_of_params(definitions: Mapping[str, Var]) -> frozenset[str]:
    """Return the vars that use params, or others that do."""
    using = uses(definitions)
    found = {name for name, var in definitions.items() if any("params" in text for text in texts_of(var))}
    while more := {name for name, used in using.items() if name not in found and not found.isdisjoint(used)}:
        found |= more
    return frozenset(found)


def ask_commands(plan: Plan) -> bool:
    """Return whether a value among the vars of a plan is what a command has printed."""
    return any(
        plan.workflow.vars_of(scope)[name].action for scope in ("", *plan.scopes) for name in plan.scope(scope).vars
    )


def unknown(name: str) -> str:
    """Return what stands for a var that only a run works out."""
    return f"\u2039vars.{name}\u203a"


def _texts(plan: Plan, scope: str) -> Iterator[str]:
    tasks = list(plan.tasks.values())
    if any(task.queue is not None for task in tasks):
        tasks += plan.workflow.templates.values()
    for task in tasks:
        if task.scope == scope:
            yield from _texts_of_task(task)
    of_all = plan.scope(scope)
    yield from filter(has_template, _leaves((*of_all.env, of_all.cwd)))


def names_of_task(task: Task, known: Iterable[str]) -> list[str]:
    """Return which of the known vars the templates of a task may use, in order of its keys."""
    known = list(known)
    return [name for text in _texts_of_task(task) for name in names_in(text, known)] if known else []


def _texts_of_task(task: Task) -> Iterator[str]:
    if "vars" not in repr(task):  # one look for the whole task, of which there may be many
        return
    if isinstance(task.when, str):
        yield task.when  # an expression, also without braces
    yield from filter(has_template, _leaves(task))


def _leaves(value: Any) -> Iterator[str]:
    """Yield all texts in plain data but keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _leaves(tuple(value.values()))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _leaves(item)
