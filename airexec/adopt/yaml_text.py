"""Values as a person writes them in YAML: plain where that reads back as the same, else quoted, scripts as blocks."""

import re
import textwrap
from typing import Any

from airexec.workflow.yaml.nodes import read_yaml

WIDTH = 110
"""Columns: what fits stands on one line."""

_MISREAD = re.compile(r"(?i)(y|n|yes|no|on|off|true|false|null|~|[-+]?[\d.][^a-z]*|0[xob].*|[\d.]+e[-+\d]+|)")
"""What other readers of YAML take for something else than a text."""


def comment(text: str, indent: int = 0) -> list[str]:
    """Return the lines of a comment."""
    words = " ".join("".join(it if it.isprintable() else " " for it in text).split())
    margin = " " * indent
    return textwrap.wrap(words, WIDTH - 2, initial_indent=f"{margin}# ", subsequent_indent=f"{margin}#   ",
                         break_long_words=False, break_on_hyphens=False)  # fmt: skip


def entry(key: str, value: Any, indent: int) -> list[str]:
    """Return the lines of a key with its value."""
    margin = " " * indent
    start = f"{margin}{scalar(key)}:"
    if isinstance(value, str) and "\n" in value.strip("\n"):
        return _block(start, value, indent) or [f"{start} {scalar(value)}"]
    if isinstance(value, str):
        return [f"{start} {scalar(value.strip(chr(10)))}"]
    line = f"{start} {_flow(value)}"
    is_short = not isinstance(value, dict) or len(value) == 1 or indent > 4
    if not isinstance(value, dict | list) or (is_short and len(line) <= WIDTH):
        return [line]
    if isinstance(value, dict):
        return [start, *(line for name, inner in value.items() for line in entry(name, inner, indent + 2))]
    return [start, *(f"{margin}  - {_flow(item)}" for item in value)]


def _block(start: str, text: str, indent: int) -> list[str] | None:
    """Return the lines of a text as a block, None where a block cannot hold it."""
    margin = " " * (indent + 2)
    body = [f"{margin}{line}" if line else "" for line in text.strip("\n").split("\n")]
    lines = [f"{start} |", *body]
    return lines if _reads_as("\n".join(["k: |", *body]) + "\n", text.strip("\n") + "\n") else None


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key, is_inside=True)}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return scalar(value, is_inside=True) if isinstance(value, str) else str(value)


def scalar(text: str, *, is_inside: bool = False) -> str:
    """Return a text on one line; `is_inside`: of `[…]` or `{…}`."""
    choices = [] if _MISREAD.fullmatch(text) else [text]
    choices += [] if re.search(r'["\\]', text) else [f'"{text}"']
    choices.append("'" + text.replace("'", "''") + "'")
    for choice in choices if "\n" not in text else ():
        if _reads_as(f"k: [{choice}, x]\n", [text, "x"]) if is_inside else _reads_as(f"k: {choice}\n", text):
            return choice
    return '"' + "".join(map(_escaped, text)) + '"'


def _reads_as(text: str, value: Any) -> bool:
    found: list[Any] = []
    if not all(it.isprintable() or it in "\n\t" for it in text):
        return False
    document = read_yaml(text, found)
    return not found and document is not None and document.value == {"k": value}


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character == "\n":
        return "\\n"
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"  # half of a character
    if character.isprintable():
        return character
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
