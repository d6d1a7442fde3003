"""Cycles are found and spelt out, each once; layers and the critical path are what networkx and the file say."""

from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.graph.dag import CYCLES_MAX, critical_path, dag_of, find_cycles, layers
from airexec.graph.walks import upstream_of
from tests.graph.pictures import etl, upstreams

DIAMOND = dag_of({"a": [], "slow": ["a"], "quick": ["a"], "end": ["slow", "quick"]})


def cycles(**dependencies: str) -> list[tuple[str, ...]]:
    """The cycles among tasks with what they depend on, separated by spaces."""
    return find_cycles(dag_of({task_id: upstream.split() for task_id, upstream in dependencies.items()}))


def test_nodes_and_edges_are_in_the_order_in_which_they_are_written() -> None:
    """It decides among equals. Edges run from upstream to downstream."""
    dag = dag_of({"c": ["b", "a"], "a": [], "d": ["a"], "b": ["a"]})

    assert (["c", "a", "d", "b"], ["b", "a"], ["c", "d", "b"]) == (list(dag), list(dag.pred["c"]), list(dag.succ["a"]))


def test_a_graph_without_cycles_has_none() -> None:
    """In whatever order it is written."""
    assert [] == cycles(c="a b", b="a", a="")


def test_a_cycle_is_a_path_along_dependencies_from_the_first_task_back_to_it() -> None:
    """a depends on c, which depends on b, which depends on a."""
    assert [("a", "c", "b", "a")] == cycles(a="c", b="a", c="b", d="a")


def test_a_task_that_depends_on_itself_is_a_cycle() -> None:
    """The shortest one."""
    assert [("a", "a")] == cycles(a="a")


def test_the_shortest_cycle_through_a_task_is_told() -> None:
    """Of two ways back the short one; the long one shares a dependency with it and is not told."""
    assert [("a", "b", "a")] == cycles(a="b", b="c a", c="a")


def test_among_shortest_cycles_that_along_the_dependency_written_first_is_told() -> None:
    """Also where there are further dependencies, and where the file names the tasks in another order."""
    assert [("a", "c", "d", "a")] == cycles(x="", a="x c b", b="d", c="d", d="a")
    assert [("a", "b", "d", "a")] == cycles(x="", a="b x c", d="a", c="d", b="d")


def test_independent_cycles_are_told_each_once() -> None:
    """Those that share no dependency, also when one task is part of both."""
    found = cycles(a="b c", b="a", c="a", d="e", e="d", f="a d")

    assert [("a", "b", "a"), ("a", "c", "a"), ("d", "e", "d")] == found


def test_the_number_of_cycles_told_is_limited() -> None:
    """A file that is wrong throughout does not flood the terminal."""
    pairs = {f"a{n}": f"b{n}" for n in range(50)} | {f"b{n}": f"a{n}" for n in range(50)}

    assert CYCLES_MAX == len(cycles(**pairs))


def test_a_long_cycle_and_a_long_chain_are_no_problem() -> None:
    """No recursion."""
    chain = {f"t{n}": f"t{n - 1}" for n in range(20_000)}

    assert [] == cycles(**chain)
    assert 20_001 == len(cycles(**{**chain, "t0": "t19999"})[0])


@given(st.lists(st.lists(st.integers(0, 9), max_size=3, unique=True), min_size=10, max_size=10))
def test_cycles_are_told_of_just_those_graphs_that_have_no_order(numbers: list[list[int]]) -> None:
    """So a run, which asks graphlib first, refuses just what `validate` refuses. No two share a dependency."""
    upstream = {f"t{below}": [f"t{above}" for above in ids] for below, ids in enumerate(numbers)}

    found = find_cycles(dag_of(upstream))

    steps = [step for cycle in found for step in pairwise(cycle)]
    assert all(above in upstream[below] for below, above in steps)
    assert len(set(steps)) == len(steps)
    assert [min(cycle, key=list(upstream).index) for cycle in found] == [cycle[0] for cycle in found]
    assert bool(found) is has_no_order(upstream)


def has_no_order(upstream: dict[str, list[str]]) -> bool:
    try:
        TopologicalSorter(upstream).prepare()
    except CycleError:
        return True
    return False


def test_the_critical_path_goes_from_first_to_last() -> None:
    """The ids of a longest path."""
    assert critical_path(DIAMOND, {"slow": 5.0}) == ("a", "slow", "end")


def test_a_duration_decides_which_path_is_critical() -> None:
    """A task without one counts a second."""
    dag = dag_of(upstream_of(etl().tasks))

    assert [("extract", "clean", "load"), ("lookup", "load")] == [
        critical_path(dag, {}),
        critical_path(dag, {"lookup": 75.0}),
    ]


def test_ties_go_to_the_task_that_comes_first_in_the_file() -> None:
    """The same file gives the same path."""
    assert critical_path(DIAMOND, {}) == ("a", "slow", "end")
    assert critical_path(dag_of({"z": [], "y": []}), {}) == ("z",)


def test_no_tasks_have_no_path() -> None:
    """An empty workflow is no special case."""
    assert critical_path(dag_of({}), {}) == ()


@given(upstreams(), st.lists(st.floats(0.1, 100), min_size=30, max_size=30))
def test_the_critical_path_is_as_long_as_networkx_says(graph: dict[str, list[str]], seconds: list[float]) -> None:
    """networkx counts edges, so each task puts its duration on the edges that leave it, towards a common end."""
    durations = dict(zip(graph, seconds, strict=False))
    edges = [(above, below) for below, upstream in graph.items() for above in upstream]
    edges += [(task_id, "the end") for task_id in graph]
    reference: nx.DiGraph[str] = nx.DiGraph()
    reference.add_weighted_edges_from((above, below, durations[above]) for above, below in edges)

    path = critical_path(dag_of(graph), durations)

    assert sum(durations[task_id] for task_id in path) == pytest.approx(nx.dag_longest_path_length(reference))
    assert all(above in graph[below] for above, below in pairwise(path))


def test_a_node_is_one_layer_above_its_highest_upstream() -> None:
    """Longest path from the beginning."""
    assert layers(dag_of({"d": ["b", "a"], "a": [], "b": ["a"]})) == {"a": 0, "b": 1, "d": 2}


def test_layers_are_in_topological_order() -> None:
    """Whoever walks over them meets upstream first."""
    assert list(layers(dag_of({"d": ["b"], "b": ["a"], "a": []}))) == ["a", "b", "d"]
