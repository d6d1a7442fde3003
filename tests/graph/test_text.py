"""The drawing for the terminal, row by row."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.graph.formats.text import render
from airexec.graph.picture import EdgeKind, NodeKind, Picture, PictureEdge, PictureNode, picture_of_workflow
from airexec.testing import make_task
from airexec.workflow.model import QueuePermission
from airexec.workflow.text_width import columns
from tests.graph.pictures import etl, picture_of, picture_of_upstreams, upstreams, workflow_of


def rows(picture: Picture, width: int | None = 100) -> list[str]:
    """Return the drawing without its first line, the title."""
    return render(picture, width=width).splitlines()[1:]


def test_a_chain_goes_straight_down() -> None:
    """No lines are needed to follow it."""
    assert render(picture_of({"b": "a", "c": "b"})) == "graph  3 tasks\n○ a\n○ b\n○ c\n"


def test_branches_fork_off_and_the_join_stands_where_they_have_come_together() -> None:
    """A join names its upstream, as the lanes cannot say it."""
    assert rows(picture_of({"b": "a", "c": "a", "d": "bc", "e": "d"})) == [
        "○ a",
        "├─○ b",
        "├─○ c",
        "○ d  ← b, c",
        "○ e",
    ]


def test_branches_without_a_join_end_in_a_corner() -> None:
    """The last one is no continuation of the first."""
    assert rows(picture_of({"b": "a", "c": "b", "d": "a", "e": "d"})) == [
        "○ a",
        "├─○ b",
        "│ ○ c",
        "╰─○ d",
        "  ○ e",
    ]


def test_tasks_without_upstream_branch_off_from_the_title() -> None:
    """The title is the root of everything."""
    assert rows(picture_of({"a": "", "b": "", "c": "ab"})) == ["├─○ a", "├─○ b", "○ c  ← a, b"]


def test_two_joins_of_the_same_branches_stand_side_by_side() -> None:
    """Neither is below the other."""
    assert rows(picture_of({"b": "a", "c": "a", "d": "bc", "e": "bc"})) == [
        "○ a",
        "├─○ b",
        "├─○ c",
        "├─○ d  ← b, c",
        "╰─○ e  ← b, c",
    ]


def test_a_join_of_a_node_and_its_own_upstream_names_both() -> None:
    """The lane alone would hide the shortcut."""
    assert rows(picture_of({"b": "a", "c": "ab"})) == ["○ a", "├─○ b", "○ c  ← a, b"]


def test_many_upstream_are_counted() -> None:
    """The first three are named."""
    assert rows(picture_of({"z": "abcdef"}))[-1] == "○ z  ← a, b, c and 3 more"
    assert rows(picture_of({"z": "abcd"}))[-1] == "○ z  ← a, b, c, d"


def test_instances_of_a_matrix_or_template_share_a_name() -> None:
    """Their number says more; two are named, as they may be a choice."""
    graph = {f"{bare}[{n}]": ["a"] for bare, count in (("test", 6), ("build", 2)) for n in range(count)}

    drawn = rows(picture_of_upstreams({"a": [], **graph, "z": [*graph, "a"]}))

    assert drawn[-1] == "○ z  ← test × 6, build[0], build[1], a"  # noqa: RUF001


def test_placeholders_are_dashed_and_a_tolerated_upstream_has_a_question_mark() -> None:
    """The example of the documentation."""
    assert render(picture_of_workflow(etl())) == (
        "etl  4 tasks\n"
        "├─○ extract\n"
        "│ ├┄◌ process × n  may grow\n"  # noqa: RUF001
        "│ ○ clean  ← extract, process × n\n"  # noqa: RUF001
        "├─○ lookup\n"
        "○ load  ← clean, lookup?\n"
    )


def test_a_tolerated_upstream_is_named_even_where_the_lane_shows_it() -> None:
    """The lane does not show that a failure is tolerated."""
    nodes = (PictureNode("a", "a"), PictureNode("b", "b"))

    assert rows(Picture("t", nodes, (PictureEdge("a", "b", EdgeKind.TOLERANT),))) == ["○ a", "○ b  ← a?"]


def test_statuses_have_signs_and_are_counted() -> None:
    """A sign, so that it also reads without colours."""
    statuses = {"a": "completed", "b": "failed", "c": "upstream_failed"}

    assert render(picture_of({"b": "a", "c": "b"}, statuses)) == (
        "graph  3 tasks: 1 completed, 1 failed, 1 upstream failed\n✔ a\n✘ b\n⊗ c\n"
    )


def test_a_queued_task_hangs_from_its_emitter_by_a_dashed_branch() -> None:
    """Who queued it is said only where the lane does not show it."""
    nodes = (
        PictureNode("a", "a", "completed"),
        PictureNode("q", "q", "completed", queued_by="a", note="2s"),
        PictureNode("r", "r", "pending", queued_by="a"),
    )
    edges = (
        PictureEdge("a", "q", EdgeKind.EMITTER),
        PictureEdge("a", "r", EdgeKind.EMITTER),
        PictureEdge("q", "r", EdgeKind.DEPENDENCY),
    )
    other = Picture("t", (*nodes, PictureNode("s", "s", "pending", queued_by="q")), (*edges, PictureEdge("a", "s")))

    assert rows(other) == ["✔ a", "├┄✔ q  2s", "├─○ s  queued by q", "╰┄○ r  ← a, q"]


def test_a_placeholder_alone_is_on_a_branch_too() -> None:
    """Straight down it would look like the next task."""
    workflow = workflow_of(make_task("find", queue=QueuePermission()))

    assert rows(picture_of_workflow(workflow)) == ["○ find", "╰┄◌ any task × n  may grow"]  # noqa: RUF001


def test_the_critical_path_is_marked_and_spelled_out() -> None:
    """Marked by a sign where no status needs its place."""
    picture = picture_of({"b": "a", "c": "a"})._replace(critical=("a", "c"))

    assert rows(picture) == ["◆ a", "├─○ b", "╰─◆ c", "", "◆ critical path: a → c"]


def test_rows_are_cut_to_the_width_and_paragraphs_are_wrapped() -> None:
    """Nothing wraps by itself, which would break the lanes."""
    nodes = tuple(PictureNode(f"a-long-task-name-{n}", f"a-long-task-name-{n}") for n in range(2))
    edges = (PictureEdge(nodes[0].id, nodes[1].id),)
    picture = Picture("a workflow with a title", nodes, edges, tuple(node.id for node in nodes))

    assert render(picture, width=20) == (
        "a workflow with a t…\n"
        "2 tasks\n"
        "◆ a-long-task-name-0\n"
        "◆ a-long-task-name-1\n"
        "\n"
        "◆ critical path:\n"
        "  a-long-task-name-0\n"
        "  →\n"
        "  a-long-task-name-1\n"
    )


def test_without_a_width_nothing_is_cut() -> None:
    """For files and pipes."""
    name = "x" * 128

    assert rows(Picture("t", (PictureNode(name, name, note="n" * 300),)), width=None) == [f"○ {name}  {'n' * 300}"]


def test_wide_characters_count_twice_and_control_characters_are_shown_as_replaced() -> None:
    """A label cannot move the cursor or overflow the row."""
    nodes = (PictureNode("a", "日本語" * 10), PictureNode("b", "x\x1b[31m\ny"))

    assert rows(Picture("t", nodes), width=20) == ["├─○ 日本語日本語日…", "╰─○ x\ufffd[31m\ufffdy"]


def test_colours_change_nothing_but_the_colour() -> None:
    """Without its escapes the coloured drawing is the plain one."""
    picture = picture_of_workflow(etl(), critical=("extract", "clean", "load"))

    coloured = render(picture, color=True)

    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render(picture)
    assert "\x1b[1;33m◆\x1b[0m\x1b[1m load\x1b[0m" in coloured


def test_a_long_chain_of_forks_is_cut_from_the_left() -> None:
    """However deep, half of the row is left for the task."""
    edges = {}
    for depth in range(40):
        above = f"n{depth}"
        edges[f"n{depth + 1}"] = [above]
        edges[f"x{depth}"] = [above]
        edges[f"y{depth}"] = [f"x{depth}"]
    graph = {"n0": [], **edges}

    last = next(row for row in rows(picture_of_upstreams(graph), width=40) if row.endswith(" n40"))

    assert last.startswith("…")
    assert len(last) <= 40


@given(upstreams(), st.integers(20, 60))
def test_every_node_has_one_row_below_all_of_its_upstream(graph: dict[str, list[str]], width: int) -> None:
    """Whatever the graph, and no row is wider than asked for."""
    drawn = render(picture_of_upstreams(graph), width=width).splitlines()

    found = [match[1] for row in drawn[1:] if (match := re.search(r"○ (t\d+)", row))]
    assert sorted(found) == sorted(graph)
    assert all(found.index(above) < found.index(below) for below in graph for above in graph[below])
    assert all(columns(row) <= width for row in drawn)


@pytest.mark.parametrize(
    "graph",
    [
        {"a": [], **{f"p{n}": ["a"] for n in range(20_000)}, "m": ["a", *(f"p{n}" for n in range(20_000))]},
        {"p0": [], **{f"p{n}": [f"p{n - 1}"] for n in range(1, 20_000)}},
    ],
    ids=["fan", "chain"],
)
def test_twenty_thousand_tasks_are_drawn_in_seconds(graph: dict[str, list[str]]) -> None:
    """No recursion and nothing quadratic, wide or deep."""
    started = time.process_time()

    drawn = render(picture_of_upstreams(graph))

    assert drawn.count("\n") == len(graph) + 1
    assert time.process_time() - started < 5


def test_an_empty_workflow_is_a_title() -> None:
    """Not an error."""
    assert render(Picture("empty", ())) == "empty  0 tasks\n"


def test_placeholders_are_no_tasks_in_the_count() -> None:
    """They are not there yet."""
    assert render(Picture("t", (PictureNode("a:b", "b", kind=NodeKind.TEMPLATE),))) == "t  0 tasks\n◌ b\n"
