"""Both libraries decide alike, and what is broken is told rule by rule, in the order of the document."""

import socket
from functools import cache
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from referencing import Registry, Resource
from referencing.exceptions import Unresolvable

from airexec.workflow.schema.patterns import pattern_options
from airexec.workflow.schema.published import SchemaName, failures, schema
from airexec.workflow.schema.validation import Validator

REGISTRY: Any = Registry().with_resources(
    (f"{name}.schema.json", Resource.from_contents(schema(name))) for name in ("workflow", "queue")
)

OTHER_KEYS = [
    "id", "with", "template", "detached", "a", "b-c", "x-y", "x", "1A", "type", "default", "items", "enum", "task",
    "include", "exclude", "templates", "per_task", "depth", "bad key",
]  # fmt: skip
KEYS = st.sampled_from(
    [*schema("workflow")["properties"], *schema("workflow")["definitions"]["task"]["properties"], *OTHER_KEYS, ""]
)
TEXTS = [
    "x", "5s", "1h30m", "5x", "all_done", "sh", "zsh", "a", "line", "allow", "@daily", "integer", "string", "true",
    "API_TOKEN", "é",
]  # fmt: skip
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 300),
    st.sampled_from([0.5, 3.0, -1.0]),
    st.sampled_from([*TEXTS, "", " ", "* * * * *", "a b"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)
TASKS = st.fixed_dictionaries({"command": st.sampled_from(["x", ["x", "y"], "", 3])}, optional={"retries": SCALARS})
DOCUMENTS = st.one_of(
    VALUES,
    st.fixed_dictionaries({"tasks": st.dictionaries(KEYS, TASKS | VALUES, max_size=3)}),
    st.dictionaries(KEYS, VALUES, max_size=4).map(lambda more: {"tasks": {"a": {"command": "x"}}, **more}),
    st.dictionaries(KEYS, VALUES, max_size=3).map(lambda more: {"id": "p-1", "command": ["x"], **more}),
    st.dictionaries(KEYS, VALUES, max_size=3).map(lambda more: {"template": "t", **more}),
    st.dictionaries(KEYS, VALUES, max_size=3).map(lambda more: {"tasks": {"a": {"command": "x", **more}}}),
    st.dictionaries(KEYS, VALUES, max_size=3).map(
        lambda more: {"tasks": {"a": {"command": "x"}}, "params": {"p": more}}
    ),
)


@pytest.mark.parametrize("name", ["workflow", "queue"])
@given(document=DOCUMENTS)
@settings(max_examples=300)
def test_both_libraries_decide_alike(name: SchemaName, document: Any) -> None:
    """On documents that are nearly right: what the one accepts, the other would have accepted."""
    reference = jsonschema.Draft7Validator(schema(name), registry=REGISTRY)

    assert reference.is_valid(document) == fast(name).is_valid(document)
    assert reference.is_valid(document) == (not failures(name, document))


@cache
def fast(name: SchemaName) -> jsonschema_rs.Draft7Validator:
    others = [(f"json-schema:///{other}.schema.json", dict(schema(other))) for other in ("workflow", "queue")]
    return jsonschema_rs.Draft7Validator(dict(schema(name)), registry=jsonschema_rs.Registry(others))


PARAMS = st.recursive(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["string", "integer", "number", "boolean", "array", "object"]),
            "enum": st.lists(SCALARS, min_size=1, max_size=3),
            "const": SCALARS,
            "default": VALUES,
            "pattern": st.sampled_from(["^a", "x$", "^[a-z]+$", "\\S", "^(?=x)"]),
            "minLength": st.integers(0, 3),
            "maxLength": st.integers(0, 3),
            "minimum": st.integers(-1, 9),
            "maximum": st.integers(-1, 9),
            "exclusiveMinimum": st.integers(-1, 9),
            "exclusiveMaximum": st.integers(-1, 9),
            "multipleOf": st.sampled_from([1, 2, 0.5]),
            "minItems": st.integers(0, 2),
            "maxItems": st.integers(0, 2),
            "uniqueItems": st.booleans(),
            "required": st.lists(KEYS, max_size=2, unique=True),
            "x-mine": VALUES,
        },
    ),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["array", "object"]),
            "items": inner | st.booleans(),
            "additionalProperties": inner | st.booleans(),
            "properties": st.dictionaries(KEYS | st.just("$ref"), inner | st.booleans(), max_size=2),
            "required": st.lists(KEYS, max_size=2, unique=True),
        },
    ),
    max_leaves=6,
)
"""Schemas of params, with all the keywords that these may have."""


@given(rules=PARAMS, value=VALUES)
@settings(max_examples=400)
def test_both_libraries_decide_alike_about_params(rules: Any, value: Any) -> None:
    """Whatever keywords the schema of a param has."""
    is_good = jsonschema.Draft7Validator(rules).is_valid(value)

    assert is_good == jsonschema_rs.Draft7Validator(rules, pattern_options=pattern_options()).is_valid(value)
    assert is_good == (not broken(rules, value))


def broken(rules: Any, value: Any) -> list[tuple[Any, str, Any]]:
    return [(failure.path, failure.keyword, failure.detail) for failure in Validator(rules).failures(value)]


def test_every_broken_rule_is_told_with_its_path() -> None:
    """In the order of the document."""
    rules = {
        "required": ["a"],
        "properties": {"b": {"type": "array", "items": {"type": "integer", "maximum": 5}}, "c": {"minLength": 2}},
        "additionalProperties": False,
        "propertyNames": {"pattern": "^[a-z]$"},
    }

    expected = [
        ((), "required", "a"),
        ((), "propertyNames", "DD"),
        (("b", 0), "type", None),
        (("b", 2), "maximum", None),
        (("c",), "minLength", None),
        (("DD",), "additionalProperties", "DD"),
    ]

    assert expected == broken(rules, {"b": ["x", 5, 6], "c": "y", "DD": 1})


