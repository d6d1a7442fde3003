"""What `airexec list` says of a workflow: to people what they may name, to programs all there is."""

from typing import Any

import pytest

from airexec.cli.commands.listing import listing_as_data, listing_lines
from airexec.graph.picture import TIMES
from airexec.graph.select import tagged
from tests.workflow.reading import workflow

FLOW = workflow("""
    name: ci
    default: [test]
    params: {full: false}
    templates:
      _part: {command: x}
      whole: {command: x}
    tasks:
      _setup: {command: x, description: For the others}
      lint: {command: x, description: Style, tags: [fast]}
      test:
        matrix: {py: ["3.11", "3.12"], os: [linux, mac]}
        command: x
        description: All of them
        tags: [slow, nightly]
        dependencies: _setup
      _each: {matrix: {n: [1, 2]}, command: x, tags: [slow]}
      one: {matrix: {n: [1]}, command: x, dependencies: [test, lint]}
    """)


def lines(*tags: str, **how: Any) -> list[str]:
    tasks = tagged(FLOW, tags) if tags else list(FLOW.tasks.values())
    return list(listing_lines(FLOW, tasks, **how))


def test_a_matrix_is_one_line_and_private_tasks_are_none() -> None:
    """What several instances wait for is said once."""
    assert [
        "ci",
        "",
        "tasks:",
        "  lint     Style        tags fast",
        "  test[…]  All of them  4 instances; default; after _setup; tags slow, nightly",
        f"  one[…]                1 instance; after test[…] {TIMES} 4, lint",
        "",
        "templates:",
        "  whole",
        "",
        "params:",
        "  full    default false",
    ] == lines()


def test_all_shows_each_instance_and_private_tasks() -> None:
    found = lines(everything=True)

    assert [
        "  _setup            For the others",
        "  lint              Style           tags fast",
        "  test[3.11,linux]  All of them     default; after _setup; tags slow, nightly",
    ] == found[3:6]
    assert ["  _each[1]                          tags slow", "  _each[2]                          tags slow"] == found[
        9:11
    ]
    assert ["  _part", "  whole"] == found[14:16]


def test_tags_leave_the_tasks_that_have_one() -> None:
    """And nothing but tasks."""
    expected = ["ci", "", "tasks:", "  test[…]  All of them  4 instances; default; after _setup; tags slow, nightly"]

    assert expected == lines("slow", only_tasks=True)


def test_programs_are_told_of_all_tasks_with_tags_and_groups() -> None:
    data = listing_as_data(FLOW, list(FLOW.tasks.values()))
    tasks = {task["id"]: task for task in data["tasks"]}

    assert list(FLOW.tasks) == list(tasks)
    assert {"test", "_each", "one"} == set(data["groups"])
    assert ("_each[1]", "_each[2]") == data["groups"]["_each"]
    assert (("slow",), True) == (tasks["_each[1]"]["tags"], tasks["_each[1]"]["private"])
    assert (("fast",), False) == (tasks["lint"]["tags"], tasks["lint"]["private"])


@pytest.mark.parametrize(
    ("task_id", "is_private"),
    [
        ("_a", True),
        ("a", False),
        ("a_b", False),
        ("web._a", True),
        ("web.a", False),
        ("t[x._y]", False),
        ("_t[1.2]", True),
    ],
)
def test_a_name_that_begins_with_an_underscore_is_private(task_id: str, is_private: bool) -> None:
    """Also behind the name of another file; values of a matrix are no names."""
    assert is_private is FLOW.tasks["lint"]._replace(id=task_id).is_private
