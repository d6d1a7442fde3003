"""Where the parts of a document stand, as offsets in its text. Pure values."""

from typing import NamedTuple


class MapAt(NamedTuple):
    """Places of a mapping: its start, and per key the start of the key and the place of the value."""

    start: int
    keys: dict[str, int]
    values: dict[str, "At"]


class ListAt(NamedTuple):
    """Places of a list: its start and the place of each item."""

    start: int
    items: list["At"]


At = int | MapAt | ListAt
"""The place of a value: an offset for a scalar."""


def start_of(at: At) -> int:
    """Return the offset where a value starts."""
    return at if isinstance(at, int) else at.start
