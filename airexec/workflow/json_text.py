"""Plain data as JSON text, many times a second. Knows nothing of what is written."""

from collections.abc import Callable
from json import JSONEncoder, encoder
from typing import Any

quoted = encoder.encode_basestring_ascii
"""Returns a text as a JSON string in ASCII."""


def json_encoder(item_separator: str, key_separator: str, sort_keys: bool = False) -> Callable[[Any], str]:
    """Return `JSONEncoder.encode` with these settings; `json.dumps` would make an encoder for each text.

    Raises ValueError for NaN and infinity, TypeError for what is no plain data, RecursionError for data in itself.
    """
    separators = item_separator, key_separator
    return JSONEncoder(separators=separators, sort_keys=sort_keys, allow_nan=False, check_circular=False).encode
