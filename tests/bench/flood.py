"""A task that prints as fast as it can, and a chain of others that have to start meanwhile."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.bench.graphs import Node, chain
from tests.bench.measure import execute
from tests.bench.programs import run_airexec
from tests.bench.table import Row, limited

MEGABYTES = 2_000
STEPS = 100
RATE_MIN = 500.0
"""Megabytes per second."""
DELAY_MAX = 250.0
"""Milliseconds."""


def rows(folder: Path, rounds: int) -> Sequence[Row]:
    flood = Node("flood", (), f"head -c {MEGABYTES}000000 /dev/zero")
    run = run_airexec(folder, [flood, *chain(STEPS)], 2)
    rates, delays = [], []
    for _ in range(rounds):
        execute(run)
        tasks = {task["id"]: task for task in json.loads((folder / ".airexec/jobs/bench/tasks.json").read_text())}
        rates.append(MEGABYTES / tasks["flood"]["duration"])
        delays.append(max(_delay(tasks[f"t{step - 1}"], tasks[f"t{step}"]) for step in range(1, STEPS)))
    return [
        limited("flood: time per 500 MB", [RATE_MIN / rate for rate in rates], "s", 1.0),
        limited("flood: longest wait of another start", delays, "ms", DELAY_MAX),
    ]


def _delay(before: dict[str, Any], after: dict[str, Any]) -> float:
    """Return the milliseconds from the end of one task to the start of the next."""
    gap = datetime.fromisoformat(after["started_at"]) - datetime.fromisoformat(before["completed_at"])
    return gap.total_seconds() * 1000
