"""A picture for the terminal: one row per node, drawn as lanes that fork and join.

    etl  4 tasks
    ○ extract
    ├─○ clean
    ├─○ count
    ○ load  ← clean, count

A node hangs from the last node through which every path to it leads (its immediate dominator), so that a join stands
where its branches have come together again, and a graph of any shape is a tree with few columns. What a row adds after
`←` is what the tree cannot say: the direct upstream of a node that has other upstream than the node it hangs from.
A row without `←` has just that one upstream, or none when it hangs from the title. `lookup?` is an upstream whose
failure is tolerated, `fmt (after)` one that only has to end before; a dashed branch leads to what the node above has
queued or may queue.

A node goes straight down the lane of the node that it hangs from when it is the only one there, or joins the others.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from airexec.graph.dag import dag_of, layers
from airexec.graph.formats.status_styles import PLACEHOLDER, STATUS_STYLES, TASK, StatusStyle, status_word
from airexec.graph.picture import TIMES, EdgeKind, NodeKind, Picture, PictureNode
from airexec.workflow.text_width import columns, cut, printable

UPSTREAM_SHOWN = 3
INSTANCES_MIN = 3
"""From how many instances on their number says more than their ids."""
WIDTH_MIN = 20
DASHED = (EdgeKind.EMITTER, EdgeKind.EMITTED, EdgeKind.MAY_GROW)
"""Edges to what was queued, or may be; such a node is always on a branch, so that its dashes can be seen."""
SIGNS: Mapping[EdgeKind, str] = {EdgeKind.TOLERANT: "?", EdgeKind.AFTER: " (after)"}
CRITICAL_GLYPH = "◆"
SGR_DIM, SGR_BOLD, SGR_CRITICAL = "2", "1", "1;33"
ROOT = ""
"""Stands for the title, from which everything without upstream hangs; no task has an empty id."""


def render(picture: Picture, *, color: bool = False, width: int | None = 100) -> str:
    """Return rows of at most `width` columns, longer ones end in `…`; None: no limit. `color` adds ANSI colours."""
    canvas = _Canvas(color, width)
    lines = canvas.head(picture.title, _counts(picture))
    tree = _Tree(picture)
    lines += [canvas.line(row.lanes, _spans(picture, tree, row)) for row in _rows(tree)]
    if picture.critical:
        lines.append("")
        path = " → ".join(tree.nodes[node_id].label for node_id in picture.critical)
        lines += canvas.wrapped(SGR_CRITICAL, f"{CRITICAL_GLYPH} critical path: {path}")
    return "\n".join(lines) + "\n"


class _Tree:
    """The picture as a tree of immediate dominators; children are in topological order."""

    def __init__(self, picture: Picture) -> None:
        self.nodes: dict[str, PictureNode] = {node.id: node for node in picture.nodes}
        self.critical = frozenset(picture.critical)
        self.upstream: dict[str, dict[str, EdgeKind]] = {node_id: {} for node_id in self.nodes}
        for edge in picture.edges:
            self.upstream[edge.downstream].setdefault(edge.upstream, edge.kind)
        self.layer = layers(dag_of(self.upstream))
        self.parent: dict[str, str] = {}
        self.children: dict[str, list[str]] = {node_id: [] for node_id in (ROOT, *self.nodes)}
        self._depth: dict[str, int] = {ROOT: 0}
        for node_id in sorted(self.nodes, key=self.layer.__getitem__):
            self._hang(node_id)

    def _hang(self, node_id: str) -> None:
        """Hang a node whose upstream hangs already."""
        above = list(self.upstream[node_id]) or [ROOT]
        parent = above[0]
        for other in above[1:]:
            parent = self._nearest_common(parent, other)
        self.parent[node_id] = parent
        self._depth[node_id] = self._depth[parent] + 1
        self.children[parent].append(node_id)

    def _nearest_common(self, first: str, second: str) -> str:
        while first != second:
            if self._depth[first] < self._depth[second]:
                first, second = second, first
            first = self.parent[first]
        return first

    def goes_straight(self, parent: str) -> bool:
        """Return whether the last child continues the lane of `parent` instead of branching off."""
        *others, last = self.children[parent]
        if self.upstream[last].get(parent) in DASHED:
            return False
        if not others:
            return True
        previous = others[-1]
        return self.layer[last] > self.layer[previous]


class _Row(NamedTuple):
    lanes: str
    node_id: str


def _rows(tree: _Tree) -> Iterator[_Row]:
    """Yield the nodes from top to bottom with the lanes in front of them; iterative, as chains may be long."""
    stack: list[tuple[str, str, str]] = [("", "", ROOT)]
    while stack:
        before, branch, node_id = stack.pop()
        if node_id != ROOT:
            yield _Row(before + branch, node_id)
        stack.extend(reversed(list(_children(tree, node_id, before + _under(branch)))))


def _under(branch: str) -> str:
    """Return what stands below a branch sign, in the rows of the node's own children."""
    return {"": "", "├": "│ ", "╰": "  "}[branch[:1]]


