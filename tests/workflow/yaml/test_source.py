"""Bytes become text, or one finding; offsets become lines and columns."""

from pathlib import Path

import pytest

from airexec.errors import UsageError
from airexec.workflow.diagnostics import Finding
from airexec.workflow.yaml.source import Source, decode_source, read_source


def decoded(data: bytes) -> tuple[str, list[str]]:
    findings: list[Finding] = []
    source = decode_source(data, "f.yml", findings)
    return source.text, [
        f"{found.line}:{found.column} {found.message} / {found.hint}" for found in source.diagnostics(findings)
    ]


def test_line_ends_of_all_systems_become_newlines() -> None:
    """A file from Windows has the same lines."""
    assert ("a\nb\nc\n", []) == decoded(b"a\r\nb\rc\n")


def test_a_byte_order_mark_of_utf8_is_skipped() -> None:
    """Some editors write one."""
    assert ("a: ü\n", []) == decoded(b"\xef\xbb\xbfa: \xc3\xbc\n")


@pytest.mark.parametrize(
    ("data", "name"),
    [("a: b".encode("utf-16"), "UTF-16"), ("a: b".encode("utf-32"), "UTF-32"), (b"\xfe\xff\x00a", "UTF-16")],
)
def test_other_encodings_are_named(data: bytes, name: str) -> None:
    """The user should not see a page of odd characters."""
    expected = [f"1:1 the file is {name}, and a workflow file is UTF-8 / save it as UTF-8"]

    assert ("", expected) == decoded(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a: b\nc: \xff\n", "2:4 this byte is not UTF-8 / save the file as UTF-8"),
        (b"a: \x00", "1:4 character U+0000 cannot stand in a workflow file / is it a text file?"),
        (b"a: \x1b[31m", '1:4 character U+001B cannot stand in a workflow file / in double quotes write "\\u001B"'),
        (b"a: \xe2\x80\xa8", '1:4 character U+2028 cannot stand in a workflow file / in double quotes write "\\u2028"'),
        (b"a: \xc2\x85", '1:4 character U+0085 cannot stand in a workflow file / in double quotes write "\\u0085"'),
    ],
)
def test_what_is_no_text_is_named_with_its_place(data: bytes, said: str) -> None:
    """NUL, escapes, and line separators that parsers disagree about."""
    assert [said] == decoded(data)[1]


def test_all_of_unicode_that_is_text_passes() -> None:
    """Emoji, right-to-left text, private use."""
    text = "a: 'é 中 😀 א \ue000'\n"

    assert (text, []) == decoded(text.encode())


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    """Exit code 2, with the name that the user gave."""
    with pytest.raises(UsageError, match=r"^cannot read flow\.yml: no such file or directory$"):
        read_source(tmp_path / "flow.yml", "flow.yml", [])


@pytest.mark.parametrize(
    ("offset", "place"), [(0, (1, 1)), (2, (1, 3)), (3, (2, 1)), (6, (3, 1)), (7, (3, 2)), (8, (3, 3))]
)
def test_offsets_become_lines_and_columns(offset: int, place: tuple[int, int]) -> None:
    """Counting from one; a newline belongs to the line that it ends."""
    assert place == Source("ab\ncd\nef", "f").line_column(offset)


def test_findings_come_out_by_position_and_once() -> None:
    """Whatever finds a mistake first, the user reads from top to bottom."""
    source = Source("ab\ncd\n", "f")
    findings = [Finding(3, "second"), Finding(0, "first"), Finding(3, "second")]

    assert [(1, "first"), (2, "second")] == [(one.line, one.message) for one in source.diagnostics(findings)]


@pytest.mark.parametrize(
    ("text", "offset", "length"),
    [("a: 'b c' # d", 3, 5), ("a: b c # d", 3, 3), ("a: [b, c]", 3, 1), ("a: |\n  b\n", 3, 1), ('a: "b', 3, 1)],
)
def test_a_finding_underlines_the_scalar_that_starts_there(text: str, offset: int, length: int) -> None:
    """On its first line; one character where no scalar starts."""
    assert length == Source(text, "f").diagnostic(Finding(offset, "odd")).length
