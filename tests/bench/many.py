"""Many tasks that do nothing: what a task costs beside what others ask for it, and whether it costs more among more."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median

from tests.bench.graphs import IN_SHELL, chain, independent
from tests.bench.measure import measure
from tests.bench.programs import bare_loop, peers, run_airexec
from tests.bench.table import Row, against, limited

FEW, MANY = 2_500, 10_000


def rows(folder: Path, rounds: int) -> Sequence[Row]:
    works = (
        ("1,000 no-op tasks, -j2", independent(1_000), {"make": 1.2, "just": 1.0, "task": 0.8}),
        ("1,000 no-op shells, -j2", independent(1_000, IN_SHELL), {"make": 1.2, "just": 1.0, "task": 0.8}),
        ("chain of 300, -j2", chain(300), {"make": 1.4, "task": 1.0}),
    )
    found: list[Row] = []
    for number, (work, graph, goals) in enumerate(works):
        here = folder / str(number)
        others = [
            *peers(here, graph, 2, "make", "ninja", "just", "task", "doit"),
            *bare_loop(here / "bare", graph, 2),
        ]
        ours, *theirs = measure([run_airexec(here / "airexec", graph, 2), *others], rounds)
        found += against(work, ours, theirs, goals)
    return found


def growth_rows(folder: Path, rounds: int) -> Sequence[Row]:
    contenders = [run_airexec(folder / str(size), independent(size), 2) for size in (FEW, MANY)]
    few, many = measure(contenders, rounds)
    ratio = (median(many.seconds) / MANY) / (median(few.seconds) / FEW)
    return [
        _per_task(few.seconds, FEW, None),
        _per_task(many.seconds, MANY, ratio),
        limited(f"peak memory at {MANY:,} tasks", many.peak_megabytes, "MB", 100),
    ]


def _per_task(seconds: Sequence[float], size: int, ratio: float | None) -> Row:
    values = [second / size * 1000 for second in seconds]
    return Row(f"per task of {size:,}", "airexec", values, "ms", ratio, None if ratio is None else 1.15)
