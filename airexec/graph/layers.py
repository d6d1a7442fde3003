"""Layers made fit for a drawing: edges shorter, no layer wider than a screen. Knows no coordinates."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airexec.graph.dag import Dag


def tightened(layer: Mapping[str, int], dag: "Dag") -> dict[str, int]:
    """Return the layers with each node moved up to its downstream where that makes the edges shorter in sum.

    `layer` is in topological order, as `airexec.graph.dag.layers` returns it, and so is the result.
    """
    result = dict(layer)
    for node_id in reversed(list(layer)):
        downstream = dag.succ[node_id]
        if len(downstream) > len(dag.pred[node_id]):
            result[node_id] = min(result[below] for below in downstream) - 1
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


def _equal_parts(ids: Sequence[str], size_max: int) -> Iterable[Sequence[str]]:
    parts = -(-len(ids) // size_max)
    size = -(-len(ids) // parts)
    return [ids[start : start + size] for start in range(0, len(ids), size)]
