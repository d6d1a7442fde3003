"""What `airexec output` writes for what it is told."""

import pytest

from airexec.cli.commands.output import parse_outputs
from airexec.errors import UsageError


def test_outputs_are_typed() -> None:
    """`airexec output rows=42 name=orders`."""
    assert {"rows": 42, "name": "orders"} == parse_outputs(["rows=42", "name=orders"])


def test_outputs_can_be_text() -> None:
    """`airexec output --string build=42`."""
    assert {"build": "42"} == parse_outputs(["build=42"], as_text=True)


def test_outputs_can_be_json() -> None:
    """Objects and assignments go together; the last of a name wins."""
    assert {"rows": 2, "files": ["a"]} == parse_outputs(['{"rows": 1, "files": ["a"]}', "rows=2"])


def test_broken_json_is_refused() -> None:
    """With the place of the mistake."""
    with pytest.raises(UsageError) as refused:
        parse_outputs(['{"rows": }'])

    assert "'{\"rows\": }': not JSON: expecting value at column 10" == refused.value.headline


def test_json_with_a_key_twice_is_refused() -> None:
    """As `::output` refuses it."""
    with pytest.raises(UsageError) as refused:
        parse_outputs(['{"n": 1, "n": 2}'])

    assert "'{\"n\": 1, \"n\": 2}': key 'n' stands there twice" == refused.value.headline
