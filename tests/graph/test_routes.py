"""How edges pass the layers between their ends."""

from itertools import pairwise

from hypothesis import given

from airexec.graph.dag import dag_of, layers
from airexec.graph.routes import Edge, Route, Routes
from tests.graph.pictures import upstreams


def edge(above: str, below: str, kind: str = "plain") -> Edge:
    return Edge(above, below, kind)


def test_an_edge_to_the_next_layer_needs_no_bend() -> None:
    """Two vertices, both nodes."""
    routes = Routes({"a": 0, "b": 1}, [edge("a", "b")])

    assert routes.routes == [Route((0, 1), "a", "b", "plain", True)]
    assert routes.rows() == [[0], [1]]


def test_a_long_edge_bends_in_each_layer_between() -> None:
    """Bends are numbered after the nodes."""
    routes = Routes({"a": 0, "b": 3}, [edge("a", "b")])

    assert routes.routes == [Route((0, 2, 3, 1), "a", "b", "plain", True)]
    assert routes.rows() == [[0], [2], [3], [1]]
    assert routes.after == [[2], [], [3], [1]]
    assert routes.before == [[], [3], [0], [2]]


def test_long_edges_from_one_node_share_a_trunk() -> None:
    """Each branches off one layer before its end."""
    routes = Routes({"a": 0, "b": 2, "c": 3, "d": 3}, [edge("a", "b"), edge("a", "c"), edge("a", "d")])

    assert routes.routes == [
        Route((0, 4, 5), "a", None, "plain", False),
        Route((4, 1), "a", "b", "plain", True),
        Route((5, 2), "a", "c", "plain", True),
        Route((5, 3), "a", "d", "plain", True),
    ]


def test_long_edges_to_one_node_share_a_trunk() -> None:
    """Each joins it one layer after its beginning."""
    routes = Routes({"a": 0, "b": 1, "z": 3}, [edge("a", "z"), edge("b", "z")])

    assert routes.routes == [
        Route((3, 4, 2), None, "z", "plain", True),
        Route((0, 3), "a", "z", "plain", False),
        Route((1, 4), "b", "z", "plain", False),
    ]


def test_of_two_equally_busy_ends_the_upstream_one_has_the_trunk() -> None:
    """Two nodes that are both joined to two others."""
    pairs = [edge(above, below) for above in "ab" for below in "yz"]

    routes = Routes({"a": 0, "b": 0, "y": 2, "z": 2}, pairs)

    assert [route.upstream for route in routes.routes if route.downstream is None] == ["a", "b"]


def test_edges_of_different_kind_share_nothing() -> None:
    """A trunk has one colour."""
    routes = Routes({"a": 0, "b": 2, "c": 2}, [edge("a", "b"), edge("a", "c", "dashed")])

    assert [route.vertices for route in routes.routes] == [(0, 3, 1), (0, 4, 2)]


def test_bends_stand_in_the_middle_of_their_row() -> None:
    """A trunk has its branches on both sides."""
    routes = Routes({"a": 0, "b": 1, "c": 1, "z": 2}, [edge("a", "z")])

    assert routes.rows() == [[0], [1, 4, 2], [3]]


@given(upstreams())
def test_routes_go_from_layer_to_layer_and_lead_to_every_downstream_node(graph: dict[str, list[str]]) -> None:
    """Nothing is lost by sharing: from the upstream node, the lines of an edge lead to its downstream node."""
    layer = layers(dag_of(graph))
    edges = [edge(above, below) for below in graph for above in graph[below]]

    routes = Routes(layer, edges)

    steps = [(left, right) for left, after in enumerate(routes.after) for right in after]
    assert all(routes.layer[right] == routes.layer[left] + 1 for left, right in steps)
    for above, below, _ in edges:
        mine = [
            route for route in routes.routes if route.upstream in (above, None) and route.downstream in (below, None)
        ]
        lines: dict[int, list[tuple[int, int]]] = {}
        reached = {routes.number[above]}
        for left, right in sorted(step for route in mine for step in pairwise(route.vertices)):
            lines.setdefault(routes.layer[left], []).append((left, right))
        for layer_number in sorted(lines):
            reached.update(right for left, right in lines[layer_number] if left in reached)
        assert routes.number[below] in reached
