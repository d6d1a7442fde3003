"""What is reached from where, and how long the rest of a run takes."""

import time

from airexec.graph.walks import reached, remaining_path
from airexec.testing import make_task
from airexec.workflow.model import Task


def tasks_of(graph: dict[str, list[str]]) -> dict[str, Task]:
    return {task_id: make_task(task_id, above) for task_id, above in graph.items()}


DIAMOND = tasks_of({"a": [], "slow": ["a"], "quick": ["a"], "end": ["slow", "quick"]})


def test_what_is_reached_is_the_starts_and_all_that_follows_from_them() -> None:
    """Each once, by whatever way; also in a circle, and from no start at all."""
    following = {"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": ["b"], "e": ["a"]}

    found = [reached(starts, following.__getitem__) for starts in (["a"], ["c", "b", "c"], [])]

    assert found == [{"a", "b", "c", "d"}, {"b", "c", "d"}, set()]


def test_a_long_way_is_no_problem() -> None:
    """No recursion."""
    chain = {f"t{number}": [f"t{number + 1}"] for number in range(50_000)}

    assert len(reached(["t0"], lambda task_id: chain.get(task_id, ()))) == 50_001


def test_the_remaining_path_includes_the_task_and_takes_the_longest_way_down() -> None:
    """Seconds from the start of a task to the end of all that is below it."""
    durations = {"a": 2.0, "slow": 10.0, "quick": 0.5, "end": 4.0}

    assert remaining_path(DIAMOND, durations) == {"a": 16.0, "slow": 14.0, "quick": 4.5, "end": 4.0}


def test_an_unknown_duration_counts_one_second() -> None:
    """So that without history the longest path is that with most tasks."""
    assert remaining_path(DIAMOND, {"end": 7.0}) == {"a": 9.0, "slow": 8.0, "quick": 8.0, "end": 7.0}


def test_dependencies_outside_of_the_tasks_and_named_twice_do_not_count() -> None:
    """A plan of selected tasks holds all that they need; whatever else is named is not its business."""
    tasks = {"a": make_task("a"), "b": make_task("b", ["a", "a", "gone"])}

    assert remaining_path(tasks, {}) == {"a": 2.0, "b": 1.0}


def test_a_hundred_thousand_tasks_take_less_than_two_seconds() -> None:
    """Every start of a run asks; a chain would also find any recursion."""
    graph = {f"t{n}": [f"t{n - step}" for step in (1, 2, 3) if n >= step] for n in range(100_000)}
    tasks = tasks_of(graph)
    started = time.process_time()

    remaining = remaining_path(tasks, {})

    assert remaining["t0"] == 100_000.0
    assert time.process_time() - started < 2


def test_a_task_alone_has_its_own_duration_left() -> None:
    tasks = {"a": make_task("a", ["elsewhere"])}

    assert ({"a": 2.5}, {"a": 1.0}) == (remaining_path(tasks, {"a": 2.5}), remaining_path(tasks, {"b": 2.5}))
