"""Nodes into layers, so that every edge leads from a lower layer to a higher one. Knows no coordinates."""

from collections.abc import Iterable, Mapping, Sequence


def longest_path_layers(upstream: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """Return the layer of each node: 0 without upstream, else one more than the highest upstream. Linear.

    `upstream` is acyclic and names only its own keys; the result has its order.
    """
    downstream: dict[str, list[str]] = {node_id: [] for node_id in upstream}
    waiting = dict.fromkeys(upstream, 0)
    for node_id, above in upstream.items():
        for other in above:
            downstream[other].append(node_id)
            waiting[node_id] += 1
    layer = dict.fromkeys(upstream, 0)
    ready = [node_id for node_id, count in waiting.items() if count == 0]
    for node_id in ready:
        for below in downstream[node_id]:
            layer[below] = max(layer[below], layer[node_id] + 1)
            waiting[below] -= 1
            if waiting[below] == 0:
                ready.append(below)
    return layer


def split_wide_layers(layer: Mapping[str, int], size_max: int) -> dict[str, int]:
    """Return the layers with each that has more than `size_max` nodes split into as few equal ones as will do.

    A thousand tasks that wait for the same one become a block instead of a line that no screen can show.
    """
    members: dict[int, list[str]] = {}
    for node_id, number in layer.items():
        members.setdefault(number, []).append(node_id)
    result: dict[str, int] = {}
    next_layer = 0
    for number in sorted(members):
        for part in _equal_parts(members[number], size_max):
            result.update(dict.fromkeys(part, next_layer))
            next_layer += 1
    return result


def _equal_parts(ids: Sequence[str], size_max: int) -> Iterable[Sequence[str]]:
    parts = -(-len(ids) // size_max)
    size = -(-len(ids) // parts)
    return [ids[start : start + size] for start in range(0, len(ids), size)]
