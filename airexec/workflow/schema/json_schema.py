"""A JSON Schema (the part of draft-07 that we use) compiled to functions. Knows nothing of workflows or of wording.

Why not a library: `jsonschema` costs 95 ms to import and 2 s for 10 000 tasks, generators of validators compile for
as long at every start, and neither says what is wrong in our words. One walk here both decides and explains, in
0.2 s for 10 000 tasks and in microseconds for a queued item. `jsonschema` is the reference: a property test keeps
the two in agreement.

Where we differ from it on purpose: `$` in a pattern is the end of the text, as in ECMA 262, never before a newline.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from airexec.workflow.diagnostics import Path


class Failure(NamedTuple):
    """One broken rule: `keyword` of `schema`, for `value` at `path`."""

    path: Path
    keyword: str
    schema: Mapping[str, Any]
    value: Any
    detail: Any = None
    """`required`: the missing key; `additionalProperties`, `propertyNames`: the key; `dependencies`: (key, missing)."""


Check = Callable[[Any, Path, list[Failure]], None]
Rule = Callable[[Any, Path, list[Failure]], None]


class UnsupportedKeywordError(Exception):
    """The schema has a keyword that this module does not know."""


ANNOTATIONS = frozenset(
    {
        "$schema", "$id", "$comment", "title", "description", "examples", "default", "definitions",
        "defaultSnippets", "errorMessage", "patternErrorMessage", "enumDescriptions", "format",
    }
)  # fmt: skip
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,), "boolean": (bool,), "integer": (int,), "number": (int, float),
    "array": (list,), "object": (dict,), "null": (type(None),),
}  # fmt: skip


def compile_schema(schema: Any, resolve: Callable[[str], Any] | None = None) -> Check:
    """Return a function that appends to a list what is wrong with a value, nothing when all is well.

    `resolve` gives the schema that a `$ref` stands for. Raises UnsupportedKeywordError, and re.error for a bad pattern.
    """
    return _Compiler(resolve or _no_reference).compile(schema)


def _no_reference(reference: str) -> Any:
    raise UnsupportedKeywordError("$ref")


def has_type(value: Any, name: str) -> bool:
    """Return whether a value has a JSON type; 3.0 is an integer, true is no number."""
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[name])


class _Compiler:
    def __init__(self, resolve: Callable[[str], Any]) -> None:
        self._resolve = resolve
        self._done: dict[int, Check] = {}
        """By identity of the schema: what is referred to many times is compiled once."""

    def compile(self, schema: Any) -> Check:
        if schema is True or schema == {}:
            return _anything
        if schema is False:
            return lambda value, path, out: out.append(Failure(path, "false", {}, value))
        if "$ref" in schema:
            return self.compile(self._resolve(schema["$ref"]))
        identity = id(schema)
        if identity not in self._done:
            # A schema may contain itself: until it is compiled, this stands for it.
            self._done[identity] = lambda value, path, out: self._done[identity](value, path, out)
            self._done[identity] = self._compile(schema)
        return self._done[identity]

    def _compile(self, schema: Mapping[str, Any]) -> Check:
        unknown = [word for word in schema if word not in _RULES and word not in ANNOTATIONS]
        if any(not word.startswith("x-") for word in unknown):
            raise UnsupportedKeywordError(unknown[0])
        by_type = {
            kind: [make(self, schema) for word, make in table.items() if word in schema]
            for kind, table in _RULES_BY_TYPE.items()
        }
        members = _members(self, schema)
        if members:
            by_type["object"].append(members)
        anywhere = [make(self, schema) for word, make in _RULES_FOR_ALL.items() if word in schema]
        return _combined(schema, anywhere, by_type)


def _anything(value: Any, path: Path, out: list[Failure]) -> None:
    return None


def _combined(schema: Mapping[str, Any], anywhere: list[Rule], by_type: Mapping[str, list[Rule]]) -> Check:
    """Join the rules of one schema: for each Python type that is allowed, those that can apply to it."""
    names = schema.get("type")
    allowed = [names] if isinstance(names, str) else names
    number = by_type["number"]
    rules: dict[type, tuple[Rule, ...]] = {}
    examples: tuple[tuple[Any, list[Rule]], ...] = (
        ("", by_type["string"]), (0, number), (0.0, number), (False, []), (None, []),
        ([], by_type["array"]), ({}, by_type["object"]),
    )  # fmt: skip
    for example, own in examples:
        if allowed is None or any(has_type(example, name) for name in allowed):
            rules[example.__class__] = (*anywhere, *own)

    def check(value: Any, path: Path, out: list[Failure]) -> None:
        found = rules.get(value.__class__)
        if found is None or (value.__class__ is float and allowed and not any(has_type(value, n) for n in allowed)):
            out.append(Failure(path, "type", schema, value))
            return
        for rule in found:
            rule(value, path, out)

    return check


def _fails(word: str, schema: Mapping[str, Any], wrong: Callable[[Any], bool]) -> Rule:
    def rule(value: Any, path: Path, out: list[Failure]) -> None:
        if wrong(value):
            out.append(Failure(path, word, schema, value))

    return rule


def _limit(word: str, wrong: Callable[[Any, Any], bool]) -> Callable[["_Compiler", Mapping[str, Any]], Rule]:
    """Return a maker of a rule that compares the value with the keyword's argument."""

    def make(compiler: _Compiler, schema: Mapping[str, Any]) -> Rule:
        bound = schema[word]
        return _fails(word, schema, lambda value: wrong(value, bound))

    return make


