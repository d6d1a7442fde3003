"""When schedules are due: what cron means by its fields, and what becomes of a tick when the clocks change."""

from datetime import datetime
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.triggers.ticks import NAMES, Ticks
from airexec.workflow.model import Schedule

YEAR = 366 * 86400.0


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def ticks(cron: str, timezone: str, after: str, number: int = 3) -> list[str]:
    """Return the next ticks, without seconds."""
    found = Ticks(Schedule(cron, timezone))
    return [
        found.shown(tick).replace(":00+", "+").replace(":00-", "-") for tick in islice(found.after(at(after)), number)
    ]


def test_a_tick_comes_at_its_time_in_its_zone() -> None:
    """Not before, and not at the moment itself again."""
    assert ["2026-11-28T06:00+01:00", "2026-11-29T06:00+01:00"] == ticks(
        "0 6 * * *", "Europe/Berlin", "2026-11-28T04:59:59.5+00:00", 2
    )
    assert ["2026-11-29T06:00+01:00"] == ticks("0 6 * * *", "Europe/Berlin", "2026-11-28T06:00+01:00", 1)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("@hourly", "2026-11-28T07:00+00:00"),
        ("@daily", "2026-11-29T00:00+00:00"),
        ("@midnight", "2026-11-29T00:00+00:00"),
        ("@weekly", "2026-11-29T00:00+00:00"),
        ("@monthly", "2026-12-01T00:00+00:00"),
        ("@yearly", "2027-01-01T00:00+00:00"),
        ("@annually", "2027-01-01T00:00+00:00"),
        ("0 9 * * MON#1", "2026-12-07T09:00+00:00"),
        ("0 0 L feb *", "2027-02-28T00:00+00:00"),
        ("0 0 13 * fri", "2026-12-04T00:00+00:00"),
    ],
)
def test_names_and_days(name: str, expected: str) -> None:
    """A day of the month and a day of the week, both said, mean either, as ever."""
    assert [expected] == ticks(name, "UTC", "2026-11-28T06:30:00+00:00", 1)


def test_every_name_of_the_schema_is_known() -> None:
    from airexec.workflow.schema.published import schema

    pattern = schema("workflow")["properties"]["schedule"]["pattern"]

    assert {name.removeprefix("@") for name in NAMES} == set(pattern.partition("@(")[2].partition(")")[0].split("|"))


@pytest.mark.parametrize(
    ("zone", "night", "before", "after"),
    [
        ("Europe/Berlin", "2026-03-29", "+01:00", "+02:00"),
        ("America/New_York", "2026-03-08", "-05:00", "-04:00"),
    ],
)
def test_in_spring_what_falls_into_the_hour_left_out_comes_right_after_it(
    zone: str, night: str, before: str, after: str
) -> None:
    """Once, though there be several; an hour that is there has its own, and the next day is as ever."""
    evening = f"{night}T00:30:00{before}"
    (at_three,) = ticks("30 2 * * *", zone, evening, 1)

    assert f"{night}T03:00{after}" == at_three
    assert at_three == ticks("0,15,45 2 * * *", zone, evening, 1)[0]
    assert f"{night}T03:00{after}" not in ticks("0,15,45 2 * * *", zone, evening, 2)[1]
    assert [f"{night}T01:30{before}", f"{night}T03:00{after}", f"{night}T03:30{after}"] == ticks(
        "30 1-3 * * *", zone, evening, 3
    )


@pytest.mark.parametrize(
    ("zone", "night", "before", "after"),
    [
        ("Europe/Berlin", "2026-03-29", "+01:00", "+02:00"),
        ("America/New_York", "2026-03-08", "-05:00", "-04:00"),
    ],
)
def test_in_spring_schedules_by_the_clock_leave_the_hour_out(zone: str, night: str, before: str, after: str) -> None:
    """As the clock on the wall does."""
    evening = f"{night}T01:00:00{before}"

    assert [f"{night}T03:00{after}", f"{night}T04:00{after}"] == ticks("0 * * * *", zone, evening, 2)
    assert [f"{night}T01:30{before}", f"{night}T03:00{after}"] == ticks("*/30 * * * *", zone, evening, 2)
    assert night not in ticks("*/30 2 * * *", zone, evening, 1)[0]


