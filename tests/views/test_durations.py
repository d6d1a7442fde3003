"""Lengths of time as people read them."""

import pytest

from airexec.views.durations import delay_text, duration_text, rough_duration_text, time_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (0.26, "0.3 s"),
        (12.34, "12.3 s"),
        (59.94, "59.9 s"),
        (59.96, "1 m 00 s"),
        (123, "2 m 03 s"),
        (3599.7, "1 h 00 m"),
        (3720, "1 h 02 m"),
        (86400 * 3 + 3600 * 4 + 59, "3 d 04 h"),
    ],
)
def test_a_duration_is_shown_as_precisely_as_one_reads_it(seconds: float, text: str) -> None:
    """Never `60.0 s`, never `119 s`."""
    assert duration_text(seconds) == text


def test_a_duration_is_never_negative() -> None:
    """The wall clock may jump back in the middle of a run (promise B5)."""
    shown = duration_text(-3600), rough_duration_text(-3600), delay_text(-1)

    assert shown == ("0.0 s", "0 s", "0 s")


@pytest.mark.parametrize(("seconds", "text"), [(0.9, "0 s"), (59.9, "59 s"), (60, "1 m 00 s"), (61, "1 m 01 s")])
def test_a_rough_duration_changes_once_a_second(seconds: float, text: str) -> None:
    """What has been running for 59.9 s has not been running for a minute."""
    assert rough_duration_text(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(5, "5 s"), (0.5, "0.5 s"), (10, "10 s"), (90, "1 m 30 s")])
def test_a_delay_has_decimals_only_where_there_are_some(seconds: float, text: str) -> None:
    """Delays are written by people, mostly in whole seconds."""
    assert delay_text(seconds) == text


def test_a_moment_is_shown_in_local_time() -> None:
    """The journal has UTC, people have clocks."""
    assert time_text(1_795_224_792.0) == "2026-11-21 01:33:12"
