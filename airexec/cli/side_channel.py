"""How a script inside a task hands values to the scheduler: files named by the environment, a JSON value per line.

Knows neither tasks nor outputs; what the values mean is checked where they are read.
"""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from airexec.errors import UsageError
from airexec.workflow.json_value import DuplicateKeyError, JsonError, parse_json
from airexec.workflow.wording import quoted


def append_values(variable: str, values: Callable[[], Iterable[Any]], environment: Mapping[str, str]) -> None:
    """Append what `values` returns to the file that the environment variable names, a line each.

    All lines are one write in append mode, so callers that run at the same time never mix their lines.
    Raises UsageError outside of a task, before it asks for the values.
    """
    path = environment.get(variable)
    if not path:
        raise UsageError(
            f"{variable} is not set: this command works inside a task only",
            "call it from the command of a task that `airexec run` has started",
        )
    lines = "".join(json.dumps(value) + "\n" for value in values()).encode()
    try:
        _append(path, lines)
    except OSError as error:
        raise UsageError(f"cannot write to {path} ({variable}): {error.strerror}") from None


def _append(path: str, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        while data:  # a second turn happens on a full disk only, and then ends in ENOSPC
            data = data[os.write(descriptor, data) :]
    finally:
        os.close(descriptor)


def parse_assignments(assignments: Iterable[str], as_text: bool = False) -> dict[str, Any]:
    """Return the values of `KEY=VALUE` arguments; the last of a key wins. Raises UsageError."""
    values: dict[str, Any] = {}
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals or not key:
            raise UsageError(f"'{assignment}' is not KEY=VALUE", "for example: rows=42")
        try:
            values[key] = text if as_text else typed(text)
        except DuplicateKeyError as error:
            raise _refusal(assignment, error) from None
    return values


def typed(text: str) -> Any:
    """Return the JSON number, boolean, null, list or object that `text` is, else `text` itself.

    A number must survive the round trip: `3.10`, `1e3` and a number with too many digits stay text. Raises
    DuplicateKeyError: such an object was not meant as a text, and as a value it would lose one of the two.
    """
    try:
        value = parse_json(text)
    except DuplicateKeyError:
        raise
    except JsonError:
        return text
    if isinstance(value, str):
        return text
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return text if is_number and json.dumps(value) != text else value


def json_argument(text: str) -> Any:
    """Return the JSON value in a command line argument, read as a `::` line is. Raises UsageError."""
    try:
        return parse_json(text)
    except JsonError as error:
        raise _refusal(text, error) from None


def _refusal(argument: str, error: JsonError) -> UsageError:
    return UsageError(f"{quoted(argument)}: {error}")
