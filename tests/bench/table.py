"""The one table of all results, for people and as JSON. Measures nothing."""

import os
import platform
from collections.abc import Sequence
from statistics import median
from time import gmtime, strftime
from typing import Any, NamedTuple

from tests.bench.measure import Measured


class Row(NamedTuple):
    """One result: what was measured, and what it is set in relation to."""

    work: str
    who: str
    values: Sequence[float]
    """One per round."""
    unit: str = "ms"
    ratio: float | None = None
    """For a peer: airexec ÷ peer. Else what `goal` limits."""
    goal: float | None = None
    """What the ratio should not exceed."""
    cpu_ms: float | None = None


def against(work: str, ours: Measured, others: Sequence[Measured], goals: dict[str, float]) -> list[Row]:
    """Return the row of airexec, then one per other with the ratio airexec ÷ other of their medians."""
    rows = [Row(work, ours.name, _milliseconds(ours), cpu_ms=ours.cpu_seconds * 1000)]
    for other in others:
        ratio = median(ours.seconds) / median(other.seconds)
        goal = goals.get(other.name)
        rows.append(Row(work, other.name, _milliseconds(other), "ms", ratio, goal, other.cpu_seconds * 1000))
    return rows


def limited(work: str, values: Sequence[float], unit: str, most: float) -> Row:
    """Return the row of a value that has a limit of its own; its ratio is the part of the limit that it takes."""
    return Row(work, "airexec", values, unit, median(values) / most, 1.0)


def _milliseconds(measured: Measured) -> list[float]:
    return [seconds * 1000 for seconds in measured.seconds]


def machine() -> str:
    """Return date, size and load of the machine: a table without them says nothing."""
    cpus, load = os.cpu_count(), os.getloadavg()[0]
    return f"{strftime('%Y-%m-%d', gmtime())}, {cpus} CPUs, load {load:.1f}, Python {platform.python_version()}"


HEAD = ("work", "who", "median", "min to max", "CPU ms", "ratio", "goal")


def as_text(rows: Sequence[Row]) -> str:
    """Return the table in Markdown, its columns aligned."""
    lines = [HEAD, *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = ["| " + " | ".join(map(str.ljust, cells, widths)) + " |" for cells in lines]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(text)


def _cells(row: Row) -> tuple[str, ...]:
    spread = f"{min(row.values):.4g} to {max(row.values):.4g}" if len(row.values) > 1 else ""
    return (
        row.work,
        row.who,
        f"{median(row.values):.4g} {row.unit}",
        spread,
        "" if row.cpu_ms is None else f"{row.cpu_ms:.0f}",
        "" if row.ratio is None else f"{row.ratio:.2f}",
        "" if row.goal is None else f"≤ {row.goal:g}" + ("" if (row.ratio or 0) <= row.goal else " missed"),
    )


def as_json(rows: Sequence[Row], absent: Sequence[str]) -> dict[str, Any]:
    return {"machine": machine(), "absent": list(absent), "rows": [row._asdict() for row in rows]}
