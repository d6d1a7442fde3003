r"""Text that is safe on a terminal: of all that a task prints only colours survive. Pure; knows nothing of tasks.

A terminal obeys what it is sent: it moves the cursor over lines already shown, sets the clipboard, reorders letters,
reports back as if typed. So every control character, every escape sequence but the colours, and every character that
is invisible or changes the direction of writing is shown as the text that a programmer would write for it: `\x1b[2J`,
`\u202e`. Bytes that are no UTF-8 look the same way (`\xff`). A carriage return starts a new line, as nothing may be
overwritten. Colour means what SGR (ECMA-48 8.3.117) has for colour, weight, slant, underline and reverse; `conceal`
and blinking are none of it.
"""

import codecs
import re
from functools import cache

_PLAIN_BYTES = bytes([9, 10, *range(0x20, 0x7F)])
_ATTRIBUTE = r"0*(?:[0-479]|2[1-57-9]|[34][0-79]|9[0-7]|10[0-7])"
_EXTENDED = (
    r"[34]8(?:;5;[0-9]{1,3}|;2;[0-9]{1,3};[0-9]{1,3};[0-9]{1,3}|:5:[0-9]{1,3}|:2(?::[0-9]{0,3}){3,4})"  # 256, RGB
)
_COLOUR = rf"\x1b\[(?:{_EXTENDED}|{_ATTRIBUTE})?(?:;(?:{_EXTENDED}|{_ATTRIBUTE})?)*m"
_COLOUR_LENGTH_MAX = 64
_UNSAFE = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_UNFINISHED = rf"(?:\r|\x1b(?:\[[0-9;:]{{0,{_COLOUR_LENGTH_MAX - 3}}})?)\Z"


def visible(text: str, colours: bool = True) -> str:
    """Return `text` safe for a terminal, lines ended by a plain newline; without `colours` these are dropped too."""
    if text.replace("\n", "").replace("\t", "").isprintable():  # says no to more than _UNSAFE, and quickly
        return text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _pattern(rf"{_COLOUR}|\x1b|(?:(?!\x1b){_UNSAFE})+").sub(_kept if colours else _dropped, text)


def one_line(text: str) -> str:
    r"""Return `text` for a place inside a line of ours: safe, no colours, line ends shown as `\n`."""
    if text.isascii() and text.isprintable():
        return text
    return visible(text.rstrip("\r\n"), colours=False).replace("\n", "\\n")


class Sanitizer:
    """Turns the bytes of one output into safe text, piece by piece; where the pieces were cut makes no difference."""

    def __init__(self, colours: bool = True) -> None:
        self._colours = colours
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._held = ""
        """The end of the last piece, if it may be the beginning of a colour or of a line end. At most 63 characters."""
        self._idle = True

    def feed(self, data: bytes) -> str:
        if self._idle and not data.translate(None, _PLAIN_BYTES):  # nearly all output; several times faster
            return data.decode("ascii")
        text = self._held + self._decoder.decode(data)
        unfinished = _pattern(_UNFINISHED).search(text, max(0, len(text) - _COLOUR_LENGTH_MAX))
        end = unfinished.start() if unfinished else len(text)
        self._held = text[end:]
        self._idle = not self._held and not self._decoder.getstate()[0]
        return visible(text[:end], self._colours)

    def finish(self) -> str:
        """Return what was held back; the output is over."""
        text = self._held + self._decoder.decode(b"", final=True)
        self._held, self._idle = "", True
        return visible(text, self._colours)


class LineCutter:
    """Cuts text that comes in pieces into whole lines. A line longer than `length_max` comes out in several pieces."""

    def __init__(self, length_max: int = 65536) -> None:
        self._length_max = length_max
        self._rest = ""

    def feed(self, text: str) -> list[str]:
        """Return the lines complete by now, without their newline."""
        *lines, self._rest = (self._rest + text).split("\n")
        if len(self._rest) >= self._length_max:
            lines.append(self._rest)
            self._rest = ""
        return lines

    def finish(self) -> list[str]:
        rest, self._rest = self._rest, ""
        return [rest] if rest else []


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _kept(match: re.Match[str]) -> str:
    found = match.group()
    return found if _is_colour(found) else _spelled(found)


def _dropped(match: re.Match[str]) -> str:
    found = match.group()
    return "" if _is_colour(found) else _spelled(found)


def _is_colour(found: str) -> bool:
    return found[0] == "\x1b" and 1 < len(found) <= _COLOUR_LENGTH_MAX


def _spelled(found: str) -> str:
    """Return a run of unsafe characters, or a colour that is too long, as visible text."""
    if found[0] == "\x1b":
        return "\\x1b" + found[1:]
    return "".join(map(_spelled_character, found))


@cache
def _spelled_character(character: str) -> str:
    code = ord(character)
    width = "x%02x" if code < 0x100 else "u%04x" if code < 0x10000 else "U%08x"
    return "\\" + width % code
