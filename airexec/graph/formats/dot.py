"""A picture as a Graphviz digraph. Every id is a quoted string, in which only `"` and `\\` have a meaning."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from airexec.graph.formats.status_styles import PLACEHOLDER, STATUS_STYLES, TASK
from airexec.graph.picture import EdgeKind, NodeKind, Picture, PictureEdge, PictureNode

EDGE_STYLE: Mapping[EdgeKind, str] = {
    EdgeKind.DEPENDENCY: "",
    EdgeKind.TOLERANT: 'arrowhead="empty", tooltip="a failure is tolerated"',
    EdgeKind.FILES: 'penwidth="0.5", tooltip="reads what it makes"',
    EdgeKind.QUEUED: 'color="#8250df", tooltip="queued by a task that it depends on"',
    EdgeKind.EMITTER: 'color="#8250df", arrowtail="dot", dir="both", tooltip="queued"',
    EdgeKind.EMITTED: 'color="#8250df", arrowtail="odot", dir="both", tooltip="queued while it ran"',
    EdgeKind.AFTER: 'style="dotted", tooltip="order only: after"',
    EdgeKind.MAY_GROW: 'color="#8250df", style="dashed"',
}


def render(picture: Picture) -> str:
    return "\n".join(_lines(picture)) + "\n"


def _lines(picture: Picture) -> Iterator[str]:
    yield f"digraph {_quoted(picture.title)} {{"
    yield f'  graph [rankdir="LR", label={_quoted(picture.title)}, labelloc="t", fontname="Helvetica"]'
    yield '  node [shape="box", style="rounded,filled", fontname="Helvetica", fontsize="11", height="0.35"]'
    yield '  edge [color="#6e7781", arrowsize="0.7"]'
    critical = set(picture.critical)
    for node in picture.nodes:
        yield f"  {_quoted(node.id)} [{_node_attributes(node, node.id in critical)}]"
    steps = set(pairwise(picture.critical))
    for edge in picture.edges:
        attributes = _edge_attributes(edge, (edge.upstream, edge.downstream) in steps)
        yield f"  {_quoted(edge.upstream)} -> {_quoted(edge.downstream)}" + (f" [{attributes}]" if attributes else "")
    yield "}"


def _node_attributes(node: PictureNode, critical: bool) -> str:
    placeholder = node.kind is NodeKind.TEMPLATE
    style = PLACEHOLDER if placeholder else STATUS_STYLES[node.look] if node.look else TASK
    label = f"{style.glyph} {node.label}" if node.status or placeholder else node.label
    lines = f"{label}\n{node.note}" if node.note else label
    fill, stroke, text = style.light
    attributes = [
        f"label={_quoted(lines)}",
        f'fillcolor="{fill}", color="{stroke}", fontcolor="{text}"',
    ]
    if placeholder:
        attributes.append('style="rounded,filled,dashed"')
    if critical:
        attributes.append('penwidth="2.5"')
    if node.description:
        attributes.append(f"tooltip={_quoted(node.description)}")
    return ", ".join(attributes)


def _edge_attributes(edge: PictureEdge, critical: bool) -> str:
    style = EDGE_STYLE[edge.kind]
    return ", ".join(filter(None, (style, 'penwidth="2.5"' if critical else "")))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "").replace("\n", "\\n")
    return f'"{escaped.replace(chr(0), "")}"'
