"""What the YAML parser refuses, in words that say how to mend it. Imported only when there is such an error."""

import re
from typing import Any

from airexec.workflow.diagnostics import Finding

_ESCAPE = ("this escape is not known in a double-quoted text", "write '\\\\' for a backslash, or use single quotes")
_PLAIN_WORDS = {
    "mapping values are not allowed in this context": (
        "a ':' followed by a space cannot stand here",
        "quote the text if the ':' belongs to it; else check the indentation",
    ),
    "did not find expected key": (
        "a key is expected here",
        "check the indentation, and that the line above is complete",
    ),
    "did not find expected '-' indicator": (
        "an item '- …' of the list above is expected here",
        "check the indentation",
    ),
    "did not find expected ',' or ']'": ("the list '[…]' is not closed", "write ']' or ',' before this"),
    "did not find expected ',' or '}'": ("the map '{…}' is not closed", "write '}' or ',' before this"),
    "could not find expected ':'": ("this key has no ':'", "write 'key: value'"),
    "found unexpected end of stream": ("the quote is never closed", ""),
    "found unknown escape character": _ESCAPE,
    "did not find expected hexdecimal number": _ESCAPE,
    "block sequence entries are not allowed in this context": (
        "a list item '- …' cannot stand here",
        "put it on a line of its own",
    ),
}  # fmt: skip
_QUOTE_PROBLEMS = ("found unexpected end of stream",)


def syntax_finding(text: str, error: Any) -> Finding:
    """Return the finding for a MarkedYAMLError of the parser."""
    problem = error.problem or "it cannot be read"
    mark = error.problem_mark or error.context_mark
    at = min(mark.index, len(text)) if mark else 0
    if "cannot start any token" in problem:
        return _bad_start(text, at)
    if text.startswith(("{{", "{%"), at) and "expected ',' or" in problem:
        return _template_in_flow(text, at)
    if "expected ',' or" in problem and text[:at].rstrip(" ")[-1:] in ("'", '"') and text[at - 1 : at] == " ":
        return Finding(at, "nothing may follow a text in quotes", "quote the whole of it: '\"$HOME\" x'", end=at + 1)
    if (whole := _value_on_the_line(text, at)) is not None and _is_cut_short(problem):
        start, value = whole
        return Finding(start, _says_yaml(value), f"quote it as a whole: {_in_quotes(value)}", end=start + len(value))
    if problem in _QUOTE_PROBLEMS and error.context_mark:
        at = error.context_mark.index
    if problem.startswith("could not find expected ':'") and error.context_mark:
        at = error.context_mark.index
    message, hint = _PLAIN_WORDS.get(problem, (f"this is not YAML: {problem}", ""))
    if problem.startswith("mapping values") and _COMMAND.match(text[text.rfind("\n", 0, at) + 1 : at]):
        hint = "write 'command: |', and the command on the next line, indented"
    related = _opening(error, text)
    return Finding(_on_a_line(text, at), message, hint, end=at + 1, related=related)


def _template_in_flow(text: str, at: int) -> Finding:
    """`{command: make {{ x }}}`: inside of `{…}` and `[…]` a brace ends what is written without quotes."""
    line = text.rfind("\n", 0, at) + 1
    start = max(text.rfind(mark, line, at) + len(mark) for mark in (": ", ", ", "{", "["))
    value = _rest_of_value(text, start, is_in_flow=True)
    message = "a text with a template must be quoted here, inside of '{…}' or '[…]'"
    return Finding(start, message, f"write {_in_quotes(value)}", end=start + len(value))


_COMMAND = re.compile(r"\s*command: ")
_KEY = re.compile(r"\s*(?:- +)*(?:[\w.\-]+:[ \t]+)?")