@pytest.mark.parametrize(
    ("zone", "night", "before", "after", "hour"),
    [
        ("Europe/Berlin", "2026-10-25", "+02:00", "+01:00", 2),
        ("America/New_York", "2026-11-01", "-04:00", "-05:00", 1),
    ],
)
def test_in_autumn_what_falls_into_the_hour_that_comes_twice_comes_once(
    zone: str, night: str, before: str, after: str, hour: int
) -> None:
    """At the first of the two, from wherever in the night one asks; schedules by the clock come at both."""
    first, second = f"{night}T0{hour}:30{before}", f"{night}T0{hour}:30{after}"
    cron = f"30 {hour} * * *"

    assert first == ticks(cron, zone, f"{night}T00:00:00{before}", 1)[0]
    assert night not in ticks(cron, zone, f"{night}T0{hour}:10:00{after}", 1)[0]
    assert [first, second] == [
        tick for tick in ticks("30 * * * *", zone, f"{night}T00:00:00{before}", 5) if f"T0{hour}:" in tick
    ]
    assert [first, second] == [
        tick for tick in ticks(f"*/30 {hour} * * *", zone, f"{night}T00:00:00{before}", 4) if ":30" in tick
    ]


def test_a_midnight_that_is_left_out_comes_at_one() -> None:
    """In Beirut the clocks change at midnight."""
    assert ["2026-03-29T01:00+03:00"] == ticks("0 0 * * *", "Asia/Beirut", "2026-03-28T12:00:00+02:00", 1)


def test_nothing_comes_before_the_start_date() -> None:
    """What comes at that very moment does."""
    found = Ticks(Schedule("0 6 * * *", start_date=at("2026-12-24T06:00:00+00:00")))

    assert "2026-12-24T06:00:00+00:00" == found.shown(next(found.after(0.0)))


def test_a_schedule_may_come_to_an_end() -> None:
    """Of the days that cronsim looks at: fifty years."""
    found = Ticks(Schedule("0 0 29 2 *"))

    assert "2028-02-29T00:00:00+00:00" == found.shown(next(found.after(at("2026-11-28T00:00:00+00:00"))))


crons = st.sampled_from(
    ["* * * * *", "*/7 * * * *", "30 2 * * *", "0,15,45 1-3 * * *", "0 0 1 * *", "59 23 31 12 *", "15 2 * * sun"]
)
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])


@given(crons, zones, st.floats(1.75e9, 1.85e9), st.floats(0, 4 * 86400))
def test_the_newest_is_the_last_of_those_between(cron: str, zone: str, after: float, seconds: float) -> None:
    """Whose ticks rise, are on whole minutes, and are none of them outside."""
    found = Ticks(Schedule(cron, zone))
    between = list(found.between(after, after + seconds))

    assert between == sorted(set(between))
    assert all(after < tick <= after + seconds and tick % 60 == 0 for tick in between)
    assert (between[-1] if between else None) == found.newest(after, after + seconds)


@given(st.sampled_from(["0 0 1 * *", "59 23 31 12 *", "0 0 29 2 *", "15 2 * * sun"]), zones, st.floats(1.75e9, 1.85e9))
def test_the_newest_of_many_years_is_that_of_its_last(cron: str, zone: str, until: float) -> None:
    """However rare the ticks are."""
    found = Ticks(Schedule(cron, zone))

    assert max(found.between(until - 9 * YEAR, until)) == found.newest(until - 9 * YEAR, until)
    assert found.newest(until - 9 * YEAR, until) == found.newest(until - 12 * YEAR, until)
