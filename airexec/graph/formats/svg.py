"""A picture as SVG: boxes from left to right, readable on light and on dark paper, in any browser and on GitHub.

Nothing is loaded from anywhere, and every text is cut to its box by the width that it takes in any monospace font, so
the picture looks the same without measuring. The HTML page embeds what `drawing` returns.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from airexec.graph.blocks import BORDER, Block, find_blocks, member_boxes, with_blocks
from airexec.graph.formats.status_styles import PLACEHOLDER, STATUS_STYLES, status_word
from airexec.graph.formats.svg_style import LABEL_SIZE, NOTE_SIZE, stylesheet
from airexec.graph.layout import Box, Layout, Wire, layout
from airexec.graph.picture import EdgeKind, NodeKind, Picture, PictureNode
from airexec.graph.routes import Edge
from airexec.workflow.text_width import columns, cut, cut_middle, printable

ADVANCE = 0.61
"""Width of a character of a monospace font per font size; 0.60 in most."""
LABEL_COLUMNS_MAX, BOX_COLUMNS_MIN = 34, 8
PADDING, GLYPH_ROOM = 11.0, 17.0
HEIGHT_PLAIN, HEIGHT_NOTED = 30.0, 42.0
MARGIN, HEAD = 20.0, 62.0
"""Around the picture, and above it for title and legend."""
TIP = 6.5

EDGE_CLASS: Mapping[EdgeKind, str] = {
    EdgeKind.DEPENDENCY: "plain",
    EdgeKind.TOLERANT: "tolerant",
    EdgeKind.FILES: "files",
    EdgeKind.QUEUED: "plain",
    EdgeKind.EMITTER: "queued",
    EdgeKind.EMITTED: "queued",
    EdgeKind.AFTER: "after",
    EdgeKind.MAY_GROW: "may_grow",
}
"""How an edge is drawn; who waits for what was queued waits as for anything else."""

EDGE_LEGEND: Mapping[str, str] = {
    "tolerant": "failure tolerated",
    "files": "reads what it makes",
    "queued": "queued",
    "after": "after, where both run",
    "may_grow": "may grow",
    "critical": "critical path",
}


class Drawing(NamedTuple):
    """The parts of an SVG: the inner markup, and the size that it needs."""

    markup: str
    style: str
    width: float
    height: float


def render(picture: Picture) -> str:
    """Return a complete SVG document."""
    made = drawing(picture)
    size = f'width="{made.width:.0f}" height="{made.height:.0f}" viewBox="0 0 {made.width:.0f} {made.height:.0f}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label={_attribute(picture.title)}>\n'
        f"<title>{_text(picture.title)}</title>\n<style>\n{made.style}</style>\n"
        f'<rect class="paper" width="100%" height="100%"/>\n{made.markup}</svg>\n'
    )


def drawing(picture: Picture, head: bool = True) -> Drawing:
    """Return the picture without the `<svg>` around it; `head` asks for title and legend above it."""
    blocks, made = _arranged(picture)
    top = HEAD if head else MARGIN
    heading, heading_width = _heading(picture) if head else ("", 0.0)
    number = {node.id: str(index) for index, node in enumerate(picture.nodes)}
    number.update((block.id, f"block{index}") for index, block in enumerate(blocks))
    markup = (
        f'{heading}<g transform="translate({MARGIN:g} {top:g})">\n'
        f'<g class="wires">\n{"".join(_wires(made, number))}</g>\n'
        f'<g class="nodes">\n{"".join(_frames(picture, blocks, made))}'
        f"{''.join(_nodes(picture, blocks, made, number))}</g>\n</g>\n"
    )
    width = max(made.width, heading_width) + 2 * MARGIN
    return Drawing(markup, stylesheet(), width, made.height + top + MARGIN)


def _arranged(picture: Picture) -> tuple[list[Block], Layout]:
    """Return the blocks, and a layout that has boxes for them and for all nodes, those in blocks too."""
    sizes = {node.id: _box_size(node) for node in picture.nodes}
    edges = _edges(picture)
    blocks = find_blocks(sizes, edges)
    made = layout(*with_blocks(sizes, edges, blocks))
    for block in blocks:
        made.boxes.update(member_boxes(block, made.boxes[block.id]))
    return blocks, made


def _frames(picture: Picture, blocks: Sequence[Block], made: Layout) -> Iterator[str]:
    """Yield the frame of each block with a heading; what points to a frame points to all that is in it."""
    queued_by = {node.id: node.queued_by for node in picture.nodes}
    for block in blocks:
        box = made.boxes[block.id]
        emitters = {queued_by[member] for member in block.members}
        emitter = emitters.pop() if len(emitters) == 1 else None
        words = f"{len(block.members)} tasks" + (f" queued by {emitter}" if emitter else "")
        room = (block.size[0] - 2 * BORDER) / (NOTE_SIZE * ADVANCE)
        shown = _text(cut(words, int(room)))
        text = f'<text class="legend" x="{box.x + BORDER:g}" y="{box.y + 16:.1f}">{shown}</text>'
        yield f'<g class="block">{_rect(box)}{text}</g>\n'


def _rect(box: Box) -> str:
    return f'<rect x="{box.x:g}" y="{box.y:.1f}" width="{box.width:g}" height="{box.height:g}" rx="6"/>'


def _edges(picture: Picture) -> list[Edge]:
    """Return each pair of nodes once; what lies on the critical path has a trunk of its own."""
    steps = set(pairwise(picture.critical))
    kinds: dict[tuple[str, str], str] = {}
    for edge in picture.edges:
        pair = (edge.upstream, edge.downstream)
        kinds.setdefault(pair, "critical" if pair in steps else EDGE_CLASS[edge.kind])
    return [Edge(*pair, kind) for pair, kind in kinds.items()]


def _box_size(node: PictureNode) -> tuple[float, float]:
    label = min(columns(printable(node.label)), LABEL_COLUMNS_MAX) * LABEL_SIZE
    note = min(columns(printable(node.note)), LABEL_COLUMNS_MAX) * NOTE_SIZE
    text = max(label, note, BOX_COLUMNS_MIN * LABEL_SIZE) * ADVANCE
    return round(text + 2 * PADDING + (GLYPH_ROOM if _has_glyph(node) else 0)), _height(node)


def _height(node: PictureNode) -> float:
    return HEIGHT_NOTED if node.note else HEIGHT_PLAIN


def _has_glyph(node: PictureNode) -> bool:
    return node.status is not None or node.kind is NodeKind.TEMPLATE


def _nodes(picture: Picture, blocks: Sequence[Block], made: Layout, number: Mapping[str, str]) -> Iterator[str]:
    critical = set(picture.critical)
    block_of = {member: f' data-block="{number[block.id]}"' for block in blocks for member in block.members}
    for node in picture.nodes:
        classes = f"node {node_class(node)}{' critical' if node.id in critical else ''}"
        marks = f'class="{classes}" data-node="{number[node.id]}"{block_of.get(node.id, "")}'
        yield f"<g {marks}>{_node(node, made.boxes[node.id])}</g>\n"


def node_class(node: PictureNode) -> str:
    """Return the class that colours a node."""
    if node.kind is NodeKind.TEMPLATE:
        return "placeholder"
    return node.look or "task"


def _node(node: PictureNode, box: Box) -> str:
    middle = box.y + box.height / 2
    left = box.x + PADDING
    parts = [f"<title>{_text(_tooltip(node))}</title>", _rect(box)]
    if _has_glyph(node):
        style = PLACEHOLDER if node.kind is NodeKind.TEMPLATE else STATUS_STYLES[node.look or "pending"]
        parts.append(f'<text class="glyph" x="{left:g}" y="{middle + 4:.1f}">{style.glyph}</text>')
        left += GLYPH_ROOM
    room = box.x + box.width - PADDING - left
    parts.append(_line(node.label, "label", left, middle + (-2 if node.note else 4), LABEL_SIZE, room))
    if node.note:
        parts.append(_line(node.note, "note", left, middle + 12, NOTE_SIZE, room))
    return "".join(parts)


def _line(text: str, css_class: str, x: float, y: float, size: float, room: float) -> str:
    shown = cut_middle(printable(text), int((room + 0.5) / (size * ADVANCE)))
    return f'<text class="{css_class}" x="{x:g}" y="{y:.1f}">{_text(shown)}</text>'


def _tooltip(node: PictureNode) -> str:
    words = [node.label, status_word(node.look or ""), node.note, node.description]
    return "\n".join(word for word in words if word)


def _wires(made: Layout, number: Mapping[str, str]) -> Iterator[str]:
    # The critical path goes on top of the others.
    for wire in sorted(made.wires, key=lambda wire: wire.kind == "critical"):
        ends = "".join(
            f' data-{side}="{number[node_id]}"'
            for side, node_id in (("from", wire.upstream), ("to", wire.downstream))
            if node_id is not None
        )
        yield f'<path class="wire {wire.kind}" d="{_path(wire, made.down)}"{ends}/>\n'
        if wire.arrives:
            yield f'<path class="tip {wire.kind}" d="{_tip(wire.points[-1], made.down)}"{ends}/>\n'


def _path(wire: Wire, down: bool) -> str:
    """Return a smooth line that runs in the direction of the drawing wherever it meets a box or passes a layer."""
    (x, y), *rest = wire.points
    if wire.arrives:
        last_x, last_y = rest[-1]
        rest[-1] = (last_x, last_y - TIP + 1) if down else (last_x - TIP + 1, last_y)
    parts = [f"M{x:.1f} {y:.1f}"]
    for next_x, next_y in rest:
        if next_x == x or next_y == y:
            parts.append(f"L{next_x:.1f} {next_y:.1f}")
        elif down:
            bend = (y + next_y) / 2
            parts.append(f"C{x:.1f} {bend:.1f} {next_x:.1f} {bend:.1f} {next_x:.1f} {next_y:.1f}")
        else:
            bend = (x + next_x) / 2
            parts.append(f"C{bend:.1f} {y:.1f} {bend:.1f} {next_y:.1f} {next_x:.1f} {next_y:.1f}")
        x, y = next_x, next_y
    return "".join(parts)


def _tip(point: tuple[float, float], down: bool) -> str:
    x, y = point
    half = TIP / 2
    if down:
        return f"M{x:.1f} {y:.1f}l{-half:g} {-TIP:g}h{TIP:g}z"
    return f"M{x:.1f} {y:.1f}l{-TIP:g} {-half:g}v{TIP:g}z"


def _heading(picture: Picture) -> tuple[str, float]:
    """Return title and legend, and how wide they are."""
    title = f'<text class="title" x="{MARGIN:g}" y="28">{_text(printable(picture.title))}</text>\n'
    x = MARGIN
    parts = [title]
    for css_class, sign, words in _legend(picture):
        if sign:
            parts.append(f'<text class="legend {css_class}" x="{x:g}" y="46">{sign}</text>')
        else:
            parts.append(f'<path class="wire {css_class}" d="M{x:g} 42h14"/>')
        parts.append(f'<text class="legend" x="{x + 19:g}" y="46">{words}</text>\n')
        x += 19 + len(words) * NOTE_SIZE * ADVANCE + 16
    return "".join(parts), max(x, columns(printable(picture.title)) * 15 * ADVANCE)


def _legend(picture: Picture) -> Iterator[tuple[str, str, str]]:
    """Yield (class, glyph or nothing for a line, words) for whatever occurs in the picture."""
    counts = picture.looks
    for status in STATUS_STYLES:
        if status in counts:
            yield status, STATUS_STYLES[status].glyph, f"{counts[status]} {status_word(status)}"
    for css_class, words in edge_legend(picture):
        yield css_class, "", words


def edge_legend(picture: Picture) -> Iterator[tuple[str, str]]:
    """Yield (class, words) for the kinds of lines that do not go without saying."""
    kinds = {edge.kind for edge in _edges(picture)}
    yield from ((kind, words) for kind, words in EDGE_LEGEND.items() if kind in kinds)


def _text(text: str) -> str:
    return escape("".join(char for char in text if char.isprintable() or char in "\n\t"))


def _attribute(text: str) -> str:
    return quoteattr(printable(text))
