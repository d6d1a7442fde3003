"""Reads env files: `KEY=VALUE` lines, `export` in front allowed, `#` comments, quotes. Nothing is expanded.

# a comment
export API_URL=https://example.org/a#b   # the comment begins at a blank and a `#`
GREETING='as is, $HOME too'
LINES="first\\nsecond"                     # \\n \\r \\t \\" \\\\ \\$ in double quotes only
KEY="-----BEGIN KEY-----
quotes may span lines"
"""

import re

from airexec.errors import UsageError

_NAME = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*")
_BLANK = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_SINGLE = re.compile(r"'([^']*)'")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_BARE = re.compile(r"[^\n]*")
_COMMENT = re.compile(r"(?:^|[ \t]+)#.*")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "$": "$", "`": "`", "\n": ""}
_HINT = "write KEY=VALUE, one per line; quote values with blanks or `#` in them"


def read_env_file(path: str, shown_as: str | None = None) -> dict[str, str]:
    """Return the variables of a file in its order. Raises UsageError naming the file as `shown_as`, and the line."""
    name = shown_as or path
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise UsageError(f"env_file '{name}' cannot be read: {error.strerror}") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}:{line}: error: not UTF-8", "save the file as UTF-8") from None
    return parse_env_file(text, name)


def parse_env_file(text: str, name: str) -> dict[str, str]:
    """Return the variables in `text`; `name` is for messages. A key given twice has its last value.

    Raises UsageError with one line per mistake.
    """
    text = text.replace("\r\n", "\n")
    values: dict[str, str] = {}
    mistakes: list[str] = []
    at = 0
    while at < len(text):
        if blank := _BLANK.match(text, at):
            at = blank.end()
            continue
        try:
            key, value, end = _assignment(text, at)
            values[key] = value
        except ValueError as error:
            mistakes.append(f"{name}:{text.count(chr(10), 0, at) + 1}: error: {error}")
            end = _line_end(text, at)
        at = end
    if mistakes:
        raise UsageError("\n".join(mistakes), _HINT)
    return values


def _assignment(text: str, at: int) -> tuple[str, str, int]:
    """Return key, value and where the next line begins."""
    match = _NAME.match(text, at)
    if match is None:
        line = text[at : _line_end(text, at)].strip()
        raise ValueError(f"'{line[:60]}' has no name" if line.startswith("=") else f"'{line[:60]}' is no assignment")
    value, end = _value(text, match.end())
    if "\0" in value:
        raise ValueError(f"the value of {match[1]} has a NUL character")
    return match[1], value, end


def _value(text: str, at: int) -> tuple[str, int]:
    quote = text[at : at + 1]
    if not quote or quote not in "'\"":
        bare = _BARE.match(text, at)
        assert bare is not None, "matches anything"
        return _COMMENT.sub("", bare[0]).strip(), bare.end() + 1
    quoted = (_SINGLE if quote == "'" else _DOUBLE).match(text, at)
    if quoted is None:
        raise ValueError(f"the quote {quote} is never closed")
    blank = _BLANK.match(text, quoted.end())
    if blank is None:
        raise ValueError(f"there is something behind the closing {quote}")
    return quoted[1] if quote == "'" else _ESCAPE.sub(_unescape, quoted[1]), blank.end()


def _unescape(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[1], match[0])


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1
