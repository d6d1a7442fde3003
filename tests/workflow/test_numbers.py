"""Numbers that are said by templates: what they are in a plan, and in which words what is wrong is told."""

from typing import Any

import pytest

from airexec.testing import make_plan, make_task
from airexec.workflow.model import Task
from airexec.workflow.numbers import NumberError, numbered, with_numbers
from tests.workflow.reading import complaints, headlines, workflow


def of(key: str, text: str, **around: Any) -> Any:
    """Return what a key of a task is worked out to be."""
    task = make_task("a", numbers={key: text}, **{name: around[name] for name in ("matrix", "with_") if name in around})
    done = numbered(task, around.get("params", {}), {})
    assert {} == done.numbers
    return getattr(done, key)


def complaint(task: Task, params: dict[str, Any], **pools: int) -> tuple[str, str]:
    with pytest.raises(NumberError) as error:
        numbered(task, params, pools)
    return error.value.headline, error.value.hint


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("retries", "{{ params.n }}", 3),
        ("retries", " {{ params.n + matrix.m }} ", 5),
        ("retries", "{{ params.f }}", 2),
        ("pool_slots", "{{ with.s }}", 4),
        ("retry_delay", "{{ params.n }}m", 180.0),
        ("retry_delay", "{{ params.f }}", 2.0),
        ("max_retry_delay", "{{ params.d }}", 5400.0),
        ("execution_timeout", "{{ params.d }}", 5400.0),
        ("execution_timeout", "{{ params.zero }}", None),
    ],
)
def test_a_template_becomes_the_number_that_its_key_takes(key: str, text: str, value: object) -> None:
    """A whole number, or seconds; no time at all is no limit."""
    params = {"n": 3, "f": 2.0, "d": "1h30m", "zero": 0}

    assert value == of(key, text, params=params, matrix={"m": 2}, with_={"s": "4"})


@pytest.mark.parametrize(
    ("key", "given", "what"),
    [
        ("retries", -1, "it takes a whole number of at least 0; param 'x' is -1: -p x=…"),
        ("retries", 1.5, "it takes a whole number of at least 0; param 'x' is 1.5: -p x=…"),
        ("retries", 1_000_001, "it takes a whole number of at least 0; param 'x' is 1000001: -p x=…"),
        ("pool_slots", 0, "it takes a whole number of at least 1; param 'x' is 0: -p x=…"),
        ("retry_delay", "soon", "a duration is a number of seconds, or like 500ms, 30s, 5m, 1h30m, 2d; "
         "param 'x' is 'soon': -p x=…"),
        ("execution_timeout", 99_999_999_999, "a duration is a number of seconds, or like 500ms, 30s, 5m, 1h30m, 2d; "
         "param 'x' is 99999999999: -p x=…"),
    ],
)  # fmt: skip
def test_a_bad_value_is_told_with_key_task_and_param(key: str, given: object, what: str) -> None:
    task = make_task("a", numbers={key: "{{ params.x }}"})

    assert (f"'{key}' of task 'a' cannot be '{given}'", what) == complaint(task, {"x": given})


def test_a_template_without_a_value_is_told_the_same_way() -> None:
    task = make_task("a", numbers={"retries": "{{ params.x.y }}"})
    headline, hint = complaint(task, {"x": {}})

    assert headline.startswith("'retries' of task 'a': ")
    assert "param 'x' is {}: -p x=…" == hint


def test_more_slots_than_the_pool_has_could_never_start() -> None:
    task = make_task("a", pool="db", numbers={"pool_slots": "{{ params.x }}"})

    assert ("task 'a' needs 3 slots, pool 'db' has 2", "param 'x' is 3: -p x=…") == complaint(task, {"x": 3}, db=2)


