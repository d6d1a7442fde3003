"""The JSON that tasks and people hand over, on a line, in a file or as an argument: strict, so that a value means the
same to everybody, and never an exception but ours. What airexec itself has written is read without this.
"""

import json
from typing import Any, NoReturn

_DEPTH_MAX = 100


class JsonError(ValueError):
    """Not JSON as we take it; the text is one clause, to stand after what it is about: `line 3: key 'n' stands there
    twice`."""


class DuplicateKeyError(JsonError):
    """An object with a key twice, which one reader takes for its first value and another for its last."""


def parse_json(text: str) -> Any:
    """Return the value of a JSON text. Raises JsonError.

    Stricter than RFC 8259 where readers differ: a duplicate key, NaN, Infinity, a number beyond a double and more
    than 100 levels are refused.
    """
    try:
        value = _decode(text)
    except json.JSONDecodeError as error:
        raise JsonError(f"not JSON: {error.msg.lower()} at column {error.colno}") from None
    except RecursionError:
        raise JsonError(f"nested deeper than {_DEPTH_MAX} levels") from None
    except JsonError:
        raise
    except ValueError:  # an integer with more digits than Python converts
        raise JsonError("a number is too long") from None
    if text.count("[") + text.count("{") > _DEPTH_MAX and not _is_shallow(value, _DEPTH_MAX):
        raise JsonError(f"nested deeper than {_DEPTH_MAX} levels")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for key, item in pairs:
        if key in value:
            raise DuplicateKeyError(f"key {_quoted(key)} stands there twice")
        value[key] = item
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise JsonError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise JsonError(f"the number {_shortened(text)} is too big")
    return number


def _quoted(key: str) -> str:
    return f"'{_shortened(key)}'"


def _shortened(text: str) -> str:
    from airexec.workflow.wording import shortened  # for mistakes only

    return shortened(text)


def _is_shallow(value: Any, depth: int) -> bool:
    if isinstance(value, dict):
        return depth > 0 and all(_is_shallow(item, depth - 1) for item in value.values())
    if isinstance(value, list):
        return depth > 0 and all(_is_shallow(item, depth - 1) for item in value)
    return True


# Made once: `json.loads` makes a decoder for each text, which takes longer than to read a short one.
_decode = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite).decode
