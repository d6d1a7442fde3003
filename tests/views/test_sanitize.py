"""Of all that a task prints only colours survive; the rest is shown as visible text (promise D3)."""

import re
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airexec.views.sanitize import LineCutter, Sanitizer, one_line, visible
from tests.views.watching import pieces

ESCAPES = ("\x1b", "\x1b[", "[31m", "\x1b[1;31m", "\x1b[38;5;9m", "\x1b[8m", "\x1b[2J", "\x1b]0;t\x07", "\x9b", "\x00")
LETTERS = ("\r", "\r\n", "\n", "\t", "é", "日", "\u202e", "\u200d", "\ufeff", "\U000e0041", "0", ";", "m", "a" * 70)
HOSTILE = st.lists(st.sampled_from(ESCAPES + LETTERS), max_size=12).map(lambda parts: "".join(parts).encode())
BYTES = HOSTILE | st.binary(max_size=60)
SAFE = re.compile(r"(?:\x1b\[[0-9;:]*m|[^\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069])*")


@pytest.mark.parametrize(
    "colour",
    [
        "\x1b[m",
        "\x1b[0m",
        "\x1b[01;31m",
        "\x1b[1;4;97;103m",
        "\x1b[38;5;208m",
        "\x1b[48;2;1;2;3;1m",
        "\x1b[38:2::1:2:3m",
    ],
)
def test_colours_survive(colour: str) -> None:
    """Weight, slant, underline and reverse count as colours."""
    assert visible(f"{colour}text") == f"{colour}text"


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("\x1b[2J", r"\x1b[2J"),
        ("\x1b[1A", r"\x1b[1A"),
        ("\x1b]52;c;cm0=\x07", r"\x1b]52;c;cm0=\x07"),
        ("\x1bc", r"\x1bc"),
        ("\x1b[8m", r"\x1b[8m"),
        ("\x1b[5m", r"\x1b[5m"),
        ("\x1b[31;8m", r"\x1b[31;8m"),
        ("\x1b[?31m", r"\x1b[?31m"),
        ("\x1b[٣m", r"\x1b[٣m"),
        ("\x1b[" + "1;" * 40 + "1m", r"\x1b[" + "1;" * 40 + "1m"),
        ("\x9b31m", r"\x9b31m"),
        ("\x08\x07\x00\x7f", r"\x08\x07\x00\x7f"),
        ("\x0b\x0c", r"\x0b\x0c"),
        ("a\u202eb\u2066c\u200dd\u200be\ufeff", r"a\u202eb\u2066c\u200dd\u200be\ufeff"),
        ("\u2028\u2029\x85", r"\u2028\u2029\x85"),
        ("\U000e0041", r"\U000e0041"),
        ("\udc80", r"\udc80"),
    ],
)
def test_all_else_is_shown_as_visible_text(printed: str, shown: str) -> None:
    """Cursor, clipboard, reset, conceal, blink, C0, C1, direction of writing, invisible characters."""
    assert visible(printed) == shown


def test_a_carriage_return_starts_a_new_line() -> None:
    """Nothing that was shown may be overwritten, and a progress bar is still readable."""
    assert visible("10 %\r20 %\r\ndone\n") == "10 %\n20 %\ndone\n"


def test_colours_can_be_dropped_too() -> None:
    """For files and for terminals without colour; what is unsafe is shown all the same."""
    assert visible("\x1b[1;31mred\x1b[0m \x1b[2J", colours=False) == r"red \x1b[2J"


def test_text_in_a_line_of_ours_stays_in_its_line() -> None:
    """An error message with line ends or colours cannot make lines of its own."""
    assert one_line("a\nb\r\nc \x1b[31mred\n") == r"a\nb\nc red"


def test_bytes_that_are_no_utf_8_are_shown_as_such() -> None:
    """Also when the output ends in the middle of a character."""
    sanitizer = Sanitizer()

    assert sanitizer.feed(b"\xff\xfe caf\xc3") + sanitizer.finish() == r"\xff\xfe caf\xc3"


@given(BYTES, st.lists(st.integers(0, 60), max_size=4))
@example(b"\xc3abc", [1])
@example(b"\x1babc", [1])
@example(b"\rabc", [1])
def test_where_the_pieces_are_cut_makes_no_difference(data: bytes, cuts: list[int]) -> None:
    """Output comes in pieces of any size, cut anywhere, also inside a colour or a character."""
    cut, whole = Sanitizer(), Sanitizer()

    expected = whole.feed(data) + whole.finish()
    assert "".join(map(cut.feed, pieces(data, cuts))) + cut.finish() == expected


@given(BYTES, st.booleans())
def test_nothing_that_a_terminal_obeys_gets_through(data: bytes, colours: bool) -> None:
    """For any bytes whatever."""
    sanitizer = Sanitizer(colours)
    shown = sanitizer.feed(data) + sanitizer.finish()

    assert SAFE.fullmatch(shown)
    assert colours or "\x1b" not in shown


@given(BYTES)
def test_safe_text_stays_as_it_is(data: bytes) -> None:
    """Sanitizing twice is sanitizing once."""
    once = visible(data.decode("utf-8", "backslashreplace"))

    assert visible(once) == once


def test_the_quick_way_for_plain_bytes_is_the_same_way() -> None:
    """Every byte by itself, from the 96 that need no look to the 160 that do."""

    def shown(data: bytes) -> str:
        sanitizer = Sanitizer()
        return sanitizer.feed(data) + sanitizer.finish()

    expected = [visible(bytes([code]).decode("utf-8", "backslashreplace")) for code in range(256)]
    assert [shown(bytes([code])) for code in range(256)] == expected


def test_what_is_held_back_is_short() -> None:
    """A parameter list without end must not fill the memory."""
    sanitizer = Sanitizer()
    shown = sanitizer.feed(b"\x1b[") + "".join(sanitizer.feed(b"1;" * 1000) for _ in range(10))

    assert len(shown) >= 20_000


def test_lines_come_out_whole() -> None:
    """Wherever the pieces end; the last one needs no newline."""
    cutter = LineCutter()
    lines = [cutter.feed("a\nb"), cutter.feed("c"), cutter.feed("\n\nd"), cutter.finish(), cutter.finish()]

    assert lines == [["a"], [], ["bc", ""], ["d"], []]


def test_a_line_without_end_comes_out_in_pieces() -> None:
    """One gigabyte without a newline must not be kept in memory (promise D1)."""
    cutter = LineCutter(length_max=4)

    assert [cutter.feed("abc"), cutter.feed("def"), cutter.feed("g"), cutter.finish()] == [[], ["abcdef"], [], ["g"]]


def test_a_flood_of_unsafe_bytes_is_spelled_run_by_run() -> None:
    """`head -c 1G /dev/zero`: character by character it took minutes."""
    began = process_time()
    shown = visible("\x00" * 2_000_000)

    assert shown == "\\x00" * 2_000_000
    assert process_time() - began < 2.0
