"""Nodes into layers, so that every edge leads from a lower layer to a higher one. Knows no coordinates."""

from collections.abc import Iterable, Mapping, Sequence


def longest_path_layers(upstream: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """Return the layer of each node: 0 without upstream, else one more than the highest upstream. Linear.

    `upstream` is acyclic and names only its own keys; the result is in topological order.
    """
    waiting = {node_id: len(list(above)) for node_id, above in upstream.items()}
    downstream = downstream_of(upstream)
    layer = {node_id: 0 for node_id, count in waiting.items() if count == 0}
    ready = list(layer)
    for node_id in ready:
        for below in downstream[node_id]:
            waiting[below] -= 1
            if waiting[below] == 0:
                # Nodes get ready in order of their layers, so no upstream of this one is higher.
                layer[below] = layer[node_id] + 1
                ready.append(below)
    return layer


def tightened(layer: Mapping[str, int], upstream: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return the layers with each node moved up to its downstream where that makes the edges shorter in sum.

    `layer` is in topological order, as `longest_path_layers` returns it, and so is the result.
    """
    downstream = downstream_of(upstream)
    result = dict(layer)
    for node_id in reversed(list(layer)):
        if len(downstream[node_id]) > len(upstream[node_id]):
            result[node_id] = min(result[below] for below in downstream[node_id]) - 1
    return result


def split_wide_layers(layer: Mapping[str, int], size_max: int) -> dict[str, int]:
    """Return the layers with each that has more than `size_max` nodes split into as few equal ones as will do.

    A thousand tasks that wait for the same one become a block instead of a line that no screen can show. Layers without
    nodes disappear.
    """
    members: dict[int, list[str]] = {}
    for node_id, number in layer.items():
        members.setdefault(number, []).append(node_id)
    parts = [part for number in sorted(members) for part in _equal_parts(members[number], size_max)]
    return {node_id: number for number, part in enumerate(parts) for node_id in part}


def downstream_of(upstream: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Return the same edges seen from above."""
    downstream: dict[str, list[str]] = {node_id: [] for node_id in upstream}
    for node_id, above in upstream.items():
        for other in above:
            downstream[other].append(node_id)
    return downstream


def _equal_parts(ids: Sequence[str], size_max: int) -> Iterable[Sequence[str]]:
    parts = -(-len(ids) // size_max)
    size = -(-len(ids) // parts)
    return [ids[start : start + size] for start in range(0, len(ids), size)]
