"""Files of 100,000 tasks: checked for the first time, checked again, drawn."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.bench.graphs import Graph, chain, layers, write_workflow
from tests.bench.measure import Contender, measure
from tests.bench.programs import airexec
from tests.bench.table import Row, limited

SIZE = 100_000


def rows(folder: Path, rounds: int) -> Sequence[Row]:
    graphs = {"chain": chain(SIZE), "layers": layers(10, SIZE // 10, 3)}
    return [row for name, graph in graphs.items() for row in _rows_of(folder / name, graph, f"{name} of {SIZE:,}")]


def _rows_of(folder: Path, graph: Graph, name: str) -> list[Row]:
    """Once each: it takes long, and so the spread is small."""
    write_workflow(folder, graph)
    cache = folder / ".airexec" / "cache"
    cold = Contender("cold", airexec("validate"), folder, lambda: shutil.rmtree(cache, ignore_errors=True))
    warm = Contender("warm", airexec("validate"), folder)
    dot = Contender("dot", airexec("graph", "--format", "dot", "-o", "graph.dot"), folder)
    first, second, drawn = measure([cold, warm, dot], 1, warm_up=False)
    return [
        limited(f"{name}: validate, cold", first.seconds, "s", 30),
        limited(f"{name}: memory of that", first.peak_megabytes, "MB", 1000),
        limited(f"{name}: validate, warm", second.seconds, "s", 3),
        limited(f"{name}: graph --format dot", drawn.seconds, "s", 10),
    ]
