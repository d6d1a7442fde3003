"""Our way to JSON says what the public one says."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.workflow.json_text import json_encoder

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
)


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
@given(value=VALUES)
def test_any_plain_data_is_written_as_by_json(separators: tuple[str, str], value: Any) -> None:
    assert json.dumps(value, separators=separators) == json_encoder(*separators)(value)


@given(value=VALUES)
def test_keys_are_sorted_where_that_is_asked_for(value: Any) -> None:
    assert json.dumps(value, separators=(",", ":"), sort_keys=True) == json_encoder(",", ":", sort_keys=True)(value)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_json_number_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        json_encoder(",", ":")({"a": [number]})


@pytest.mark.parametrize("value", [{("a", "b"): 1}, {"a"}, b"a"])
def test_what_is_no_plain_data_is_refused(value: Any) -> None:
    """None of it is left out in silence."""
    with pytest.raises(TypeError):
        json_encoder(",", ":")({"a": [value]})


def test_other_pythons_use_what_they_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("json.encoder.c_make_encoder", None)

    assert json.dumps({"a": [1, "ü"]}) == json_encoder(", ", ": ")({"a": [1, "ü"]})
