"""What values of options mean."""

import pytest
from typer import BadParameter

from airexec.cli.arguments import FOREVER, read_wait, whole_number, with_values


@pytest.mark.parametrize(
    ("text", "seconds"),
    [(FOREVER, float("inf")), ("30s", 30.0), ("1h30m", 5400.0), ("0.5", 0.5), ("0", 0.0), ("-3", 0.0), ("2", 2.0)],
)
def test_a_wait_is_a_duration_or_a_number_of_seconds(text: str, seconds: float) -> None:
    """Less than none is none."""
    assert seconds == read_wait(text)


def test_a_wait_that_is_no_duration_is_refused() -> None:
    with pytest.raises(BadParameter, match="'soon' is no duration such as 30s or 1h30m"):
        read_wait("soon")


def test_a_whole_number_may_have_to_be_large_enough() -> None:
    read = whole_number(2)

    assert 2 == read("2")
    with pytest.raises(BadParameter, match="1 is less than 2"):
        read("1")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["run", "--wait", "a"], ["run", "--wait=forever", "a"]),
        (["resume", "--wait"], ["resume", "--wait=forever"]),
        (["run", "--wait=3s"], ["run", "--wait=3s"]),
        (["run", "a", "--", "--wait"], ["run", "a", "--args=--wait"]),
        (["logs", "--wait"], ["logs", "--wait"]),
        ([], []),
    ],
)
def test_a_lone_wait_has_no_end(typed: list[str], meant: list[str]) -> None:
    """Only of the commands that know it, and before `--`."""
    assert meant == with_values(typed)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["run", "a", "--", "-k", "", "--"], ["run", "a", "--args=-k", "--args=", "--args=--"]),
        (["watch", "--", "x"], ["watch", "--args=x"]),
        (["run", "--"], ["run"]),
        (["queue", "--", "x"], ["queue", "--", "x"]),
        (["resume", "--", "x"], ["resume", "--", "x"]),
    ],
)
def test_words_behind_two_dashes_are_args(typed: list[str], meant: list[str]) -> None:
    """Of the commands that run a workflow file; typer would take them for tasks."""
    assert meant == with_values(typed)
