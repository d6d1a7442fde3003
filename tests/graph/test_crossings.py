"""The order within layers."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.graph import crossings
from airexec.graph.crossings import Neighbours, Rows, count_crossings, with_few_crossings


def joined(pairs: list[tuple[int, int]], count: int) -> tuple[list[list[int]], list[list[int]]]:
    """Return what each vertex is joined to in the layer before, and after."""
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for left, right in pairs:
        after[left].append(right)
        before[right].append(left)
    return before, after


def test_lines_cross_when_their_ends_are_in_opposite_order() -> None:
    """Lines that meet at an end do not cross."""
    _, after = joined([(0, 3), (1, 2), (1, 3)], 4)

    assert count_crossings([[0, 1], [2, 3]], after) == 1
    assert count_crossings([[1, 0], [2, 3]], after) == 0


def test_crossings_that_need_not_be_are_undone() -> None:
    """Here all of them."""
    before, after = joined([(0, 5), (1, 4), (2, 3)], 6)

    rows = with_few_crossings([[0, 1, 2], [3, 4, 5]], before, after)

    assert count_crossings(rows, after) == 0


def test_without_crossings_the_order_of_the_file_stays() -> None:
    """What looks alike is not shuffled."""
    before, after = joined([(0, 1), (0, 2), (0, 3)], 4)

    assert with_few_crossings([[0], [1, 2, 3]], before, after) == [[0], [1, 2, 3]]


PAIRS = st.tuples(st.integers(0, 5), st.integers(6, 11)) | st.tuples(st.integers(6, 11), st.integers(12, 17))


@given(st.lists(PAIRS, unique=True, max_size=40))
def test_the_count_is_that_of_all_pairs_and_the_order_never_gets_worse(pairs: list[tuple[int, int]]) -> None:
    """The fast count against the definition; rows keep their vertices."""
    before, after = joined(pairs, 18)
    rows = [list(range(6)), list(range(6, 12)), list(range(12, 18))]
    crossing = sum(
        (a - c) * (b - d) < 0 for number, (a, b) in enumerate(pairs) for c, d in pairs[number + 1 :] if a // 6 == c // 6
    )

    better = with_few_crossings(rows, before, after)

    assert count_crossings(rows, after) == crossing
    assert count_crossings(better, after) <= crossing
    assert [sorted(row) for row in better] == rows


def test_the_search_ends_when_four_sweeps_have_found_nothing_better(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two lines that cross whatever their order: a complete graph of two and two."""
    counted: list[int] = []

    def count(rows: Rows, after: Neighbours) -> int:
        counted.append(1)
        return count_crossings(rows, after)

    monkeypatch.setattr(crossings, "count_crossings", count)
    with_few_crossings([[0, 1], [2, 3]], [[], [], [0, 1], [0, 1]], [[2, 3], [2, 3], [], []])

    assert 1 + 4 == len(counted)


def test_the_best_order_seen_is_kept() -> None:
    """A sweep may make it worse; with more sweeps the result never does."""
    worse = 0
    for seed in range(200):
        random = Random(seed)
        pairs = [(random.randrange(6), 6 + random.randrange(6)) for _ in range(9)]
        pairs += [(6 + random.randrange(6), 12 + random.randrange(6)) for _ in range(9)]
        before, after = joined(pairs, 18)
        rows = [list(range(6)), list(range(6, 12)), list(range(12, 18))]
        counts = [count_crossings(with_few_crossings(rows, before, after, sweeps), after) for sweeps in range(8)]
        worse += counts != sorted(counts, reverse=True)

    assert worse == 0
