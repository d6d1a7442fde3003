"""How wide texts are, and how they are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.workflow.text_width import columns, cut, cut_middle, printable


@pytest.mark.parametrize(("text", "width"), [("", 0), ("abc", 3), ("日本", 4), ("e\u0301", 1), ("✔…", 2)])
def test_wide_characters_take_two_columns_and_combining_ones_none(text: str, width: int) -> None:
    """As terminals have it."""
    assert columns(text) == width


@pytest.mark.parametrize(
    ("text", "room", "shown"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
    ],
)
def test_a_text_is_cut_at_its_end(text: str, room: int, shown: str) -> None:
    """With a sign that something is missing."""
    assert cut(text, room) == shown


@pytest.mark.parametrize(
    ("text", "room", "shown"),
    [("abcdef", 6, "abcdef"), ("abcdefghijkl", 10, "abc…ghijkl"), ("process[a.csv]", 8, "pr….csv]")],
)
def test_a_text_is_cut_in_its_middle(text: str, room: int, shown: str) -> None:
    """Two fifths before the sign, the rest after it."""
    assert cut_middle(text, room) == shown


@given(st.text(), st.integers(3, 50))
def test_what_is_cut_fits(text: str, room: int) -> None:
    """Also with wide characters."""
    assert columns(cut(text, room)) <= room
    assert columns(cut_middle(text, room)) <= room


def test_what_could_move_the_cursor_is_replaced() -> None:
    """Escapes, line ends, bidirectional marks; a tab is just a space of unknown width."""
    assert printable("a\x1b[2J\nb\u202ec\td") == "a\ufffd[2J\ufffdb\ufffdc d"


def test_printable_text_is_left_alone() -> None:
    """The common case costs nothing and changes nothing."""
    assert "grün 中" == printable("grün 中")