def _same(first: Any, second: Any) -> bool:
    """JSON equality: 1 is 1.0, but true is not 1."""
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(_same, first, second))
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(_same(first[key], second[key]) for key in first)
    return bool(first == second)


def _repeats(items: list[Any]) -> bool:
    return any(_same(item, other) for place, item in enumerate(items) for other in items[:place])


def _is_multiple(value: float, of: float) -> bool:
    quotient = value / of
    return quotient == int(quotient)


def pattern_search(pattern: str) -> Callable[[str], Any]:
    """Return `re.search` for an ECMA pattern whose `$` is the end of the text."""
    return re.compile(re.sub(r"(?<!\\)\$(?=$|\))", r"\\Z", pattern)).search


_remembered = lru_cache(maxsize=256)
"""For what is asked about keys: the objects of one kind have the same ones, again and again."""


def _pattern(compiler: _Compiler, schema: Mapping[str, Any]) -> Rule:
    search = pattern_search(schema["pattern"])
    return _fails("pattern", schema, lambda value: search(value) is None)


def _items(compiler: _Compiler, schema: Mapping[str, Any]) -> Rule:
    check = compiler.compile(schema["items"])

    def rule(value: list[Any], path: Path, out: list[Failure]) -> None:
        for place, item in enumerate(value):
            check(item, (*path, place), out)

    return rule


def _required(compiler: _Compiler, schema: Mapping[str, Any]) -> Rule:
    def rule(value: dict[str, Any], path: Path, out: list[Failure]) -> None:
        for key in schema["required"]:
            if key not in value:
                out.append(Failure(path, "required", schema, value, key))

    return rule


def _property_names(compiler: _Compiler, schema: Mapping[str, Any]) -> Rule:
    names = schema["propertyNames"]
    check = compiler.compile(names)

    @_remembered
    def is_good(key: str) -> bool:
        found: list[Failure] = []
        check(key, (), found)
        return not found

    def rule(value: dict[str, Any], path: Path, out: list[Failure]) -> None:
        for key in value:
            if not is_good(key):
                out.append(Failure(path, "propertyNames", names, value, key))

    return rule


def _dependencies(compiler: _Compiler, schema: Mapping[str, Any]) -> Rule:
    needs = {key: need for key, need in schema["dependencies"].items() if isinstance(need, list)}
    checks = {key: compiler.compile(need) for key, need in schema["dependencies"].items() if key not in needs}

    def rule(value: dict[str, Any], path: Path, out: list[Failure]) -> None:
        for key in needs.keys() & value.keys():
            for missing in set(needs[key]) - value.keys():
                out.append(Failure(path, "dependencies", schema, value, (key, missing)))
        for key, check in checks.items():
            if key in value:
                check(value, path, out)

    return rule


