"""A dependency on the matching instance has a match for each instance."""

import pytest

from tests.workflow.reading import complaints, headlines

PACK = "tasks:\n  pack: {command: x, matrix: {os: [linux, macos]}}\n"


def test_an_instance_without_a_match_is_told_what_there_is() -> None:
    """At the place of the dependency, once, with what was probably meant."""
    text = PACK + '  a: {command: x, matrix: {os: [linux, mac, win]}, dependencies: ["pack[{{ matrix.os }}]"]}\n'
    more = "1 more of its instances has no match either"
    expected = [
        f"f.yml:3:67: error: task 'a[mac]' depends on 'pack[mac]', which is not defined; {more}",
        '    3 |   a: {command: x, matrix: {os: [linux, mac, win]}, dependencies: ["pack[{{ matrix.os }}]"]}',
        "      |                                                                   ^^^^^^^^^^^^^^^^^^^^^^^",
        "  hint: did you mean 'pack[macos]'? there is pack[linux], pack[macos]",
    ]
    assert expected == complaints(text).splitlines()


@pytest.mark.parametrize(
    ("dependency", "said"),
    [
        (
            "pakc[{{ matrix.os }}]",
            [
                "f.yml:3:57: error: task 'a[linux]' depends on 'pakc[linux]', which is not defined",
                "  hint: did you mean 'pack[linux]'?",
            ],
        ),
        (
            "pack[{{ matrix.so }}]",
            ["f.yml:3:57: error: the matrix of task 'a' has no 'so'", "  hint: its keys are os"],
        ),
        (
            "pack[{{ params.os }}]",
            [
                "f.yml:3:57: error: only `{{ matrix.NAME }}` can stand in a dependency",
                "  hint: the graph is made before the run",
            ],
        ),
        (
            "pack[{{ matrix.os | upper }}]",
            [
                "f.yml:3:57: error: only `{{ matrix.NAME }}` can stand in a dependency",
                "  hint: the graph is made before the run",
            ],
        ),
        (
            "a[{{ matrix.os }}]",
            [
                "f.yml:3:57: error: tasks depend on each other in a circle: a[linux] → a[linux]",
                "  hint: take one of these dependencies away",
            ],
        ),
    ],
)
def test_what_else_can_be_wrong_with_it(dependency: str, said: list[str]) -> None:
    """One message for each mistake."""
    found = complaints(PACK + f'  a: {{command: x, matrix: {{os: [linux]}}, dependencies: ["{dependency}"]}}\n')

    assert said == [line for line in found.splitlines() if line.startswith(("f.yml", "  hint"))]


def test_a_value_that_only_some_instances_have_matches_nothing_for_the_others() -> None:
    """`include` may give it to one alone."""
    matrix = "{n: [1], include: [{n: 2, target: macos}]}"
    text = PACK + f'  a: {{command: x, matrix: {matrix}, dependencies: ["pack[{{{{ matrix.target }}}}]"]}}\n'

    assert ["f.yml:3:86: error: task 'a[1]' has no value for target, so it matches nothing"] == headlines(text)


def test_only_an_instance_has_a_matching_one() -> None:
    """Not a task without a matrix, nor a template."""
    text = (
        PACK
        + '  a: {command: x, dependencies: ["pack[{{ matrix.os }}]"]}\n'
        + 'templates: {t: {command: x, dependencies: ["pack[{{ matrix.os }}]"]}}\n'
    )
    expected = [
        "f.yml:3:34: error: task 'a' has no matrix, so it cannot depend on a matching instance",
        "  hint: name one, such as pack[linux], or all: pack",
        "f.yml:4:44: error: a template has no matrix, so 't' cannot depend on a matching instance",
        "  hint: let whoever queues it name the instance, in the `dependencies` of the ::queue line",
    ]
    assert expected == [line for line in complaints(text).splitlines() if line.startswith(("f.yml", "  hint"))]


def test_instances_of_one_task_do_not_wait_for_each_other_in_a_circle() -> None:
    """Nor for themselves; the path names instances, since the task is the same."""
    text = """
        tasks:
          b:
            command: x
            matrix: {include: [{n: 1, p: 2}, {n: 2, p: 1}]}
            dependencies: ["b[{{ matrix.p }},{{ matrix.n }}]"]
        """
    message = "tasks depend on each other in a circle: b[1,2] → b[2,1] → b[1,2]"
    assert [f"f.yml:5:20: error: {message}"] == headlines(text)


def test_what_makes_no_tasks_is_told_once() -> None:
    """Not once more by each who depends on it."""
    text = """
        tasks:
          pack: {command: x, matrix: {n: {range: [2, 1]}}}
          sign: {command: x, matrix: {n: [1]}, dependencies: ["pack[{{ matrix.n }}]"]}
        """
    assert ["f.yml:2:34: error: no number is in the range from 2 to 1"] == headlines(text)
