"""Dates and time zones as people write them in a workflow file. Imported only where there is one: `zoneinfo` costs."""

from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from airexec.workflow.wording import did_you_mean

_LAST_MOMENT = 32_503_680_000
"""The year 3000, in Unix seconds."""


def moment(text: str, timezone: str) -> float:
    """Return the Unix seconds of a date or a date with a time, in `timezone` unless it says its own.

    Raises ValueError for a date or a time zone that is none, OSError and KeyError for a time zone.
    """
    read = datetime.fromisoformat(text)
    return (read if read.tzinfo else read.replace(tzinfo=ZoneInfo(timezone))).timestamp()


def timezone_problem(name: str) -> tuple[str, str] | None:
    """Return what is wrong with the name of a time zone, and a hint."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # one that is not there, one that is a path, one that is a folder
        return f"there is no time zone '{name}'", did_you_mean(name, available_timezones()) or "such as Europe/Berlin"
    return None


def date_problem(text: str) -> str | None:
    """Return what is wrong with a date that looks like one."""
    try:
        is_near = 0 <= moment(text, "UTC") < _LAST_MOMENT
    except (ValueError, OverflowError):
        return f"'{text}' is no day of the calendar, or no time of a day"
    return None if is_near else f"'{text}' is not between 1970 and 3000"