def _members(compiler: _Compiler, schema: Mapping[str, Any]) -> Rule | None:
    """Return the rule of `properties`, `patternProperties` and `additionalProperties`, which depend on each other."""
    if not schema.keys() & {"properties", "patternProperties", "additionalProperties"}:
        return None
    own = {key: compiler.compile(part) for key, part in schema.get("properties", {}).items()}
    patterns = [(pattern_search(p), compiler.compile(part)) for p, part in schema.get("patternProperties", {}).items()]
    more = schema.get("additionalProperties", True)
    others = None if more is False else compiler.compile(more)

    @_remembered
    def matching(key: str) -> list[Check]:
        return [part for search, part in patterns if search(key)]

    def rule(value: dict[str, Any], path: Path, out: list[Failure]) -> None:
        for key, member in value.items():
            check = own.get(key)
            if check is not None:
                check(member, (*path, key), out)
            by_pattern = matching(key) if patterns else ()
            for part in by_pattern:
                part(member, (*path, key), out)
            if check is None and not by_pattern:
                if others is not None:
                    others(member, (*path, key), out)
                else:
                    out.append(Failure((*path, key), "additionalProperties", schema, member, key))

    return rule


def _all_of(compiler: _Compiler, schema: Mapping[str, Any]) -> Rule:
    checks = [compiler.compile(branch) for branch in schema["allOf"]]

    def rule(value: Any, path: Path, out: list[Failure]) -> None:
        for check in checks:
            check(value, path, out)

    return rule


def _branches(word: str, accepts: Callable[[int], bool]) -> Callable[["_Compiler", Mapping[str, Any]], Rule]:
    """Return a maker for `anyOf` and `oneOf`: `accepts(number of fitting branches)` decides."""

    def make(compiler: _Compiler, schema: Mapping[str, Any]) -> Rule:
        checks = [compiler.compile(branch) for branch in schema[word]]

        def rule(value: Any, path: Path, out: list[Failure]) -> None:
            fitting = 0
            for check in checks:
                found: list[Failure] = []
                check(value, path, found)
                fitting += not found
            if not accepts(fitting):
                out.append(Failure(path, word, schema, value, fitting))

        return rule

    return make


_Maker = Callable[[_Compiler, Mapping[str, Any]], Rule]
_RULES_FOR_ALL: Mapping[str, _Maker] = {
    "enum": _limit("enum", lambda value, known: not any(_same(value, one) for one in known)),
    "const": _limit("const", lambda value, known: not _same(value, known)),
    "anyOf": _branches("anyOf", lambda fitting: fitting > 0),
    "oneOf": _branches("oneOf", lambda fitting: fitting == 1),
    "allOf": _all_of,
}
_RULES_BY_TYPE: Mapping[str, Mapping[str, _Maker]] = {
    "string": {
        "pattern": _pattern,
        "minLength": _limit("minLength", lambda value, bound: len(value) < bound),
        "maxLength": _limit("maxLength", lambda value, bound: len(value) > bound),
    },
    "number": {
        "minimum": _limit("minimum", lambda value, bound: value < bound),
        "maximum": _limit("maximum", lambda value, bound: value > bound),
        "exclusiveMinimum": _limit("exclusiveMinimum", lambda value, bound: value <= bound),
        "exclusiveMaximum": _limit("exclusiveMaximum", lambda value, bound: value >= bound),
        "multipleOf": _limit("multipleOf", lambda value, of: not _is_multiple(value, of)),
    },
    "array": {
        "minItems": _limit("minItems", lambda value, bound: len(value) < bound),
        "maxItems": _limit("maxItems", lambda value, bound: len(value) > bound),
        "uniqueItems": _limit("uniqueItems", lambda value, wanted: wanted and _repeats(value)),
        "items": _items,
    },
    "object": {
        "minProperties": _limit("minProperties", lambda value, bound: len(value) < bound),
        "maxProperties": _limit("maxProperties", lambda value, bound: len(value) > bound),
        "required": _required,
        "propertyNames": _property_names,
        "dependencies": _dependencies,
    },
}
_RULES = frozenset(
    {"type", "properties", "patternProperties", "additionalProperties", *_RULES_FOR_ALL}
    | {word for table in _RULES_BY_TYPE.values() for word in table}
)