def test_the_workflow_of_a_plan_has_numbers_but_in_its_templates() -> None:
    """Which lack the values of `with`."""
    made = workflow("""
        params: {n: 2}
        max_active_tasks: "{{ params.n }}"
        dagrun_timeout: "{{ params.n }}h"
        default_args: {retries: "{{ params.n }}", retry_delay: "{{ params.n }}s"}
        templates: {t: {command: x, retries: "{{ with.k }}"}}
        tasks:
          a: {command: x}
          b: {command: x, retries: 0, matrix: {m: [1, 2]}, retry_delay: "{{ matrix.m }}s"}
        """)
    done = with_numbers(made, made.tasks, {"": {"n": 3}})[0]

    assert (3, 10800.0, {}) == (done.max_active_tasks, done.dagrun_timeout, done.numbers)
    assert {"a": (3, 3.0), "b[1]": (0, 1.0), "b[2]": (0, 2.0)} == {
        task.id: (task.retries, task.retry_delay) for task in done.tasks.values()
    }
    assert [{}] * 3 == [task.numbers for task in done.tasks.values()]
    assert {"retries": "{{ with.k }}", "retry_delay": "{{ params.n }}s"} == done.templates["t"].numbers


def test_a_workflow_without_such_templates_stays_the_same_value() -> None:
    plain = make_plan(make_task("a")).workflow

    assert with_numbers(plain, plain.tasks, {"": {}})[0] is plain


# --- checked before the run -------------------------------------------------------------------------------------------


def test_what_the_defaults_make_is_checked_at_its_place() -> None:
    """Once for a matrix, and for a default that several tasks have."""
    text = """\
    params: {n: x, d: 0}
    max_active_tasks: "{{ params.d }}"
    default_args: {retries: "{{ params.n }}"}
    tasks:
      a: {command: x}
      b: {command: x, retries: 1, matrix: {m: [1, 2]}, pool_slots: "{{ matrix.m - 2 }}"}
    """

    assert [
        "f.yml:2:19: error: 'max_active_tasks' cannot be '0'",
        "f.yml:3:25: error: 'retries' of task 'a' cannot be 'x'",
        "f.yml:6:64: error: 'pool_slots' of task 'b[1]' cannot be '-1'",
    ] == [line for line in headlines(text) if "error" in line]
    assert """\
f.yml:3:25: error: 'retries' of task 'a' cannot be 'x'
    3 | default_args: {retries: "{{ params.n }}"}
      |                         ^^^^^^^^^^^^^^^^
  hint: it takes a whole number of at least 0; param 'n' is 'x': -p n=…
""" in complaints(text)


def test_what_needs_a_param_without_a_default_is_left_to_the_run() -> None:
    text = 'params: {n: {type: integer}}\ntasks: {a: {command: x, retries: "{{ params.n }}"}}\n'

    assert "" == complaints(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("params.m", ["1:45: error: unknown param 'm'"]),
        ("matrix.m", ["1:45: error: unknown matrix key 'm'"]),
        ("env.N", ["1:38: error: 'env' is not known before the task starts"]),
        ("tasks.b.outputs.n", ["1:38: error: 'tasks' is not known before the task starts"]),
        ("run.id", ["1:38: error: 'run' is not known before the task starts"]),
        ("params.", ["1:46: error: "]),
    ],
)
def test_only_what_is_known_before_a_task_starts_may_be_named(text: str, said: list[str]) -> None:
    found = headlines(f'tasks: {{a: {{command: x, retries: "{{{{ {text} }}}}"}}, b: {{command: x}}}}\n')

    assert len(said) == len(found)
    assert all(line.startswith(f"f.yml:{start}") for line, start in zip(found, said, strict=True)), found


def test_a_key_of_the_workflow_knows_params_alone() -> None:
    text = 'max_active_tasks: "{{ matrix.n }}"\ntasks: {a: {command: x}}\n'

    assert """\
f.yml:1:23: error: 'matrix' is not known before the task starts
    1 | max_active_tasks: "{{ matrix.n }}"
      |                       ^^^^^^^^
  hint: only params may stand here
""" == complaints(text)
