"""How close a run of tasks of known, very different lengths comes to the shortest possible time.

No schedule is shorter than the critical path, nor than all work divided by the slots; that is the bound. What a program
without any overhead would need is computed rather than run: one that starts what is ready in the order of the file, and
one that starts first what has most before it.
"""

import heapq
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from tests.bench.graphs import Graph, Node, heterogeneous
from tests.bench.measure import measure
from tests.bench.programs import peers, run_airexec
from tests.bench.table import Row

SLOTS = 4
SEEDS = (1, 2, 3)
GOAL = 1.05


def rows(folder: Path, rounds: int) -> Sequence[Row]:
    return [row for seed in SEEDS for row in _rows_of(folder / str(seed), heterogeneous(seed), f"graph {seed}", rounds)]


def _rows_of(folder: Path, graph: Graph, name: str, rounds: int) -> list[Row]:
    work, bound = f"makespan of {name}, -j{SLOTS}", lower_bound(graph, SLOTS)
    others = peers(folder, graph, SLOTS, "make", "ninja")
    measured = measure([run_airexec(folder / "airexec", graph, SLOTS), *others], min(rounds, 3))  # the first is history
    perfect = {
        "file order, computed": list_schedule(graph, SLOTS, lambda node: 0.0),
        "longest path first, computed": list_schedule(graph, SLOTS, remaining(graph)),
        "bound": bound,
    }
    return [
        *(
            Row(work, who.name, who.seconds, "s", median(who.seconds) / bound, GOAL if who.name == "airexec" else None)
            for who in measured
        ),
        *(Row(work, who, [seconds], "s", seconds / bound) for who, seconds in perfect.items()),
    ]


def lower_bound(graph: Graph, slots: int) -> float:
    """Return the seconds that no schedule can beat."""
    ends: dict[str, float] = {}
    for node in graph:
        ends[node.name] = node.seconds + max((ends[name] for name in node.upstream), default=0.0)
    return max(*ends.values(), sum(node.seconds for node in graph) / slots)


def list_schedule(graph: Graph, slots: int, weight: Callable[[Node], float]) -> float:
    """Return the seconds of a run that gives each free slot to the heaviest ready task, the first of the file among
    equals."""
    waiting, done, now = sorted(graph, key=weight, reverse=True), set[str](), 0.0
    running: list[tuple[float, str]] = []
    while waiting or running:
        for node in [node for node in waiting if done.issuperset(node.upstream)][: slots - len(running)]:
            waiting.remove(node)
            heapq.heappush(running, (now + node.seconds, node.name))
        now, name = heapq.heappop(running)
        done.add(name)
    return now


def remaining(graph: Graph) -> Callable[[Node], float]:
    """Return a function that says how long it takes from the start of a task to the end of all that wait for it."""
    own = {node.name: node.seconds for node in graph}
    longest = dict(own)
    for node in reversed(graph):
        for name in node.upstream:
            longest[name] = max(longest[name], own[name] + longest[node.name])
    return lambda node: longest[node.name]
