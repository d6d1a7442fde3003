"""Our walk over a JSON Schema decides as jsonschema, the reference, does; and says which rule is broken where."""

from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from referencing import Registry, Resource

from airexec.workflow.schema.json_schema import Failure, UnsupportedKeywordError, compile_schema
from airexec.workflow.schema.published import SchemaName, failures, schema

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
@settings(max_examples=300, deadline=None)
def test_it_decides_as_jsonschema_does(name: SchemaName, document: Any) -> None:
    """For both published schemas, on documents that are nearly right."""
    reference = jsonschema.Draft7Validator(schema(name), registry=REGISTRY)

    assert reference.is_valid(document) == (not failures(name, document))


SCHEMAS = st.recursive(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["string", "integer", "number", "boolean", "array", "object", "null"])
            | st.lists(st.sampled_from(["string", "integer", "array", "object"]), min_size=1, max_size=2, unique=True),
            "enum": st.lists(SCALARS, min_size=1, max_size=3),
            "const": SCALARS,
            "pattern": st.sampled_from(["^a", "x$", "^[a-z]+$", "\\S"]),
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
            "minProperties": st.integers(0, 2),
            "maxProperties": st.integers(0, 2),
            "required": st.lists(KEYS, max_size=2, unique=True),
        },
    ),
    lambda inner: st.one_of(
        st.booleans(),
        st.fixed_dictionaries(
            {},
            optional={
                "items": inner,
                "additionalProperties": inner,
                "propertyNames": inner,
                "properties": st.dictionaries(KEYS, inner, max_size=2),
                "patternProperties": st.dictionaries(st.sampled_from(["^x-", "a"]), inner, max_size=2),
                "anyOf": st.lists(inner, min_size=1, max_size=2),
                "oneOf": st.lists(inner, min_size=1, max_size=2),
                "allOf": st.lists(inner, min_size=1, max_size=2),
                "dependencies": st.dictionaries(KEYS, inner | st.lists(KEYS, max_size=2, unique=True), max_size=2),
            },
        ),
    ),
    max_leaves=6,
)


@given(rules=SCHEMAS, value=VALUES)
@settings(max_examples=400, deadline=None)
def test_every_keyword_means_what_jsonschema_means(rules: Any, value: Any) -> None:
    """Also keywords that our own schemas do not use, for schemas of params."""
    found: list[Failure] = []
    compile_schema(rules)(value, (), found)

    assert jsonschema.Draft7Validator(rules).is_valid(value) == (not found)


def broken(rules: Any, value: Any) -> list[tuple[Any, str, Any]]:
    found: list[Failure] = []
    compile_schema(rules)(value, (), found)
    return [(failure.path, failure.keyword, failure.detail) for failure in found]


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


def test_a_schema_may_contain_itself() -> None:
    """As the schema of a param does, by its items."""
    tree: Any = {"type": "object", "properties": {"children": {"type": "array"}}}
    tree["properties"]["children"]["items"] = {"$ref": "#"}
    found: list[Failure] = []

    compile_schema(tree, lambda reference: tree)({"children": [{"children": [{"children": 3}]}]}, (), found)

    assert [("children", 0, "children", 0, "children")] == [failure.path for failure in found]


@pytest.mark.parametrize("rules", [{"$ref": "http://example.org/s.json"}, {"if": {}}, {"items": {"contains": 1}}])
def test_what_it_does_not_know_is_refused(rules: Any) -> None:
    """Never silently ignored, and never fetched from anywhere."""
    with pytest.raises(UnsupportedKeywordError):
        compile_schema(rules)
