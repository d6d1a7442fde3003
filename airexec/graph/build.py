"""Tasks to a networkx graph, for the questions that networkx answers well. Not on the start path of a run."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from airexec.workflow.model import Task

if TYPE_CHECKING:
    import networkx as nx


def build_graph(tasks: Mapping[str, Task]) -> "nx.DiGraph[str]":
    """Return the graph of `tasks`: edges run from upstream to downstream, nodes and edges keep the order of the file.

    Nodes carry `task`, edges `allow_failure`. A dependency on a task outside of `tasks` makes no edge; cycles are
    kept, so that they can be found.
    """
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    for task_id, task in tasks.items():
        graph.add_node(task_id, task=task)
    for task_id, task in tasks.items():
        for dependency in task.dependencies:
            if dependency.task in tasks:
                graph.add_edge(dependency.task, task_id, allow_failure=dependency.allow_failure)
    return graph
