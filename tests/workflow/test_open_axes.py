"""Axes that params say: what is listed are the defaults, what is run is what the params are."""

import json
from typing import Any

import pytest

from airexec.errors import UsageError
from airexec.state.plan_codec import workflow_from_json, workflow_to_json
from airexec.workflow.model import Dependency, Workflow
from airexec.workflow.open_axes import expanded_for
from airexec.workflow.vars import texts_alone
from tests.workflow.reading import complaints, headlines, workflow

TEXT = """
params: {systems: [linux, mac], other: 1}
tasks:
  pack: {command: x, matrix: {os: "{{ params.systems }}", n: {range: [1, 2]}}, map_index_template: "on {{ matrix.os }}"}
  sign: {command: x, matrix: {os: "{{ params.systems }}"}, dependencies: ["pack[{{ matrix.os }},1]"]}
  up: {command: x, matrix: {os: "{{ params.systems | map('upper') | list }}"}}
  ship: {command: x, dependencies: [sign]}
templates: {t: {command: x, dependencies: [sign]}}
"""


def _expanded(text: str = TEXT, **params: Any) -> Workflow:
    """Return what becomes of a workflow that was kept in the meantime."""
    kept = workflow_from_json(json.loads(json.dumps(workflow_to_json(workflow(text)))))
    defaults = {name: schema["default"] for name, schema in kept.params.items()}
    return expanded_for(kept, {"params": {**defaults, **params}})


def _refusal(text: str = TEXT, **params: Any) -> str:
    with pytest.raises(UsageError) as raised:
        _expanded(text, **params)
    return raised.value.headline


def test_a_workflow_is_read_with_the_defaults_of_its_params() -> None:
    """So that there is something to check, to list and to draw."""
    found = workflow(TEXT)

    assert [
        "pack[linux,1]", "pack[linux,2]", "pack[mac,1]", "pack[mac,2]", "sign[linux]", "sign[mac]", "up[LINUX]",
        "up[MAC]", "ship",
    ] == list(found.tasks)  # fmt: skip
    assert found is expanded_for(found, {"params": {"systems": ["linux", "mac"], "other": 1}})


def test_other_values_make_other_tasks() -> None:
    """With their groups, names, and all that depends on them."""
    found = _expanded(systems=["bsd"])

    assert ["pack[bsd,1]", "pack[bsd,2]", "sign[bsd]", "up[BSD]", "ship"] == list(found.tasks)
    assert ("pack[bsd,1]", "pack[bsd,2]") == found.groups["pack"]
    assert {"os": "bsd", "n": 2} == found.tasks["pack[bsd,2]"].matrix
    assert "on bsd" == found.tasks["pack[bsd,2]"].label
    assert (Dependency("pack[bsd,1]"),) == found.tasks["sign[bsd]"].dependencies
    assert (Dependency("sign[bsd]"),) == found.tasks["ship"].dependencies


def test_a_workflow_without_such_axes_keeps_nothing_for_it() -> None:
    """Nor is it made anew, whatever its params are."""
    found = workflow("params: {n: 1}\ntasks: {a: {command: x, matrix: {n: [1]}}}")

    assert {} == found.unexpanded
    assert found is expanded_for(found, {"params": {"n": 2}})


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("linux", "{{ params.systems }} is the string 'linux', not a list"),
        ([], "{{ params.systems }} is an empty list, so there is nothing to do"),
        (["a", None], "item 2 of {{ params.systems }} is nothing; it must be a text, a number, true or false"),
        ([["a"]], "item 1 of {{ params.systems }} is a list; it must be a text, a number, true or false"),
        (["a", "b", "a"], "'a' stands twice in {{ params.systems }}"),
        (["x"] * 10_001, "{{ params.systems }} has 10001 values; at most 10000 are allowed"),
    ],
)
def test_a_value_of_which_no_matrix_can_be_made_is_refused(value: Any, said: str) -> None:
    """The task is named, and the axis."""
    assert f"the matrix of task 'pack': os: {said}" == _refusal(systems=value)


