"""Layers that are fit for a drawing."""

from hypothesis import given
from hypothesis import strategies as st

from airexec.graph.dag import dag_of, layers
from airexec.graph.layers import split_wide_layers, tightened
from tests.graph.pictures import upstreams


def lengths(layer: dict[str, int], graph: dict[str, list[str]]) -> list[int]:
    return [layer[below] - layer[above] for below in graph for above in graph[below]]


def test_a_source_moves_up_to_what_needs_it() -> None:
    """A long line from the left edge says nothing; what has more upstream than downstream stays."""
    dag = dag_of({"a": [], "b": ["a"], "late": [], "c": ["b", "late"], "x": ["a"]})

    assert tightened(layers(dag), dag) == {"a": 0, "late": 1, "b": 1, "x": 1, "c": 2}


def test_a_join_stays_with_its_upstream() -> None:
    """Moving it up would make two lines longer and one shorter."""
    dag = dag_of({"a": [], "b": [], "join": ["a", "b"], "c": ["a", "b"], "d": ["c"], "z": ["d", "join"]})

    assert tightened(layers(dag), dag)["join"] == 1


def test_a_layer_that_is_too_wide_becomes_several_of_equal_size() -> None:
    """Later layers make room, and order is kept."""
    assert split_wide_layers({"a": 0, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1, "z": 2}, size_max=3) == {
        "a": 0,
        "b": 1,
        "c": 1,
        "d": 1,
        "e": 2,
        "f": 2,
        "z": 3,
    }


def test_empty_layers_disappear() -> None:
    """Tightening may leave them behind."""
    assert split_wide_layers({"a": 1, "b": 4}, size_max=3) == {"a": 0, "b": 1}


@given(upstreams(), st.integers(1, 5))
def test_every_edge_leads_up_at_every_step(graph: dict[str, list[str]], size_max: int) -> None:
    """And tightening makes the edges shorter in sum, never longer."""
    dag = dag_of(graph)
    longest = layers(dag)
    tight = tightened(longest, dag)
    split = split_wide_layers(tight, size_max)

    assert all(length >= 1 for layer in (longest, tight, split) for length in lengths(layer, graph))
    assert sum(lengths(tight, graph)) <= sum(lengths(longest, graph))
    assert all(list(split.values()).count(number) <= size_max for number in split.values())
