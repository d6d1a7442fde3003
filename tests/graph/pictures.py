"""Workflows and graphs that the tests of this folder draw."""

from hypothesis import strategies as st

from airexec.graph.picture import EdgeKind, Picture, PictureEdge, PictureNode
from airexec.testing import make_plan, make_task
from airexec.workflow.model import Dependency, QueuePermission, Task, Workflow


def workflow_of(*tasks: Task, name: str = "etl", templates: tuple[Task, ...] = ()) -> Workflow:
    return make_plan(*tasks, name=name, templates={task.id: task for task in templates}).workflow


def etl() -> Workflow:
    """extract may queue `process`; load joins two branches and a lookup that may fail."""
    return workflow_of(
        make_task("extract", queue=QueuePermission(("process",)), description="Load the day"),
        make_task("clean", ["extract"]),
        make_task("lookup"),
        make_task("load", ["clean", Dependency("lookup", allow_failure=True)], retries=2, pool="database"),
        templates=(make_task("process", command="python process.py"),),
    )


def picture_of(edges: dict[str, str], statuses: dict[str, str] | None = None) -> Picture:
    """Return a picture of nodes with one-letter ids: `{"c": "ab"}` is a node c below a and b."""
    ids = dict.fromkeys(letter for below, above in edges.items() for letter in (*above, below))
    nodes = tuple(PictureNode(id=letter, label=letter, status=(statuses or {}).get(letter)) for letter in ids)
    lines = tuple(PictureEdge(above, below) for below, aboves in edges.items() for above in aboves)
    return Picture("graph", nodes, lines)


def upstreams(nodes_max: int = 30) -> st.SearchStrategy[dict[str, list[str]]]:
    """Acyclic graphs as the upstream ids of each node, in an order that need not be topological."""

    @st.composite
    def build(draw: st.DrawFn) -> dict[str, list[str]]:
        count = draw(st.integers(0, nodes_max))
        pairs = [(above, below) for below in range(count) for above in range(below)]
        chosen = draw(st.lists(st.sampled_from(pairs), max_size=3 * count, unique=True)) if pairs else []
        order = draw(st.permutations(range(count)))
        graph: dict[str, list[str]] = {f"t{number}": [] for number in order}
        for above, below in chosen:
            graph[f"t{below}"].append(f"t{above}")
        return graph

    return build()


def picture_of_upstreams(graph: dict[str, list[str]], label: str = "") -> Picture:
    nodes = tuple(PictureNode(id=node_id, label=label or node_id) for node_id in graph)
    edges = tuple(PictureEdge(above, below, EdgeKind.DEPENDENCY) for below in graph for above in graph[below])
    return Picture("graph", nodes, edges)
