"""Several nodes as one: what it is called, what it looks like, and that a picture without cycles stays one."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.graph.dag import dag_of, find_cycles
from airexec.graph.draw import draw
from airexec.graph.fold import fold
from airexec.graph.picture import EdgeKind, NodeKind, Picture, PictureEdge, PictureNode, picture_of_workflow
from airexec.testing import make_task
from airexec.workflow.model import QueuePermission
from tests.graph.pictures import picture_of, picture_of_upstreams, upstreams, workflow_of


def by_letter(picture: Picture) -> Picture:
    """Fold nodes such as a1 and a2 into a; those of one letter stay."""
    return fold(picture, {node.id: node.id[0] for node in picture.nodes if len(node.id) > 1})


def edges_of(picture: Picture) -> list[str]:
    return [f"{edge.upstream}{edge.downstream}" for edge in picture.edges]


def picture(*edges: str, **looks: str) -> Picture:
    """Return a picture of edges such as `s>a1`, whose nodes have these looks."""
    pairs = [edge.split(">") for edge in edges]
    ids = dict.fromkeys([*looks, *(node for pair in pairs for node in pair)])
    nodes = [
        PictureNode(
            it,
            it,
            {"tolerated": "failed", "up_to_date": "completed"}.get(looks.get(it, ""), looks.get(it)),
            tolerated=looks.get(it) == "tolerated",
            up_to_date=looks.get(it) == "up_to_date",
        )
        for it in ids
    ]
    return Picture("p", tuple(nodes), tuple(PictureEdge(above, below) for above, below in pairs))


def test_nodes_of_one_key_become_one_where_the_first_stood() -> None:
    """With the number of them, and each edge once."""
    folded = by_letter(picture("s>a1", "s>a2", "a1>e", "a2>e", "e>b1"))

    assert [("s", "s"), ("a", "a (2)"), ("e", "e"), ("b", "b (1)")] == [(node.id, node.label) for node in folded.nodes]
    assert ["sa", "ae", "eb"] == edges_of(folded)
    assert [(), ("a1", "a2"), (), ("b1",)] == [node.members for node in folded.nodes]


def test_edges_among_them_are_not_drawn() -> None:
    assert ["se"] == edges_of(by_letter(picture("s1>s2", "s2>e", "s1>e")))


def test_a_chain_of_instances_is_folded_on_its_way() -> None:
    assert ["ab", "bc"] == edges_of(by_letter(picture("a1>b1", "a2>b2", "b1>c1", "b2>c2")))


def test_nodes_that_would_make_a_cycle_together_are_left_apart() -> None:
    """All others are folded all the same."""
    folded = by_letter(picture("a1>b1", "b1>a2", "a2>d1", "a2>d2"))

    assert ["a1", "b1", "a2", "d"] == [node.id for node in folded.nodes]
    assert ["a1b1", "b1a2", "a2d"] == edges_of(folded)


@pytest.mark.parametrize(
    ("looks", "look", "note"),
    [
        (["completed", "completed"], "completed", "2 completed"),
        (["completed", "failed", "completed"], "failed", "1 failed, 2 completed"),
        (["tolerated", "completed"], "tolerated", "1 failed, allowed to, 1 completed"),
        (["failed", "tolerated"], "failed", "1 failed, 1 failed, allowed to"),
        (["up_to_date", "skipped"], "skipped", "1 skipped, 1 up to date"),
        (["up_to_date", "up_to_date"], "up_to_date", "2 up to date"),
        (["pending", "running", "completed"], "running", "1 running, 1 pending, 1 completed"),
        (["upstream_failed", "cancelled"], "upstream_failed", "1 upstream failed, 1 cancelled"),
    ],
)
def test_a_folded_node_has_the_worst_status_and_says_how_many_have_which(
    looks: list[str], look: str, note: str
) -> None:
    whole = picture(**{f"a{number}": one for number, one in enumerate(looks)})
    (node,) = by_letter(whole).nodes

    assert (look, note) == (node.look, node.note)
    assert whole.looks == by_letter(whole).looks


def test_what_all_of_them_say_is_said_of_the_whole() -> None:
    """What they do not agree on is left out."""
    first = PictureNode("a1", "a1", note="manual", description="All", details={"pool": "db", "command": "x 1"})
    second = first._replace(id="a2", label="a2", note="manual", details={"pool": "db", "command": "x 2"})
    (node,) = by_letter(Picture("p", (first, second))).nodes

    assert ("manual", "All", {"pool": "db"}) == (node.note, node.description, node.details)
    assert "" == by_letter(Picture("p", (first, second._replace(note="", description="Other")))).nodes[0].description


def test_of_several_kinds_of_edges_the_one_that_says_most_is_drawn() -> None:
    nodes = tuple(PictureNode(it, it) for it in ("a1", "a2", "e"))
    edges = (PictureEdge("a1", "e", EdgeKind.TOLERANT), PictureEdge("a2", "e"))

    assert (PictureEdge("a", "e"),) == by_letter(Picture("p", nodes, edges)).edges


def test_the_critical_path_goes_through_the_whole() -> None:
    marked = picture("a1>b1", "b1>b2", "b2>c")._replace(critical=("a1", "b1", "b2", "c"))

    assert ("a", "b", "c") == by_letter(marked).critical


def test_what_they_may_queue_goes_together_too() -> None:
    """And who queued a task is the whole."""
    several = QueuePermission(("t",))
    tasks = [make_task("a1", queue=several), make_task("a2", queue=several), make_task("e", ["a1", "a2"])]
    made = picture_of_workflow(workflow_of(*tasks, templates=(make_task("t"),)))
    folded = by_letter(made._replace(nodes=(*made.nodes, PictureNode("q", "q", queued_by="a2"))))

    assert ["a", "e", "a + t", "q"] == [node.id for node in folded.nodes]
    (grows,) = [node for node in folded.nodes if node.kind is NodeKind.TEMPLATE]
    assert ("a", "may grow", ()) == (grows.queued_by, grows.note, grows.members)
    assert "a" == folded.nodes[-1].queued_by
    assert ["ae", "aa + t", "a + te"] == edges_of(folded)


def test_all_formats_draw_it() -> None:
    folded = by_letter(picture("s>a1", "s>a2", a1="failed", a2="completed", s="completed"))

    assert "p  3 tasks: 2 completed, 1 failed\n✔ s\n✘ a (2)  1 failed, 1 completed\n" == draw(folded, "text")
    for format_name in ("dot", "mermaid", "svg", "html"):
        assert "a (2)" in str(draw(folded, format_name)).replace("#40;", "(").replace("#41;", ")")
    node = json.loads(draw(folded, "json"))["nodes"][0]
    assert (["a1", "a2"], {"failed": 1, "completed": 1}) == (node["members"], node["counts"])


@given(upstreams(), st.randoms(use_true_random=False))
def test_no_fold_makes_a_cycle_and_none_loses_a_node_or_an_edge(
    graph: dict[str, list[str]], chance: random.Random
) -> None:
    """Whatever goes together."""
    whole = picture_of_upstreams(graph)
    folded = fold(whole, {node.id: f"g{chance.randrange(4)}" for node in whole.nodes if chance.random() < 0.7})

    members = {member: node.id for node in folded.nodes for member in (node.members or (node.id,))}
    upstream: dict[str, list[str]] = {node.id: [] for node in folded.nodes}
    for edge in folded.edges:
        upstream[edge.downstream].append(edge.upstream)
    pairs = {(members[edge.upstream], members[edge.downstream]) for edge in whole.edges}
    assert {node.id for node in whole.nodes} == set(members)
    assert {pair for pair in pairs if pair[0] != pair[1]} == {(edge.upstream, edge.downstream) for edge in folded.edges}
    assert [] == find_cycles(dag_of(upstream))


def test_without_anything_to_fold_it_is_the_same_picture() -> None:
    whole = picture_of({"c": "ab", "b": "a"})

    assert whole == fold(whole, {})
