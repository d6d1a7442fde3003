"""A frame that is drawn over in place, below lines that stay."""

import pytest

from airexec.views.live.screen import Screen
from tests.views.terminal import Terminal
from tests.views.watching import Console


class Drawn:
    """A screen, and the terminal that shows it."""

    def __init__(self, columns: int = 20) -> None:
        self.console = Console()
        self.screen = Screen(self.console.sink)
        self.terminal = Terminal(columns)

    def draw(self, above: list[str], frame: list[str]) -> list[str]:
        self.console.clear()
        self.screen.draw(above, frame, self.terminal.columns)
        return self.terminal.show(self.console.text())


@pytest.fixture
def drawn() -> Drawn:
    return Drawn()


def test_a_frame_is_drawn_over_in_place(drawn: Drawn) -> None:
    """Nothing of the old one is left, whether the new one is longer or shorter."""
    drawn.draw([], ["running a", "running b", "bar"])
    shorter = drawn.draw([], ["running b", "bar"])
    longer = drawn.draw([], ["b", "running c", "bar"])

    assert (shorter, longer) == (["running b", "bar"], ["b", "running c", "bar"])


def test_lines_above_stay(drawn: Drawn) -> None:
    """In their order, with the frame below the last."""
    drawn.draw(["one"], ["bar 1", "bar 2"])
    shown = drawn.draw(["two", "three"], ["bar 3"])

    assert shown == ["one", "two", "three", "bar 3"]


def test_a_long_line_above_wraps_and_leaves_nothing_behind(drawn: Drawn) -> None:
    """Also one that is exactly as wide as the terminal."""
    drawn.draw([], ["x" * 19] * 3)
    shown = drawn.draw(["a" * 25, "b" * 20, "c"], ["bar"])

    assert shown == ["a" * 20, "a" * 5, "b" * 20, "c", "bar"]


def test_what_did_not_change_is_not_written(drawn: Drawn) -> None:
    """A calm screen, also over a slow line."""
    drawn.draw([], ["bar"])
    drawn.draw([], ["bar"])

    assert drawn.console.text() == ""


def test_a_frame_comes_in_one_write_and_as_one_update(drawn: Drawn) -> None:
    """So that it never flickers."""
    drawn.draw(["one"], ["bar"])

    assert drawn.console.text().startswith("\x1b[?2026h")
    assert drawn.console.text().endswith("\x1b[?2026l")


def test_a_terminal_that_got_narrower_shows_no_rests() -> None:
    """It has wrapped the old frame by itself, as most terminals do."""
    drawn = Drawn(columns=20)
    drawn.draw(["one"], ["a" * 19, "bar"])
    drawn.terminal = Terminal(columns=10)
    drawn.terminal.show("one\n" + "a" * 19 + "\nbar\n")
    shown = drawn.draw([], ["b" * 9, "bar"])

    assert shown == ["one", "b" * 9, "bar"]


def test_the_last_draw_leaves_no_frame(drawn: Drawn) -> None:
    """The cursor is where a shell expects it, and no mode is left on."""
    drawn.draw([], ["running a", "bar"])
    shown = drawn.draw(["done"], [])

    assert (shown, drawn.terminal.column, drawn.terminal.row) == (["done"], 0, 1)
