"""Durations as people write them and as they read them."""

import re

import pytest

from airexec.workflow.durations import FORM, delay_text, duration_text, rough_duration_text, seconds, short_duration
from airexec.workflow.schema.published import schema


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (3, 3.0), (0, 0.0), (0.25, 0.25), ("500ms", 0.5), ("30s", 30.0), ("5m", 300.0), ("1h30m", 5400.0),
        ("2d", 172800.0), ("1d2h3m4s5ms", 93784.005), ("1.5h", 5400.0), ("0s", 0.0),
    ],
)  # fmt: skip
def test_a_duration_is_a_number_of_seconds_or_has_units(written: str | float, meant: float) -> None:
    """Units in falling order, each at most once."""
    assert meant == seconds(written)


@pytest.mark.parametrize("written", ["", "5", "soon", "1m1h", "5 m", "-5s", "5S", "m", "5s5s", ".5s", "5s\n"])
def test_anything_else_is_no_duration(written: str) -> None:
    """A bare number in quotes included: its unit would be a guess."""
    with pytest.raises(ValueError, match=f"^{re.escape(written)}$"):
        seconds(written)


def test_the_schema_has_the_same_form() -> None:
    """Or a valid file would fail when it is built; else it is a template."""
    properties = schema("workflow")["definitions"]["task"]["properties"]
    keys = ("retry_delay", "max_retry_delay", "execution_timeout")

    patterns = {properties[key]["pattern"] for key in keys} | {
        schema("workflow")["properties"]["dagrun_timeout"]["pattern"]
    }

    assert {rf"^{FORM}$|\{{\{{"} == patterns


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (-1, "0s"),
        (0, "0s"),
        (0.04, "0s"),
        (0.44, "0.4s"),
        (5.0, "5s"),
        (9.94, "9.9s"),
        (9.95, "10s"),
        (59.4, "59s"),
        (59.6, "1m"),
        (185, "3m5s"),
        (3600, "1h"),
        (7835, "2h10m"),
        (90_000, "1d1h"),
    ],
)
def test_a_short_duration_is_told_as_it_would_be_written(length: float, text: str) -> None:
    """Two units at most; rounding carries into the next unit."""
    assert text == short_duration(length)


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
