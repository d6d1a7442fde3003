"""The form of a cron expression. When it fires is the job manager's business."""

import re

_FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of month", 1, 31, ()),
    ("month", 1, 12, ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")),
    ("day of week", 0, 7, ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
)
_ITEM = re.compile(r"(?:(?P<every>\*)|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>[0-9]+))?")


def schedule_problem(schedule: str) -> str | None:
    """Return what is wrong with a schedule of five fields or an @name, as one sentence."""
    if schedule.strip().startswith("@"):
        return None
    for (name, low, high, words), text in zip(_FIELDS, schedule.split(), strict=True):
        for item in text.split(","):
            if not _is_item(item, low, high, words):
                return f"'{item}' is no {name} ({low}-{high})"
    return None


def _is_item(item: str, low: int, high: int, words: tuple[str, ...]) -> bool:
    found = _ITEM.fullmatch(item)
    if not found or found["step"] == "0":
        return False
    if found["every"]:
        return True
    bounds = [_number(found[part], low, words) for part in ("first", "last") if found[part]]
    return all(bound is not None and low <= bound <= high for bound in bounds) and bounds == sorted(
        bounds, key=lambda bound: bound or 0
    )


def _number(text: str, low: int, words: tuple[str, ...]) -> int | None:
    if text.isdecimal():
        return int(text)
    return words.index(text.lower()) + low if text.lower() in words else None
