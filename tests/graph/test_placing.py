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

    centres = place_rows([[0, 1, 2]], nothing, nothing, [2, 10, 2], [4, 8, 4], bends_from=3)

    assert [centres[1] - centres[0], centres[2] - centres[1]] == pytest.approx([14, 14])


def test_a_trunk_stays_straight_beside_a_fan() -> None:
    """The boxes below it would like to stand at its height, and must not drag it along."""
    layers, boxes = 10, 20
    bends = [layers * boxes + layer for layer in range(layers)]
    rows = [[bends[layer], *range(layer * boxes, (layer + 1) * boxes)] for layer in range(layers)]
    before = [[bends[box // boxes - 1]] if box >= boxes else [] for box in range(layers * boxes)]
    before += [[bend - 1] if bend > bends[0] else [] for bend in bends]
    after: list[list[int]] = [[] for _ in before]
    for vertex, others in enumerate(before):
        for other in others:
            after[other].append(vertex)

    centres = place_rows(rows, before, after, [30] * layers * boxes + [2] * layers, [14] * len(before), bends[0])

    heights = [centres[bend] for bend in bends]
    assert max(heights) - min(heights) < 150


def test_vertices_stand_whole_steps_apart() -> None:
    """So that a line that is nearly straight is straight."""
    centres = place_rows([[0], [1, 2]], [[], [0], [0]], [[1, 2], [], []], [10.3, 11.7, 9.9], [4] * 3, bends_from=3)

    assert all((centre - centres[0]) % 1 == pytest.approx(0) for centre in centres)
