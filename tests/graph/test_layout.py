"""Where boxes and lines end up."""

import time
from itertools import combinations, cycle, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.graph.layout import GAP_LAYERS_MIN, Box, Layout, layout
from airexec.graph.routes import Edge
from tests.graph.pictures import upstreams

SIZE = (90.0, 30.0)
SIZES = st.lists(st.tuples(st.floats(10, 600), st.floats(10, 400)), min_size=1, max_size=4)


def laid_out(graph: dict[str, list[str]], *sizes: tuple[float, float]) -> Layout:
    """Lay out nodes of these sizes in turn."""
    edges = [Edge(above, below, "plain") for below in graph for above in graph[below]]
    return layout(dict(zip(graph, cycle(sizes or (SIZE,)), strict=False)), edges)


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def test_a_wide_graph_goes_to_the_right_and_a_long_one_down() -> None:
    """A screen is wider than high, and a chain to the right would be a line nobody can read."""
    wide = {"a": [], **{f"b{number}": ["a"] for number in range(9)}}
    long = {"b0": [], **{f"b{number}": [f"b{number - 1}"] for number in range(1, 20)}}

    assert laid_out(wide).down is False
    assert laid_out(long).down is True


def test_boxes_of_a_column_are_equally_wide() -> None:
    """The widest decides."""
    made = layout({"a": (50.0, 30.0), "b": (80.0, 30.0), "c": (40.0, 30.0)}, [Edge("a", "c", "plain")])

    assert [made.boxes[name].width for name in "abc"] == [80.0, 80.0, 40.0]


def test_layers_stand_as_near_as_may_be_unless_lines_climb_far() -> None:
    """A line that leads straight on needs no room to climb, wherever on the paper it is."""
    sizes = dict.fromkeys(["a", "b", "c", "d", "e", "f"], (50.0, 30.0))
    straight = layout(sizes, [Edge("a", "d", "plain"), Edge("b", "e", "plain"), Edge("c", "f", "plain")])
    far = layout(sizes, [Edge("a", "f", "plain"), Edge("b", "f", "plain"), Edge("c", "f", "plain")])

    assert not straight.down
    assert GAP_LAYERS_MIN == straight.boxes["d"].x - 50.0
    assert GAP_LAYERS_MIN < far.boxes["f"].x - 50.0


def test_a_huge_box_leaves_the_others_of_its_column_as_they_are() -> None:
    """Such as a block of a hundred tasks; lines leave the column before they turn."""
    sizes = {"block": (500.0, 400.0), "b": (80.0, 30.0), "c": (60.0, 30.0), "z": (40.0, 30.0)}
    made = layout(sizes, [Edge("block", "z", "plain"), Edge("b", "z", "plain"), Edge("c", "z", "plain")])

    assert [made.boxes[name].width for name in ("block", "b", "c")] == [500.0, 80.0, 80.0]
    assert [[x for x, _ in wire.points][:2] for wire in made.wires] == [
        [500.0, made.boxes["z"].x],
        [80.0, 500.0],
        [80.0, 500.0],
    ]


def test_a_line_leaves_and_reaches_boxes_at_the_middle_of_their_sides() -> None:
    """Without a bend there are no other points."""
    made = laid_out({"a": [], "b": ["a"], "c": ["a"], "d": ["a"]})

    a, b, c, d = (made.boxes[name] for name in "abcd")
    assert [wire.points for wire in made.wires] == [
        ((90.0, a.y + 15), (b.x, b.y + 15)),
        ((90.0, a.y + 15), (c.x, c.y + 15)),
        ((90.0, a.y + 15), (d.x, d.y + 15)),
    ]
    assert (made.width, made.height) == (b.x + 90, 30 * 3 + 14 * 2)


def test_a_thousand_tasks_in_one_layer_have_the_shape_of_a_screen() -> None:
    """Instead of a line of 44 000 pixels."""
    made = laid_out({f"t{number}": ["a"] if number % 2 else [] for number in range(1000)} | {"a": []})

    assert 0.4 < made.width / made.height < 4


@given(upstreams(), SIZES)
def test_no_boxes_overlap(graph: dict[str, list[str]], sizes: list[tuple[float, float]]) -> None:
    """And all are within the drawing."""
    made = laid_out(graph, *sizes)

    assert not [pair for pair in combinations(made.boxes.values(), 2) if overlap(*pair)]
    for box in made.boxes.values():
        assert box.x >= -1e-6
        assert box.y >= -1e-6
        assert box.x + box.width <= made.width + 1e-6
        assert box.y + box.height <= made.height + 1e-6


@given(upstreams())
def test_every_edge_leads_in_the_direction_of_the_drawing(graph: dict[str, list[str]]) -> None:
    """To the right, or down; no point of a line goes back."""
    made = laid_out(graph)
    along = 1 if made.down else 0

    for below in graph:
        for above in graph[below]:
            first, last = made.boxes[above], made.boxes[below]
            assert first[along] + first[2 + along] < last[along]
    for wire in made.wires:
        steps = [point[along] for point in wire.points]
        assert steps == sorted(steps)


@given(upstreams(), SIZES)
def test_no_line_crosses_a_box(graph: dict[str, list[str]], sizes: list[tuple[float, float]]) -> None:
    """Where a line runs beside boxes it keeps clear of them; between the layers there are none."""
    made = laid_out(graph, *sizes)
    along, across = (1, 0) if made.down else (0, 1)

    for wire in made.wires:
        for one, other in pairwise(wire.points):
            for node_id, box in made.boxes.items():
                inside = one[along] < box[along] + box[2 + along] - 1e-6 and other[along] > box[along] + 1e-6
                if inside and node_id not in (wire.upstream, wire.downstream):
                    assert one[across] == other[across]
                    assert not box[across] < one[across] < box[across] + box[2 + across]


def test_an_empty_graph_has_no_size() -> None:
    """Nothing to draw is no error."""
    assert layout({}, []) == Layout(0.0, 0.0, False, {}, ())


@pytest.mark.parametrize("reach", [1, 100])
def test_a_thousand_nodes_are_laid_out_in_a_second(reach: int) -> None:
    """Three edges each, short and long ones."""
    graph = {f"t{n}": [f"t{n - reach * k}" for k in (1, 2, 3) if n >= reach * k] for n in range(1000)}
    started = time.process_time()

    laid_out(graph)

    assert time.process_time() - started < 2
