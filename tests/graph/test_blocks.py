"""Many tasks with the same neighbours."""

from airexec.graph.blocks import MEMBERS_MIN, Block, find_blocks, member_boxes, with_blocks
from airexec.graph.layout import Box
from airexec.graph.routes import Edge

SIZE = (90.0, 30.0)


def fan(count: int) -> tuple[dict[str, tuple[float, float]], list[Edge]]:
    """`a`, then many, then `z`."""
    members = [f"p{number}" for number in range(count)]
    edges = [edge for member in members for edge in (Edge("a", member, "queued"), Edge(member, "z", "plain"))]
    return dict.fromkeys(["a", *members, "z"], SIZE), edges


def test_tasks_with_the_same_upstream_and_downstream_are_a_block() -> None:
    """In their order."""
    sizes, edges = fan(20)

    (block,) = find_blocks(sizes, edges)

    assert block.members == tuple(f"p{number}" for number in range(20))


def test_a_few_are_no_block() -> None:
    """They can be read with all their lines."""
    assert find_blocks(*fan(MEMBERS_MIN - 1)) == []
    assert len(find_blocks(*fan(MEMBERS_MIN))) == 1


def test_a_task_with_another_neighbour_or_another_kind_of_edge_stays_outside() -> None:
    """What is in a block has the same lines as all the others."""
    sizes, edges = fan(20)
    edges = [Edge("a", "p0", "critical") if edge[:2] == ("a", "p0") else edge for edge in edges]
    edges.append(Edge("p1", "p2", "plain"))

    (block,) = find_blocks(sizes, edges)

    assert block.members == tuple(f"p{number}" for number in range(3, 20))


def test_the_block_stands_for_its_members_in_the_layout() -> None:
    """One box and two lines."""
    sizes, edges = fan(20)
    blocks = find_blocks(sizes, edges)

    merged, lines = with_blocks(sizes, edges, blocks)

    assert list(merged) == ["a", ":block0", "z"]
    assert lines == [Edge("a", ":block0", "queued"), Edge(":block0", "z", "plain")]


def test_members_stand_in_columns_inside_the_block() -> None:
    """Top to bottom, then the next column; centred when the block was made wider."""
    block = Block(":block0", ("a", "b", "c"), columns=2, cell=(50.0, 20.0))

    assert block.size == (134.0, 86.0)
    assert member_boxes(block, Box(100.0, 10.0, 154.0, 86.0)) == {
        "a": Box(122.0, 34.0, 50.0, 20.0),
        "b": Box(122.0, 64.0, 50.0, 20.0),
        "c": Box(182.0, 34.0, 50.0, 20.0),
    }
