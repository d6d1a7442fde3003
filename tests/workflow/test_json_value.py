"""JSON that tasks hand over: strict, and what is wrong with it in one clause."""

import pytest

from airexec.workflow.json_value import JsonError, parse_json


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a": 1, "a": 2}', "key 'a' stands there twice"),
        (f'{{"{"k" * 99}": 1, "{"k" * 99}": 2}}', f"key '{'k' * 29}…{'k' * 29}' stands there twice"),
        ("NaN", "NaN is no JSON number"),
        ("-Infinity", "-Infinity is no JSON number"),
        ("1e999", "the number 1e999 is too big"),
        ("9" * 999 + ".0", f"the number {'9' * 29}…{'9' * 27}.0 is too big"),
        ("[" * 1000 + "]" * 1000, "nested deeper than 100 levels"),
        ("[" * 100_000, "nested deeper than 100 levels"),
        ('{"a":' * 101 + "1" + "}" * 101, "nested deeper than 100 levels"),
        ('[{"a":' * 51 + "1" + "}]" * 51, "nested deeper than 100 levels"),
        ("9" * 5000, "a number is too long"),
        ("", "not JSON: expecting value at column 1"),
        ('{"a": 1} x', "not JSON: extra data at column 10"),
    ],
)
def test_json_that_readers_disagree_about_is_refused(text: str, problem: str) -> None:
    """Only JsonError leaves, with one clause."""
    with pytest.raises(JsonError) as caught:
        parse_json(text)

    assert str(caught.value) == problem