def _value_on_the_line(text: str, at: int) -> tuple[int, str] | None:
    """Return where the value of the line of `at` starts, and the value as it was meant: up to the end of the line."""
    line_start = text.rfind("\n", 0, at) + 1
    line = text[line_start:].split("\n", 1)[0]
    key = _KEY.match(line)
    value = line[key.end() :].partition(" #")[0].rstrip() if key and key.group().strip() else ""
    return (line_start + key.end(), value) if key and value[:1] in ("'", '"', "[", "*", "&") else None


def _is_cut_short(problem: str) -> bool:
    """Return whether the parser took the beginning of a text for something that ends before the text does."""
    return problem in ("did not find expected key", "did not find expected '-' indicator") or any(
        words in problem for words in ("expected alphabetic or numeric character", "expected <block end>")
    )


def _says_yaml(value: str) -> str:
    what = {"[": "a list", "*": "an alias", "&": "an anchor"}.get(
        value[0], "a text in quotes, and nothing may follow it"
    )
    return f"a value that starts with {value[0]} is {what} in YAML"


def _in_quotes(value: str) -> str:
    """Return a text as YAML takes it."""
    if "'" not in value:
        return f"'{value}'"
    if '"' not in value and "\\" not in value:
        return f'"{value}"'
    return "'" + value.replace("'", "''") + "'"


def unquoted_template(text: str, at: int) -> Finding:
    """Return the finding for `key: {{ x }}` at the first brace, with the text as it should be."""
    before = text[text.rfind("\n", 0, at) + 1 : at]
    value = _rest_of_value(text, at, is_in_flow=_is_in_flow(before))
    quote = "'" if '"' in value else '"'
    written = f"{quote}{value}{quote}" if _is_in_flow(before) else f"{before.strip()} {quote}{value}{quote}"
    message = f"a value that starts with '{text[at : at + 2]}' must be quoted, for YAML reads it as a map"
    return Finding(at, message, f"write {written}", end=at + len(value))


def is_whole_value(text: str, start: int, end: int) -> bool:
    """Return whether the map from `start` to `end` is all of its value, so that reading can go on behind it."""
    rest = text[end:].split("\n", 1)[0].strip()
    before = text[text.rfind("\n", 0, start) + 1 : start]
    return not rest or rest.startswith("#") or (_is_in_flow(before) and rest[0] in ",]}")


def _is_in_flow(before: str) -> bool:
    """Return whether what follows on the line stands inside of `{…}` or `[…]`."""
    return before.count("{") > before.count("}") or before.count("[") > before.count("]")


def _rest_of_value(text: str, at: int, *, is_in_flow: bool) -> str:
    """Return what is meant to be one value: up to a comment, inside of `{…}` and `[…]` up to what ends it."""
    rest = text[at:].split("\n", 1)[0].partition(" #")[0].rstrip()
    if not is_in_flow:
        return rest
    end = rest.find("}}") + 2 if "}}" in rest else 0
    found = re.compile(r"[^,\]}]*").match(rest, end)
    return rest[: found.end()].rstrip() if found else rest


def _bad_start(text: str, at: int) -> Finding:
    character = text[at : at + 1]
    if character == "\t":
        return Finding(at, "a tab cannot indent YAML", "use spaces", end=at + 1)
    if character == "%" and text[at - 1 : at] == "{":
        return unquoted_template(text, at - 1)
    before = text[text.rfind("\n", 0, at) + 1 : at]
    value = _rest_of_value(text, at, is_in_flow=_is_in_flow(before))
    hint = f'quote it: "{value}"' if '"' not in value else "quote it"
    return Finding(at, f"a value cannot start with '{character}'", hint, end=at + 1)


def _opening(error: Any, text: str) -> tuple[int, str] | None:
    """Return where the thing began that was not closed, if that is another line."""
    context, problem = error.context_mark, error.problem_mark
    if not context or not problem or "expected ',' or" not in (error.problem or ""):
        return None
    return (min(context.index, len(text)), "opened") if context.line != problem.line else None


def _on_a_line(text: str, at: int) -> int:
    """Return `at`, or the end of the last line that says something when `at` is past the end."""
    return at if text[at:].strip() else max(0, len(text.rstrip()) - 1)
