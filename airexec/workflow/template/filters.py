"""The filters and methods that a template may use: those of Jinja that only rearrange, and bounded ones of ours.

A filter that can make much out of little (`center`, `indent`, `replace`, …) is either ours, with a bound, or absent;
so are those that concern HTML, chance or the Python object behind a value.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.runtime import Undefined
from jinja2.utils import pass_environment

from airexec.workflow.template.values import (
    TEXT_MAX,
    Raw,
    TooMuchWorkError,
    check_format,
    json_text,
    plain_text,
)

INDENT_MAX = 100

KEPT = [
    "abs", "capitalize", "count", "d", "default", "dictsort", "first", "float", "groupby", "int", "items", "last",
    "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "reverse", "select", "selectattr",
    "sort", "title", "trim", "truncate", "unique", "upper", "urlencode", "wordcount",
]  # fmt: skip

CHEAP_FILTERS = frozenset({"count", "d", "default", "first", "last", "length", "raw"})
"""They take the same time however large the value is."""

TEXT_METHODS = [
    "capitalize", "casefold", "count", "endswith", "find", "index", "isalnum", "isalpha", "isascii", "isdecimal",
    "isdigit", "islower", "isnumeric", "isspace", "istitle", "isupper", "lower", "lstrip", "partition",
    "removeprefix", "removesuffix", "rfind", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith",
    "strip", "title", "upper",
]  # fmt: skip


def join_texts(values: Iterable[Any], separator: str) -> str:
    """Return the texts of `values` joined, after the size of the result was checked."""
    texts = [plain_text(_defined(value)) for value in values]
    _check_size(sum(map(len, texts)) + len(separator) * len(texts))
    return separator.join(texts)


def bounded_methods(value: Any) -> Mapping[str, Callable[..., Any]]:
    """Return the methods that a template may call on `value`."""
    if isinstance(value, str):
        return {**{name: getattr(value, name) for name in TEXT_METHODS}, "replace": partial(_replace, value)}
    if isinstance(value, Mapping):
        return {name: getattr(value, name) for name in ("get", "items", "keys", "values")}
    if isinstance(value, list | tuple):
        return {name: getattr(value, name) for name in ("count", "index")}
    return {}


def subject_of(method: Any) -> Any:
    """Return the text or list that one of the methods looks through, None for those of mappings and for functions."""
    subject = method.args[0] if isinstance(method, partial) else getattr(method, "__self__", None)
    return subject if isinstance(subject, str | list | tuple) else None


def _defined(value: Any) -> Any:
    if isinstance(value, Undefined):
        value._fail_with_undefined_error()
    return value


def _check_size(characters: int) -> None:
    if characters > TEXT_MAX:
        raise TooMuchWorkError(f"the text would have more than {TEXT_MAX} characters")


@pass_environment
def _join(environment: Any, values: Any, d: str = "", attribute: str | int | None = None) -> str:
    if attribute is not None:
        values = (environment.getitem(value, attribute) for value in values)
    return join_texts(values, plain_text(d))


def _replace(text: Any, old: Any, new: Any, count: int = -1) -> str:
    text, old, new = plain_text(_defined(text)), plain_text(_defined(old)), plain_text(_defined(new))
    _check_size(len(text) + text.count(old) * len(new))
    return str(text.replace(old, new, count))


def _indent(text: Any, width: int = 4, first: bool = False) -> str:
    lines = plain_text(_defined(text)).split("\n")
    if width > INDENT_MAX:
        raise TooMuchWorkError(f"the indent is more than {INDENT_MAX}")
    _check_size(sum(map(len, lines)) + width * len(lines))
    head = " " * width if first else ""
    return head + ("\n" + " " * width).join(lines)


def _format(text: Any, *values: Any) -> str:
    text = plain_text(_defined(text))
    check_format(text)
    return str(text % tuple(_defined(value) for value in values))


@pass_environment
def _sum(environment: Any, values: Any, attribute: str | int | None = None, start: float = 0) -> Any:
    if not isinstance(start, int | float):
        raise TypeError("sum adds numbers; `start` must be one")
    return JINJA_FILTERS["sum"](environment, values, attribute, start)


def _round(value: float, precision: int = 0) -> float:
    return float(round(_defined(value), max(min(precision, 300), -300)))


def _tojson(value: Any, indent: int | None = None) -> str:
    if indent is not None and indent > INDENT_MAX:
        raise TooMuchWorkError(f"the indent is more than {INDENT_MAX}")
    return json_text(_defined(value), indent)


def _fromjson(text: Any) -> Any:
    from airexec.workflow.json_value import parse_json

    return parse_json(plain_text(_defined(text)))


def _raw(value: Any) -> Raw:
    return Raw(plain_text(_defined(value)))


def _string(value: Any) -> str:
    return plain_text(_defined(value))


def _basename(path: Any) -> str:
    return os.path.basename(plain_text(_defined(path)))


def _dirname(path: Any) -> str:
    return os.path.dirname(plain_text(_defined(path))) or "."  # as `dirname` has it, or {{ x | dirname }}/y were /y


def _stem(path: Any) -> str:
    return os.path.splitext(_basename(path))[0]


def _with_suffix(path: Any, suffix: Any) -> str:
    return os.path.splitext(plain_text(_defined(path)))[0] + plain_text(_defined(suffix))


def _relative_to(path: Any, folder: Any) -> str:
    return os.path.relpath(plain_text(_defined(path)), plain_text(_defined(folder)))


FILTERS: Mapping[str, Callable[..., Any]] = {
    **{name: JINJA_FILTERS[name] for name in KEPT},
    "basename": _basename,
    "dirname": _dirname,
    "format": _format,
    "fromjson": _fromjson,
    "indent": _indent,
    "join": _join,
    "raw": _raw,
    "relative_to": _relative_to,
    "replace": _replace,
    "round": _round,
    "stem": _stem,
    "string": _string,
    "sum": _sum,
    "tojson": _tojson,
    "with_suffix": _with_suffix,
}
