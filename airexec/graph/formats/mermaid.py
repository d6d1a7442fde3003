"""A picture as a Mermaid flowchart, as GitHub shows it in Markdown.

Nodes get short names (`n0`, `n1`, …), because Mermaid trips over ids such as `end` or `test[py311]`; the ids stand in
the labels, where everything that Mermaid or HTML could read as markup is written as an entity.
"""

import re
from collections.abc import Iterator, Mapping

from airexec.graph.formats.status_styles import PLACEHOLDER, STATUS_STYLES, StatusStyle
from airexec.graph.picture import EdgeKind, NodeKind, Picture, PictureNode

EDGES_MAX = 500
"""Beyond this Mermaid shows an error instead of a picture, unless its `maxEdges` is raised."""

ARROWS: Mapping[EdgeKind, str] = {
    EdgeKind.DEPENDENCY: "-->",
    EdgeKind.TOLERANT: "--o",
    EdgeKind.FILES: "-->",
    EdgeKind.QUEUED: "-->",
    EdgeKind.EMITTER: "-- queued -->",
    EdgeKind.EMITTED: "-- queued -->",
    EdgeKind.AFTER: "-. after .->",
    EdgeKind.MAY_GROW: "-.->",
}


def render(picture: Picture) -> str:
    return "\n".join(_lines(picture)) + "\n"


def remarks(picture: Picture) -> tuple[str, ...]:
    """Return a warning when the picture is too big for Mermaid."""
    if len(picture.edges) <= EDGES_MAX:
        return ()
    return (
        f"{len(picture.edges)} edges, but Mermaid draws no more than {EDGES_MAX} unless its maxEdges is raised; "
        "--format svg and html have no such limit",
    )


def _lines(picture: Picture) -> Iterator[str]:
    for remark in remarks(picture):
        yield f"%% warning: {remark}"
    yield "flowchart LR"
    names = {node.id: f"n{number}" for number, node in enumerate(picture.nodes)}
    for node in picture.nodes:
        yield f"  {names[node.id]}{_shape(node)}"
    for edge in picture.edges:
        yield f"  {names[edge.upstream]} {ARROWS[edge.kind]} {names[edge.downstream]}"
    yield from _classes(picture, names)


def _shape(node: PictureNode) -> str:
    glyph = f"{STATUS_STYLES[node.look].glyph} " if node.look else ""
    label = _escaped(glyph + node.label) + (f"<br>{_escaped(node.note)}" if node.note else "")
    return f'(["{label}"])' if node.kind is NodeKind.TEMPLATE else f'["{label}"]'


def _classes(picture: Picture, names: Mapping[str, str]) -> Iterator[str]:
    members: dict[str, list[str]] = {}
    for node in picture.nodes:
        kind = "may_grow" if node.kind is NodeKind.TEMPLATE else node.look
        if kind:
            members.setdefault(kind, []).append(names[node.id])
    for kind, ids in members.items():
        dashes = ",stroke-dasharray:4 3" if kind == "may_grow" else ""
        yield f"  classDef {kind} {_colours(PLACEHOLDER if kind == 'may_grow' else STATUS_STYLES[kind])}{dashes}"
        yield f"  class {','.join(ids)} {kind}"
    if picture.critical:
        yield "  classDef critical stroke-width:3px"
        yield f"  class {','.join(names[node_id] for node_id in picture.critical)} critical"


def _colours(style: StatusStyle) -> str:
    fill, stroke, text = style.light
    return f"fill:{fill},stroke:{stroke},color:{text}"


def _escaped(text: str) -> str:
    """Write all ASCII but harmless characters as entities; Mermaid spells them `#60;` where HTML has `&#60;`."""
    return re.sub(r"[^\w .,:()/=+~\u0080-\U0010ffff-]", lambda match: f"#{ord(match[0])};", text)
