"""What is measured, by name. Each case gets a folder of its own and the number of rounds, and returns its rows."""

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench import flood, fresh, large, makespan, managing, many, queueing, resuming, start
from tests.bench.table import Row

CASES: dict[str, Callable[[Path, int], Sequence[Row]]] = {
    "start": start.rows,
    "many": many.rows,
    "growth": many.growth_rows,
    "queueing": queueing.rows,
    "resuming": resuming.rows,
    "makespan": makespan.rows,
    "flood": flood.rows,
    "large": large.rows,
    "managing": managing.rows,
    "fresh": fresh.rows,
    "fresh_peers": fresh.peer_rows,
}
BIG = ["large", "managing", "fresh", "fresh_peers"]
