"""Edges that span several layers get a bend in each layer between, so that they can pass between the boxes there.

Vertices are numbers: the nodes first, in their order, then the bends. Long edges that leave the same node, or reach the
same one, share their bends: they are drawn as one trunk with branches. That is easier to follow than a bundle of
parallel lines, and it keeps a task with a thousand downstream tasks linear.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple


class Edge(NamedTuple):
    upstream: str
    downstream: str
    kind: str
    """Edges share a trunk only with their kind."""


class Route(NamedTuple):
    """A line through vertices of successive layers. A trunk has just one end that is a node, so one id is None."""

    vertices: tuple[int, ...]
    upstream: str | None
    downstream: str | None
    kind: str
    arrives: bool
    """The last vertex is the downstream node."""


class Routes:
    """All vertices, what they are joined to in the layers next to theirs, and the routes through them."""

    def __init__(self, layer: Mapping[str, int], edges: Sequence[Edge]) -> None:
        """`layer` is in the order of the nodes."""
        self.number = {node_id: number for number, node_id in enumerate(layer)}
        self.layer = list(layer.values())
        self.before: list[list[int]] = [[] for _ in self.layer]
        self.after: list[list[int]] = [[] for _ in self.layer]
        self.routes: list[Route] = []
        for group in _shared(edges, layer):
            self._add_group(group)

    @property
    def node_count(self) -> int:
        return len(self.number)

    def rows(self) -> list[list[int]]:
        """Return the vertices of each layer: nodes in their order, the bends in the middle of them.

        In the middle a trunk has its branches on both sides. As this is where the search for a good order begins, it
        is what ties fall back to.
        """
        nodes: list[list[int]] = [[] for _ in range(max(self.layer, default=-1) + 1)]
        bends: list[list[int]] = [[] for _ in nodes]
        for vertex, layer in enumerate(self.layer):
            (nodes if vertex < self.node_count else bends)[layer].append(vertex)
        halves = [len(row) // 2 for row in nodes]
        return [row[:half] + middle + row[half:] for row, middle, half in zip(nodes, bends, halves, strict=True)]

    def _add_group(self, group: "_Group") -> None:
        ends = [(self.number[edge.upstream], self.number[edge.downstream]) for edge in group.edges]
        first = min(self.layer[above] for above, _ in ends)
        last = max(self.layer[below] for _, below in ends)
        bends = {layer: self._bend(layer) for layer in range(first + 1, last)}
        if len(ends) == 1:
            (above, below), edge = ends[0], group.edges[0]
            self._add(Route((above, *bends.values(), below), edge.upstream, edge.downstream, edge.kind, True))
        elif group.from_upstream:
            self._add(Route((ends[0][0], *bends.values()), group.edges[0].upstream, None, group.edges[0].kind, False))
            for edge, (_, below) in zip(group.edges, ends, strict=True):
                self._add(Route((bends[self.layer[below] - 1], below), *edge, True))
        else:
            self._add(Route((*bends.values(), ends[0][1]), None, group.edges[0].downstream, group.edges[0].kind, True))
            for edge, (above, _) in zip(group.edges, ends, strict=True):
                self._add(Route((above, bends[self.layer[above] + 1]), *edge, False))

    def _bend(self, layer: int) -> int:
        self.layer.append(layer)
        self.before.append([])
        self.after.append([])
        return len(self.layer) - 1

    def _add(self, route: Route) -> None:
        self.routes.append(route)
        for left, right in pairwise(route.vertices):
            self.after[left].append(right)
            self.before[right].append(left)


class _Group(NamedTuple):
    """Edges that share a trunk, which begins at their upstream node or else ends at their downstream node."""

    edges: list[Edge]
    from_upstream: bool


def _shared(edges: Sequence[Edge], layer: Mapping[str, int]) -> Iterable[_Group]:
    """Return groups of edges: a short edge stands alone, a long one goes with the busier of its two ends."""
    long = [edge for edge in edges if layer[edge.downstream] - layer[edge.upstream] > 1]
    leaving: dict[tuple[str, str], int] = {}
    reaching: dict[tuple[str, str], int] = {}
    for edge in long:
        leaving[edge.upstream, edge.kind] = leaving.get((edge.upstream, edge.kind), 0) + 1
        reaching[edge.downstream, edge.kind] = reaching.get((edge.downstream, edge.kind), 0) + 1
    groups: dict[tuple[str, str, bool], _Group] = {}
    for edge in long:
        from_upstream = leaving[edge.upstream, edge.kind] >= reaching[edge.downstream, edge.kind]
        end = edge.upstream if from_upstream else edge.downstream
        groups.setdefault((end, edge.kind, from_upstream), _Group([], from_upstream)).edges.append(edge)
    short = (_Group([edge], True) for edge in edges if layer[edge.downstream] - layer[edge.upstream] == 1)
    return [*short, *groups.values()]
