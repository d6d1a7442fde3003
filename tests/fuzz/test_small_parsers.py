"""Env files and durations under attack: a value or our own error, and each value means what it says."""

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airexec.attempt.env_files import parse_env_file
from airexec.errors import UsageError
from airexec.workflow.durations import seconds
from tests.fuzz.profile import FUZZ, MORE

TOKENS = st.sampled_from(
    ["A", "=", "'", '"', "\\", "\n", "\r\n", "\r", "#", " ", "export ", "$HOME", "\x00", "\u2028", "é", "1"]
)


@given(st.lists(TOKENS, max_size=20).map("".join))
@example("A=\x00")
@MORE
def test_any_env_file_is_variables_or_a_usage_error(text: str) -> None:
    """Every variable can be given to a program: a name of letters, a value without NUL."""
    with suppress(UsageError):
        variables = parse_env_file(text, ".env")

        assert all(name.isidentifier() and "\0" not in value for name, value in variables.items())


@given(
    st.dictionaries(
        st.from_regex(r"[A-Z_][A-Z0-9_]{0,5}", fullmatch=True),
        st.text(alphabet=st.characters(exclude_characters="\0\r'")),
    )
)
@FUZZ
def test_what_stands_in_single_quotes_is_the_value(variables: dict[str, str]) -> None:
    """To the letter, over lines too."""
    text = "".join(f"{name}='{value}'\n" for name, value in variables.items())

    assert variables == parse_env_file(text, ".env")


@pytest.mark.parametrize(
    "text", ["'" * 100_001, 'A="' + "\\" * 100_001, "A=" + " " * 100_000 + "#", "A" * 100_000, "export " * 50_000]
)
def test_a_long_line_takes_no_time(text: str) -> None:
    """No search starts again at every character."""
    with suppress(UsageError):
        assert {"A": ""} == parse_env_file(text, ".env")


@given(st.text(alphabet="0123456789.smhd -+eE_\n", max_size=12))
@MORE
def test_any_text_is_a_duration_or_a_value_error(text: str) -> None:
    """Never negative, never infinite."""
    with suppress(ValueError):
        assert 0 <= seconds(text) < 1e18


@given(st.integers(0, 9999), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999))
@FUZZ
def test_the_parts_of_a_duration_add_up(days: int, hours: int, minutes: int, secs: int, millis: int) -> None:
    """In falling order."""
    expected = ((days * 24 + hours) * 60 + minutes) * 60 + secs + millis / 1000

    assert expected == pytest.approx(seconds(f"{days}d{hours}h{minutes}m{secs}s{millis}ms"))
