"""Many tasks with the same upstream and the same downstream, drawn as one block: two lines instead of two thousand.

Knows nothing of how a block looks. A block takes the place of its members in the layout, as one big box; afterwards
the members are laid out in it, column by column.
"""

from collections.abc import Mapping, Sequence
from math import ceil, sqrt
from typing import NamedTuple

from airexec.graph.layout import Box
from airexec.graph.routes import Edge

MEMBERS_MIN = 17
"""Fewer can be drawn with all their lines and still be read."""
GAP = 10.0
BORDER, HEADING = 12.0, 24.0


class Block(NamedTuple):
    id: str
    members: tuple[str, ...]
    """In order of the file, then of the splices; they stand in columns from top to bottom."""
    columns: int
    cell: tuple[float, float]
    """Width and height of each member."""

    @property
    def rows(self) -> int:
        return ceil(len(self.members) / self.columns)

    @property
    def size(self) -> tuple[float, float]:
        width, height = self.cell
        return (
            self.columns * (width + GAP) - GAP + 2 * BORDER,
            self.rows * (height + GAP) - GAP + BORDER + HEADING,
        )


def find_blocks(sizes: Mapping[str, tuple[float, float]], edges: Sequence[Edge]) -> list[Block]:
    """Return the blocks among nodes of these sizes; edges of different kind make a difference."""
    above: dict[str, list[tuple[str, str]]] = {node_id: [] for node_id in sizes}
    below: dict[str, list[tuple[str, str]]] = {node_id: [] for node_id in sizes}
    for edge in edges:
        above[edge.downstream].append((edge.upstream, edge.kind))
        below[edge.upstream].append((edge.downstream, edge.kind))
    alike: dict[tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]]], list[str]] = {}
    for node_id in sizes:
        alike.setdefault((frozenset(above[node_id]), frozenset(below[node_id])), []).append(node_id)
    groups = (members for members in alike.values() if len(members) >= MEMBERS_MIN)
    return [_block(number, members, sizes) for number, members in enumerate(groups)]


def _block(number: int, members: Sequence[str], sizes: Mapping[str, tuple[float, float]]) -> Block:
    width = max(sizes[node_id][0] for node_id in members)
    height = max(sizes[node_id][1] for node_id in members)
    columns = max(2, round(sqrt(len(members) * (height + GAP) * 1.4 / (width + GAP))))
    # No id begins with a colon, nor does that of a placeholder.
    return Block(f":block{number}", tuple(members), columns, (width, height))


def with_blocks(
    sizes: Mapping[str, tuple[float, float]], edges: Sequence[Edge], blocks: Sequence[Block]
) -> tuple[dict[str, tuple[float, float]], list[Edge]]:
    """Return sizes and edges with each block in the place of its first member, and each edge once."""
    block_of = {member: block for block in blocks for member in block.members}
    merged: dict[str, tuple[float, float]] = {}
    for node_id, size in sizes.items():
        block = block_of.get(node_id)
        merged[block.id if block else node_id] = block.size if block else size
    ends = {member: block.id for member, block in block_of.items()}
    pairs = dict.fromkeys(
        Edge(ends.get(edge.upstream, edge.upstream), ends.get(edge.downstream, edge.downstream), edge.kind)
        for edge in edges
    )
    return merged, list(pairs)


def member_boxes(block: Block, box: Box) -> dict[str, Box]:
    """Return where the members stand when the block stands at `box`, in whose middle they are."""
    width, height = block.cell
    left = box.x + (box.width - block.size[0]) / 2 + BORDER
    return {
        member: Box(
            left + index // block.rows * (width + GAP),
            box.y + HEADING + index % block.rows * (height + GAP),
            width,
            height,
        )
        for index, member in enumerate(block.members)
    }
