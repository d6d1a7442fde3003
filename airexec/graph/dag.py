"""A graph as one networkx DiGraph, and the questions about the whole of it: cycles, what is needed, layers, the
critical path.

For those who check a plan or show it. A run asks only for the names in a cycle, when there is one; what else it needs
is in `airexec.graph.walks`. So nothing on its way imports this module: networkx takes 0.1 to 0.2 s.

Nodes are in the order in which they were given, which is that of the file, and so are the edges of a node. Where
several answers would do, that order decides, so the same file always gives the same answer.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import TypeAlias

import networkx as nx

from airexec.graph.walks import longest_below

Dag: TypeAlias = "nx.DiGraph[str]"
"""Edges run from upstream to downstream. Whether it has cycles is told by `find_cycles`; all else takes one without."""

CYCLES_MAX = 20
"""Cycles told at once."""


def dag_of(upstream: Mapping[str, Iterable[str]]) -> Dag:
    """Return the graph of these nodes and of what each of them waits for; `upstream` names only its own keys."""
    dag: Dag = nx.DiGraph()
    dag.add_nodes_from(upstream)
    dag.add_edges_from((above, below) for below, ids in upstream.items() for above in ids)
    return dag


def needed(dag: Dag, wanted: Iterable[str]) -> set[str]:
    """Return these nodes and all that they wait for, directly or through others."""
    return {above for task_id in wanted for above in (task_id, *nx.ancestors(dag, task_id))}


def layers(dag: Dag) -> dict[str, int]:
    """Return the layer of each node: 0 without upstream, else one more than the highest upstream.

    The result is in topological order, layer by layer.
    """
    return {node: number for number, nodes in enumerate(nx.topological_generations(dag)) for node in nodes}


def critical_path(dag: Dag, durations: Mapping[str, float]) -> tuple[str, ...]:
    """Return the ids on one longest path in seconds, first to last; among equals the one that comes first in the file.

    The lengths are those by which the scheduler chooses. `nx.dag_longest_path` weighs edges instead of nodes, and
    decides among equals from the other end.
    """
    length = longest_below(dag.pred, durations)
    path: list[str] = []
    choices: Iterable[str] = dag
    while choices:
        path.append(max(choices, key=length.__getitem__))
        choices = dag.succ[path[-1]]
    return tuple(path)


def tangled(dag: Dag) -> set[str]:
    """Return the nodes that lie on a cycle."""
    return {node for component in nx.strongly_connected_components(dag) if len(component) > 1 for node in component}


def find_cycles(dag: Dag) -> list[tuple[str, ...]]:
    """Return cycles of which no two share a dependency, at most CYCLES_MAX; nothing when there is none.

    A cycle is a path along dependencies, `(a, b, a)`: a depends on b, which depends on a. It begins with the task
    that the file names first and is the shortest through it. A task that depends on itself is the cycle `(a, a)`.
    """
    if nx.is_directed_acyclic_graph(dag):
        return []
    rest = dag_of(dag.pred)  # `dag.copy()` would lose the order of what a node waits for
    place = {task_id: number for number, task_id in enumerate(dag)}
    cycles: list[tuple[str, ...]] = []
    while len(cycles) < CYCLES_MAX and (found := _one_cycle_per_component(rest, place)):
        cycles += found
        for cycle in found:
            rest.remove_edges_from(pairwise(reversed(cycle)))
    return sorted(cycles, key=lambda cycle: [place[task] for task in cycle])[:CYCLES_MAX]


def _one_cycle_per_component(dag: Dag, place: Mapping[str, int]) -> list[tuple[str, ...]]:
    firsts = ((min(part, key=place.__getitem__), part) for part in nx.strongly_connected_components(dag))
    return [_shortest_cycle(dag, first, part) for first, part in firsts if len(part) > 1 or dag.has_edge(first, first)]


def _shortest_cycle(dag: Dag, first: str, part: Iterable[str]) -> tuple[str, ...]:
    """Return a shortest path along dependencies from a task of a strongly connected part back to it."""
    if dag.has_edge(first, first):
        return (first, first)
    found_from = {task: by for by, task in nx.bfs_edges(dag.subgraph(part), first, reverse=True)}  # the nearest first
    path = [next(task for task in found_from if dag.has_edge(first, task))]
    while path[-1] != first:
        path.append(found_from[path[-1]])
    return (*reversed(path), first)
