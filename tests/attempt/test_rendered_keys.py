"""One table says which keys hold templates: all of them are checked before any run, and rendered for each attempt."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from airexec.attempt.prepare import Preparation, surroundings
from airexec.attempt.spec import AttemptSpec, ConditionSpec
from airexec.state.layout import RunFolder
from airexec.workflow.actions.command import Command
from airexec.workflow.actions.forms import RENDERED
from airexec.workflow.model import Plan, Task
from airexec.workflow.template.problem import TemplateError
from tests.workflow.reading import headlines, workflow

TEMPLATE = "{{ params.region }}"
SAMPLES: Mapping[str, Any] = {
    "when": "params.region == 'eu'",
    "preconditions": [f"test -e {TEMPLATE}"],
    "env": {"A": TEMPLATE},
    "env_file": [TEMPLATE],
    "cwd": TEMPLATE,
    "sources": [TEMPLATE],
    "generates": [TEMPLATE],
    "depfile": TEMPLATE,
    "cache_key": TEMPLATE,
    "command": f"echo {TEMPLATE}",
    "args": ["-n", TEMPLATE],
}
"""Each key of the table, with a param in it."""
KEYS = [*RENDERED, *Command("").rendered()]
OF_THE_WORKFLOW = ["env", "env_file", "cwd"]
OF_A_TASK_ALONE = ["sources", "generates", "depfile", "cache_key"]


def file_with(param: str, section: str, key: str) -> str:
    """Return a workflow of this param, in which one key of one place uses `region`."""
    sample = {key: SAMPLES[key]}
    data: dict[str, Any] = {"params": {param: {"type": "string"}}, "tasks": {"a": {"command": "x"}}}
    if section == "workflow":
        data |= sample
    elif section == "default_args":
        data[section] = sample
    else:
        data[section] = {"a": {"command": "x", **sample}}
    return json.dumps(data)


PLACES = [
    *[(section, key) for key in KEYS for section in ("tasks", "templates")],
    *[("default_args", key) for key in RENDERED if key not in OF_A_TASK_ALONE],
    *[("workflow", key) for key in OF_THE_WORKFLOW],
]


@pytest.mark.parametrize(("section", "key"), PLACES)
def test_what_the_table_says_is_rendered_is_checked(section: str, key: str) -> None:
    """So nobody learns of a mistake only when the task starts."""
    (line,) = headlines(file_with("other", section, key))

    assert "unknown param 'region'" in line


@pytest.mark.parametrize(("section", "key"), PLACES)
def test_what_the_table_says_is_rendered_is_rendered(section: str, key: str) -> None:
    """A param that nobody gave a value is missed, wherever it is used."""
    made = workflow(file_with("region", section, key))
    task = made.templates["a"]._replace(id="q") if section == "templates" else made.tasks["a"]

    with pytest.raises(TemplateError, match="region"):
        _prepare(task, Plan(made, {}, {}, 1))


CONDITIONS: Mapping[str, Mapping[str, Any]] = {
    "an argv": {"preconditions": ["true", {"command": ["test", TEMPLATE]}]},
    "a message": {"preconditions": [{"command": "x", "message": f"no {TEMPLATE}"}]},
    "when": {"when": {"command": f"test -e {TEMPLATE}"}},
}


@pytest.mark.parametrize("fields", CONDITIONS.values(), ids=CONDITIONS)
def test_conditions_are_checked_and_rendered_as_commands_are(fields: Mapping[str, Any]) -> None:
    """Wherever a template stands in one."""
    tasks = {"a": {"command": "x", **fields}}
    (line,) = headlines(json.dumps({"params": {"other": "x"}, "tasks": tasks}))
    made = workflow(json.dumps({"params": {"region": {"type": "string"}}, "tasks": tasks}))

    assert "unknown param 'region'" in line
    with pytest.raises(TemplateError, match="region"):
        _prepare(made.tasks["a"], Plan(made, {}, {}, 1))


def test_values_cannot_break_out_of_a_condition() -> None:
    """They are quoted for the shell of the task, whose command has nothing to do with it; an argv and a message have
    no shell."""
    text = """
        params: {x: "a b; c"}
        tasks:
          a:
            command: [work]
            shell: bash
            when: {command: "test -e {{ params.x }}", negate: true, timeout: 5}
            preconditions: [{command: [test, "{{ params.x }}"], message: "no {{ params.x }}", timeout: 0}, "one\\ntwo"]
    """
    made = workflow(text)

    assert (
        ConditionSpec(
            ("bash", "-e", "-o", "pipefail", "-c", "test -e 'a b; c'"), "! test -e 'a b; c'", True, "", True, 5.0
        ),
        ConditionSpec(("test", "a b; c"), "test 'a b; c'", False, "no a b; c"),
        ConditionSpec(("bash", "-e", "-o", "pipefail", "-c", "one\ntwo"), "one …", timeout=60.0),
    ) == _prepare(made.tasks["a"], Plan(made, {}, {"x": "a b; c"}, 1)).conditions


def test_a_place_in_a_condition_that_cannot_be_made_safe_is_an_error() -> None:
    """As in a command."""
    (line,) = headlines("""
        params: {x: 1}
        tasks: {a: {command: x, preconditions: ["echo `{{ params.x }}`"]}}
    """)

    assert "backticks" in line


@pytest.mark.parametrize(
    ("key", "value"),
    [("description", TEMPLATE), ("tags", [TEMPLATE])],
)
def test_what_is_not_in_the_table_is_neither(key: str, value: Any) -> None:
    """It is plain text, whatever it looks like."""
    made = workflow(f"tasks: {{a: {{command: x, {key}: {value!r}}}}}")

    assert ("sh", "-e", "-c", "x") == _prepare(made.tasks["a"], Plan(made, {}, {}, 1)).argv


def _prepare(task: Task, plan: Plan) -> AttemptSpec:
    around = surroundings("20260102-030405-0000", 0.0, {})
    preparation = Preparation(plan, RunFolder("/state", "20260102-030405-0000"), {})
    preparation.refusal(task, 1, around)
    return preparation.spec(task, 1, around)
