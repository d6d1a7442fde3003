"""Moments as the files of the store spell them: `2026-11-21T01:33:12.345Z`, UTC with milliseconds."""

from functools import lru_cache
from time import gmtime


def to_iso(seconds: float) -> str:
    """Return Unix seconds as text, rounded to milliseconds."""
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    return f"{_second(whole)}.{milliseconds:03}Z"


@lru_cache(maxsize=256)  # a run has many moments in few seconds, and writes each of them several times
def _second(seconds: int) -> str:
    year, month, day, hour, minute, second, *_ = gmtime(seconds)
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"


def from_iso(text: str) -> float:
    """Return the Unix seconds that `to_iso` was given, if they were whole milliseconds. Raises ValueError."""
    from datetime import datetime  # 3 ms, and only readers need it

    return datetime.fromisoformat(text).timestamp()
