"""A matrix into its combinations, and the ids of the instances. Knows nothing of tasks.

The meaning is that of GitHub Actions:

1. Every combination of the lists, the first key varying slowest.
2. `exclude` drops each combination that has all the values of one of its items.
3. `include` goes item by item: its values are added to every combination of step 2 of which it would change no value
   of the lists (values added by earlier items may be changed). An item that fits none becomes a combination of its own.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

INSTANCES_MAX = 10_000
COMPARISONS_MAX = 1_000_000
TASKS_MAX = 200_000
DEPENDENCIES_MAX = 2_000_000
"""Of all tasks of a workflow together."""
NAMED_VALUE_MAX = 60

Values = dict[str, Any]

_NAME = re.compile(r"\{\{[ \t]*matrix\.([A-Za-z_][A-Za-z0-9_]*)[ \t]*\}\}")


def combinations(matrix: Mapping[str, Any]) -> list[Values]:
    """Return the combinations in order; each has the keys of the lists first, in the order of the matrix."""
    lists = _lists(matrix)
    base = [dict(zip(lists, values, strict=True)) for values in product(*lists.values())] if lists else []
    excluded = matrix.get("exclude", ())
    kept = [values for values in base if not any(_has_all(values, item) for item in excluded)]
    extended = [dict(values) for values in kept]
    added: list[Values] = []
    for item in matrix.get("include", ()):
        shared = {key: value for key, value in item.items() if key in lists}
        fitting = [place for place, values in enumerate(kept) if _has_all(values, shared)]
        for place in fitting:
            extended[place].update(item)
        if not fitting:
            added.append({**{key: item[key] for key in lists if key in item}, **item})
    return extended + added


def size(matrix: Mapping[str, Any]) -> int:
    """Return how many combinations there are at most, without making them."""
    number = 1 if (lists := _lists(matrix)) else 0
    for values in lists.values():
        number *= len(values)
    return number + len(matrix.get("include", ()))


def comparisons(matrix: Mapping[str, Any]) -> int:
    """Return how many comparisons `include` and `exclude` take at most."""
    return size(matrix) * (len(matrix.get("include", ())) + len(matrix.get("exclude", ())))


def is_too_large(matrix: Mapping[str, Any]) -> bool:
    """Return whether this matrix must not be written out."""
    return size(matrix) > INSTANCES_MAX or comparisons(matrix) > COMPARISONS_MAX


def limit_broken(sizes: Mapping[str, int], upstream: Mapping[str, Iterable[str]]) -> tuple[str, str] | None:
    """Return the first task that makes a graph too large, and what there is too much of; None when all is well.

    `sizes` is how many instances each task has, `upstream` the names that its dependencies are written with.
    """
    count = dependencies = 0
    for name, own in sizes.items():
        count += own
        dependencies += own * sum(sizes.get(one, 1) for one in upstream[name])
        if count > TASKS_MAX:
            return name, f"a workflow may have {TASKS_MAX} tasks; here they become more"
        if dependencies > DEPENDENCIES_MAX:
            return name, f"a workflow may have {DEPENDENCIES_MAX} dependencies; here they become more"
    return None


def instance_id(task_id: str, matrix: Mapping[str, Any], values: Values) -> str:
    """Return `test[3.11,linux]`: the values of the lists in order; all values of a combination that `include` made."""
    lists = _lists(matrix)
    named = [values[key] for key in lists] if lists and lists.keys() <= values.keys() else list(values.values())
    return f"{task_id}[{','.join(map(value_name, named))}]"


def matching_id(upstream: str, values: Mapping[str, Any]) -> str:
    """Return which id a dependency means for an instance with these values: in `pack[{{ matrix.os }}]` the value stands
    as in ids. A name that the instance has no value for stays."""
    return _NAME.sub(lambda name: value_name(values[name[1]]) if name[1] in values else name[0], upstream)


def value_name(value: Any) -> str:
    """Return a value as part of an id: as YAML writes it, with the letters of any script; what is long or strange is
    cut and made unique by a hash."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    plain = re.sub(r"[^\w.+@:=/-]", "_", text)[:NAMED_VALUE_MAX]
    if plain == text and text:
        return text
    from hashlib import sha256

    return f"{plain}~{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:6]}"


def list_keys(matrix: Mapping[str, Any]) -> frozenset[str]:
    """Return the keys whose values are combined."""
    return frozenset(_lists(matrix))


def names(matrix: Mapping[str, Any]) -> frozenset[str]:
    """Return every key that `{{ matrix.key }}` may name."""
    included = (key for item in matrix.get("include", ()) for key in item)
    return frozenset(_lists(matrix)) | frozenset(included)


def _lists(matrix: Mapping[str, Any]) -> dict[str, Sequence[Any]]:
    return {key: values for key, values in matrix.items() if key not in ("include", "exclude")}


def _has_all(values: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(key in values and is_same(values[key], value) for key, value in wanted.items())


def is_same(first: Any, second: Any) -> bool:
    """Return whether two values of a matrix match: text is no number, and true is not 1."""
    return bool(first == second) and isinstance(first, bool) == isinstance(second, bool)
