"""Moments as the files of the store spell them: `2026-11-21T01:33:12.345Z`, UTC with milliseconds.

A run has many moments in few seconds, and each is written and read several times; so they are worked out once.
Reading does without a calendar of the standard library, since each run reads the history of its job at the start:
`datetime` would take 1.6 ms of it, `calendar.timegm` 3.6 (CPU time of the import in Python 3.11; a small run has 60).
"""

from functools import lru_cache
from time import gmtime

_DAYS_BEFORE_MONTH = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
_DAYS_BEFORE_1970 = 719_162
"""From the first day of the year 1 on."""


@lru_cache(maxsize=256)
def to_iso(seconds: float) -> str:
    """Return Unix seconds as text, rounded to milliseconds."""
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    return f"{_second_text(whole)}.{milliseconds:03}Z"


def from_iso(text: str) -> float:
    """Return the Unix seconds that `to_iso` was given, if they were whole milliseconds. Raises ValueError."""
    if text[19:20] != "." or text[23:] != "Z":
        raise ValueError(f"not a moment: {text!r}")
    return (_second(text[:19]) * 1000 + int(text[20:23])) / 1000


@lru_cache(maxsize=256)
def _second_text(second: int) -> str:
    year, month, day, hour, minute, rest, *_ = gmtime(second)
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{rest:02}"


@lru_cache(maxsize=256)
def _second(text: str) -> int:
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:10])
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    before = year - 1
    days = before * 365 + before // 4 - before // 100 + before // 400 - _DAYS_BEFORE_1970
    days += _DAYS_BEFORE_MONTH[(month - 1) % 12] + (is_leap and month > 2) + day - 1
    second = days * 86_400 + int(text[11:13]) * 3600 + int(text[14:16]) * 60 + int(text[17:19])
    if _second_text(second) != text:  # a month 13, a day 31 in June, another sign between the numbers
        raise ValueError(f"not a moment: {text!r}")
    return second
