"""Patterns that users write: run in bounded time, or refused with a reason."""

import re
from typing import Any

import pytest

from airexec.workflow.schema.patterns import STEPS_MAX, PatternBudgetError, matches, pattern_mistake
from airexec.workflow.schema.validation import Validator

TRAP = "a" * 40 + "b"


def test_a_pattern_without_looking_around_takes_linear_time() -> None:
    """Backtracking would take 2**40 steps for the first, and the fourth power of the length for the second."""
    assert not matches("(a+)+$", TRAP)
    assert not matches("(a*)*(a*)*(a*)*c", "a" * 100_000)


def test_one_that_looks_around_has_a_budget() -> None:
    """It is used up when the text is a trap, and ample when it is not."""
    pattern = "^(?:(?=a)a|a(?!c))+$"

    assert matches(pattern, "a" * 1000)
    with pytest.raises(PatternBudgetError) as raised:
        matches(pattern, TRAP)
    assert f"pattern {pattern} takes more than {STEPS_MAX} steps" == str(raised.value)
    assert pattern == raised.value.pattern


def test_a_value_that_cannot_be_decided_is_not_called_wrong() -> None:
    """By either library."""
    with pytest.raises(PatternBudgetError):
        Validator({"items": {"pattern": "(?:(?=a)a|a(?!c))+$"}}).failures([TRAP])


@pytest.mark.parametrize("value", [TRAP, "a\udcff" * 20 + "b"])
def test_python_never_runs_a_pattern_of_a_user(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not when a value is explained, and not when it holds what jsonschema-rs does not look at."""
    asked: list[Any] = []
    for name in ("search", "match", "fullmatch", "compile"):
        monkeypatch.setattr(re, name, lambda pattern, *more, **others: asked.append(pattern))

    assert ["pattern"] == [failure.keyword for failure in Validator({"pattern": "^(a+)+$"}).failures(value)]
    assert "^(a+)+$" not in asked


def test_the_end_of_a_pattern_is_the_end_of_the_text() -> None:
    """As in ECMA 262, and unlike Python: an id cannot end in a newline."""
    assert not matches("^(a|b$)$", "a\n")
    assert matches("^\\$$", "$")


@pytest.mark.parametrize(
    "pattern", ["^[a-z]+$", "\\p{L}", "(?<year>\\d{4})", "(?=a)b", "(?<!a)b", "(a)\\1", "^.{1,255}$", "(?:)", ""]
)
def test_patterns_of_ecma_262_can_be_run(pattern: str) -> None:
    """Look-around and back-references included."""
    assert pattern_mistake(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(", "this is not a regular expression: missing ), unterminated subpattern"),
        ("[a", "this is not a regular expression: unterminated character set"),
        ("*", "this is not a regular expression: nothing to repeat"),
        ("(?i)a", "this pattern cannot be run"),
        ("(?P<a>b)", "this pattern cannot be run"),
        ("a\\Z", "this pattern cannot be run"),
        ("(a{1000}){1000}", "this pattern cannot be run"),
        ("(" * 5000 + ")" * 5000, "this pattern cannot be run"),
    ],
    ids=lambda text: text[:15],
)
def test_what_cannot_be_run_has_a_reason(pattern: str, said: str) -> None:
    """Python's, when it would not take the pattern either."""
    found = pattern_mistake(pattern)

    assert found is not None
    assert said == found[0]
    assert found[1].startswith("patterns are those of JavaScript") == (said == "this pattern cannot be run")
