"""The published schemas: good draft-07, helpful to editors, whole, and quick."""

import json
import time
from collections.abc import Iterator
from typing import Any, get_args

import jsonschema
import pytest

from airexec.workflow.model import TriggerRule
from airexec.workflow.schema.published import SchemaName, failures, schema, schema_text
from airexec.workflow.schema.validation import Validator
from airexec.workflow.schema.words import explain

NAMES = get_args(SchemaName)


def properties(node: Any, path: str = "#") -> Iterator[tuple[str, Any]]:
    """Every property of a schema with its place, references left out: they are described where they lead."""
    if not isinstance(node, dict):
        return
    for name, part in node.get("properties", {}).items():
        if "$ref" not in part:
            yield f"{path}/{name}", part
            yield from properties(part, f"{path}/{name}")
    for word in ("items", "additionalProperties"):
        yield from properties(node.get(word), f"{path}/{word}")
    for word in ("definitions", "patternProperties"):
        for name, part in node.get(word, {}).items():
            yield from properties(part, f"{path}/{word}/{name}")


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_draft_07(name: str) -> None:
    """What SchemaStore asks for."""
    jsonschema.Draft7Validator.check_schema(schema(name))

    assert "http://json-schema.org/draft-07/schema#" == schema(name)["$schema"]


@pytest.mark.parametrize("name", NAMES)
def test_every_property_has_a_description_and_an_example(name: str) -> None:
    """So that editors can help. A reference that is described once more (`allOf`) leads to its examples."""
    bare = [
        path
        for path, part in properties(schema(name))
        if not part.get("description") or not (part.get("examples") or part.keys() == {"allOf", "description"})
    ]

    assert [] == bare


@pytest.mark.parametrize("name", ["workflow", "config"])
def test_every_example_of_a_property_is_valid(name: str) -> None:
    """An example that is refused would be worse than none."""
    definitions = schema(name).get("definitions", {})

    wrong = [
        (path, example, failure.keyword)
        for path, part in properties(schema(name))
        for example in part["examples"]
        for failure in Validator({"definitions": definitions, "allOf": [part]}).failures(example)
    ]

    assert [] == wrong


@pytest.mark.parametrize("command", ["\x1c", "\x85", "\u2028\u3000 \t"])
def test_what_python_takes_for_blank_is_blank(command: str) -> None:
    """More than ECMA 262 does; a command of nothing else has no first word."""
    assert ["pattern"] == [failure.keyword for failure in failures("queue", {"id": "p", "command": command})]


@pytest.mark.parametrize("schedule", ["0 6 * *\x1c*", "0\ufeff6 * * *", "0\xa06 * * *", "0 6 * * *\x85 x"])
def test_fields_of_a_schedule_are_those_that_python_splits(schedule: str) -> None:
    """What passes has five of them."""
    document = {"tasks": {"a": {"command": "x"}}, "schedule": schedule}

    assert [("schedule",)] == [failure.path for failure in failures("workflow", document)]


def test_every_example_of_the_queue_schema_is_valid() -> None:
    """Both ways of queueing."""
    assert [[], []] == [failures("queue", example) for example in schema("queue")["examples"]]


def test_a_queued_task_takes_the_keys_of_a_task() -> None:
    """By reference, so that the two cannot drift apart; `matrix`, `manual` and expressions have no place in data."""
    task = schema("workflow")["definitions"]["task"]["properties"]
    queued = schema("queue")["properties"]

    expected = {key: {"$ref": f"workflow.schema.json#/definitions/task/properties/{key}"} for key in task}
    for key in ("matrix", "map_index_template", "when", "manual", "after", "params", "template", "with", "workflow"):
        del expected[key]

    assert expected == {key: part for key, part in queued.items() if "$ref" in part}
    assert {"id", "template", "with", "detached", "when"} == queued.keys() - expected.keys()
    assert "object" == queued["when"]["type"]


def test_a_template_takes_the_keys_of_a_task_but_no_matrix() -> None:
    """Its values come from `with`, as its `params` declare them, and it is made of no other; only a call takes it."""
    definitions = schema("workflow")["definitions"]

    of_the_file = {"matrix", "map_index_template", "manual", "after", "template", "with", "workflow"}

    assert definitions["task"]["properties"].keys() - of_the_file == definitions["template"]["properties"].keys()


def test_the_trigger_rules_are_those_of_the_model() -> None:
    """With a word on each for editors."""
    rule = schema("workflow")["definitions"]["task"]["properties"]["trigger_rule"]

    assert [one.value for one in TriggerRule] == rule["enum"]
    assert len(rule["enum"]) == len(rule["enumDescriptions"])


def test_the_text_is_the_file_in_the_repository() -> None:
    """`airexec schema` prints it as it is."""
    assert schema("queue") == json.loads(schema_text("queue"))


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ({"id": "p", "command": "x"}, []),
        ({"id": "p", "command": ["x"], "args": ["y"], "dependencies": [{"task": "a"}], "x-mine": 1}, []),
        ({"template": "t"}, []),
        ({"template": "t", "with": {"path": "a.csv"}, "detached": True, "dependencies": ["b"]}, []),
        ({}, ["neither 'command' nor 'template' is given / write one of them"]),
        ({"command": "x"}, ["'command' needs 'id' / add 'id'"]),
        (
            {"id": "p", "command": "x", "template": "t"},
            ["'command' and 'template' exclude each other / write one of them"],
        ),
        ({"id": "p", "comand": "x"}, ["unknown key 'comand' / did you mean 'command'?"]),
        ({"id": "p", "command": "x", "when": "a"}, ["'when' takes a map, not the string 'a' / "]),
        ({"template": "t", "env": {"A": "b"}}, ["'env' cannot be set for an instance of a template / "]),
        ({"id": "p", "command": "x", "with": {"a": 1}}, ["'with' needs 'template' / add 'template'"]),
        ({"template": "t", "with": {"a b": 1}}, [
            "'a b' cannot be the name of an argument / a name that templates can use has letters, digits and '_', "
            "and does not start with a digit",
        ]),
        ({"id": "../p", "command": "x"}, [
            "'id' cannot be '../p' / an id has letters, digits, '_', '.', '-' and ':', starts with a letter, digit or "
            "'_', and has at most 128 characters",
        ]),
        (
            {"id": "p", "command": 3},
            ["'command' takes a string or a list, not the number 3 / write \"3\", with the quotes"],
        ),
        (3, ["a map is expected here, not the number 3 / "]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_queued_item_is_said_once(item: Any, said: list[str]) -> None:
    """In our words, one per mistake."""
    assert said == [f"{problem.message} / {problem.hint}" for problem in explain(failures("queue", item))]


def test_an_item_costs_microseconds() -> None:
    """A task may queue ten thousand; the bound is far above what is measured (10 µs)."""
    item = {"id": "p-1", "command": ["python", "process.py", "a.csv"], "dependencies": ["x"], "retries": 3}
    failures("queue", item)
    started = time.process_time()
    for _ in range(1000):
        failures("queue", item)
    seconds = time.process_time() - started

    assert seconds / 1000 < 100e-6


def test_a_good_value_does_not_bring_in_the_library_that_explains() -> None:
    """A queued item is validated while tasks run; jsonschema would cost 100 ms."""
    import subprocess
    import sys

    code = (
        "import sys; from airexec.workflow.schema.published import failures; failures('queue', {'template': 't'});"
        "print([m for m in ('jsonschema', 'networkx', 'jinja2', 'ruamel.yaml', 'dataclasses') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]\n" == done.stdout
