"""What a workflow looks like before it is drawn."""

import pytest

from airexec.graph.picture import (
    EdgeKind,
    NodeKind,
    PictureEdge,
    picture_of_workflow,
    task_details,
)
from airexec.testing import make_task
from airexec.workflow.actions.condition import Condition
from airexec.workflow.model import Dependency, QueuePermission, SpliceMoment, Task
from tests.graph.pictures import etl, workflow_of

GROW = EdgeKind.MAY_GROW


def grown(*tasks: Task, templates: tuple[Task, ...] = ()) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the labels of the placeholders, and their edges."""
    picture = picture_of_workflow(workflow_of(*tasks, templates=templates))
    labels = [node.label for node in picture.nodes if node.kind is NodeKind.TEMPLATE]
    return labels, [(edge.upstream, edge.downstream) for edge in picture.edges if edge.kind is GROW]


def test_nodes_and_edges_are_in_order_of_the_file_and_placeholders_last() -> None:
    """A tolerated failure is a kind of edge."""
    picture = picture_of_workflow(etl())

    assert [node.id for node in picture.nodes] == ["extract", "clean", "lookup", "load", "extract + process"]
    assert picture.edges == (
        PictureEdge("extract", "clean", EdgeKind.DEPENDENCY),
        PictureEdge("clean", "load", EdgeKind.DEPENDENCY),
        PictureEdge("lookup", "load", EdgeKind.TOLERANT),
        PictureEdge("extract", "extract + process", GROW),
        PictureEdge("extract + process", "clean", GROW),
    )


def test_an_edge_that_follows_from_files_is_a_kind_of_its_own() -> None:
    """Unless a failure is tolerated, which says more."""
    edges = [Dependency("a", from_files=True), Dependency("b", from_files=True, allow_failure=True)]
    picture = picture_of_workflow(workflow_of(make_task("a"), make_task("b"), make_task("c", edges)))

    assert [EdgeKind.FILES, EdgeKind.TOLERANT] == [edge.kind for edge in picture.edges]


def test_a_placeholder_stands_between_its_emitter_and_what_waits_for_it() -> None:
    """Everything downstream of the emitter waits for what it queues, so that is where the placeholder leads."""
    tasks = (make_task("find", queue=QueuePermission(("one", "two"))), make_task("merge", ["find"]))

    labels, edges = grown(*tasks, templates=(make_task("one"), make_task("two")))

    assert labels == ["one × n", "two × n"]  # noqa: RUF001
    assert edges == [("find", "find + one"), ("find + one", "merge"), ("find", "find + two"), ("find + two", "merge")]


def test_a_task_that_may_queue_anything_has_one_placeholder() -> None:
    """There is no template to name."""
    assert grown(make_task("find", queue=QueuePermission())) == (["any task × n"], [("find", "find + *")])  # noqa: RUF001


def test_templates_that_may_queue_lead_to_placeholders_of_their_own() -> None:
    """Each template once per emitter, or a crawler would go on for ever."""
    crawl = make_task("crawl", queue=QueuePermission(("crawl", "parse")))

    labels, edges = grown(make_task("start", queue=QueuePermission(("crawl",))), templates=(crawl, make_task("parse")))

    assert labels == ["crawl × n", "parse × n"]  # noqa: RUF001
    assert edges == [("start", "start + crawl"), ("start + crawl", "start + parse")]


@pytest.mark.parametrize("permission", [QueuePermission(("crawl",)), QueuePermission()])
def test_a_template_that_may_queue_itself_is_marked(permission: QueuePermission) -> None:
    """The drawing has no cycle, so words must say it."""
    crawl = make_task("crawl", queue=permission)
    workflow = workflow_of(make_task("start", queue=QueuePermission(("crawl",))), templates=(crawl,))

    notes = {node.id: node.note for node in picture_of_workflow(workflow).nodes}

    assert notes["start + crawl"] == "may grow, recursively"


def test_durations_are_shown() -> None:
    """They are those of earlier runs, so they are marked as estimates."""
    picture = picture_of_workflow(etl(), durations={"lookup": 75.0})

    assert [node.note for node in picture.nodes][:4] == ["", "", "~1m15s", ""]


def test_the_critical_path_is_left_out_unless_it_is_given() -> None:
    """Most pictures are calmer without."""
    assert picture_of_workflow(etl()).critical == ()
    assert picture_of_workflow(etl(), critical=("lookup", "load")).critical == ("lookup", "load")


def test_details_tell_what_is_not_at_its_default() -> None:
    """In a fixed order, in the words of the file."""
    task = make_task(
        "t",
        rule="all_done",
        command=("python", "a b.py"),
        when="params.x",
        pool="gpu",
        pool_slots=2,
        retries=3,
        retry_delay=90.0,
        execution_timeout=3600.0,
        priority_weight=5,
        allow_failure=True,
        queue=QueuePermission(("p",), SpliceMoment.LINE),
        matrix={"py": "3.11"},
        cwd="src",
        tags=("a", "b"),
    )

    assert task_details(task) == {
        "command": "python 'a b.py'",
        "trigger rule": "all_done",
        "when": "params.x",
        "pool": "gpu (2 slots)",
        "retries": "3, 1m30s apart",
        "timeout": "1h",
        "priority": "5",
        "failure": "allowed",
        "may queue": "p (while it runs)",
        "matrix": "py=3.11",
        "working directory": "src",
        "tags": "a, b",
    }
    assert task_details(make_task("t")) == {"command": "true"}


def test_details_tell_what_is_asked_before() -> None:
    """As one would type it."""
    key = Condition(("test", "-f", "my key"))
    task = make_task(
        "t", when=Condition("make -q", negate=True), preconditions=(key, Condition("x")), allow_failure=(1, 2)
    )

    assert task_details(task) == {
        "command": "true",
        "when": "! make -q",
        "preconditions": "test -f 'my key', x",
        "failure": "allowed with exit code 1, 2",
    }
