"""Patterns of schemas, as ECMA 262 has them, in bounded time: for those that users write.

The engine is that of jsonschema-rs: linear in the length of the text for most patterns, with a budget of steps for
those that look around or back. Python's `re` would take time exponential in the text for `(a+)+$`, and its `$`
accepts a newline behind it. It is not asked, but for what is wrong with a pattern that the engine does not take.
"""

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from airexec.workflow.wording import shortened

if TYPE_CHECKING:
    from jsonschema_rs import Draft7Validator, FancyRegexOptions

STEPS_MAX = 10_000
"""Of backtracking, for one text. A step may look through the whole text, so this is 10 ms for a text of usual size."""

SIZE_MAX = 512 * 1024
"""Bytes of a compiled pattern: enough for `.{1,255}`. Time per character grows with it, `(a{100}){100}` with it."""


UNDECIDED_HINT = "without (?=…), (?!…) and back-references every pattern is decided"


class PatternBudgetError(Exception):
    """Whether `pattern` matches a text cannot be said within STEPS_MAX."""

    def __init__(self, pattern: str) -> None:
        super().__init__(f"pattern {shortened(pattern)} takes more than {STEPS_MAX} steps")
        self.pattern = pattern


@cache
def pattern_options() -> "FancyRegexOptions":
    """Return how jsonschema-rs is to run patterns."""
    from jsonschema_rs import FancyRegexOptions

    return FancyRegexOptions(backtrack_limit=STEPS_MAX, size_limit=SIZE_MAX)


def matches(pattern: str, text: str) -> bool:
    """Return whether a good pattern is found in a text. Raises PatternBudgetError.

    A lone surrogate counts as U+FFFD: it is no character, but may come from an argument that is not UTF-8.
    """
    validator = _compiled(pattern)
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if validator.is_valid(text):
        return True
    if any(type(error.kind).__name__ == "BacktrackLimitExceeded" for error in validator.iter_errors(text)):
        raise PatternBudgetError(pattern)
    return False


def pattern_mistake(pattern: str) -> tuple[str, str] | None:
    """Return why a pattern cannot be run, and a hint; None if it can."""
    try:
        _compiled(pattern)
    except ValueError:
        return _python_mistake(pattern) or (
            "this pattern cannot be run",
            "patterns are those of JavaScript, as in JSON Schema: no (?i), (?P<name>…), \\A, \\Z; no huge repetitions",
        )
    return None


def _python_mistake(pattern: str) -> tuple[str, str] | None:
    """Return what Python has to say about a pattern that is nothing in any dialect; its messages are good."""
    import re
    import warnings

    try:
        with warnings.catch_warnings(action="ignore"):
            re.compile(pattern)
    except re.error as error:
        return f"this is not a regular expression: {error.msg}", ""
    except (RecursionError, OverflowError):
        return None
    return None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> "Draft7Validator":
    """Return the validator of one pattern. Raises ValueError."""
    from jsonschema_rs import Draft7Validator

    return Draft7Validator({"pattern": pattern}, pattern_options=pattern_options())
