"""How wide texts are, and how they are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.workflow.text_width import columns, cut, cut_middle, printable

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
"""Three people joined into one picture."""
HEART = "\u2764\ufe0f"
"""A sign that is one column wide, asked for as a picture."""

texts = st.text() | st.text(st.sampled_from(["a", "日", "\u0301", "\u200d", "\ufe0f", "\u2764", "\U0001f468"]))


@pytest.mark.parametrize(("text", "width"), [("", 0), ("abc", 3), ("日本", 4), ("e\u0301", 1), ("✔…", 2)])
def test_wide_characters_take_two_columns_and_combining_ones_none(text: str, width: int) -> None:
    """As terminals have it."""
    assert columns(text) == width


@pytest.mark.parametrize("picture", [FAMILY, HEART])
def test_what_is_joined_into_one_picture_is_two_columns_wide(picture: str) -> None:
    """However many characters it is made of."""
    assert columns(picture) == 2


def test_a_cut_goes_between_pictures_and_not_through_them() -> None:
    """Half a family is another family."""
    assert cut(FAMILY * 3, 5) == f"{FAMILY * 2}…"
    assert cut_middle(f"a{FAMILY}{FAMILY}e\u0301", 5) == f"a…{FAMILY}e\u0301"
    assert cut(f"e\u0301{HEART}{HEART}", 4) == f"e\u0301{HEART}…"


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


@given(texts, st.integers(3, 50))
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
