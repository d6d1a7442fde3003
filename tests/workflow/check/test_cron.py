"""The form of cron expressions."""

import pytest

from airexec.workflow.check.cron import cron_problem


@pytest.mark.parametrize(
    "schedule",
    [
        "* * * * *",
        "0 6 * * *",
        "*/15 0-23/2 1,15 jan-mar MON",
        "59 23 31 12 7",
        "0 0 * * 0",
        "@daily",
        "5-10 1 1 1 1",
        "0 0 L * *",
        "0 9 * * MON#1",
    ],
)
def test_good_schedules(schedule: str) -> None:
    """Numbers, ranges, steps, lists and names."""
    assert cron_problem(schedule) is None


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ("60 * * * *", "'60' is no minute (0-59)"),
        ("* 24 * * *", "'24' is no hour (0-23)"),
        ("* * 0 * *", "'0' is no day of month (1-31)"),
        ("* * * 13 *", "'13' is no month (1-12, jan-dec)"),
        ("* * * * 8", "'8' is no day of week (0-7, sun-sat)"),
        ("* * * * mo", "'mo' is no day of week (0-7, sun-sat)"),
        ("*/0 * * * *", "'*/0' is no minute (0-59)"),
        ("10-5 * * * *", "'10-5' is no minute (0-59)"),
        ("1,,2 * * * *", "'' is no minute (0-59)"),
        ("1-99 * * * *", "'1-99' is no minute (0-59)"),
        ("0 0 30 2 *", "the day never comes: day of month 30, month 2"),
    ],
)
def test_bad_schedules_name_the_part(schedule: str, said: str) -> None:
    """And its field."""
    assert said == cron_problem(schedule)
