"""What comes before what, for the checks."""

from typing import Any

from airexec.workflow.check.names import TaskNames
from airexec.workflow.check.upstream import Upstream

TASKS: dict[str, Any] = {
    "a": {"queue": True},
    "b": {"dependencies": "a"},
    "c": {"dependencies": [{"task": "b"}], "matrix": {"n": [1, 2]}},
    "d": {"dependencies": ["c[1]"]},
    "e": {"dependencies": ["nope"]},
}
NAMES = TaskNames(TASKS)


def upstream(*asked: str) -> Upstream:
    return Upstream(TASKS, NAMES, asked)


def test_a_task_comes_before_all_that_wait_for_it() -> None:
    """Directly, through others, and through one instance of a matrix."""
    found = upstream("a")

    assert [False, True, True, True, False] == [found.comes_before("a", task) for task in TASKS]


def test_an_instance_stands_for_its_task() -> None:
    """On both sides."""
    found = upstream("c")

    assert found.comes_before("c[2]", "d")
    assert upstream("a").comes_before("a", "c[1]")


def test_what_is_below_a_task_that_may_queue_may_grow() -> None:
    """The emitter itself does not wait for what it queues."""
    found = upstream()

    assert [False, True, True, True, False] == [found.may_grow(task) for task in TASKS]


def test_a_circle_has_no_order() -> None:
    """It is complained about elsewhere."""
    tasks: dict[str, Any] = {"a": {"dependencies": "b"}, "b": {"dependencies": "a"}}

    assert not Upstream(tasks, TaskNames(tasks), ["a"]).is_known


def test_names_are_those_of_tasks_and_instances() -> None:
    """Bare ids of matrix tasks included."""
    assert frozenset({"a", "b", "c", "c[1]", "c[2]", "d", "e"}) == NAMES.all
    assert ("c", "a") == (NAMES.bare("c[2]"), NAMES.bare("a"))


MATCHED: dict[str, Any] = {
    "pack": {"matrix": {"os": ["linux", "mac"]}},
    "sign": {"matrix": {"os": ["linux", "mac"]}, "dependencies": ["pack[{{ matrix.os }}]"]},
    "half": {"matrix": {"os": ["mac"]}, "dependencies": ["pack[{{ matrix.os }}]"]},
    "ship": {"dependencies": ["sign"]},
    "one": {"dependencies": ["sign[mac]"]},
    "rest": {"dependencies": ["half"]},
    "named": {"dependencies": ["pack[linux]", "pack[mac]"]},
    "pair": {"dependencies": ["one", "pack[linux]"]},
    "bare": {"dependencies": ["pack"]},
}


def test_all_instances_come_before_who_waits_for_each_of_them() -> None:
    """By the bare id, by all their ids, or by all instances of a task that between them match all."""
    found = Upstream(MATCHED, TaskNames(MATCHED), ["pack"])

    assert ["ship", "named", "bare"] == [task for task in MATCHED if found.comes_before("pack", task)]
    assert ["sign", "half", "ship", "one", "rest", "named", "pair", "bare"] == [
        task for task in MATCHED if found.comes_before("pack[mac]", task)
    ]
