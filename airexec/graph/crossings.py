"""The order of the vertices within their layers, so that few lines cross. Knows no coordinates.

Barycenter heuristic (Sugiyama, Tagawa, Toda 1981): sweep over the layers there and back, sort each by the mean place of
what its vertices are joined to in the layer just passed, and keep the best order seen.
"""

from bisect import bisect_right, insort
from collections.abc import Sequence
from itertools import pairwise

Rows = list[list[int]]
Neighbours = Sequence[Sequence[int]]
"""By vertex, what it is joined to in the layer before (or after) its own."""


def with_few_crossings(rows: Rows, before: Neighbours, after: Neighbours, sweeps: int = 24) -> Rows:
    """Return the rows in a better order. Ties keep the order given, so that what looks alike stays in file order."""
    place = [0.0] * len(before)
    for row in rows:
        _note_places(row, place)
    best, fewest = [list(row) for row in rows], count_crossings(rows, after)
    current, stale = [list(row) for row in rows], 0
    for sweep in range(sweeps):
        if fewest == 0 or stale > 3:
            break
        forward = sweep % 2 == 0
        for row in current if forward else reversed(current):
            _sort_by_mean(row, before if forward else after, place)
        crossings = count_crossings(current, after)
        stale += 1
        if crossings < fewest:
            best, fewest, stale = [list(row) for row in current], crossings, 0
    return best


def count_crossings(rows: Rows, after: Neighbours) -> int:
    """Return how many pairs of lines cross between neighbouring layers (lines with a common end do not)."""
    total = 0
    for row, next_row in pairwise(rows):
        place = {vertex: index for index, vertex in enumerate(next_row)}
        seen: list[int] = []
        for vertex in row:
            ends = sorted(place[other] for other in after[vertex])
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


def _sort_by_mean(row: list[int], neighbours: Neighbours, place: list[float]) -> None:
    """Sort a row; a vertex that is joined to nothing on that side keeps its place."""
    wish = {
        vertex: sum(place[other] for other in neighbours[vertex]) / len(neighbours[vertex])
        if neighbours[vertex]
        else place[vertex]
        for vertex in row
    }
    row.sort(key=wish.__getitem__)
    _note_places(row, place)


def _note_places(row: Sequence[int], place: list[float]) -> None:
    """Places run from 0 to 1, because rows differ in length."""
    step = 1 / len(row) if row else 0.0
    for index, vertex in enumerate(row):
        place[vertex] = (index + 0.5) * step
