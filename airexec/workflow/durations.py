"""Durations as people write them: a number of seconds, or `500ms`, `30s`, `5m`, `1h30m`, `2d`."""

import re

_NUMBER = r"[0-9]{1,9}(\.[0-9]{1,9})?"
FORM = "(?=[0-9])" + "".join(f"({_NUMBER}{unit})?" for unit in ("d", "h", "m", "s", "ms"))
"""The pattern of the schema, for the whole text: at least one part, units in falling order."""

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def seconds(duration: str | float) -> float:
    """Return a duration in seconds. Raises ValueError for a text that is none."""
    if not isinstance(duration, str):
        return float(duration)
    if not re.fullmatch(FORM, duration):
        raise ValueError(duration)
    parts = re.findall(r"([0-9.]+)(ms|[smhd])", duration)
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def short_duration(seconds: float) -> str:
    """Return a duration as one would write it, rounded to two units at most: `0.4s`, `12s`, `3m5s`, `2h10m`."""
    if seconds < 9.95:
        return f"{max(seconds, 0):.1f}".removesuffix(".0") + "s"
    whole = round(seconds)
    for size, unit, smaller, part in ((86400, "d", "h", 3600), (3600, "h", "m", 60), (60, "m", "s", 1)):
        if whole >= size:
            rest = whole % size // part
            return f"{whole // size}{unit}{rest}{smaller}" if rest else f"{whole // size}{unit}"
    return f"{whole}s"
