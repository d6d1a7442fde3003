"""Tasks as a networkx graph."""

from airexec.graph.build import build_graph
from airexec.testing import make_task
from airexec.workflow.model import Dependency


def test_edges_lead_from_upstream_to_downstream_in_order_of_the_file() -> None:
    """Nodes carry their task, edges whether a failure is tolerated."""
    tasks = {"b": make_task("b", [Dependency("a", allow_failure=True)]), "a": make_task("a")}

    graph = build_graph(tasks)

    assert {node: data["task"] for node, data in graph.nodes(data=True)} == tasks
    assert list(graph.nodes) == ["b", "a"]
    assert list(graph.edges(data=True)) == [("a", "b", {"allow_failure": True})]


def test_a_dependency_on_a_task_outside_makes_no_edge() -> None:
    """A selection of tasks is a graph of its own."""
    graph = build_graph({"b": make_task("b", ["a"])})

    assert list(graph.nodes) == ["b"]
    assert list(graph.edges) == []


def test_cycles_are_kept() -> None:
    """Whoever looks for cycles must be able to find them."""
    graph = build_graph({"a": make_task("a", ["b"]), "b": make_task("b", ["a"])})

    assert sorted(graph.edges) == [("a", "b"), ("b", "a")]
