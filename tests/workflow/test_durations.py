"""Durations as people write them."""

import re

import pytest

from airexec.workflow.durations import FORM, seconds, short_duration
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
    """Or a valid file would fail when it is built."""
    properties = schema("workflow")["definitions"]["task"]["properties"]
    keys = ("retry_delay", "max_retry_delay", "execution_timeout")

    patterns = {properties[key]["pattern"] for key in keys} | {
        schema("workflow")["properties"]["dagrun_timeout"]["pattern"]
    }

    assert {f"^{FORM}$"} == patterns


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
