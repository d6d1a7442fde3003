"""What jsonschema finds wrong with a value, as failures in an order that never changes.

jsonschema tells errors in an order that differs between processes, several keys as one error, and goes on where a
value has the wrong type. Here every broken rule becomes one failure per key, in order of the document; what is inside
of a value of the wrong type is not looked at. Imported only when something is wrong.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jsonschema import Draft7Validator, ValidationError
from jsonschema.validators import extend
from referencing import Registry, Resource

from airexec.workflow.diagnostics import Path
from airexec.workflow.schema.failure import Failure, Schema
from airexec.workflow.schema.patterns import matches

_FIRST = (
    "type", "enum", "const", "anyOf", "oneOf", "pattern", "minLength", "maxLength", "minimum", "maximum",
    "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "uniqueItems", "minProperties",
    "maxProperties", "required", "dependencies", "propertyNames",
)  # fmt: skip
"""The order in which broken rules of one value are told."""
_RANK: Mapping[str, int] = {keyword: place for place, keyword in enumerate(_FIRST)}


class Explainer:
    """One schema, for many values. `others` are the schemas that it may refer to, by their `$id`."""

    def __init__(self, schema: Schema, others: Mapping[str, Schema]) -> None:
        keywords = {"pattern": _pattern, "properties": _properties, "items": _items}
        resources = [(name, Resource.from_contents(other)) for name, other in others.items()]
        registry: Registry[Any] = Registry().with_resources(resources)  # the default would fetch what it does not know
        self._reference = extend(Draft7Validator, keywords)(schema, registry=registry)  # type: ignore[no-untyped-call]

    def failures(self, value: Any) -> list[Failure]:
        """Return the rules that a value breaks, in order of the document; none if jsonschema accepts it.

        Raises PatternBudgetError.
        """
        broken: dict[tuple[Path, str, int, Any], Failure] = {}
        for error in self._reference.iter_errors(value):
            for found in _failures(error, value):
                broken.setdefault((found.path, found.keyword, id(found.schema), found.detail), found)
        return list(_without_consequences(_in_order(broken.values(), value)))


def _pattern(validator: Any, pattern: str, value: Any, schema: Schema) -> Iterator[ValidationError]:
    if isinstance(value, str) and not matches(pattern, value):
        yield ValidationError("does not match")


def _properties(validator: Any, parts: Schema, value: Any, schema: Schema) -> Iterator[ValidationError]:
    for key, part in parts.items():
        if isinstance(value, dict) and key in value:
            yield from validator.descend(value[key], _rules(part), path=key)


def _items(validator: Any, part: Any, value: Any, schema: Schema) -> Iterator[ValidationError]:
    for place, item in enumerate(value if isinstance(value, list) else ()):
        yield from validator.descend(item, _rules(part), path=place)


_NOTHING: Schema = {"not": {}}


def _rules(part: Any) -> Any:
    """Return a schema as it is, but `false` as a map: jsonschema loses the place of what is held against `false`."""
    return _NOTHING if part is False else part


def _failures(error: ValidationError, document: Any) -> Iterator[Failure]:
    """Yield a failure for each key that an error is about, or one for the whole value.

    Of two missing keys jsonschema makes two errors that do not say which: both give the same two failures.
    """
    path: Path = tuple(error.absolute_path)
    value: Any = document
    for part in path:
        value = value[part]
    schema: Schema = error.schema  # type: ignore[assignment]  # a map: see _rules
    instance: Any = error.instance
    keyword = str(error.validator)
    if value is not instance:  # it is a key of `value` that is wrong
        yield Failure(path, "propertyNames", schema, value, instance)
    elif keyword == "required":
        yield from (Failure(path, keyword, schema, value, key) for key in schema[keyword] if key not in value)
    elif keyword == "additionalProperties":
        yield from (Failure((*path, key), keyword, schema, value[key], key) for key in _unknown(value, schema))
    elif keyword == "dependencies":
        yield from (Failure(path, keyword, schema, value, missing) for missing in _needed(value, schema[keyword]))
    else:
        detail = None if keyword != "oneOf" else 0 if error.context else 2
        yield Failure(path, "false" if schema is _NOTHING else keyword, schema, value, detail)


def _unknown(value: Mapping[str, Any], schema: Schema) -> Iterator[str]:
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for key in value:
        if key not in known and not any(re.search(pattern, key) for pattern in patterns):
            yield key


def _needed(value: Mapping[str, Any], dependencies: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, needs in dependencies.items():
        if key in value and isinstance(needs, list):
            yield from ((key, need) for need in needs if need not in value)


def _in_order(failures: Iterable[Failure], document: Any) -> list[Failure]:
    """Return failures sorted by place in the document, then by keyword; keys of one keyword stay as they come."""
    places: dict[int, dict[Any, int]] = {}

    def place(path: Path) -> Iterator[int]:
        value = document
        for part in path:
            if isinstance(value, dict):
                if id(value) not in places:
                    places[id(value)] = {key: at for at, key in enumerate(value)}
                yield places[id(value)][part]
            else:
                yield int(part)
            value = value[part]

    def order(failure: Failure) -> tuple[tuple[int, ...], int]:
        return tuple(place(failure.path)), _RANK.get(failure.keyword, len(_RANK))

    return sorted(failures, key=order)


def _without_consequences(failures: Iterable[Failure]) -> Iterator[Failure]:
    """Yield ordered failures without those of a value of the wrong type, or inside of it, but for its type."""
    wrong: Path | None = None
    for failure in failures:
        if wrong is None or failure.path[: len(wrong)] != wrong:
            wrong = failure.path if failure.keyword == "type" else None
            yield failure
