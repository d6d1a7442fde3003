"""Several nodes of a picture drawn as one, such as all instances of a matrix. Knows only which go together.

A picture has no cycles, and stays so: nodes that would make one together are left apart.
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from airexec.graph.dag import dag_of, tangled
from airexec.graph.formats.status_styles import status_word
from airexec.graph.picture import EdgeKind, NodeKind, Picture, PictureEdge, PictureNode

T = TypeVar("T")

WORST_FIRST = (
    "failed", "upstream_failed", "cancelled", "up_for_retry", "running", "pending", "tolerated", "skipped", "completed",
    "up_to_date",
)  # fmt: skip
"""The looks of nodes; what several are together looks like the first of these that is among them."""


def fold(picture: Picture, keys: Mapping[str, str]) -> Picture:
    """Return the picture with all nodes of one key as one node, which has the key as id; `keys` has them by node id.

    It stands where the first of them stood, and edges are merged. What tasks that go together may queue goes together
    as well.
    """
    keys = dict(keys)
    while True:
        place = _places(picture, keys)
        edges = _merged_edges(picture.edges, place)
        upstream: dict[str, list[str]] = {key: [] for key in place.values()}
        for edge in edges:
            upstream[edge.downstream].append(edge.upstream)
        in_knots = tangled(dag_of(upstream))
        if not in_knots:
            break
        keys = {node_id: key for node_id, key in keys.items() if key not in in_knots}
    members: dict[str, list[PictureNode]] = {}
    for node in picture.nodes:
        members.setdefault(place[node.id], []).append(node)
    folded = set(keys.values())
    return picture._replace(
        nodes=tuple(_node(key, nodes, place, is_folded=key in folded) for key, nodes in members.items()),
        edges=edges,
        critical=tuple(dict.fromkeys(place[node_id] for node_id in picture.critical)),
    )


def _places(picture: Picture, keys: Mapping[str, str]) -> dict[str, str]:
    """Return the id of the node that each node is drawn as."""
    place = {node.id: keys.get(node.id, node.id) for node in picture.nodes}
    for node in picture.nodes:
        emitter = node.queued_by or ""
        if node.kind is NodeKind.TEMPLATE and emitter in keys:  # its id begins with that of its emitter
            place[node.id] = keys[emitter] + node.id.removeprefix(emitter)
    return place


def _merged_edges(edges: Iterable[PictureEdge], place: Mapping[str, str]) -> tuple[PictureEdge, ...]:
    """Return an edge for each pair, in order; of several kinds the one that says most: the first of EdgeKind."""
    order = list(EdgeKind)
    kinds: dict[tuple[str, str], EdgeKind] = {}
    for edge in edges:
        pair = place[edge.upstream], place[edge.downstream]
        if pair[0] != pair[1]:
            kinds[pair] = min(kinds.get(pair, edge.kind), edge.kind, key=order.index)
    return tuple(PictureEdge(*pair, kind) for pair, kind in kinds.items())


def _node(key: str, nodes: list[PictureNode], place: Mapping[str, str], *, is_folded: bool) -> PictureNode:
    first = nodes[0]
    queued_by = _shared([place.get(node.queued_by or "", node.queued_by) for node in nodes], None)
    if len(nodes) == 1 and not is_folded:
        return first._replace(id=key, queued_by=queued_by)
    counts = {look: count for look in WORST_FIRST if (count := sum(node.look == look for node in nodes))}
    worst = next(iter(counts), None)
    details = {name: text for name, text in first.details.items() if all(it.details.get(name) == text for it in nodes)}
    note = _shared([node.note for node in nodes], "")
    return PictureNode(
        id=key,
        label=f"{key} ({len(nodes)})" if is_folded else first.label,
        status={"tolerated": "failed", "up_to_date": "completed"}.get(worst, worst) if worst else None,
        tolerated=worst == "tolerated",
        up_to_date=worst == "up_to_date",
        kind=first.kind,
        queued_by=queued_by,
        note=", ".join(f"{count} {status_word(look)}" for look, count in counts.items()) or note,
        description=_shared([node.description for node in nodes], ""),
        details=details,
        members=tuple(node.id for node in nodes) if is_folded else (),
        counts=counts,
    )


def _shared(values: list[T], other: T) -> T:
    """Return what all say, `other` when they differ."""
    return values[0] if all(value == values[0] for value in values) else other
