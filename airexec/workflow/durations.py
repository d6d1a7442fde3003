"""Durations as people write them (a number of seconds, or `500ms`, `30s`, `5m`, `1h30m`, `2d`) and as they read them.

What is read has two units at most: long in sentences and tables, short in drawings. Pure; no clock in here.
"""

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
    """Return a duration as one would write it, for a drawing: `0.4s`, `12s`, `3m5s`, `2h10m`."""
    if seconds < 9.95:
        return f"{max(seconds, 0):.1f}".removesuffix(".0") + "s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    size, unit, rest, smaller = _two_units(whole)
    return f"{size}{unit}{rest}{smaller}" if rest else f"{size}{unit}"


def duration_text(seconds: float) -> str:
    """Return `0.3 s`, `12.3 s`, `2 m 03 s`, `1 h 02 m` or `3 d 04 h`; what is negative counts as nothing."""
    if seconds < 59.95:
        return f"{max(0.0, seconds):.1f} s"
    return _long_text(round(seconds))


def rough_duration_text(seconds: float) -> str:
    """As `duration_text` in whole seconds: for times that change while one reads them."""
    whole = max(0, int(seconds))
    return f"{whole} s" if whole < 60 else _long_text(whole)


def delay_text(seconds: float) -> str:
    """As `duration_text`, with a decimal only where there is one to show: `5 s`, `0.5 s`."""
    return duration_text(seconds).replace(".0 s", " s")


def _long_text(whole: int) -> str:
    size, unit, rest, smaller = _two_units(whole)
    return f"{size} {unit} {rest:02} {smaller}"


def _two_units(whole: int) -> tuple[int, str, int, str]:
    """Return a minute or more in its largest unit and the one below: (2, "h", 10, "m")."""
    for length, unit, part, smaller in ((86400, "d", 3600, "h"), (3600, "h", 60, "m")):
        if whole >= length:
            return whole // length, unit, whole % length // part, smaller
    return whole // 60, "m", whole % 60, "s"
