"""Texts whose templates are nothing but names, as in `{{ params.tag }}`: most are, and need no Jinja2 (40 ms).

This is the language of `airexec.workflow.template.language` as far as it goes and not one step further: whatever is
not as plain as can be, mistakes included, is left to Jinja. A property test holds the two together.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from airexec.workflow.template.values import TEXT_MAX

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_NO_NAMES = "(?!(?:true|True|false|False|none|None|not)\\b)"
_PLAIN = re.compile(rf"\{{\{{[ \t\n]*{_NO_NAMES}({_NAME}(?:\.{_NAME})*)[ \t\n]*\}}\}}")
_OTHER_TAGS = "{%", "{# ", "\r"
"""With any of these in it, a text is not for us; the last one, because Jinja mends the ends of lines."""

_NUMBER_MAX = 2**63

_NUMBER_LENGTH = 32
"""More characters than such a number or a float has."""

_ITEMS_MAX = 1000
"""Of a list, which may be the words behind `--`."""

Value = tuple[Any, int]
"""What a name stands for, and the offset of its `{{`."""

Name = tuple[Sequence[str], int]
"""The words of a name, and the same offset."""


class PlainNames:
    """The texts of one run, each taken apart once."""

    def __init__(self) -> None:
        self._parts: dict[str, Sequence[str | Name] | None] = {}
        """What a text consists of, pieces as they stand among it; None: more than names."""

    def fill(self, text: str, context: Mapping[str, Any]) -> list[str | Value] | None:
        """Return the parts of `text` in order, with the values of its names; None where it takes Jinja to know.

        Values are texts that a program can be given, numbers, booleans, and short lists of such texts.
        """
        if text not in self._parts:
            self._parts[text] = _parts(text)
        parts = self._parts[text]
        if parts is None:
            return None
        filled: list[str | Value] = []
        size = 0
        for part in parts:
            if isinstance(part, str):
                size += len(part)
                filled.append(part)
            else:
                value = _find(context, part[0])
                if not _is_plain(value):
                    return None
                size += _length(value)
                filled.append((value, part[1]))
        return filled if size <= TEXT_MAX else None


def _parts(text: str) -> Sequence[str | Name] | None:
    if any(tag in text for tag in _OTHER_TAGS):
        return None
    parts: list[str | Name] = []
    reached = 0
    while (start := text.find("{{", reached)) >= 0:
        found = _PLAIN.match(text, start)
        if found is None:
            return None
        if start > reached:
            parts.append(text[reached:start])
        parts.append((found[1].split("."), start))
        reached = found.end()
    parts.append(text[reached:])
    return parts


def _find(context: Mapping[str, Any], words: Sequence[str]) -> Any:
    """Return what a name stands for, None if nothing: each word of it is a key of a mapping."""
    value: Any = context
    for word in words:
        if not isinstance(value, Mapping) or word not in value:
            return None
        value = value[word]
    return value


def _length(value: Any) -> int:
    """Return how many characters a value may take; in JSON, one of them six."""
    if isinstance(value, list):
        return 6 * sum(len(item) + 1 for item in value)
    return len(value) if isinstance(value, str) else _NUMBER_LENGTH


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" not in value
    if isinstance(value, list):
        return len(value) <= _ITEMS_MAX and all(isinstance(item, str) and "\0" not in item for item in value)
    if isinstance(value, int):
        return -_NUMBER_MAX < value < _NUMBER_MAX
    return isinstance(value, float)
