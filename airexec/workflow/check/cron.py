"""The form of a cron expression: cronsim decides, and this says which part it was."""

_FIELDS = (
    ("minute", "0-59"),
    ("hour", "0-23"),
    ("day of month", "1-31"),
    ("month", "1-12, jan-dec"),
    ("day of week", "0-7, sun-sat"),
)


def cron_problem(cron: str) -> str | None:
    """Return what is wrong with a schedule of five fields or an @name, as one sentence."""
    fields = cron.split()
    if len(fields) == 1:
        return None  # the schema knows the names
    for place, (name, values) in enumerate(_FIELDS):
        for item in fields[place].split(","):
            if not _is_good(["*"] * place + [item] + ["*"] * (len(_FIELDS) - place - 1)):
                return f"'{item}' is no {name} ({values})"
    return None if _is_good(fields) else f"the day never comes: day of month {fields[2]}, month {fields[3]}"


def _is_good(fields: list[str]) -> bool:
    from datetime import UTC, datetime

    from cronsim import CronSim, CronSimError

    try:
        next(CronSim(" ".join(fields), datetime(2000, 1, 1, tzinfo=UTC)))
    except (CronSimError, StopIteration):
        return False
    return True
