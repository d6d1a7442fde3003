"""The one door for what commands print: nothing in it steers a terminal, none of it is a command to a CI."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.cli.safe_text import SafeText
from tests.views.live.test_github import HOSTILE, commands
from tests.views.test_sanitize import SAFE


class FullDevice(io.TextIOWrapper):
    """A stream on which nothing can be written."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8")

    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


def printed(pieces: list[str], flushes: bool = False) -> str:
    """Return what comes out when these are written one after the other."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")
    safe = SafeText(stream)
    for piece in pieces:
        safe.write(piece)
        if flushes:
            safe.flush()
    safe.flush()
    return stream.buffer.getvalue().decode()


def test_plain_text_passes_as_it_is() -> None:
    """In the pieces in which it comes."""
    assert "one\ntwo ✓\n" == printed(["one\n", "two ", "✓\n"])


def test_escapes_but_colours_become_visible() -> None:
    """A name from a workflow file or from the command line may hold anything."""
    assert "\x1b[31mred\x1b[0m \\x1b[2J \\x1b]0;title\\x07 \\u202e\n" == printed(
        ["\x1b[31mred\x1b[0m \x1b[2J \x1b]0;title\x07 \u202e\n"]
    )


@given(st.lists(HOSTILE.map(bytes.decode), max_size=4))
def test_nothing_that_is_printed_steers_a_terminal(pieces: list[str]) -> None:
    """Each piece is a whole message, as `print` writes it."""
    assert SAFE.fullmatch(printed([f"{piece}\n" for piece in pieces]))


@given(st.lists(HOSTILE.map(bytes.decode), max_size=4))
def test_no_line_is_a_command_to_github(pieces: list[str]) -> None:
    """However a line is put together from pieces."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITHUB_ACTIONS", "true")

        assert [] == commands(printed(pieces))


def test_a_line_in_pieces_is_looked_at_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """`print(a, b)` writes three times."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")

    assert "\\::error::x #\\#[group]\n" == printed([":", ":error", "::x #", "#[group]", "\n"])


def test_a_message_that_cannot_be_written_is_no_reason_to_fail() -> None:
    """`2>/dev/full`, or a terminal that has gone away; on stdout it is one."""
    SafeText(FullDevice(), lenient=True).write("airexec: hello\n")

    with pytest.raises(OSError, match="No space left"):
        SafeText(FullDevice()).write("airexec: hello\n")


def test_it_stands_in_for_the_stream_behind_it(tmp_path: Path) -> None:
    """For those who ask about the terminal, the encoding or the descriptor, or write bytes."""
    with (tmp_path / "out").open("w", encoding="utf-8", errors="backslashreplace") as stream:
        safe = SafeText(stream)
        safe.writelines(["a", "b\n"])

        assert (False, "utf-8", "backslashreplace", stream.fileno(), stream.buffer, False, True, False) == (
            safe.isatty(),
            safe.encoding,
            safe.errors,
            safe.fileno(),
            safe.buffer,
            safe.readable(),
            safe.writable(),
            safe.closed,
        )
