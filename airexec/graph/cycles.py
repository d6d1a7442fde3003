"""Cycles among tasks, each as a path. Knows nothing of files."""

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from airexec.workflow.model import Task

if TYPE_CHECKING:
    import networkx as nx


CYCLES_MAX = 20
"""Cycles told at once."""


def find_cycles(tasks: Mapping[str, Task]) -> list[tuple[str, ...]]:
    """Return cycles of which no two share a dependency, at most CYCLES_MAX; nothing when there is none.

    A cycle is a path along dependencies, `(a, b, a)`: a depends on b, which depends on a. It begins with the task
    that the file names first and is the shortest through it. A task that depends on itself is the cycle `(a, a)`.
    """
    if _is_acyclic(tasks):
        return []
    graph = _dependency_graph(tasks)
    place = {task_id: number for number, task_id in enumerate(tasks)}
    cycles: list[tuple[str, ...]] = []
    while len(cycles) < CYCLES_MAX and (found := _one_cycle_per_component(graph, place)):
        cycles += found
        for cycle in found:
            graph.remove_edges_from(pairwise(cycle))
    return sorted(cycles, key=lambda cycle: [place[task] for task in cycle])[:CYCLES_MAX]


def _is_acyclic(tasks: Mapping[str, Task]) -> bool:
    """Most files have no cycle, and this costs no networkx (175 ms)."""
    from graphlib import CycleError, TopologicalSorter

    try:
        TopologicalSorter({task_id: [d.task for d in task.dependencies] for task_id, task in tasks.items()}).prepare()
    except CycleError:
        return False
    return True


def _dependency_graph(tasks: Mapping[str, Task]) -> "nx.DiGraph[str]":
    """Return the graph whose edges run from a task to what it depends on."""
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(tasks)
    for task_id, task in tasks.items():
        graph.add_edges_from((task_id, one.task) for one in task.dependencies if one.task in tasks)
    return graph


def _one_cycle_per_component(graph: "nx.DiGraph[str]", place: Mapping[str, int]) -> list[tuple[str, ...]]:
    import networkx as nx

    components = [sorted(part, key=place.__getitem__) for part in nx.strongly_connected_components(graph)]
    cycles = (_shortest_cycle(graph, part) for part in components)
    return [cycle for cycle in cycles if cycle]


def _shortest_cycle(graph: "nx.DiGraph[str]", part: list[str]) -> tuple[str, ...]:
    """Return a shortest path from the first task of a strongly connected part back to it, nothing if there is none."""
    import networkx as nx

    first = part[0]
    if graph.has_edge(first, first):
        return (first, first)
    if len(part) == 1:
        return ()
    parents = {task: above for above, task in nx.bfs_edges(graph.subgraph(part), first)}  # the nearest first
    path = [next(task for task in parents if graph.has_edge(task, first))]
    while path[-1] != first:
        path.append(parents[path[-1]])
    return (*reversed(path), first)
