"""Dependencies on the matching instance of a matrix: `pack[{{ matrix.os }}]`."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from airexec.workflow.build import Fields
from airexec.workflow.check.names import TaskNames
from airexec.workflow.diagnostics import Path
from airexec.workflow.matrix import combinations, instance_id, is_too_large, matching_id
from airexec.workflow.matrix import names as keys_of
from airexec.workflow.template.templates import has_template
from airexec.workflow.wording import did_you_mean, quoted

_LISTED_MAX = 8
_KEY = re.compile(r"\{\{\s*matrix\.(\w+)\s*\}\}")

Problem = tuple[str, str]
"""A message and a hint."""


def mistake_in_matching(
    path: Path, fields: Fields, upstream: str, names: TaskNames, near: Callable[[str], str | None]
) -> Problem | None:
    """Return what is wrong with a dependency that holds a template, of the task or the template at a path; None if it
    is good. `near` finds the task that was probably meant."""
    section, task_id = path[0], str(path[1])
    matrix = fields.get("matrix")
    if section == "templates":
        what = f"a template has no matrix, so {quoted(task_id)} cannot depend on a matching instance"
        return what, "let whoever queues it name the instance, in the `dependencies` of the ::queue line"
    if not matrix:
        what = f"task {quoted(task_id)} has no matrix, so it cannot depend on a matching instance"
        return what, _way_out(upstream.partition("[")[0], names)
    unknown = [key for key in _KEY.findall(upstream) if key not in keys_of(matrix)]
    if unknown:
        hint = did_you_mean(unknown[0], keys_of(matrix)) or f"its keys are {_listed(keys_of(matrix))}"
        return f"the matrix of task {quoted(task_id)} has no {quoted(unknown[0])}", hint
    if has_template(_KEY.sub("", upstream)):
        return "only `{{ matrix.NAME }}` can stand in a dependency", "the graph is made before the run"
    return None if is_too_large(matrix) else _unmatched(task_id, matrix, upstream, names, near)


def _unmatched(
    task_id: str, matrix: Any, upstream: str, names: TaskNames, near: Callable[[str], str | None]
) -> Problem | None:
    """Return what is wrong with the first instance that has no match, and how many more have none."""
    missing = []
    for values in combinations(matrix):
        one = instance_id(task_id, matrix, values)
        meant = matching_id(upstream, values)
        if meant not in names.all:
            missing.append((one, meant))
    bare = upstream.partition("[")[0]
    if not missing or names.groups.get(bare) == []:  # of a matrix that makes no tasks this has been told
        return None
    one, meant = missing[0]
    if "{{" in meant:
        keys = ", ".join(_KEY.findall(meant))
        return f"task {quoted(one)} has no value for {keys}, so it matches nothing", "`include` gives it to others only"
    others = len(missing) - 1
    more = f"; {others} more of its instances {'has' if others == 1 else 'have'} no match either" if others else ""
    message = f"task {quoted(one)} depends on {quoted(meant)}, which is not defined{more}"
    if not (there := names.groups.get(bare)):
        return message, f"did you mean '{found}'?" if (found := near(meant)) else ""
    return message, f"{did_you_mean(meant, there)} there is {_listed(there)}".strip()


def _way_out(bare: str, names: TaskNames) -> str:
    instances = names.groups.get(bare)
    return f"name one, such as {instances[0]}, or all: {bare}" if instances else "write the id of a task"


def _listed(names: Iterable[str]) -> str:
    known = list(names)
    return ", ".join(known[:_LISTED_MAX]) + (
        f" and {len(known) - _LISTED_MAX} more" if len(known) > _LISTED_MAX else ""
    )
