"""Cycles are found and spelt out, each once."""

from airexec.graph.cycles import CYCLES_MAX, find_cycles
from airexec.testing import make_task
from airexec.workflow.model import Task


def tasks(**dependencies: str) -> dict[str, Task]:
    """Tasks with what they depend on, separated by spaces."""
    return {task_id: make_task(task_id, upstream.split()) for task_id, upstream in dependencies.items()}


def test_a_graph_without_cycles_has_none() -> None:
    """In whatever order it is written; unknown tasks make no edge."""
    assert [] == find_cycles(tasks(c="a b", b="a", a="nope"))


def test_a_cycle_is_a_path_along_dependencies_from_the_first_task_back_to_it() -> None:
    """a depends on c, which depends on b, which depends on a."""
    assert [("a", "c", "b", "a")] == find_cycles(tasks(a="c", b="a", c="b", d="a"))


def test_a_task_that_depends_on_itself_is_a_cycle() -> None:
    """The shortest one."""
    assert [("a", "a")] == find_cycles(tasks(a="a"))


def test_the_shortest_cycle_through_a_task_is_told() -> None:
    """Of two ways back the short one; the long one shares a dependency with it and is not told."""
    assert [("a", "b", "a")] == find_cycles(tasks(a="b", b="c a", c="a"))


def test_independent_cycles_are_told_each_once() -> None:
    """Those that share no dependency, also when one task is part of both."""
    found = find_cycles(tasks(a="b c", b="a", c="a", d="e", e="d", f="a d"))

    assert [("a", "b", "a"), ("a", "c", "a"), ("d", "e", "d")] == found


def test_the_number_of_cycles_told_is_limited() -> None:
    """A file that is wrong throughout does not flood the terminal."""
    pairs = {f"a{n}": f"b{n}" for n in range(50)} | {f"b{n}": f"a{n}" for n in range(50)}

    assert CYCLES_MAX == len(find_cycles(tasks(**pairs)))


def test_a_long_cycle_and_a_long_chain_are_no_problem() -> None:
    """No recursion."""
    chain = {f"t{n}": f"t{n - 1}" for n in range(20_000)}

    assert [] == find_cycles(tasks(**chain))
    assert 20_001 == len(find_cycles(tasks(**{**chain, "t0": "t19999"}))[0])
