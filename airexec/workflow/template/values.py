"""How a value of a template becomes text, and what making it costs. Knows neither Jinja nor shells."""

import re
from collections.abc import Callable, Iterable, Mapping
from math import isfinite
from typing import Any

TEXT_MAX = 2**20
"""Characters of one rendered text (1 MiB): far above any command line, far below trouble."""

WORK_MAX = 16 * 2**20
"""What one rendering may spend: one unit per character or list item made, `Rendering.LOOP_STEP` per loop step and per
item that a filter, a test or a comparison may have to look at."""

NUMBER_BITS_MAX = 4096
"""Numbers larger than this are refused before they are computed."""

FORMAT_WIDTH = re.compile(r"%[^a-zA-Z%]*(\d{5}|\*)")
"""A `%` format that could make a text of ten thousand characters and more out of nothing."""


class NotTextError(ValueError):
    """A value that has no text: None, or something that is not plain data."""


class TooMuchWorkError(ValueError):
    """The template would run too long or make too much."""


class Raw:
    """A value marked `| raw`: it enters a shell command as it is."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        raise NotTextError("`raw` must be the last filter")


class Rendering:
    """One rendering of one template: what becomes of each value emitted at an offset, and the budget."""

    LOOP_STEP = 16
    __slots__ = ("emit", "work")

    def __init__(self, emit: Callable[[Any, int], str]) -> None:
        self.emit = emit
        self.work = 0

    def spend(self, amount: int) -> None:
        """Pay for work. Raises TooMuchWorkError when the budget is gone."""
        self.work += amount
        if self.work > WORK_MAX:
            raise TooMuchWorkError("the template makes too much: a loop without measure, or a text too large")

    def pay_for(self, made: Any) -> None:
        """Pay for a text or list that was made."""
        self.spend(len(made) if isinstance(made, str | range | list) else 1)

    def look_at(self, value: Any) -> None:
        """Pay for looking at all of a value. Raises TooMuchWorkError when the budget is gone."""
        self.spend(weight(value, WORK_MAX, self.LOOP_STEP))


def weight(value: Any, limit: int, step: int) -> int:
    """Return the characters in a value plus `step` per item at any depth; beyond `limit` it stops counting.

    A list may hold another one many times, so a value of a few bytes can be longer to look at than anybody lives.
    """
    total, todo = step, [value]
    while todo and total <= limit:
        item = todo.pop()
        if isinstance(item, str):
            total += len(item)
        elif isinstance(item, list | tuple | Mapping | range):
            total += step * len(item)
            if isinstance(item, Mapping):
                todo += item
                todo += item.values()
            elif total <= limit and not isinstance(item, range):
                todo += item
    return total


def plain_text(value: Any) -> str:
    """Return the text of `value`: words as they are, `true`/`false`, JSON for lists and mappings.

    The same text stands in an argument, an environment variable and inside quotes of a shell command. Raises
    NotTextError for None, which has no text that everybody would expect, and for NUL, which no program can be given.
    """
    if isinstance(value, Raw):
        value = value.text
    if isinstance(value, str):
        if "\0" in value:
            raise NotTextError("the value holds a NUL character, which no program can be given")
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        raise NotTextError("the value is null, which has no text; write `| default('', true)` for an empty text")
    if isinstance(value, int | float):
        return str(value)
    return json_text(value)


def json_text(value: Any, indent: int | None = None) -> str:
    """Return `value` as JSON, at most TEXT_MAX characters. Raises NotTextError."""
    from json import dumps

    try:
        text = dumps(_sized(value), ensure_ascii=False, indent=indent, default=_plain_container)
    except RecursionError:
        raise NotTextError("the value is nested too deeply") from None
    if len(text) > TEXT_MAX:
        raise _too_much_json()
    return text


def _sized(value: Any) -> Any:
    """Return the value if its JSON can have at most TEXT_MAX characters; it has two per item, and no fewer."""
    if weight(value, TEXT_MAX, 2) > TEXT_MAX:
        raise _too_much_json()
    return value


def _too_much_json() -> NotTextError:
    return NotTextError(f"the value as JSON has more than {TEXT_MAX} characters")


def _plain_container(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else _sized(sequence(value))


def is_sequence(value: Any) -> bool:
    """Return whether `value` is a list or something like one: a tuple, a range, the result of `map`."""
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)


def sequence(value: Any) -> list[Any]:
    """Return a list-like value as a list. Raises NotTextError for anything else."""
    if not is_sequence(value):
        raise NotTextError(f"the value is a {type(value).__name__}, which is not plain data")
    try:
        return list(value)
    except Exception as error:  # of Jinja, which is not imported here: it stands for what is not there
        raise NotTextError(missing_text(error)) from None


def missing_text(error: Exception) -> str:
    """Return in one line what Jinja says of a value that is not there."""
    return " ".join(str(error).split()).replace("'dict object' has no attribute", "a map in it has no")


def listed(value: Any) -> Any:
    """Return a list-like value as a list, any other as it is."""
    return list(value) if is_sequence(value) else value


def product_size(operator: str, left: Any, right: Any) -> int:
    """Return how many characters or items `left operator right` makes. Raises TooMuchWorkError for giant numbers."""
    if isinstance(left, int) and isinstance(right, int):
        return _check_number(operator, left, right)
    if operator == "*":
        return _repeated(left, right) or _repeated(right, left)
    if operator == "%" and isinstance(left, str):
        check_format(left)
        return len(left)
    if operator == "+" and isinstance(left, str | list | tuple) and isinstance(right, str | list | tuple):
        return len(left) + len(right)
    return 1


def _repeated(value: Any, times: Any) -> int:
    return len(value) * max(times, 0) if isinstance(value, str | list | tuple) and isinstance(times, int) else 0


def _check_number(operator: str, left: int, right: int) -> int:
    bits = {"*": left.bit_length() + right.bit_length(), "**": left.bit_length() * max(right, 1)}
    if bits.get(operator, 0) > NUMBER_BITS_MAX:
        raise TooMuchWorkError("the number is too large")
    return 1


def is_giant(number: Any) -> bool:
    """Return whether this is a number that templates do not take."""
    if isinstance(number, float):
        return not isfinite(number)
    return isinstance(number, int) and number.bit_length() > NUMBER_BITS_MAX


def check_format(text: str) -> None:
    """Raise TooMuchWorkError for a `%` format with a giant width."""
    if FORMAT_WIDTH.search(text):
        raise TooMuchWorkError("the format asks for a width that is too large")