@pytest.mark.parametrize(
    ("rules", "value", "is_good"),
    [
        ({"type": "integer"}, 3.0, True), ({"type": "integer"}, 3.5, False),
        ({"type": ["integer", "string"]}, 3.5, False),
        ({"type": "integer"}, True, False), ({"type": "number"}, False, False),
        ({"enum": [1]}, True, False),
        ({"enum": [1]}, 1.0, True), ({"const": {"a": [0]}}, {"a": [False]}, False),
        ({"const": {"a": [0]}}, {"a": [0.0]}, True),
        ({"uniqueItems": True}, [1, True], True), ({"uniqueItems": True}, [1, 1.0], False),
    ],
)  # fmt: skip
def test_numbers_are_equal_by_value_and_booleans_are_no_numbers(rules: Any, value: Any, is_good: bool) -> None:
    """JSON's equality, not Python's."""
    assert is_good == (not broken(rules, value))
    assert is_good == jsonschema.Draft7Validator(rules).is_valid(value)


def test_the_end_of_a_pattern_is_the_end_of_the_text() -> None:
    """As in ECMA 262, and unlike Python: an id cannot end in a newline."""
    assert [((), "pattern", None)] == broken({"pattern": "^(a|b$)$"}, "a\n")
    assert [] == broken({"pattern": "^\\$$"}, "$")


@pytest.mark.parametrize(
    ("rules", "value", "expected"),
    [
        ({"type": "array", "items": {"type": "string", "minLength": 3, "enum": ["abc"]}}, [1], [((0,), "type")]),
        ({"type": "string", "items": {"type": "string"}, "minItems": 2}, [1], [((), "type")]),
        ({"minLength": 3, "pattern": "b", "enum": ["c"]}, "a", [((), "enum"), ((), "pattern"), ((), "minLength")]),
        ({"items": False}, ["a", "b"], [((0,), "false"), ((1,), "false")]),
        ({"properties": {"a": False}}, {"b": 1, "a": 1}, [(("a",), "false")]),
    ],
)
def test_the_type_comes_first_and_alone(rules: Any, value: Any, expected: Any) -> None:
    """What is inside of a value of the wrong type, or true of it otherwise, helps nobody."""
    assert expected == [(path, keyword) for path, keyword, _ in broken(rules, value)]


def test_missing_keys_and_needs_come_in_order_of_the_schema() -> None:
    """Each once, though a library may tell them together or twice."""
    rules = {"required": ["a", "b"], "dependencies": {"d": ["e", "f"], "c": ["a"]}}

    expected = [
        ((), "required", "a"), ((), "required", "b"),
        ((), "dependencies", ("d", "e")), ((), "dependencies", ("d", "f")), ((), "dependencies", ("c", "a")),
    ]  # fmt: skip
    assert expected == broken(rules, {"c": 1, "d": 2})


@pytest.mark.parametrize(("value", "fitting"), [({}, 0), ({"a": 1, "b": 1}, 2)])
def test_of_alternatives_it_is_told_whether_none_fits_or_several(value: Any, fitting: int) -> None:
    """The words differ."""
    rules = {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}

    assert [((), "oneOf", fitting)] == broken(rules, value)


def test_a_schema_may_contain_itself() -> None:
    """As the schema of a param does, by its items."""
    tree: Any = {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#"}}}}

    found = broken(tree, {"children": [{"children": [{"children": 3}]}]})

    assert [("children", 0, "children", 0, "children")] == [path for path, _, _ in found]


@pytest.mark.parametrize("reference", ["http://127.0.0.1:9/s.json", "other.schema.json", "#/definitions/nowhere"])
def test_nothing_is_fetched_for_a_reference(reference: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A schema refers to what it was given, and no socket is ever opened."""
    opened: list[Any] = []
    monkeypatch.setattr(socket, "socket", lambda *arguments, **more: opened.append(arguments))

    with pytest.raises(Unresolvable):
        Validator({"items": {"$ref": reference}}).failures([1])

    assert [] == opened


@pytest.mark.parametrize("text", ["\ud800", "a\udcff"])
def test_a_lone_surrogate_is_a_character_like_others(text: str) -> None:
    """JSON can hold one, and an argument that is not UTF-8 becomes some; jsonschema-rs refuses to look at them."""
    rules = {"pattern": "^(a?[^b])$", "enum": [text], "maxLength": 2}

    assert [] == broken(rules, text)
    assert [((), "enum", None), ((), "pattern", None), ((), "maxLength", None)] == broken(rules, "ab\udcff")


def test_a_deep_schema_is_explained_to_the_bottom() -> None:
    """As deep as a file may be nested."""
    rules: Any = {"type": "integer"}
    value: Any = "x"
    for _ in range(90):
        rules, value = {"items": rules}, [value]

    assert [((0,) * 90, "type", None)] == broken(rules, value)


def test_of_many_mistakes_each_is_told_in_its_place() -> None:
    """In the time that the second library needs for a large file."""
    document = {"tasks": {f"t{n}": {"command": "x", "retries": "3", "zzz": n} for n in range(3000)}}

    found = [failure.path for failure in failures("workflow", document)]

    assert [("tasks", f"t{n}", key) for n in range(3000) for key in ("retries", "zzz")] == found
