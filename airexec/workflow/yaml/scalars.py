"""What a scalar means by the core schema of YAML 1.2.2 §10.3.2: `yes`, `no`, `on`, `off` and dates are strings."""

import re
from collections.abc import Mapping
from typing import Any

from airexec.workflow.wording import quoted

CORE_TAG = "tag:yaml.org,2002:"
FIRST_OF_TYPED = frozenset("-+.0123456789~nNtTfF")
"""What a plain scalar must begin with to be anything but a string; so does the empty one."""

_WORDS: Mapping[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INTEGER = re.compile(r"[-+]?[0-9]+")
_PREFIXED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_DIGITS_MAX = 300
_TAGGED_TYPES = {"int": int, "float": float, "bool": bool, "null": type(None)}


class ScalarError(ValueError):
    """The scalar has no value that we take; the text is a message for people."""


def plain_value(text: str) -> Any:
    """Return the value of a plain scalar. Raises ScalarError for a number that JSON cannot hold."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > _DIGITS_MAX:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _PREFIXED.fullmatch(text):
        return int(text, 0)
    if _NOT_FINITE.fullmatch(text):
        raise ScalarError(f"'{text}' is not a number that JSON can hold")
    return _finite(text) if _FLOAT.fullmatch(text) else text


def tagged_value(text: str, tag: str) -> Any:
    """Return the value of a scalar with one of the tags of the core schema. Raises ScalarError."""
    name = tag.removeprefix(CORE_TAG)
    if tag == "!" or name == "str":
        return text
    value = plain_value(text)
    if name == "float" and type(value) is int:
        return float(value)
    if type(value) is not _TAGGED_TYPES[name]:
        raise ScalarError(f"{quoted(text)} is not of type {name}")
    return value


def is_core_tag(tag: str) -> bool:
    """Return whether `tagged_value` takes this tag."""
    return tag == "!" or (tag.startswith(CORE_TAG) and tag.removeprefix(CORE_TAG) in (*_TAGGED_TYPES, "str"))


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ScalarError(f"'{text}' is not a number that JSON can hold")
    return number
