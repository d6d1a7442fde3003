"""Where boxes and lines of a layered drawing go. Knows sizes and edges, neither labels nor colours.

Every edge leads to the right (or down): layers, bends where an edge passes a layer, few crossings, then coordinates.
Written here because it takes 0.1 s for 1000 nodes and needs no program that a machine may lack.
"""

from collections.abc import Mapping, Sequence
from math import ceil, log, sqrt
from typing import NamedTuple

from airexec.graph.crossings import with_few_crossings
from airexec.graph.dag import dag_of, layers
from airexec.graph.layers import split_wide_layers, tightened
from airexec.graph.placing import place_rows
from airexec.graph.routes import Edge, Route, Routes

GAP_BOXES, GAP_BENDS, BEND_SIZE = 14.0, 9.0, 2.0
GAP_LAYERS_MIN, GAP_LAYERS_MAX = 44.0, 110.0
COMMON_WIDTH_MAX = 300.0
"""Boxes wider than this do not widen those above and below them."""
ROW_MIN = 24
"""A layer with no more nodes than this is never split."""


class Box(NamedTuple):
    """A node: its upper left corner, width and height."""

    x: float
    y: float
    width: float
    height: float


class Wire(NamedTuple):
    """A line through `points`, which leaves and reaches each of them in the direction of the drawing.

    A trunk shared by several edges has only one of upstream and downstream.
    """

    points: tuple[tuple[float, float], ...]
    upstream: str | None
    downstream: str | None
    kind: str
    arrives: bool
    """The last point is on the downstream box: draw an arrow head."""


class Layout(NamedTuple):
    width: float
    height: float
    down: bool
    """Edges lead down, else to the right."""
    boxes: dict[str, Box]
    wires: tuple[Wire, ...]


def layout(sizes: Mapping[str, tuple[float, float]], edges: Sequence[Edge]) -> Layout:
    """Return the drawing of nodes with these widths and heights; which way it goes depends on its shape.

    `edges` join keys of `sizes`, have no cycle, and no pair of nodes twice.
    """
    upstream: dict[str, list[str]] = {node_id: [] for node_id in sizes}
    for edge in edges:
        upstream[edge.downstream].append(edge.upstream)
    dag = dag_of(upstream)
    layer = tightened(layers(dag), dag)
    down = _is_better_down(layer, sizes)
    layer = split_wide_layers({node_id: layer[node_id] for node_id in sizes}, _row_size_max(len(sizes), down))
    routes = Routes({node_id: layer[node_id] for node_id in sizes}, edges)
    # From here on "along" is the direction of the edges and "across" that of the rows.
    turned = [(height, width) if down else (width, height) for width, height in sizes.values()]
    return _Drawing(routes, turned, down).layout()


def _row_size_max(count: int, down: bool) -> int:
    """Return how many boxes a row may have, so that even a graph of a single layer has the shape of a screen."""
    return max(ROW_MIN, ceil(sqrt(count) * (0.85 if down else 1.8)))


def _is_better_down(layer: Mapping[str, int], sizes: Mapping[str, tuple[float, float]]) -> bool:
    """Return whether the drawing would be nearer to the shape of a screen if it went down instead of right."""
    if not layer:
        return False
    members = [0] * (max(layer.values()) + 1)
    for number in layer.values():
        members[number] += 1
    layers, row = len(members), min(max(members), _row_size_max(len(layer), False))
    width = sum(width for width, _ in sizes.values()) / len(sizes)
    height = sum(height for _, height in sizes.values()) / len(sizes)
    right = layers * (width + GAP_LAYERS_MIN) / (row * (height + GAP_BOXES))
    down = row * (width + GAP_BOXES) / (layers * (height + GAP_LAYERS_MIN))
    return abs(log(down / 1.5)) < abs(log(right / 1.5)) and right > 3


class _Drawing:
    """The steps after the layers; sizes are (along, across)."""

    def __init__(self, routes: Routes, sizes: Sequence[tuple[float, float]], down: bool) -> None:
        self.routes = routes
        self.sizes = sizes
        self.down = down
        self.node_count = routes.node_count
        bends = len(routes.layer) - self.node_count
        sweeps = max(4, min(24, 60_000 // (len(routes.layer) + 1)))
        self.rows = with_few_crossings(routes.rows(), routes.before, routes.after, sweeps)
        self.across = place_rows(
            self.rows,
            routes.before,
            routes.after,
            sizes=[*(across for _, across in sizes), *[BEND_SIZE] * bends],
            gaps=[*[GAP_BOXES] * self.node_count, *[GAP_BENDS] * bends],
            bends_from=self.node_count,
        )
        self.starts, self.ends = self._layer_bounds()
        self.common = [0.0 if down else self._common_width(row) for row in self.rows]

    def _common_width(self, row: Sequence[int]) -> float:
        """Return how wide the boxes of a column are at least: as the widest, which is calmer, unless that is huge."""
        widths = (self.sizes[vertex][0] for vertex in row if vertex < self.node_count)
        return max((width for width in widths if width <= COMMON_WIDTH_MAX), default=0.0)

    def _layer_bounds(self) -> tuple[list[float], list[float]]:
        """Return where each layer begins and ends; lines that climb far get more room."""
        starts: list[float] = []
        ends: list[float] = []
        position = 0.0
        for row in self.rows:
            starts.append(position)
            ends.append(position + max((self.sizes[v][0] for v in row if v < self.node_count), default=0.0))
            climb = max((abs(self.across[v] - self.across[w]) for v in row for w in self.routes.after[v]), default=0.0)
            position = ends[-1] + min(GAP_LAYERS_MAX, GAP_LAYERS_MIN + climb / 12)
        return starts, ends

    def layout(self) -> Layout:
        boxes = {node_id: self._box(vertex) for node_id, vertex in self.routes.number.items()}
        wires = tuple(self._wire(route) for route in self.routes.routes)
        points = [point for wire in wires for point in wire.points]
        width = max([box.x + box.width for box in boxes.values()] + [x for x, _ in points], default=0.0)
        height = max([box.y + box.height for box in boxes.values()] + [y for _, y in points], default=0.0)
        return Layout(width, height, self.down, boxes, wires)

    def _box(self, vertex: int) -> Box:
        start, end = self._extent(vertex)
        size_across = self.sizes[vertex][1]
        corner_across = self.across[vertex] - size_across / 2
        if self.down:
            return Box(corner_across, start, size_across, end - start)
        return Box(start, corner_across, end - start, size_across)

    def _wire(self, route: Route) -> Wire:
        points: list[tuple[float, float]] = []
        last = len(route.vertices) - 1
        for index, vertex in enumerate(route.vertices):
            start, end = self._extent(vertex)
            if index > 0:
                points.append((start, self.across[vertex]))
            # A branch begins where the trunk leaves its bend, and a trunk ends there.
            if index < last or vertex >= self.node_count:
                points.append((end, self.across[vertex]))
                # Out of the layer before it turns: beside a small box there may be a bigger one.
                points.append((self.ends[self.routes.layer[vertex]], self.across[vertex]))
        points = list(dict.fromkeys(points))
        if self.down:
            points = [(across, along) for along, across in points]
        return Wire(tuple(points), route.upstream, route.downstream, route.kind, route.arrives)

    def _extent(self, vertex: int) -> tuple[float, float]:
        """Return where a vertex begins and ends along the drawing; all begin where their layer does."""
        layer = self.routes.layer[vertex]
        if vertex >= self.node_count:
            return self.starts[layer], self.ends[layer]
        own = self.sizes[vertex][0]
        return self.starts[layer], self.starts[layer] + max(own, self.common[layer])
