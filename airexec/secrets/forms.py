"""In which spellings a secret may come back in output. Pure; knows no streams.

Masking is a seat belt: it catches what programs print by accident (as is, in a log line of JSON, in a URL, in an
`Authorization: Basic` header, in the trace of `set -x`), not what somebody takes pains to disguise.
"""

import json
import re

LENGTH_MIN = 6
"""Bytes. A shorter value occurs in innocent output all the time, and its masking would give it away."""

_BASE64_LINES = (57, 48)
"""Bytes per line of wrapped base64: 76 characters (coreutils, MIME) and 64 (openssl, PEM)."""
_LONE_SURROGATE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_HEXDIGITS = "0123456789ABCDEF"
_URL_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~")


def secret_forms(secret: str) -> set[bytes]:
    """Return all byte strings to hide for this secret, each at least LENGTH_MIN long.

    A secret of several lines also hides each of its lines, because programs indent them or print one at a time.
    """
    forms: set[bytes] = set()
    for text in {secret, secret.strip(), *secret.splitlines(), *map(str.strip, secret.splitlines())}:
        data = encoded(text)
        if len(data) >= LENGTH_MIN:
            forms.update({data}, _base64_forms(data), _json_forms(text), _url_forms(data), _shell_forms(text))
    return {form for form in forms if len(form) >= LENGTH_MIN}


def encoded(text: str) -> bytes:
    """Return the bytes that a program prints for `text`; what is not UTF-8 in the environment stays as it is.

    Half of a surrogate pair, which JSON can name (`"\\ud800"`), has no bytes and counts as U+FFFD.
    """
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return _LONE_SURROGATE.sub("\ufffd", text).encode("utf-8", "surrogateescape")


def _base64_forms(data: bytes) -> set[bytes]:
    """Return the characters that are the same wherever the secret stands in the encoded text, alone or within."""
    pieces = {_base64_core(data, offset) for offset in range(3)}
    for width in _BASE64_LINES:
        if len(data) > width:
            pieces.update(_base64_core(data[at : at + width], 0) for at in range(0, len(data), width))
    return pieces | {piece.replace(b"+", b"-").replace(b"/", b"_") for piece in pieces}


def _base64_core(data: bytes, offset: int) -> bytes:
    """Return what `data` alone decides of its base64 when `offset` (0-2) unknown bytes of a group stand before it."""
    from binascii import b2a_base64

    first = (0, 2, 3)[offset]
    whole = (offset + len(data)) * 8 // 6
    return b2a_base64(bytes(offset) + data, newline=False)[first:whole]


def _json_forms(text: str) -> set[bytes]:
    ascii_only = json.dumps(text)[1:-1]
    spellings = {ascii_only, json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1]}
    spellings |= {spelling.replace("/", "\\/") for spelling in spellings}
    return set(map(encoded, spellings))


def _url_forms(data: bytes) -> set[bytes]:
    forms: set[bytes] = set()
    for safe in (b"", b"/", b"!'()*"):
        quoted = "".join(
            chr(byte) if byte in _URL_SAFE or byte in safe else f"%{_HEXDIGITS[byte >> 4]}{_HEXDIGITS[byte & 15]}"
            for byte in data
        )
        for spelling in (quoted, quoted.replace("%20", "+")):
            forms.update({spelling.encode(), _lower_escapes(spelling).encode()})
    return forms


def _lower_escapes(quoted: str) -> str:
    first, *rest = quoted.split("%")
    return "%".join([first, *(part[:2].lower() + part[2:] for part in rest)])


def _shell_forms(text: str) -> set[bytes]:
    """Return the inside of single quotes (both ways to write a quote), of double quotes, and with backslashes."""
    double = "".join("\\" + char if char in '"\\$`' else char for char in text)
    bare = "".join(char if char.isalnum() or char in "_-./:=@%+,\n" else "\\" + char for char in text)
    spellings = {text.replace("'", "'\\''"), text.replace("'", "'\"'\"'"), double, bare}
    return set(map(encoded, spellings))
