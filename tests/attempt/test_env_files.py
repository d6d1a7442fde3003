"""Env files: what counts as a variable, and what is said of what does not."""

from pathlib import Path

import pytest

from airexec.attempt.env_files import parse_env_file, read_env_file
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


def test_all_mistakes_are_told_with_their_lines() -> None:
    text = 'A=1\nnonsense\n=x\nB=\'never closed\nC=2\n1D=x\nE="x" y\nF=a\0b\n'
    with pytest.raises(UsageError) as error:
        parse_env_file(text, ".env")

    assert (
        ".env:2: error: 'nonsense' is no assignment\n"
        ".env:3: error: '=x' has no name\n"
        ".env:4: error: the quote ' is never closed\n"
        ".env:6: error: '1D=x' is no assignment\n"
        '.env:7: error: there is something behind the closing "\n'
        ".env:8: error: the value of F has a NUL character"
    ) == error.value.headline
    assert "write KEY=VALUE, one per line; quote values with blanks or `#` in them" == error.value.hint


def test_an_env_file_is_read_with_and_without_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfA=\xc3\xbc\n")

    assert {"A": "ü"} == read_env_file(str(tmp_path / ".env"))


def test_a_missing_env_file_is_told_by_the_name_in_the_workflow(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        read_env_file(str(tmp_path / ".env"), shown_as=".env")

    assert "env_file '.env' cannot be read: No such file or directory" == error.value.headline


def test_an_env_file_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=1\nB=\xff\n")
    with pytest.raises(UsageError) as error:
        read_env_file(str(tmp_path / ".env"), shown_as=".env")

    assert ".env:2: error: not UTF-8" == error.value.headline
