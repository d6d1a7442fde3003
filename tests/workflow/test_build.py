"""Valid data becomes a Task, for tasks of the file, templates and queued tasks alike."""

from typing import Any

import pytest

from airexec.workflow.actions.command import SHELLS, Command
from airexec.workflow.actions.condition import Condition
from airexec.workflow.build import build_params, build_task, task_defaults
from airexec.workflow.model import Dependency, EnvFile, Location, QueuePermission, Secret, SpliceMoment, Task


def test_a_task_of_nothing_but_a_command() -> None:
    """All else is the default of the model."""
    assert Task("a", Command("make")) == build_task("a", {"command": "make"})


def test_what_a_task_says_wins_over_the_defaults_key_by_key() -> None:
    """A list of the task replaces the list of the defaults."""
    defaults = {"retries": 2, "tags": ["slow"], "shell": "bash", "retry_delay": "5s"}

    expected = Task(
        "a", Command("x", shell=SHELLS["bash"]), retries=0, tags=("fast",), retry_delay=5.0, location=Location("", 7)
    )

    assert expected == build_task("a", {"command": "x", "retries": 0, "tags": ["fast"]}, defaults, Location("", 7))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"command": ["x", "y"]}, {"action": Command(("x", "y"))}),
        ({"command": ["x"], "args": ["y"]}, {"action": Command(("x", "y"))}),
        ({"command": "x", "args": ["y z"]}, {"action": Command("x", ("y z",))}),
        ({"dependencies": "b"}, {"dependencies": (Dependency("b"),)}),
        ({"dependencies": ["b", {"task": "c", "allow_failure": True}, {"task": "b", "allow_failure": True}]},
         {"dependencies": (Dependency("b"), Dependency("c", allow_failure=True))}),
        ({"execution_timeout": "1m"}, {"execution_timeout": 60.0}),
        ({"execution_timeout": 0}, {"execution_timeout": None}),
        ({"execution_timeout": "0s"}, {"execution_timeout": None}),
        ({"queue": True}, {"queue": QueuePermission()}),
        ({"queue": False}, {"queue": None}),
        ({"queue": ["t"]}, {"queue": QueuePermission(("t",))}),
        ({"queue": {}}, {"queue": QueuePermission()}),
        ({"queue": {"when": "line"}}, {"queue": QueuePermission(None, SpliceMoment.LINE)}),
        ({"queue": {"templates": ["t"]}}, {"queue": QueuePermission(("t",), SpliceMoment.END)}),
        ({"when": False}, {"when": "false"}),
        ({"when": "params.x"}, {"when": "params.x"}),
        ({"when": {"command": "test -e x", "negate": True}}, {"when": Condition("test -e x", negate=True)}),
        ({"preconditions": ["a", {"command": ["b", "c"], "message": "n",
          "timeout": 9}, {"command": "d", "timeout": "0s"}]},
         {"preconditions": (
             Condition("a"), Condition(("b", "c"), message="n", timeout=9.0), Condition("d", timeout=None),
         )}),
        ({"shell": "python", "preconditions": ["assert 1"]},
         {"action": Command("x", None, SHELLS["python"]), "preconditions": (Condition("assert 1", SHELLS["python"]),)}),
        ({"background": "allow"}, {"background": True}),
        ({"background": False}, {"background": False}),
        ({"retries": 2.0}, {"retries": 2}),
        ({"retry_on": [75.0]}, {"retry_on": (75,)}),
        ({"allow_failure": True}, {"allow_failure": True}),
        ({"allow_failure": {"exit_codes": [1, 2]}}, {"allow_failure": (1, 2)}),
        ({"allow_failure": {"exit_codes": 3}}, {"allow_failure": (3,)}),
        ({"skip_on_exit_code": 99}, {"skip_on_exit_code": (99,)}),
        ({"skip_on_exit_code": [99, 100.0]}, {"skip_on_exit_code": (99, 100)}),
        ({"env_file": "a"}, {"env_file": (EnvFile("a"),)}),
        ({"env_file": {"path": "a", "optional": True}}, {"env_file": (EnvFile("a", optional=True),)}),
        ({"secrets": ["A", {"name": "B"}]}, {"secrets": (Secret("A"), Secret("B"))}),
        ({"template": "t", "with": {"a": 1}, "detached": True}, {"template": "t", "with_": {"a": 1}, "detached": True}),
        ({"x-mine": 1, "matrix": {"a": [1]}}, {}),
    ],
)  # fmt: skip
def test_each_form_of_a_key_has_one_form_in_the_model(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    """Lists as tuples, durations as seconds, shorthands written out."""
    assert Task("a", Command("x"))._replace(**expected) == build_task("a", {"command": "x", **fields})


def test_the_defaults_of_a_workflow_hold_its_shell_but_no_environment() -> None:
    """The environment has a place of its own in the order of precedence."""
    data = {"shell": "bash", "default_args": {"retries": 1, "env": {"A": "b"}}}

    assert {"retries": 1, "shell": "bash"} == task_defaults(data)
    assert {"shell": "sh"} == task_defaults({"shell": "bash", "default_args": {"shell": "sh"}})


def test_a_bare_value_is_the_default_of_a_param_and_tells_its_type() -> None:
    """A map is a JSON Schema as it is."""
    params = {"a": "x", "b": 1, "c": 1.5, "d": True, "e": [1], "f": {"type": "string"}}

    expected = {
        "a": {"type": "string", "default": "x"}, "b": {"type": "integer", "default": 1},
        "c": {"type": "number", "default": 1.5}, "d": {"type": "boolean", "default": True},
        "e": {"type": "array", "default": [1]}, "f": {"type": "string"},
    }  # fmt: skip

    assert expected == build_params(params)
