"""Moments as text and back."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.state.timestamps import from_iso, to_iso


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "1970-01-01T00:00:00.000Z"),
        (1_795_224_792.345, "2026-11-21T01:33:12.345Z"),
        (1_795_224_792.9996, "2026-11-21T01:33:13.000Z"),
        (951_782_400.5, "2000-02-29T00:00:00.500Z"),
        (-0.001, "1969-12-31T23:59:59.999Z"),
    ],
)
def test_a_moment_is_written_in_utc_with_milliseconds(seconds: float, text: str) -> None:
    """Rounded, not cut; also before 1970, where a broken clock may be."""
    assert text == to_iso(seconds)


@given(st.integers(min_value=0, max_value=250_000_000_000_000))
def test_whole_milliseconds_come_back_exactly(milliseconds: int) -> None:
    """For every moment up to the year 9892."""
    seconds = round(milliseconds / 1000, 3)

    assert seconds == from_iso(to_iso(seconds))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-13-01T00:00:00.000Z",
        "2026-06-31T00:00:00.000Z",
        "2026-02-29T00:00:00.000Z",
        "2026-11-21T24:00:00.000Z",
        "2026-11-21 01:33:12.345Z",
        "2026-11-21T01:33:12Z",
        "2026-11-21T01:33:12.345",
        "2026-11-21T01:33:12.3xZ",
        "2026-11-21T01:33:12.345+01:00",
    ],
)
def test_what_is_no_moment_of_ours_is_refused(text: str) -> None:
    """There is one spelling and no other."""
    with pytest.raises(ValueError, match=r"."):
        from_iso(text)


@given(st.datetimes(min_value=datetime(1000, 1, 1), max_value=datetime(9999, 12, 31)))
def test_moments_are_read_as_the_calendar_has_them(moment: datetime) -> None:
    """Leap years and ends of months as in `datetime`, which would be a slow import."""
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)

    assert moment.timestamp() == from_iso(moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"))
