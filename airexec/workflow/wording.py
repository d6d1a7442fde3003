"""How messages name things: values quoted and shortened, types in YAML's words, the nearest known name."""

from collections.abc import Iterable
from typing import Any

SHOWN_MAX = 60
MEANT_LIKENESS = 0.65
"""How alike (difflib's ratio) a known name must be to be suggested."""
COMPARED_MAX = 50
MEANT_PREFIX_MIN = 4
"""How many letters of a known name must be written for it to be suggested whole."""


def quoted(text: str) -> str:
    """Return a name for a message: in single quotes, shortened in the middle."""
    return f"'{shortened(text)}'"


def shortened(text: str, limit: int = SHOWN_MAX) -> str:
    """Return text of at most `limit` characters, the middle left out."""
    if len(text) <= limit:
        return text
    half = (limit - 1) // 2
    return f"{text[:half]}…{text[-half:]}"


def shown(value: Any) -> str:
    """Return a value as a message shows it: `the string 'x'`, `the number 3.1`, `a list`."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {shortened(str(value))}"
    if isinstance(value, str):
        return f"the string {quoted(value)}"
    return "a map" if isinstance(value, dict) else "a list"


def either(names: Iterable[str]) -> str:
    """Return `a`, `a or b`, `a, b or c`."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that was most likely meant, or None.

    difflib over 10 000 names costs 0.2 s and more, so it sees only the few that begin and end most alike.
    """
    from difflib import get_close_matches
    from heapq import nlargest

    folded = name.lower()
    candidates: dict[str, str] = {}
    for other in known:
        lower = other.lower()
        if len(folded) >= MEANT_PREFIX_MIN and lower.startswith(folded):
            return other
        if abs(len(lower) - len(folded)) <= 3:
            candidates.setdefault(lower, other)
    likely = nlargest(COMPARED_MAX, candidates, key=lambda other: _shared_ends(folded, other))
    found = [folded] if folded in candidates else get_close_matches(folded, likely, n=1, cutoff=MEANT_LIKENESS)
    return candidates[found[0]] if found else None


def _shared_ends(first: str, second: str) -> int:
    """Return how many letters two names share at their beginnings and ends: a typo is a small place in the middle."""
    return _common(first, second) + _common(first[::-1], second[::-1])


def _common(first: str, second: str) -> int:
    for place, (one, other) in enumerate(zip(first, second, strict=False)):
        if one != other:
            return place
    return min(len(first), len(second))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the hint `did you mean 'x'?`, or nothing."""
    near = nearest(name, known)
    return f"did you mean '{near}'?" if near is not None else ""
