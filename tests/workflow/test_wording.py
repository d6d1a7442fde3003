"""How messages name things."""

import time

import pytest

from airexec.workflow.wording import did_you_mean, either, nearest, shortened, shown


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"), (True, "true"), (False, "false"), (3, "the number 3"), (3.1, "the number 3.1"),
        ("x", "the string 'x'"), ([], "a list"), ({}, "a map"), (10**100, f"the number 1{'0' * 28}…{'0' * 29}"),
    ],
)  # fmt: skip
def test_values_are_shown_by_type(value: object, words: str) -> None:
    """In YAML's words."""
    assert words == shown(value)


@pytest.mark.parametrize(("names", "words"), [(["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")])
def test_alternatives_read_as_a_sentence(names: list[str], words: str) -> None:
    """With one `or`."""
    assert words == either(names)


def test_long_text_is_shortened_in_the_middle() -> None:
    """Both ends help to find it."""
    assert "abc…xyz" == shortened("abcdefghijklmnopqrstuvwxyz", 7)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("biuld", "build"), ("Build", "build"), ("buil", "build"), ("depl", "deployment"), ("tset", "test"),
        ("zzz", None), ("", None), ("b", None), ("params", None),
    ],
)  # fmt: skip
def test_the_nearest_name_is_found_or_none(name: str, meant: str | None) -> None:
    """Swapped, missing and wrong letters, wrong case, and beginnings."""
    assert meant == nearest(name, ["build", "test", "deployment", "args"])


def test_the_hint_is_a_question_or_nothing() -> None:
    """So that it can be put after any message."""
    assert ("did you mean 'build'?", "") == (did_you_mean("biuld", ["build"]), did_you_mean("x", ["build"]))


def test_ten_thousand_names_are_no_problem() -> None:
    """difflib alone would take most of a second for each."""
    names = [f"task-{number}-{'abcdefghij'[number % 10] * 9}" for number in range(10_000)]
    started = time.process_time()
    nearest("something-else-entirely", names)
    seconds = time.process_time() - started

    assert seconds < 0.5
