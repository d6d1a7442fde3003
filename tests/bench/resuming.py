"""Reading a long journal again: `resume` of a run whose 10,000th task fails, each time anew."""

from collections.abc import Sequence
from pathlib import Path

from tests.bench.graphs import Node, independent
from tests.bench.measure import Contender, execute, measure
from tests.bench.programs import airexec, run_airexec
from tests.bench.table import Row, limited

SIZE = 10_000
FAILED = 1


def rows(folder: Path, rounds: int) -> Sequence[Row]:
    run = run_airexec(folder, [*independent(SIZE - 1), Node("last", (), "false")], 2)
    execute(run._replace(exit_code=FAILED))
    resume = Contender("resume", airexec("resume"), folder, exit_code=FAILED)
    status = Contender("status", airexec("status", "--json"), folder)
    resumed, told = measure([resume, status], rounds)
    return [
        limited(f"resume of {SIZE:,} tasks, 1 left", resumed.seconds, "s", 1.0),
        limited(f"status --json of {SIZE:,} tasks", told.seconds, "s", 1.0),
    ]
