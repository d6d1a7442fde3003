"""Coordinates within layers."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.graph.placing import isotonic, place_rows

VALUES = st.lists(st.tuples(st.floats(-100, 100), st.floats(0.1, 10)), min_size=1, max_size=8)


def test_values_in_order_stay_and_others_are_pooled() -> None:
    """The pool has the weighted mean."""
    assert isotonic([1, 2, 3], [1, 1, 1]) == [1, 2, 3]
    assert isotonic([1, 6, 3, 9], [1, 1, 2, 1]) == [1, 4, 4, 9]
    assert isotonic([3, 2, 1], [1, 1, 1]) == [2, 2, 2]


@given(VALUES, st.randoms(use_true_random=False))
def test_no_other_values_in_order_are_closer_to_the_wishes(wanted: list[tuple[float, float]], random: Random) -> None:
    """Least weighted squares: any step towards another rising sequence makes it worse."""
    wishes, weights = [wish for wish, _ in wanted], [weight for _, weight in wanted]

    def distance(values: list[float]) -> float:
        return sum(w * (value - wish) ** 2 for value, wish, w in zip(values, wishes, weights, strict=True))

    fits = isotonic(wishes, weights)
    other = sorted(random.uniform(-100, 100) for _ in wishes)
    nearby = [0.99 * fit + 0.01 * value for fit, value in zip(fits, other, strict=True)]

    assert fits == sorted(fits)
    assert distance(fits) <= distance(nearby) * (1 + 1e-9) + 1e-9


def test_a_parent_stands_at_the_middle_of_its_children() -> None:
    """Centres; the smallest upper side is 0."""
    centres = place_rows([[0], [1, 2]], [[], [0], [0]], [[1, 2], [], []], [10] * 3, [4] * 3, bends_from=3)

    assert centres == pytest.approx([12, 5, 19])


def test_of_two_gaps_the_larger_counts() -> None:
    """Lines may pass closer to each other than boxes."""
    nothing: list[list[int]] = [[], [], []]

    centres = place_rows([[0, 1, 2]], nothing, nothing, [10, 2, 2], [8, 4, 4], bends_from=1)

    assert [centres[1] - centres[0], centres[2] - centres[1]] == pytest.approx([14, 6])


def test_a_trunk_stays_straight_beside_a_fan() -> None:
    """Two bends in a row weigh more than the boxes that would like to stand before their upstream."""
    rows = [[0], [1, 2, 3, 4], [5, 6]]
    after = [[1, 2, 3, 4], [5], [], [], [6], [], []]
    before = [[], [0], [0], [0], [0], [1], [4]]

    centres = place_rows(rows, before, after, [10] * 4 + [2] * 3, [4] * 7, bends_from=4)

    assert centres[6] == pytest.approx(centres[4], abs=0.5)
