"""Env files: what counts as a variable, and what is said of what does not."""

import os
import socket
from contextlib import suppress
from pathlib import Path
from time import process_time

import pytest

from airexec.attempt.env_files import BYTES_MAX, parse_env_file, read_env_file
from airexec.errors import UsageError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=b", "b"),
        ("export A=b", "b"),
        ("  A = b  ", "b"),
        ("A=", ""),
        ("A=b # comment", "b"),
        ("A=# comment", ""),
        ("A=b#c", "b#c"),
        ("A=b c", "b c"),
        ("A=$HOME `x` \\n", "$HOME `x` \\n"),
        ("A='$B # \\n \"'", '$B # \\n "'),
        ('A="a\\n\\t\\"\\\\\\$ $B # \\x" # comment', 'a\n\t"\\$ $B # \\x'),
        ('A="one\ntwo"', "one\ntwo"),
        ("A='one\ntwo'\n", "one\ntwo"),
        ("A=b=c", "b=c"),
        ("A=it's", "it's"),
        ("A=first\nA=last", "last"),
        ("A=b\r\n", "b"),
    ],
)
def test_a_value_in_an_env_file(text: str, value: str) -> None:
    assert {"A": value} == parse_env_file(text, ".env")


def test_comments_and_empty_lines_are_no_variables() -> None:
    assert {"A": "1", "B": "2"} == parse_env_file("# x\n\n  # A=9\nA=1\n\nB=2\n", ".env")


def test_all_mistakes_are_told_with_their_lines_and_never_with_their_text() -> None:
    """A line that is wrong may be a key that lost its name."""
    text = 'A=1\nsk-live-1\n=sk2\nB=\'never closed\nC=2\n1sk=x\nE="x" sk3\nsk4=a\0b\n'
    with pytest.raises(UsageError) as error:
        parse_env_file(text, ".env")

    assert (
        ".env:2: error: there is no = in it\n"
        ".env:3: error: there is no name in front of the =\n"
        ".env:4: error: the quote ' is never closed\n"
        ".env:6: error: a name has letters, digits and _, and begins with no digit\n"
        '.env:7: error: there is something behind the closing "\n'
        ".env:8: error: the value has a NUL character"
    ) == error.value.headline
    assert "write KEY=VALUE, one per line; quote values with blanks or `#` in them" == error.value.hint


def test_of_many_mistakes_the_first_are_told() -> None:
    """A file that was never meant to be an env file."""
    with pytest.raises(UsageError) as error:
        parse_env_file("x\n" * 30, ".env")

    *told, last = error.value.headline.splitlines()
    assert [f".env:{line}: error: there is no = in it" for line in range(1, 21)] == told
    assert "the rest of the file was not read" == last


@pytest.mark.parametrize(
    "text",
    ["A=x" + " " * BYTES_MAX + "y", "A=\n" * (BYTES_MAX // 3), 'A="' + "\\n" * (BYTES_MAX // 2), "A='\n" * 200_000],
    ids=["blanks", "lines", "escapes", "quotes"],
)
def test_the_biggest_file_takes_time_by_its_length_only(text: str) -> None:
    """It is read while other tasks run: in CPU time, with much room, since a square of it would be minutes."""
    began = process_time()
    with suppress(UsageError):
        parse_env_file(text, ".env")

    assert process_time() - began < 10


def test_an_env_file_is_read_with_and_without_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfA=\xc3\xbc\n")

    assert {"A": "ü"} == read_env_file(str(tmp_path / ".env"))


def test_a_missing_env_file_is_told_by_the_name_in_the_workflow(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        read_env_file(str(tmp_path / ".env"), shown_as=".env")

    assert "env_file '.env' cannot be read: No such file or directory" == error.value.headline


def refusal(path: str, shown_as: str | None = None) -> str:
    with pytest.raises(UsageError) as error:
        read_env_file(path, shown_as)
    return error.value.headline


def test_a_folder_is_no_env_file(tmp_path: Path) -> None:
    """Said as for all that is no regular file."""
    assert "env_file '.env' cannot be read: it is a folder, not a regular file" == refusal(str(tmp_path), ".env")


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    """Nobody may ever write into it, while the run has timeouts and signals to look after."""
    os.mkfifo(tmp_path / "pipe")

    assert "env_file 'pipe' cannot be read: it is a pipe, not a regular file" == refusal(str(tmp_path / "pipe"), "pipe")


def test_a_device_is_refused_however_much_it_would_give() -> None:
    """It is not even opened: with some devices that does something."""
    assert "env_file '/dev/zero' cannot be read: it is a device, not a regular file" == refusal("/dev/zero")


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the rest of what is no regular file."""
    monkeypatch.chdir(tmp_path)  # the names of sockets are short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")

        assert "env_file 'socket' cannot be read: it is a socket, not a regular file" == refusal("socket")


def test_the_null_device_is_an_empty_env_file(tmp_path: Path) -> None:
    """A common way to say that there is none; by a link, too."""
    (tmp_path / ".env").symlink_to("/dev/null")

    assert ({}, {}) == (read_env_file("/dev/null"), read_env_file(str(tmp_path / ".env")))


def test_a_file_by_a_link_is_read(tmp_path: Path) -> None:
    """Many folders share one."""
    (tmp_path / "prod.env").write_text("A=1\n")
    (tmp_path / ".env").symlink_to("prod.env")

    assert {"A": "1"} == read_env_file(str(tmp_path / ".env"))


def test_an_env_file_may_have_a_mebibyte(tmp_path: Path) -> None:
    """More would not fit into an environment."""
    (tmp_path / "full").write_bytes(b"A=1\n" + b"#" * (BYTES_MAX - 4))
    (tmp_path / "more").write_bytes(b"A=1\n" + b"#" * (BYTES_MAX - 3))

    assert {"A": "1"} == read_env_file(str(tmp_path / "full"))
    assert "env_file 'more' cannot be read: it has more than 1 MiB" == refusal(str(tmp_path / "more"), "more")


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="files of the Linux kernel")
def test_a_file_that_has_no_length_before_it_is_read_counts_by_what_it_gives() -> None:
    """Under /proc a regular file has 0 bytes."""
    assert "/proc/self/status:1: error: there is no = in it" == refusal("/proc/self/status").splitlines()[0]


@pytest.mark.parametrize(("name", "shown"), [("a\0b", "a\\0b"), ("a\ud800b", "a\\ud800b"), ("\0\ud800", "\\0\\ud800")])
def test_a_name_that_no_file_can_have_is_an_error_like_any_other(name: str, shown: str) -> None:
    """A task may queue it. It is shown so that every terminal and file can take it."""
    assert f"env_file '{shown}' cannot be read: no file can have this name" == refusal(f"/home/{name}", name)


def test_a_name_that_is_no_utf8_is_a_name(tmp_path: Path) -> None:
    """Its bytes come as surrogates, and go back the same way."""
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff")
    Path(path).write_text("A=1\n")

    assert {"A": "1"} == read_env_file(path)
    assert "env_file 'no\\udcff' cannot be read: No such file or directory" == refusal(f"{path}no", "no\udcff")


def test_an_env_file_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=1\nB=\xff\n")
    with pytest.raises(UsageError) as error:
        read_env_file(str(tmp_path / ".env"), shown_as=".env")

    assert ".env:2: error: not UTF-8" == error.value.headline
