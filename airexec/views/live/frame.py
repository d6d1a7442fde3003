"""The moving part of the live view as lines of text: running tasks and the bar. Draws nothing; rich does the layout."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from airexec.scheduler.state import Run
from airexec.scheduler.statuses import TERMINAL, Status
from airexec.views.console_style import ConsoleStyle, Mark, ellipsis, sign
from airexec.workflow.durations import rough_duration_text

if TYPE_CHECKING:
    from rich.console import OverflowMethod, RenderableType
    from rich.table import Table
    from rich.text import Text

_BAR_WIDTH = 24
_ROWS_RESERVED = 4
"""Rows of the terminal that running tasks leave free: the bar, the line of the rest, the cursor, one to breathe."""
_COUNTED = (
    (Status.UPSTREAM_FAILED, "upstream_failed", "red"),
    (Status.SKIPPED, "skipped", "default"),
    (Status.UP_FOR_RETRY, "retrying", "yellow"),
)


class Row(NamedTuple):
    """One running task. All texts are safe for a terminal; `last_line` may have colours."""

    task: str
    attempt: int
    seconds: float
    progress: float | None
    """Share that is done, 0 to 1."""
    last_line: str


class Frame(NamedTuple):
    """What is to be drawn besides what the run itself tells."""

    rows: Sequence[Row]
    """Running tasks, oldest first; of very many at least as many as the terminal has lines."""
    running: int
    """How many there really are."""
    seconds_left: float | None
    id_width: int
    """That of the column of ids in the lines above, to align with."""


def frame_lines(run: Run, frame: Frame, size: tuple[int, int], style: ConsoleStyle) -> list[str]:
    """Return the frame for a terminal of (columns, lines); no line is as wide as the terminal, so that none wraps."""
    from rich.console import Console, Group

    columns, height = size
    shown = frame.rows[: max(1, height - _ROWS_RESERVED)]
    parts: list[RenderableType] = [_table(shown, frame.id_width, style)] if shown else []
    if len(shown) < frame.running:
        parts.append(_dim(f"  {ellipsis(style)} and {frame.running - len(shown)} more running"))
    parts.append(_bar(run, frame.seconds_left, columns, style))
    console = Console(
        file=io.StringIO(),
        width=max(1, columns - 1),
        height=height,
        force_terminal=True,
        color_system="auto" if style.colour else None,
        no_color=not style.colour,
        highlight=False,
        legacy_windows=False,
    )
    with console.capture() as captured:
        console.print(Group(*parts))
    return [line.rstrip() for line in captured.get().removesuffix("\n").split("\n")]


def _table(rows: Sequence[Row], id_width: int, style: ConsoleStyle) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    overflow: OverflowMethod = "ellipsis" if style.unicode else "crop"
    table.add_column(no_wrap=True, min_width=id_width + 2, max_width=40, overflow=overflow)
    table.add_column(no_wrap=True, min_width=8, justify="right")
    table.add_column(no_wrap=True, overflow=overflow, ratio=1)
    for row in rows:
        name = Text.assemble((sign(Mark.STARTED, style), "cyan"), " ", row.task)
        if row.attempt > 1:
            name.append(f" #{row.attempt}", "yellow")
        table.add_row(name, rough_duration_text(row.seconds), _last_line(row))
    return table


def _last_line(row: Row) -> "Text":
    from rich.text import Text

    line = Text.from_ansi(row.last_line)
    line.stylize_before("dim")
    if row.progress is None:
        return line
    return Text.assemble((f"{row.progress:4.0%} ", "cyan"), line)


def _bar(run: Run, seconds_left: float | None, columns: int, style: ConsoleStyle) -> "Text":
    from rich.text import Text

    total = len(run.tasks)
    done = sum(run.counts[status] for status in TERMINAL)
    width = min(_BAR_WIDTH, max(4, columns // 4))
    filled = width * done // total if total else 0
    full, empty = ("━", "─") if style.unicode else ("#", "-")
    bar = Text(no_wrap=True, overflow="ellipsis" if style.unicode else "crop")
    bar.append(full * filled, "green").append(empty * (width - filled), "dim")
    bar.append(f"  {done}/{total} tasks", "bold")
    if run.queued_total:
        bar.append(f", +{run.queued_total} queued")
    counts = [(run.untolerated, "failed", "red"), (len(run.failed) - run.untolerated, "allowed to fail", "yellow")]
    counts += [(run.counts[status], word, colour) for status, word, colour in _COUNTED]
    for count, word, colour in counts:  # first, for a narrow terminal cuts off what is last
        if count:
            bar.append(f"  {count} {word}", colour)
    if run.stopping is not None:
        bar.append("  stopping", "bold yellow")
    elif seconds_left is not None:
        bar.append(f"  ETA {rough_duration_text(seconds_left)}", "dim")
    return bar


def _dim(text: str) -> "Text":
    from rich.text import Text

    return Text(text, "dim", no_wrap=True, overflow="crop")
