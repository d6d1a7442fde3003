"""From a character of a text in the data to its place in the source."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.workflow.model import Location
from airexec.workflow.yaml.nodes import read_yaml
from airexec.workflow.yaml.places import Places
from airexec.workflow.yaml.source import Source


def places(text: str) -> Places:
    document = read_yaml(text, [])
    assert document is not None
    return Places(document, Source(text, "f.yml"))


@pytest.mark.parametrize(
    "text",
    [
        "a: x {{ HERE }}\n",
        "a: 'x {{ HERE }}'\n",
        "a: 'it''s ''{{ HERE }}'\n",
        'a: "\\t\\u00e9\\x41\\U0001F600 \\" {{ HERE }}"\n',
        "a: &anchor x {{ HERE }}\n",
        "a: !!str 'x {{ HERE }}'\n",
        "a: |\n  one\n\n    two\n  {{ HERE }} x\n",
        "a: |-\n\n\n  one\n  {{ HERE }}\n",
        "b:\n  - c\na: |+  # comment\n        one {{ HERE }}\n\n\n",
        "a: &x |\n  one\n  {{ HERE }}\n",
    ],
)
def test_a_place_inside_of_a_text_is_found(text: str) -> None:
    """Plain, quoted with escapes, and literal blocks."""
    found = places(text)
    value = found.data["a"]

    assert text.index("HERE") == found.in_text(("a",), value.index("HERE"))


@pytest.mark.parametrize(
    "text",
    ["a: >\n  one\n  {{ HERE }}\n", "a: one\n  {{ HERE }}\n", "a: 'one\n  {{ HERE }}'\n", "a: |2\n    {{ HERE }}\n"],
)
def test_where_lines_are_folded_the_start_of_the_text_stands_for_all_of_it(text: str) -> None:
    """Better a place that is right than one that is close."""
    found = places(text)

    assert 3 == found.in_text(("a",), found.data["a"].index("HERE"))


@given(
    lines=st.lists(st.text("ab {}", max_size=6).map(str.rstrip), min_size=1, max_size=5).filter(lambda ls: bool(ls[0])),
    indent=st.integers(1, 5),
)
def test_every_character_of_a_literal_block_is_found(lines: list[str], indent: int) -> None:
    """The indentation is what the first line has."""
    lines[0] = "x" + lines[0]
    text = "a: |\n" + "".join(f"{' ' * indent}{line}\n" if line else "\n" for line in lines)
    found = places(text)
    value = found.data["a"]

    for offset, character in enumerate(value):
        assert character == text[found.in_text(("a",), offset)]


@given(value=st.text(st.sampled_from("ab'\"\\\n\té😀{}"), max_size=12))
def test_every_character_of_a_json_string_is_found(value: str) -> None:
    """JSON strings are double-quoted YAML; surrogate pairs aside, which YAML does not have."""
    written = json.dumps(value, ensure_ascii=False)
    text = f"a: {written}\n"
    found = places(text)

    offsets = [found.in_text(("a",), offset) for offset in range(len(value))]

    assert value == "".join(json.loads(f'"{piece}"') for piece in _pieces(text, [*offsets, 3 + len(written) - 1]))


def _pieces(text: str, offsets: list[int]) -> list[str]:
    return [text[start:end] for start, end in pairwise(offsets)]


def test_a_path_leads_to_key_value_and_line() -> None:
    """Through lists, maps and aliases."""
    found = places("a: &a [x, {b: c}]\nd: *a\n")

    assert (11, 14, 11) == (found.key(("a", 1, "b")), found.value(("a", 1, "b")), found.key(("d", 1, "b")))
    assert (Location("", 2, 1), "f.yml:2:1", "c") == (
        found.location(("d",)),
        found.shown(("d",)),
        found.written(("a", 1, "b")),
    )


def test_a_path_that_goes_too_far_ends_where_the_document_ends() -> None:
    """For a key that is not there, the map that it is missing from."""
    found = places("a: {b: c}\n")

    assert (3, 3) == (found.value(("a", "x", "y")), found.key(("a", "x")))
