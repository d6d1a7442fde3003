"""Plain data as JSON text, many times a second. Knows nothing of what is written."""

from collections.abc import Callable
from json import JSONEncoder, encoder
from typing import Any

quoted = encoder.encode_basestring_ascii
"""Returns a text as a JSON string in ASCII."""


def json_encoder(item_separator: str, key_separator: str, sort_keys: bool = False) -> Callable[[Any], str]:
    """Return `JSONEncoder.encode` with these settings, with its C encoder made once: `encode` itself makes one anew
    in every call, which is a third of its time.

    Raises ValueError for NaN and infinity, TypeError for what is no plain data, RecursionError for data in itself.
    """
    public = JSONEncoder(separators=(item_separator, key_separator), sort_keys=sort_keys, allow_nan=False)
    make = getattr(encoder, "c_make_encoder", None)
    if make is None:  # not CPython
        return public.encode
    parts = make(None, public.default, quoted, None, key_separator, item_separator, sort_keys, False, False)
    return lambda value: "".join(parts(value, 0))