def _children(tree: _Tree, node_id: str, before: str) -> Iterator[tuple[str, str, str]]:
    if not tree.children[node_id]:
        return
    *branches, last = tree.children[node_id]
    for child in branches:
        yield before, f"├{_dash(tree, node_id, child)}", child
    yield before, "" if tree.goes_straight(node_id) else f"╰{_dash(tree, node_id, last)}", last


def _dash(tree: _Tree, parent: str, child: str) -> str:
    """Dashed for what the parent queued, or may queue."""
    return "┄" if tree.upstream[child].get(parent) in DASHED else "─"


Span = tuple[str, str]
"""An SGR code (empty: none) and a text."""


def _spans(picture: Picture, tree: _Tree, row: _Row) -> list[Span]:
    node = tree.nodes[row.node_id]
    style = _style(node)
    critical = row.node_id in tree.critical
    spans = [(SGR_CRITICAL, CRITICAL_GLYPH) if critical and not node.status else (style.sgr, style.glyph)]
    spans.append((SGR_BOLD if critical else "", f" {node.label}"))
    if node.note:
        spans.append((SGR_DIM if node.status == "completed" else style.sgr, f"  {node.note}"))
    if node.queued_by and tree.parent[row.node_id] != node.queued_by:
        spans.append((SGR_DIM, f"  queued by {node.queued_by}"))
    if upstream := _upstream_text(tree, row.node_id):
        spans.append((SGR_DIM, f"  ← {upstream}"))
    return spans


def _style(node: PictureNode) -> StatusStyle:
    if node.kind is NodeKind.TEMPLATE:
        return PLACEHOLDER
    return STATUS_STYLES[node.look] if node.look else TASK


def _upstream_text(tree: _Tree, node_id: str) -> str:
    upstream = tree.upstream[node_id]
    if list(upstream) in ([], [tree.parent[node_id]]) and not SIGNS.keys() & upstream.values():
        return ""
    names = _names([(tree.nodes[above].label, SIGNS.get(kind, "")) for above, kind in upstream.items()])
    if len(names) <= UPSTREAM_SHOWN + 1:
        return ", ".join(name for name, _ in names)
    shown = ", ".join(name for name, _ in names[:UPSTREAM_SHOWN])
    return f"{shown} and {sum(count for _, count in names[UPSTREAM_SHOWN:])} more"


def _names(labels: Sequence[tuple[str, str]]) -> list[tuple[str, int]]:
    """Return names for (label, sign) with how many they stand for: instances such as `test[py311]` share one."""
    groups: dict[tuple[str, str], list[str]] = {}
    for label, sign in labels:
        groups.setdefault((label.partition("[")[0], sign), []).append(label)
    names: list[tuple[str, int]] = []
    for (bare, sign), members in groups.items():
        if len(members) >= INSTANCES_MIN:
            names.append((f"{bare}{sign} {TIMES} {len(members)}", len(members)))
        else:
            names += [(f"{label}{sign}", 1) for label in members]
    return names


def _counts(picture: Picture) -> str:
    tasks = sum(len(node.members) or 1 for node in picture.nodes if node.kind is NodeKind.TASK)
    counts = picture.looks
    words = ", ".join(f"{counts[status]} {status_word(status)}" for status in STATUS_STYLES if status in counts)
    total = f"{tasks} task{'' if tasks == 1 else 's'}"
    return f"{total}: {words}" if words else total


class _Canvas:
    """Puts spans together, cut to the width."""

    def __init__(self, color: bool, width: int | None) -> None:
        self.color = color
        self.width = sys.maxsize if width is None else max(width, WIDTH_MIN)

    def head(self, title: str, counts: str) -> list[str]:
        if columns(printable(title)) + 2 + columns(counts) <= self.width:
            return [self.line("", [(SGR_BOLD, title), (SGR_DIM, f"  {counts}")])]
        return [self.line("", [(SGR_BOLD, title)]), *self.wrapped(SGR_DIM, counts)]

    def wrapped(self, sgr: str, text: str) -> list[str]:
        """Return a paragraph that may be longer than a row."""
        import textwrap

        rows = textwrap.wrap(printable(text), self.width, subsequent_indent="  ", break_on_hyphens=False)
        return [self.line("", [(sgr, row)]) for row in rows]

    def line(self, lanes: str, spans: Sequence[Span]) -> str:
        room = self.width
        if len(lanes) > room // 2:
            lanes = "…" + lanes[1 - room // 2 :]
        parts: list[str] = []
        for sgr, text in [(SGR_DIM, lanes), *spans]:
            shown = cut(printable(text), room)
            room -= columns(shown)
            parts.append(f"\x1b[{sgr}m{shown}\x1b[0m" if self.color and sgr and shown else shown)
        return "".join(parts)
