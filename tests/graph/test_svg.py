"""The SVG: well-formed, nothing overlaps, nothing overflows."""

import re
import time
import xml.etree.ElementTree as ET
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.graph.formats.status_styles import STATUS_STYLES
from airexec.graph.formats.svg import render
from airexec.graph.picture import EdgeKind, NodeKind, Picture, PictureEdge, PictureNode, picture_of_workflow
from airexec.workflow.text_width import columns
from tests.graph.pictures import etl, picture_of, picture_of_upstreams, upstreams

NS = "{http://www.w3.org/2000/svg}"
FONT_ADVANCE = 0.605
"""Width of a character of the widest monospace font in the list (DejaVu Sans Mono has 0.602) per font size."""
FONT_SIZE = {"label": 12, "note": 10}


def parsed(picture: Picture) -> ET.Element:
    return ET.fromstring(render(picture))


def nodes_of(root: ET.Element) -> list[ET.Element]:
    return [group for group in root.iter(f"{NS}g") if group.get("class", "").startswith("node ")]


def rectangle(group: ET.Element) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom."""
    rect = group.find(f"{NS}rect")
    assert rect is not None
    x, y, width, height = (float(rect.get(name, "")) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def texts(group: ET.Element) -> dict[str, str]:
    return {text.get("class", ""): text.text or "" for text in group.iter(f"{NS}text")}


def classes(root: ET.Element, kind: str) -> list[str]:
    """Return the second class of each path of a kind, in order of drawing."""
    names = (path.get("class", "").split() for path in root.iter(f"{NS}path"))
    return [name[1] for name in names if name[0] == kind]


def assert_texts_fit(root: ET.Element) -> None:
    for group in nodes_of(root):
        left, top, right, bottom = rectangle(group)
        for text in group.iter(f"{NS}text"):
            size = FONT_SIZE.get(text.get("class", ""), 12)
            x, y = float(text.get("x", "")), float(text.get("y", ""))
            assert left < x
            assert x + columns(text.text or "") * size * FONT_ADVANCE <= right
            assert top + size * 0.7 < y < bottom


@given(upstreams(), st.text(max_size=60))
def test_boxes_do_not_overlap_and_texts_stay_inside(graph: dict[str, list[str]], label: str) -> None:
    """Whatever the graph and the labels, and the document is well-formed."""
    root = parsed(picture_of_upstreams(graph, label))

    boxes = [rectangle(group) for group in nodes_of(root)]
    assert len(boxes) == len(graph)
    for one, other in combinations(boxes, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    assert_texts_fit(root)


def test_a_box_is_as_wide_as_what_is_shown_of_its_label() -> None:
    """What joins emoji is invisible, and is shown as something that is not: the box has to hold that too."""
    label = "family " + "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 2

    (node,) = nodes_of(parsed(Picture("graph", (PictureNode(id="a", label=label),), ())))

    assert label.replace("\u200d", "\ufffd") == texts(node)["label"]


@given(upstreams())
def test_every_edge_is_drawn_with_an_arrow_head(graph: dict[str, list[str]]) -> None:
    """Edges that share the end of a trunk share its head."""
    root = parsed(picture_of_upstreams(graph))

    ids = list(graph)
    tips = [path for path in root.iter(f"{NS}path") if path.get("class", "").startswith("tip")]
    assert {ids[int(tip.get("data-to", ""))] for tip in tips} == {below for below in graph if graph[below]}


def test_what_lies_straight_below_is_drawn_straight() -> None:
    """A bend for what lies aside."""
    chain = parsed(picture_of_upstreams({"a": [], "b": ["a"]}))
    fork = parsed(picture_of_upstreams({"a": [], "b": ["a"], "c": ["a"]}))

    assert ([False], [True, True]) == (bends(chain), bends(fork))


def bends(root: ET.Element) -> list[bool]:
    """Return of each line whether it is bent."""
    lines = (path for path in root.iter(f"{NS}path") if path.get("class", "").startswith("wire"))
    return ["C" in line.get("d", "") for line in lines]


def test_a_workflow_has_title_legend_labels_and_tooltips() -> None:
    """What a reader sees first, and on a closer look."""
    root = parsed(picture_of_workflow(etl(), critical=("extract", "clean", "load")))

    assert root.findtext(f"{NS}title") == "etl"
    heading = [text.text for text in root.findall(f"{NS}text")]
    assert heading == ["etl", "failure tolerated", "may grow", "critical path"]
    assert [texts(group)["label"] for group in nodes_of(root)] == [
        "extract",
        "clean",
        "lookup",
        "load",
        "process × n",  # noqa: RUF001
    ]
    assert nodes_of(root)[0].findtext(f"{NS}title") == "extract\nLoad the day"


def test_statuses_are_classes_with_signs_and_counted_in_the_legend() -> None:
    """Colour alone would leave out who does not see it."""
    known = [status for status in STATUS_STYLES if status not in ("tolerated", "up_to_date")]
    statuses = dict(zip("abcdefgh", known, strict=True))

    root = parsed(picture_of({"b": "a", "d": "c", "f": "e", "h": "g"}, statuses))

    assert [group.get("class") for group in nodes_of(root)] == [f"node {status}" for status in known]
    assert [texts(group)["glyph"] for group in nodes_of(root)] == [STATUS_STYLES[status].glyph for status in known]
    assert [text.text for text in root.findall(f"{NS}text")][-2:] == ["■", "1 cancelled"]


@pytest.mark.parametrize("paper", ["light", "dark"])
def test_every_status_has_colours_on_light_and_on_dark_paper(paper: str) -> None:
    """Each its own fill, and that of its table."""
    text = render(picture_of({"b": "a"}, {}))

    for status, look in STATUS_STYLES.items():
        fill, stroke, ink = look.light if paper == "light" else look.dark
        rule = f".node.{status} rect {{ fill: {fill}; stroke: {stroke}; }} .node.{status} text {{ fill: {ink}; }}"
        assert rule in text
        assert f".node.{status} .glyph, .legend.{status} {{ fill: {stroke}; }}" in text


def test_the_paper_leaves_the_same_margin_on_all_sides() -> None:
    root = parsed(picture_of({"b": "a", "c": "a"}, {}))
    (shifted,) = (group for group in root.findall(f"{NS}g") if group.get("transform"))
    left, top = map(float, re.findall(r"[\d.]+", str(shifted.get("transform"))))
    boxes = [rectangle(group) for group in nodes_of(root)]

    assert float(str(root.get("height"))) == pytest.approx(top + max(bottom for *_, bottom in boxes) + left)
    assert min(x for x, _, _, _ in boxes) == 0.0


def test_kinds_of_edges_look_different_and_the_critical_path_is_on_top() -> None:
    """Drawn last, so that no other line hides it."""
    nodes = tuple(PictureNode(name, name) for name in "abcdefg")
    kinds = (
        *(EdgeKind.DEPENDENCY, EdgeKind.TOLERANT, EdgeKind.EMITTER, EdgeKind.MAY_GROW, EdgeKind.DEPENDENCY),
        EdgeKind.FILES,
    )
    edges = tuple(PictureEdge("a", below, kind) for below, kind in zip("bcdefg", kinds, strict=True))

    root = parsed(Picture("t", nodes, edges, critical=("a", "b")))

    legend = ["tolerant", "files", "queued", "may_grow", "critical"]
    assert classes(root, "wire") == [*legend, "tolerant", "queued", "may_grow", "plain", "files", "critical"]
    assert ".wire.files { stroke-width: 0.6; }" in render(Picture("t", nodes, edges))


def test_a_placeholder_is_dashed() -> None:
    """By its class; the style sheet dashes it."""
    picture = Picture("t", (PictureNode("a:p", "p", kind=NodeKind.TEMPLATE, note="may grow"),))

    assert [group.get("class") for group in nodes_of(parsed(picture))] == ["node placeholder"]
    assert ".node.placeholder rect, .wire.may_grow { stroke-dasharray: 5 3.5; }" in render(picture)


def test_markup_in_texts_stays_text() -> None:
    """Title, label, note, description."""
    evil = "<script>alert(1)</script>&\"'"
    picture = Picture(evil, (PictureNode("a", evil, note=evil, description=evil),))

    assert "<script" not in render(picture)
    assert texts(nodes_of(parsed(picture))[0]) == {"label": evil, "note": evil}
    assert parsed(picture).get("aria-label") == evil


def test_characters_that_xml_cannot_hold_are_left_out() -> None:
    """A task may print anything, and it may end up in an error."""
    picture = Picture("a\x00b", (PictureNode("x", "l\x1bl\ufffe", description="d\x08d\ud800"),))

    assert texts(nodes_of(parsed(picture))[0])["label"].startswith("l\ufffdl")


def test_a_long_label_is_cut_and_its_tooltip_is_not() -> None:
    """A box is never wider than 34 characters; what was queued differs at the end."""
    label = "inspect[a/long/way/down/to/the/module_that_matters.py]"
    root = parsed(Picture("t", (PictureNode("x", label),)))

    assert texts(nodes_of(root)[0])["label"] == "inspect[a/lo…dule_that_matters.py]"
    assert nodes_of(root)[0].findtext(f"{NS}title") == label


def test_both_light_and_dark_paper_have_their_colours() -> None:
    """The viewer's preference decides."""
    light, dark = render(picture_of({"b": "a"})).split("@media (prefers-color-scheme: dark)")

    assert ".paper { fill: #ffffff; }" in light
    assert ".paper { fill: #0d1117; }" in dark


