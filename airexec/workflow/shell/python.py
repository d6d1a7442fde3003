"""Where values stand in Python code (`shell: python`), and values as Python literals.

A value enters code as a literal: `rows = {{ params.rows }}` becomes `rows = (['a', 'b'])`. Inside of a string or a
comment no value is safe: `{{ }}` stands without quotes there, or comes by the environment.
"""

import re
from collections.abc import Mapping
from typing import Any

from airexec.workflow.shell.place import MARK, Place, refused
from airexec.workflow.template.values import NotTextError, is_sequence

TOKEN = re.compile(
    r"""
      (?P<prefix> (?<!\w) [A-Za-z]{1,2} (?=["']) )?
      (?P<string> \"\"\" (?:\\.|[^\\])*? (?:\"\"\"|\Z) | ''' (?:\\.|[^\\])*? (?:'''|\Z)
                | " (?:\\.|[^"\\\n])* (?:"|\n|\Z)      | ' (?:\\.|[^'\\\n])* (?:'|\n|\Z) )
    | (?P<comment> \#[^\n]* )
    | (?P<other> . )
    """,
    re.S | re.X,
)
GLUE = re.compile(r"[\w'\"\\]")
BY_ENVIRONMENT = "pass the value through `env:` and read os.environ['NAME']"
DEPTH_MAX = 50
LOST = refused("after an f-string with quotes in its braces", "take the quotes out of the braces")


def python_places(text: str) -> list[Place]:
    """Return the place of each MARK in Python code, in order."""
    found: list[Place] = []
    lost = False
    for token in TOKEN.finditer(text):
        place = LOST if lost else _place(token, text)
        found += [place] * token.group().count(MARK)
        lost = lost or _is_open_f_string(token)
    return found


def _is_open_f_string(token: re.Match[str]) -> bool:
    """Return whether quotes nest in an f-string, as Python 3.12 has it and 3.11 has not."""
    prefix = token["prefix"] or ""
    return "f" in prefix.lower() and token.group().count("{") != token.group().count("}")


def _place(token: re.Match[str], text: str) -> Place:
    if token["string"]:
        return refused(
            "inside of a Python string", f"take the quotes away: the value enters as a literal; or {BY_ENVIRONMENT}"
        )
    if token["comment"]:
        return refused("inside of a comment", "take it out of the comment")
    before, after = text[max(token.start() - 1, 0) : token.start()], text[token.end() : token.end() + 1]
    if GLUE.match(before) or GLUE.match(after) or MARK in (before, after):
        return refused("right beside a word or a string", "put a space or an operator between them")
    return Place()


def python_text(value: Any, place: Place) -> str:
    """Return `value` as a Python literal in parentheses, which keep it one operand. Raises NotTextError."""
    return f"({_literal(value, 0)})"


def _literal(value: Any, depth: int) -> str:
    if depth > DEPTH_MAX:
        raise NotTextError("the value is nested too deeply")
    if isinstance(value, str):
        return ascii(str(value))
    if isinstance(value, float) and value - value != 0:  # infinite or not a number
        return f"float('{value}')"
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_literal(k, depth + 1)}: {_literal(v, depth + 1)}" for k, v in value.items()) + "}"
    if is_sequence(value):
        return "[" + ", ".join(_literal(item, depth + 1) for item in value) + "]"
    raise NotTextError(f"the value is a {type(value).__name__}, which is not plain data")