def test_the_graph_that_comes_of_it_is_checked() -> None:
    """As that of the file was: its size, its names, its circles, and who makes what."""
    named = """
params: {n: [1, 2]}
tasks:
  a: {command: x, matrix: {n: "{{ params.n }}"}}
  b: {command: x, dependencies: ["a[2]"]}
"""
    assert "task 'b' depends on 'a[2]', which is not there for these params" == _refusal(named, n=[1])

    assert "the matrix of task 'pack' makes 12000 tasks, which are too many" == _refusal(systems=list(range(6000)))

    many = """
params: {n: [1]}
tasks:
  a: {command: x, matrix: {n: "{{ params.n }}"}}
  b: {command: x, matrix: {n: "{{ params.n }}"}, dependencies: a}
"""
    assert "task 'b': a workflow may have 2000000 dependencies; here they become more" == _refusal(
        many, n=list(range(2000))
    )

    clash = "params: {n: [1]}\ntasks: {a: {command: x, generates: out, matrix: {n: '{{ params.n }}'}}}"
    assert "tasks 'a[1]' and 'a[2]' both generate out" == _refusal(clash, n=[1, 2])

    none = "params: {n: [1, 2]}\ntasks: {a: {command: x, matrix: {n: '{{ params.n }}', exclude: [{n: 1}]}}}"
    assert "the matrix of task 'a' makes no task: every combination is excluded" == _refusal(none, n=[1])

    circle = """
params: {n: [1]}
tasks:
  a: {command: x, matrix: {n: "{{ params.n }}"}, generates: "out/{{ matrix.n }}", dependencies: [b]}
  b: {command: x, sources: out/2}
"""
    assert "tasks depend on each other in a circle: a[2] → b → a[2]" == _refusal(circle, n=[2])


def test_what_is_wrong_with_an_axis_is_said_when_the_file_is_read() -> None:
    """Only params are known then, by their defaults."""
    text = """
        params: {text: linux, none: {type: array}, empty: []}
        tasks:
          a: {command: x, matrix: {os: "{{ params.text }}"}}
          b: {command: x, matrix: {os: "{{ params.none }}"}}
          c: {command: x, matrix: {os: "{{ params.empty }}"}}
          d: {command: x, matrix: {os: "{{ params.txt }}"}}
          e: {command: x, matrix: {os: "{{ env.HOME }}"}}
          f: {command: x, matrix: {os: "{{ params.text }}{{ params.text }}"}}
          g: {command: x, matrix: {os: "{{ params.text.split() }}"}}
        """
    expected = [
        "f.yml:3:32: error: {{ params.text }} is the string 'linux', not a list",
        "f.yml:4:32: error: param 'none' has no default, and a matrix is made of it",
        "f.yml:5:32: error: {{ params.empty }} is an empty list, so there is nothing to do",
        "f.yml:6:43: error: unknown param 'txt'",
        "f.yml:7:36: error: 'env' is not known here",
        "f.yml:8:33: error: this is not one expression",
    ]
    assert expected == headlines(text)
    assert "  hint: give it one, such as  none: {type: array, default: [a, b]}" in complaints(text).splitlines()


def test_vars_that_no_command_works_out_are_known_to_axes() -> None:
    """Also those that are made of params, which a run may set."""
    read = workflow("""\
        params: {first: a}
        vars: {both: "{{ params.first }},b", systems: "{{ vars.both }}"}
        tasks: {t: {command: x, matrix: {os: "{{ vars.systems.split(',') }}"}}}
    """)
    params = {"first": "c"}
    other = expanded_for(read, {"params": params, "vars": texts_alone(read.vars, params)})

    assert (["t[a]", "t[b]"], ["t[c]", "t[b]"]) == (list(read.tasks), list(other.tasks))


def test_a_var_that_a_command_works_out_comes_too_late_for_an_axis() -> None:
    text = """\
vars: {v: {command: ls}}
tasks: {t: {command: x, matrix: {os: "{{ vars.v.splitlines() }}"}}}
"""

    assert """\
f.yml:2:38: error: var 'v' is worked out when a run begins, and a matrix is made before
    2 | tasks: {t: {command: x, matrix: {os: "{{ vars.v.splitlines() }}"}}}
      |                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^
  hint: make it of params alone, or let a task queue the others with ::queue lines
""" == complaints(text)
