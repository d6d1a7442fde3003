"""A picture as JSON, for programs.

    {"title": str, "description": str,
     "nodes": [{"id", "label", "kind": "task" | "template", "status": str | null, "queued_by": id | null, "note",
                "description", "critical": bool, "details": {name: text},
                "members": [id, …] of a node that stands for several, "counts": {status: how many of them}}],
     "edges": [{"upstream": id, "downstream": id,
                "kind": "dependency" | "tolerant" | "files" | "queued" | "emitter" | "emitted" | "after" |
                        "may_grow"}],
     "critical_path": [id, …]}

Nodes are in order of the file, then of the splices; edges in order of their downstream nodes, those of placeholders
last. The same picture gives the same bytes. One node or edge per line, so that two graphs can be compared with `diff`.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from airexec.graph.picture import Picture


def render(picture: Picture) -> str:
    head = {"title": picture.title, "description": picture.description}
    fields = [f"  {json.dumps(name)}: {_text(value)}" for name, value in head.items()]
    fields.append(_lines("nodes", nodes_as_plain_data(picture)))
    fields.append(_lines("edges", (edge._asdict() for edge in picture.edges)))
    fields.append(f'  "critical_path": {_text(picture.critical)}')
    return "{\n" + ",\n".join(fields) + "\n}\n"


def nodes_as_plain_data(picture: Picture) -> Iterable[dict[str, Any]]:
    """Return the entries of `nodes`; the HTML page carries the same."""
    critical = set(picture.critical)
    return (
        {
            "id": node.id,
            "label": node.label,
            "kind": node.kind,
            "status": node.status,
            **({"tolerated": True} if node.tolerated else {}),
            "queued_by": node.queued_by,
            "note": node.note,
            "description": node.description,
            "critical": node.id in critical,
            "details": dict(node.details),
            **({"members": node.members} if node.members else {}),
            **({"counts": dict(node.counts)} if node.counts else {}),
        }
        for node in picture.nodes
    )


def _lines(name: str, items: Iterable[Mapping[str, Any]]) -> str:
    lines = ",\n".join(f"    {_text(item)}" for item in items)
    return f'  "{name}": [\n{lines}\n  ]' if lines else f'  "{name}": []'


def _text(value: object) -> str:
    """Return JSON in which all that one cannot see is escaped: text that is shown on a terminal must not steer it."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else re.sub(r"[^\x20-\x7e]", _escaped, text)


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    return character if character.isprintable() else "\\u007f" if character == "\x7f" else json.dumps(character)[1:-1]
