"""`airexec status` of many jobs: a table, a line per job."""

from collections.abc import Sequence

from airexec.views.console_style import DIM, GREEN, RED, YELLOW, ConsoleStyle, paint
from airexec.views.inspect.columns import aligned
from airexec.views.sanitize import one_line

_COLOURS = {"completed": GREEN, "failed": RED, "killed": RED, "unreadable": RED, "working": YELLOW, "cancelled": YELLOW}
_HEAD = ("job", "state", "pending", "running", "runner", "updated")

Row = tuple[str, str, int, int, Sequence[int], str]
"""Job, state, pending and running tasks, pids of the runners, when it was updated last."""


def table_lines(rows: Sequence[tuple[Row, Sequence[str]]], style: ConsoleStyle) -> list[str]:
    """Return the head and a line per row, each followed by what is wrong with the job."""
    cells = [tuple(_cell(cell) for cell in row) for row, _ in rows]
    head, *lines = aligned([_HEAD, *cells])
    table = [paint(head.rstrip(), DIM, style)]
    for line, (row, problems) in zip(lines, rows, strict=True):
        state = row[1]
        before, _, after = line.partition(f"  {one_line(state)}")
        table.append(f"{before}  {paint(one_line(state), _COLOURS.get(state, DIM), style)}{after}".rstrip())
        table += [paint(f"    {one_line(problem)}", RED, style) for problem in problems]
    return table


def _cell(value: str | int | Sequence[int]) -> str:
    if isinstance(value, str | int):
        return one_line(str(value))
    return ", ".join(map(str, value)) or "-"
