"""Moments as text and back."""

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