def test_many_tasks_with_the_same_neighbours_are_a_block_with_two_lines() -> None:
    """Who queued them stands above."""
    nodes = (
        PictureNode("a", "a"),
        *(PictureNode(f"p{number}", f"p{number}", queued_by="a") for number in range(100)),
        PictureNode("z", "z"),
    )
    members = [node.id for node in nodes[1:-1]]
    edges = (
        *(PictureEdge("a", member, EdgeKind.EMITTER) for member in members),
        *(PictureEdge(member, "z", EdgeKind.QUEUED) for member in members),
    )

    root = parsed(Picture("t", nodes, edges))

    assert classes(root, "tip") == ["queued", "plain"]
    assert [text.text for text in root.iter(f"{NS}text") if text.text and "queued by" in text.text] == [
        "100 tasks queued by a"
    ]
    assert len([group for group in nodes_of(root) if group.get("data-block") == "block0"]) == 100
    assert_texts_fit(root)


def test_everything_is_within_the_picture() -> None:
    """Also a title that is longer than the graph is wide."""
    picture = picture_of({"b": "a"})._replace(title="a long title for a small graph " * 3)

    root = parsed(picture)

    assert float(root.get("width", "")) > len(picture.title) * 15 * 0.6
    points = re.findall(r"[ML]([\d.]+) ([\d.]+)", " ".join(path.get("d", "") for path in root.iter(f"{NS}path")))
    assert all(float(x) <= float(root.get("width", "")) for x, _ in points)


@pytest.mark.parametrize(("steps", "seconds"), [((30, 31, 95), 2), ((1, 7, 40), 6)], ids=["wide", "deep"])
def test_a_thousand_nodes_are_drawn_in_seconds(steps: tuple[int, ...], seconds: float) -> None:
    """With three edges each; a chain with shortcuts needs 38 000 bends."""
    graph = {f"t{n}": [f"t{n - step}" for step in steps if n >= step] for n in range(1000)}
    started = time.process_time()

    render(picture_of_upstreams(graph))

    assert time.process_time() - started < seconds
