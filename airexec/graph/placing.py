"""Coordinates along a layer: close to what a vertex is joined to, in the order given, never overlapping.

Each vertex wishes to stand at the mean of its neighbours. What comes closest to all wishes of a row, in least squares,
under a minimal distance between neighbours in the row, is an isotonic regression: subtract the distances, and pool
whatever stands in the wrong order (Barlow 1972, "pool adjacent violators"). Linear, and exact.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from airexec.graph.crossings import Neighbours, Rows

ROUNDS_MAX, ROUNDS_MIN = 12, 4
VERTICES_TIMES_ROUNDS = 150_000
"""Big drawings get fewer rounds; after four the lines are in place, though not all of them straight."""
STRAIGHT = 40.0
"""How much more a line between two bends wants to be straight than one that ends at a box."""

IDLE = 0.01


def place_rows(
    rows: Rows, before: Neighbours, after: Neighbours, sizes: Sequence[float], gaps: Sequence[float], bends_from: int
) -> list[float]:
    """Return the centre of each vertex, the smallest upper side at 0.

    `sizes` and `gaps` are by vertex: its extent, and the room it wants on either side (of two gaps, the larger counts).
    Vertices from number `bends_from` on are bends.
    """
    both = [[*left, *right] for left, right in zip(before, after, strict=True)]
    all_pulls = [_pulls(neighbours, both, bends_from) for neighbours in (before, after, both)]
    spaced = [(row, _distances(row, sizes, gaps)) for row in rows]
    centre = [0.0] * len(sizes)
    for row, offsets in spaced:
        for vertex, offset in zip(row, offsets, strict=True):
            centre[vertex] = offset - offsets[-1] / 2
    rounds = max(ROUNDS_MIN, min(ROUNDS_MAX, VERTICES_TIMES_ROUNDS // (len(sizes) + 1)))
    for number in range(rounds):
        pulls = all_pulls[2 if number >= rounds - 2 else number % 2]
        for row, offsets in reversed(spaced) if number % 2 else spaced:
            _settle(row, offsets, pulls, centre)
    # In whole steps, lines that are nearly straight become straight.
    centre = [float(round(middle)) for middle in centre]
    top = min((middle - size / 2 for middle, size in zip(centre, sizes, strict=True)), default=0.0)
    return [middle - top for middle in centre]


class _Pull(NamedTuple):
    """What a vertex is drawn to, and how strongly; without neighbours at all, to nothing."""

    others: tuple[tuple[int, float], ...]
    total: float


def _pulls(neighbours: Neighbours, both: Neighbours, bends_from: int) -> list[_Pull]:
    pulls = []
    for vertex, others in enumerate(neighbours):
        strengths = []
        for other in others:
            if vertex >= bends_from and other >= bends_from:
                strengths.append(STRAIGHT)
            else:
                # Shared among the lines of a fan, or else a thousand boxes on one trunk would drag the trunk along.
                strengths.append(1 / max(len(both[vertex]), len(both[other])))
        if others or not both[vertex]:
            pulls.append(_Pull(tuple(zip(others, strengths, strict=True)), sum(strengths)))
        else:
            # Without neighbours on this side it would rather stay where it is.
            pulls.append(_Pull(((vertex, IDLE),), IDLE))
    return pulls


def _settle(row: Sequence[int], offsets: Sequence[float], pulls: Sequence[_Pull], centre: list[float]) -> None:
    """Move the vertices of a row as close to their wishes as the distances between them allow."""
    wishes = []
    weights = []
    for vertex, offset in zip(row, offsets, strict=True):
        others, total = pulls[vertex]
        wish = 0.0
        for other, strength in others:
            wish += strength * centre[other]
        # A box without any line goes wherever the others leave room, towards the middle.
        wishes.append((wish / total if others else 0.0) - offset)
        weights.append(total or IDLE / 100)
    for vertex, offset, fit in zip(row, offsets, isotonic(wishes, weights), strict=True):
        centre[vertex] = fit + offset


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
