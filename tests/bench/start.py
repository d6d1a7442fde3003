"""How long it takes to do next to nothing, and how much memory."""

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.bench.graphs import independent
from tests.bench.measure import Contender, measure
from tests.bench.programs import airexec, peers, run_airexec
from tests.bench.table import Row, against, limited

ROUNDS = 5
"""Times the rounds of longer work."""


def rows(folder: Path, rounds: int) -> Sequence[Row]:
    one = independent(1)
    run = run_airexec(folder / "airexec", one, jobs=2)
    nothing = Contender("python -c pass", [sys.executable, "-c", "pass"], folder)
    version = Contender("airexec", airexec("--version"), folder)
    others = [nothing, *peers(folder, one, 2, "make", "just", "task", "doit", "snakemake")]
    ours, *theirs = measure([run, *others], rounds * ROUNDS)
    short, python = measure([version, nothing], rounds * ROUNDS)
    return [
        *against("one no-op task, warm", ours, theirs, {"task": 1.0, "python -c pass": 5.0}),
        limited("peak memory of that", ours.peak_megabytes, "MB", 40),
        *against("--version", short, [python], {"python -c pass": 1.5}),
    ]
