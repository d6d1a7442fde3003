"""Coordinates along a layer: close to what a vertex is joined to, in the order given, never overlapping.

Each vertex wishes to stand at the mean of its neighbours. What comes closest to all wishes of a row, in least squares,
under a minimal distance between neighbours in the row, is an isotonic regression: subtract the distances, and pool
whatever stands in the wrong order (Barlow 1972, "pool adjacent violators"). Linear, and exact.
"""

from collections.abc import Sequence
from itertools import pairwise

from airexec.graph.crossings import Neighbours, Rows

ROUNDS = 12
STRAIGHT = 40.0
"""How much more a line between two bends wants to be straight than one that ends at a box."""


def place_rows(
    rows: Rows, before: Neighbours, after: Neighbours, sizes: Sequence[float], gaps: Sequence[float], bends_from: int
) -> list[float]:
    """Return the centre of each vertex, the smallest upper side at 0.

    `sizes` and `gaps` are by vertex: its extent, and the room it wants on either side (of two gaps, the larger counts).
    Vertices from number `bends_from` on are bends.
    """
    both = [[*left, *right] for left, right in zip(before, after, strict=True)]
    placing = _Placing(rows, both, sizes, gaps, bends_from)
    for round_number in range(ROUNDS):
        backward = round_number % 2 == 1
        placing.sweep(both if round_number >= ROUNDS - 2 else after if backward else before, backward)
    top = min((centre - size / 2 for centre, size in zip(placing.centre, sizes, strict=True)), default=0.0)
    return [centre - top for centre in placing.centre]


class _Placing:
    def __init__(
        self, rows: Rows, both: Neighbours, sizes: Sequence[float], gaps: Sequence[float], bends_from: int
    ) -> None:
        self.rows = [(row, _distances(row, sizes, gaps)) for row in rows]
        self.bends_from = bends_from
        self.degree = [len(neighbours) for neighbours in both]
        self.centre = [0.0] * len(sizes)
        for row, offsets in self.rows:
            for vertex, offset in zip(row, offsets, strict=True):
                self.centre[vertex] = offset - offsets[-1] / 2

    def sweep(self, neighbours: Neighbours, backward: bool) -> None:
        """Settle each row after the other, looking at `neighbours`."""
        for row, offsets in reversed(self.rows) if backward else self.rows:
            wishes = [self._wish(vertex, neighbours[vertex]) for vertex in row]
            fits = isotonic(
                [wish - offset for (wish, _), offset in zip(wishes, offsets, strict=True)],
                [weight for _, weight in wishes],
            )
            for vertex, offset, fit in zip(row, offsets, fits, strict=True):
                self.centre[vertex] = fit + offset

    def _wish(self, vertex: int, neighbours: Sequence[int]) -> tuple[float, float]:
        """Return where a vertex wants to be, and how much."""
        weights = [self._strength(vertex, other) for other in neighbours]
        if not weights:
            # A box without any line goes wherever the others leave room, towards the middle.
            return (self.centre[vertex], 0.1) if self.degree[vertex] else (0.0, 0.0001)
        total = sum(weights)
        return sum(w * self.centre[other] for w, other in zip(weights, neighbours, strict=True)) / total, total

    def _strength(self, vertex: int, other: int) -> float:
        if vertex >= self.bends_from and other >= self.bends_from:
            return STRAIGHT
        # Shared among the lines of a fan, or else a thousand boxes on one trunk would drag the trunk along.
        return 1 / max(self.degree[vertex], self.degree[other])


def _distances(row: Sequence[int], sizes: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """Return how far each centre is at least from the first one."""
    offsets = [0.0]
    for upper, lower in pairwise(row):
        offsets.append(offsets[-1] + (sizes[upper] + sizes[lower]) / 2 + max(gaps[upper], gaps[lower]))
    return offsets


def isotonic(wishes: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Return the non-decreasing values with the least weighted sum of squared distances to `wishes`."""
    pools: list[tuple[float, float, int]] = []
    for wish, weight in zip(wishes, weights, strict=True):
        mean, mass, count = wish, weight, 1
        while pools and pools[-1][0] > mean:
            other_mean, other_mass, other_count = pools.pop()
            mean = (mean * mass + other_mean * other_mass) / (mass + other_mass)
            mass, count = mass + other_mass, count + other_count
        pools.append((mean, mass, count))
    return [mean for mean, _, count in pools for _ in range(count)]
