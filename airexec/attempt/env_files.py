"""Reads env files: `KEY=VALUE` lines, `export` in front allowed, `#` comments, quotes. Nothing is expanded.

# a comment
export API_URL=https://example.org/a#b   # the comment begins at a blank and a `#`
GREETING='as is, $HOME too'
LINES="first\\nsecond"                     # \\n \\r \\t \\" \\\\ \\$ in double quotes only
KEY="-----BEGIN KEY-----
quotes may span lines"

Files come from strangers as well, since a queued task may name one, and are read while other tasks run. So only regular
files of a bounded length are read, in time by their length, and a message never repeats what stands in a line: it may
be a key.

Why not python-dotenv (1.2): it passes over a line that it cannot read and says no more than its number, takes `1A=x`,
`A-B=x` and a bare `A` for variables, and leaves `\\$` as two characters where our files mean one. The bounds and the
messages, which are most of this module, would be ours in any case, and its import takes 20 ms.
"""

import os
import re
import stat
from errno import EFBIG, EINVAL

from airexec.errors import UsageError

BYTES_MAX = 1024 * 1024
"""More than a process can be given in its environment."""
_MISTAKES_MAX = 20
"""A file with as many was never meant to be an env file."""

_NAME = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*")
_BLANK = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_SINGLE = re.compile(r"'([^']*)'")
_DOUBLE = re.compile(r'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
_BARE = re.compile(r"[^\n]*")
_COMMENT = re.compile(r"(?:^|(?<![ \t])[ \t]+)#.*")
"""Looked for at the first of several blanks only, or a long row of them would take the square of its length."""
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "$": "$", "`": "`", "\n": ""}
_HINT = "write KEY=VALUE, one per line; quote values with blanks or `#` in them"
_KINDS = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
"""The others that are no regular file are devices."""


def read_env_file(path: str, shown_as: str | None = None) -> dict[str, str]:
    """Return the variables of a file in its order. Raises UsageError naming the file as `shown_as`, and the line."""
    name = _printable(shown_as or path)
    try:
        text = _read(path).decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"env_file '{name}' cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}:{line}: error: not UTF-8", "save the file as UTF-8") from None
    return parse_env_file(text, name)


def _read(path: str) -> bytes:
    """Return the bytes of a regular file, without waiting for anybody. Raises OSError."""
    try:
        status = os.stat(path)
    except ValueError:  # a NUL, or a surrogate that stands for no byte
        raise OSError(EINVAL, "no file can have this name") from None
    if stat.S_ISCHR(status.st_mode) and os.path.samestat(status, os.stat(os.devnull)):
        return b""
    _refuse_all_but_files(status)  # before it is opened, which with a device may do something
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        _refuse_all_but_files(os.fstat(descriptor))  # it may be another by now
        return _read_all(descriptor)
    finally:
        os.close(descriptor)


def _refuse_all_but_files(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = _KINDS.get(stat.S_IFMT(status.st_mode), "a device")
        raise OSError(EINVAL, f"it is {kind}, not a regular file")


def _read_all(descriptor: int) -> bytes:
    data = b""
    while piece := os.read(descriptor, BYTES_MAX + 1 - len(data)):
        data += piece
        if len(data) > BYTES_MAX:
            raise OSError(EFBIG, "it has more than 1 MiB")
    return data


def _printable(name: str) -> str:
    """Return the name without what no text file or terminal takes; a queued task may have chosen it."""
    return name.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()


def parse_env_file(text: str, name: str) -> dict[str, str]:
    """Return the variables in `text`; `name` is for messages. A key given twice has its last value.

    Raises UsageError with one line per mistake, of many the first.
    """
    text = text.replace("\r\n", "\n")
    values: dict[str, str] = {}
    mistakes: list[str] = []
    at = counted = 0
    line = 1
    while at < len(text) and len(mistakes) < _MISTAKES_MAX:
        if blank := _BLANK.match(text, at):
            at = blank.end()
            continue
        line, counted = line + text.count("\n", counted, at), at
        try:
            key, value, at = _assignment(text, at)
            values[key] = value
        except ValueError as error:
            mistakes.append(f"{name}:{line}: error: {error}")
            at = _line_end(text, at)
    if mistakes:
        rest = ["the rest of the file was not read"] if at < len(text) else []
        raise UsageError("\n".join(mistakes + rest), _HINT)
    return values


def _assignment(text: str, at: int) -> tuple[str, str, int]:
    """Return key, value and where the next line begins. Raises ValueError, which says nothing of what stands there."""
    match = _NAME.match(text, at)
    if match is None:
        raise ValueError(_problem_of_name(text[at : _line_end(text, at)].lstrip()))
    value, end = _value(text, match.end())
    if "\0" in value:
        raise ValueError("the value has a NUL character")
    return match[1], value, end


def _problem_of_name(line: str) -> str:
    if "=" not in line:
        return "there is no = in it"
    if line.startswith("="):
        return "there is no name in front of the ="
    return "a name has letters, digits and _, and begins with no digit"


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
