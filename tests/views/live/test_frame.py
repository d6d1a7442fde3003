"""The moving part of the live view, for terminals of any size."""

import pytest

from airexec.testing import Script, make_plan, make_task
from airexec.views.console_style import ConsoleStyle
from airexec.views.live.frame import Frame, Row, frame_lines

ROWS = [Row("extract", 1, 3.0, None, "日本語 and more"), Row("load", 2, 61.0, 0.5, "x")]


def frame(columns: int, lines: int = 24, style: ConsoleStyle = ConsoleStyle()) -> list[str]:  # noqa: B008  # a constant
    script = Script(make_plan(make_task("extract"), make_task("load"), make_task("merge")))
    script.settle()
    script.complete("extract")
    return frame_lines(script.run, Frame(ROWS, len(ROWS), 5.0, 7), (columns, lines), style)


@pytest.mark.parametrize("columns", [1, 2, 5, 10, 15, 20, 30, 60, 200])
def test_no_line_is_as_wide_as_the_terminal(columns: int) -> None:
    """Else it would wrap, and the next frame would not find the place of this one."""
    from rich.cells import cell_len

    assert max(map(cell_len, frame(columns))) <= max(1, columns - 1)


def test_a_frame_uses_the_signs_of_the_console() -> None:
    """ASCII where there is nothing else, also where something is cut."""
    small = frame(24, lines=5, style=ConsoleStyle(unicode=False))

    assert small[1:] == ["  ... and 1 more runnin", "##----  1/3 tasks  ETA"]
    assert frame(60, style=ConsoleStyle(unicode=False)) == [
        "> extract       3 s  日本語 and more",
        "> load #2  1 m 01 s   50% x",
        "#####----------  1/3 tasks  ETA 5 s",
    ]


def test_colours_are_those_of_the_console() -> None:
    """NO_COLOR keeps the frame and drops its colours."""
    plain, coloured = frame(60), frame(60, style=ConsoleStyle(colour=True))

    assert not any("\x1b" in line for line in plain)
    assert all("\x1b[" in line for line in coloured)
