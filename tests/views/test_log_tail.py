"""Logs are read for people: as safe lines, in pieces, or just their end."""

from airexec.views.log_tail import last_lines, last_text, log_lines
from tests.views.watching import Logs


def test_a_log_is_read_as_safe_lines(logs: Logs) -> None:
    """The file has the task's bytes; a terminal must not get them."""
    logs.write("a", b"one\n\x1b[2Jtwo\n\nlast")

    assert list(log_lines(logs.path("a", 1))) == ["one", r"\x1b[2Jtwo", "", "last"]


def test_a_log_that_is_not_there_is_empty(logs: Logs) -> None:
    """An attempt that could not be spawned has none, and somebody may have removed the folder."""
    path = logs.path("a", 1)

    assert (list(log_lines(path)), last_lines(path, 10), last_text(path, 100)) == ([], [], "")


def test_the_last_lines_are_the_last(logs: Logs) -> None:
    """However the file ends."""
    logs.write("a", b"".join(b"line %d\n" % number for number in range(100)))
    logs.write("b", b"one\ntwo")
    logs.write("c", b"")

    assert last_lines(logs.path("a", 1), 3) == ["line 97", "line 98", "line 99"]
    assert last_lines(logs.path("b", 1), 3) == ["one", "two"]
    assert last_lines(logs.path("c", 1), 3) == []


def test_the_end_of_a_long_log_begins_with_a_whole_line(logs: Logs) -> None:
    """Half a line would be misread, and half a character is none."""
    logs.write("a", "äää\n".encode() * 1000)

    assert last_text(logs.path("a", 1), 12) == "äää"


def test_the_end_of_one_endless_line_is_shown_as_it_is(logs: Logs) -> None:
    """Better than nothing at all."""
    logs.write("a", b"x" * 1000)

    assert last_text(logs.path("a", 1), 5) == "xxxxx"


def test_of_a_huge_log_the_first_and_the_last_half_are_shown(logs: Logs) -> None:
    """With a line in between that says how much is missing (promise D1: a console is not kept busy by a flood)."""
    logs.write("a", b"".join(b"line %2d\n" % number for number in range(100)))

    assert list(log_lines(logs.path("a", 1), bytes_max=32)) == [
        "line  0",
        "line  1",
        "[airexec: 768 bytes are left out here; the log has more]",
        "line 98",
        "line 99",
    ]
