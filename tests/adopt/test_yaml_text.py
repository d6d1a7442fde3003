"""How values are written: as a person would, and so that they read back as the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.adopt.yaml_text import comment, entry, scalar
from airexec.workflow.diagnostics import Finding
from airexec.workflow.yaml.nodes import read_yaml


@pytest.mark.parametrize(
    ("text", "is_written"),
    [
        ("make all", "make all"),
        ("a: b", '"a: b"'),
        ("x # y", '"x # y"'),
        ('say "a: b"', "'say \"a: b\"'"),
        ('it\'s "a: b"', "'it''s \"a: b\"'"),
        ("yes", '"yes"'),
        ("3.10", '"3.10"'),
        ("20m", "20m"),
        ("{{ params.x }}", '"{{ params.x }}"'),
        ("", '""'),
        ("a\x07b", '"a\\x07b"'),
        ("a\ud800b", '"a\ufffdb"'),
    ],
)
def test_a_text_is_plain_where_it_can_be(text: str, is_written: str) -> None:
    """Else in the quotes that need the least."""
    assert is_written == scalar(text)


def test_inside_of_a_list_commas_and_brackets_are_quoted() -> None:
    assert ['k: [a, "b, c", \'["d\']'] == entry("k", ["a", "b, c", '["d'], 0)


def test_a_script_is_a_block() -> None:
    assert ["  k: |", "    a", "", "      b"] == entry("k", "a\n\n  b\n", 2)


def test_a_script_that_no_block_can_hold_is_quoted() -> None:
    """It begins with a blank, or holds what YAML may not show."""
    assert ['k: " a\\nb"', 'k: "a\\x07\\nb"'] == [*entry("k", " a\nb", 0), *entry("k", "a\x07\nb", 0)]


def test_what_is_too_long_for_a_line_gets_a_line_for_each_part() -> None:
    words = ["word" * 8] * 4

    assert ["k:", *(f"  - {word}" for word in words)] == entry("k", words, 0)


def test_a_map_of_one_stands_on_its_line() -> None:
    assert ["k: {a: 1}"] == entry("k", {"a": 1}, 0)
    assert ["k:", "  a: true", '  b: "2"'] == entry("k", {"a": True, "b": "2"}, 0)


def test_a_comment_cannot_be_left() -> None:
    """Whatever is in it: a line break, or what a reader of YAML takes for one."""
    assert ["  # a b c d"] == comment("a\nb\x85c\u2028d", 2)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_whatever_is_written_reads_back(text: str) -> None:
    """As a value alone, in a list, and as a block."""
    lines = [*entry("a", text, 0), *entry("b", [text], 0), *entry("c", {text: text}, 0)]

    found: list[Finding] = []
    document = read_yaml("\n".join(lines), found)

    assert [] == found
    assert document is not None
    value = document.value
    assert (text.strip("\n"), [text], {text: text}) == (value["a"].strip("\n"), value["b"], value["c"])
