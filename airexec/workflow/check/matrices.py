"""What can be wrong with a matrix: sizes, excludes that exclude nothing or everything, two instances of one name."""

from collections.abc import Iterator
from typing import Any

from airexec.workflow.build import Fields
from airexec.workflow.check.misread import misread_numbers
from airexec.workflow.check.names import instance_ids
from airexec.workflow.diagnostics import Finding, Path
from airexec.workflow.matrix import (
    COMPARISONS_MAX,
    INSTANCES_MAX,
    comparisons,
    list_keys,
    size,
)
from airexec.workflow.wording import did_you_mean, quoted
from airexec.workflow.yaml.places import Places


def check_matrices(tasks: Fields, places: Places) -> Iterator[Finding]:
    """Return the mistakes in the matrices of all tasks."""
    for task_id, fields in tasks.items():
        if "matrix" in fields:
            path: Path = ("tasks", task_id, "matrix")
            yield from misread_numbers(fields["matrix"], path, places)
            yield from _check(task_id, fields["matrix"], path, places)


def _check(task_id: str, matrix: Any, path: Path, places: Places) -> Iterator[Finding]:
    keys = list_keys(matrix)
    for place, item in enumerate(matrix.get("exclude", ())):
        for key in item:
            if key not in keys:
                at = places.key((*path, "exclude", place, key))
                yield Finding(at, f"{quoted(key)} is no key of this matrix", did_you_mean(key, keys))
    if size(matrix) > INSTANCES_MAX:
        message = f"this matrix makes {size(matrix)} tasks; at most {INSTANCES_MAX} are allowed"
        yield Finding(places.key(path), message)
        return
    if (steps := comparisons(matrix)) > COMPARISONS_MAX:
        message = f"`include` and `exclude` take {steps} comparisons here; at most {COMPARISONS_MAX} are allowed"
        yield Finding(places.key(path), message)
        return
    ids = instance_ids(task_id, matrix)
    if not ids:
        yield Finding(places.key(path), "this matrix makes no task: every combination is excluded")
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            yield Finding(places.key(path), f"this matrix makes two tasks called {quoted(one)}")
            return
        seen.add(one)
