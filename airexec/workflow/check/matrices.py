"""What can be wrong with matrices: excludes that exclude nothing or everything, two instances of one name, and sizes.

Sizes are counted before anything is written out, since three lines can stand for millions of tasks: of each matrix by
itself, and of the graph that all of them make together.
"""

from collections.abc import Iterator, Mapping, Sequence
from json import dumps
from typing import Any

from airexec.workflow.build import Fields
from airexec.workflow.check.misread import misread_numbers, unrendered
from airexec.workflow.check.names import instance_ids, upstream_names
from airexec.workflow.diagnostics import Finding, Path
from airexec.workflow.matrix import (
    COMPARISONS_MAX,
    INSTANCES_MAX,
    comparisons,
    is_same,
    limit_broken,
    list_keys,
    size,
)
from airexec.workflow.wording import did_you_mean, quoted
from airexec.workflow.yaml.places import Places

_NAMED_MAX = 5


def check_matrices(tasks: Fields, raw: Fields, places: Places) -> Iterator[Finding]:
    """Return the mistakes in the matrices of all tasks, given with every axis a list, and as they are written."""
    for task_id, fields in tasks.items():
        if "matrix" in fields:
            path: Path = ("tasks", task_id, "matrix")
            written = {key: axis for key, axis in raw[task_id]["matrix"].items() if not isinstance(axis, str)}
            yield from misread_numbers(written, path, places)
            yield from unrendered(written, path, places, "the tasks of a matrix are made before the run")
            yield from _check(task_id, fields["matrix"], path, places)


def _check(task_id: str, matrix: Any, path: Path, places: Places) -> Iterator[Finding]:
    keys = list_keys(matrix)
    for place, item in enumerate(matrix.get("exclude", ())):
        for key in item:
            if key not in keys:
                at = places.key((*path, "exclude", place, key))
                yield Finding(at, f"{quoted(key)} is no key of this matrix", did_you_mean(key, keys))
    yield from _unmatched(matrix, keys, path, places)
    if size(matrix) > INSTANCES_MAX:
        message = f"this matrix makes {size(matrix)} tasks; at most {INSTANCES_MAX} are allowed"
        yield Finding(places.key(path), message)
        return
    if (steps := comparisons(matrix)) > COMPARISONS_MAX:
        message = f"`include` and `exclude` take {steps} comparisons here; at most {COMPARISONS_MAX} are allowed"
        yield Finding(places.key(path), message)
        return
    ids = instance_ids(task_id, matrix)
    if not ids and all(matrix[key] for key in keys):  # an axis of no files has been told
        yield Finding(places.key(path), "this matrix makes no task: every combination is excluded")
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            yield Finding(places.key(path), f"this matrix makes two tasks called {quoted(one)}")
            return
        seen.add(one)


def _unmatched(matrix: Any, keys: frozenset[str], path: Path, places: Places) -> Iterator[Finding]:
    """Yield what looks as if it should match and does not.

    Of `exclude` each value must be one of the list; a value or a key of `include` may be new, so only what is nearly
    one of the matrix is worth a word.
    """
    for part in ("exclude", "include"):
        for place, item in enumerate(matrix.get(part, ())):
            for key, value in item.items():
                at: Path = (*path, part, place, key)
                if key not in keys:
                    if part == "include" and (hint := did_you_mean(key, keys)):
                        message = f"{quoted(key)} is no key of this matrix, so it adds a value and matches nothing"
                        yield Finding(places.key(at), message, hint, "warning")
                elif not any(is_same(value, other) for other in matrix[key]):
                    alike = [other for other in matrix[key] if str(other).lower() == str(value).lower()]
                    if alike or part == "exclude":
                        yield _no_such_value(key, value, alike or matrix[key], bool(alike), places.value(at))


def _no_such_value(key: str, value: Any, known: Sequence[Any], is_type: bool, at: int) -> Finding:
    listed = ", ".join(map(_shown, known[:_NAMED_MAX])) + (", …" if len(known) > _NAMED_MAX else "")
    message = f"{_shown(value)} is none of the values of {quoted(key)}, so it matches nothing"
    return Finding(at, message, f"write {_shown(known[0])}" if is_type else f"they are {listed}", "warning")


def _shown(value: Any) -> str:
    """Return a value as one would write it: text in quotes, so that it can be told from a number."""
    return dumps(value, ensure_ascii=False)


def too_large_graph(data: Fields, places: Places) -> Finding | None:
    """Return the finding at the first task that makes the graph too large, None when there is none."""
    tasks: Mapping[str, Any] = data.get("tasks", {})
    sizes = {name: _instances_at_most(fields) for name, fields in tasks.items()}
    upstream = {name: upstream_names(fields) for name, fields in tasks.items()}
    if (broken := limit_broken(sizes, upstream)) is None:
        return None
    hint = "split it into several workflows, or let a task queue them with ::queue lines"
    return Finding(places.key(("tasks", broken[0])), broken[1], hint)


def _instances_at_most(fields: Fields) -> int:
    return min(size(fields["matrix"]), INSTANCES_MAX) if "matrix" in fields else 1
