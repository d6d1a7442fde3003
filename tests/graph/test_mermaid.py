"""The Mermaid text."""

import re

from hypothesis import given
from hypothesis import strategies as st

from airexec.graph.formats.mermaid import remarks, render
from airexec.graph.picture import EdgeKind, Picture, PictureEdge, PictureNode, picture_of_workflow
from tests.graph.pictures import etl


def test_a_workflow_with_placeholder_tolerated_edge_and_critical_path() -> None:
    """The whole text."""
    assert render(picture_of_workflow(etl(), critical=("extract", "clean", "load"))) == (
        "flowchart LR\n"
        '  n0["extract"]\n'
        '  n1["clean"]\n'
        '  n2["lookup"]\n'
        '  n3["load"]\n'
        '  n4(["process × n<br>may grow"])\n'  # noqa: RUF001
        "  n0 --> n1\n"
        "  n1 --> n3\n"
        "  n2 --o n3\n"
        "  n0 -.-> n4\n"
        "  n4 -.-> n1\n"
        "  classDef may_grow fill:#ffffff,stroke:#8250df,color:#6639ba,stroke-dasharray:4 3\n"
        "  class n4 may_grow\n"
        "  classDef critical stroke-width:3px\n"
        "  class n0,n1,n3 critical\n"
    )


def test_statuses_are_classes_and_queueing_is_said_on_the_edge() -> None:
    """Nodes of one status share a class."""
    nodes = (
        PictureNode("a", "a", "completed"),
        PictureNode("b", "b", "failed", queued_by="a"),
        PictureNode("c", "c", "completed"),
    )

    assert render(Picture("t", nodes, (PictureEdge("a", "b", EdgeKind.EMITTER),))) == (
        "flowchart LR\n"
        '  n0["✔ a"]\n'
        '  n1["✘ b"]\n'
        '  n2["✔ c"]\n'
        "  n0 -- queued --> n1\n"
        "  classDef completed fill:#dafbe1,stroke:#1a7f37,color:#0a3d1a\n"
        "  class n0,n2 completed\n"
        "  classDef failed fill:#ffebe9,stroke:#cf222e,color:#82071e\n"
        "  class n1 failed\n"
    )


def test_labels_cannot_be_read_as_markup() -> None:
    """Ids of matrix instances, words that Mermaid reserves, and worse."""
    drawn = render(Picture("t", (PictureNode("x", 'end test[py311] "; <script>#'),)))

    assert drawn == 'flowchart LR\n  n0["end test#91;py311#93; #34;#59; #60;script#62;#35;"]\n'


@given(st.text())
def test_no_label_ends_its_quotes(label: str) -> None:
    """Each node is one line, whatever its label."""
    drawn = render(Picture("t", (PictureNode("x", label),)))

    assert re.fullmatch(r'flowchart LR\n  n0\["[^"\n<>\[\]`]*"\]\n', drawn)


def test_more_than_500_edges_give_a_warning() -> None:
    """Mermaid shows an error instead of such a picture."""
    nodes = tuple(PictureNode(f"t{number}", f"t{number}") for number in range(502))
    edges = tuple(PictureEdge("t0", node.id) for node in nodes[1:])
    warning = (
        "501 edges, but Mermaid draws no more than 500 unless its maxEdges is raised; "
        "--format svg and html have no such limit"
    )

    assert remarks(Picture("t", nodes, edges)) == (warning,)
    assert render(Picture("t", nodes, edges)).startswith(f"%% warning: {warning}\nflowchart LR\n")
    assert remarks(Picture("t", nodes, edges[1:])) == ()
