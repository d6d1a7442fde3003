"""Texts of nothing but names: filled without Jinja, and exactly as Jinja fills them."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airexec.workflow.template.expression import shown
from airexec.workflow.template.jinja_texts import JinjaTexts
from airexec.workflow.template.plain_names import PlainNames
from airexec.workflow.template.problem import TemplateError
from airexec.workflow.template.values import TEXT_MAX
from tests.fuzz.profile import MORE
from tests.workflow.template.test_templates import CONTEXT

Emitted = list[tuple[Any, str]]
"""Each value that stands in a text, and the expression it comes from."""

VALUES = st.one_of(
    st.text(max_size=5),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
    st.lists(st.integers(), max_size=2),
    st.lists(st.sampled_from(["", "a b", "\0", "é"]), max_size=3),
    st.just(10**5000),
    st.sampled_from(["\0", "\udcff", "a\r\nb", "{{ params.a }}"]),
)
CONTEXTS = st.fixed_dictionaries(
    {
        "params": st.fixed_dictionaries({"a": VALUES, "items": VALUES}),
        "true": VALUES,
        "not": VALUES,
        "tasks": st.just({"a": {}}),
    }
)
DELIMITERS = ("{{", "}}", "{", "}", "{%", "%}", "{# ", "#}", "{#", "-", "+", "{% raw %}", "{% endraw %}", "# for", "##")
BLANKS = (" ", "\n", "\r", "\t", "\v", "\xa0", "\u2003")
NAMES = ("params", "params.a", "params . a", "tasks.a.b", "true", "range", "a", "é", "0", "'", '"', ".", "|", "[", "]")
WHOLE = (
    "{{ params.a }}",
    "{{params.a}}",
    "{{\nparams.items\t}}",
    "{{ true }}",
    "{{ not }}",
    "{{ truer.x }}",
    "{{ nothing }}",
    "{{ params }}",
)
ANYTHING = st.lists(st.sampled_from((*DELIMITERS, *BLANKS, *NAMES, *WHOLE)), max_size=8).map("".join)
MOSTLY_NAMES = st.lists(st.sampled_from((*WHOLE, *WHOLE[:3], "{", "}", " ", "\n", "é")), max_size=4).map("".join)


def by_jinja(text: str, context: Any) -> tuple[str, Emitted] | None:
    emitted: Emitted = []

    def emit(value: Any, offset: int) -> str:
        emitted.append((value, shown(text, offset)))
        return f"<{value}>"

    try:
        return JinjaTexts().fill(text, context, emit), emitted
    except TemplateError:
        return None


def by_names(text: str, context: Any) -> tuple[str, Emitted] | None:
    parts = PlainNames().fill(text, context)
    if parts is None:
        return None
    values = [part for part in parts if not isinstance(part, str)]
    filled = "".join(part if isinstance(part, str) else f"<{part[0]}>" for part in parts)
    return filled, [(value, shown(text, offset)) for value, offset in values]


@given(text=ANYTHING | MOSTLY_NAMES, context=CONTEXTS)
@example(text="{{ params.items }}", context={"params": {"items": "an item"}})
@example(text="{{ true }}{{ not }}", context={"true": "no", "not": "yes"})
@MORE
def test_what_is_filled_is_what_jinja_makes_of_it(text: str, context: Any) -> None:
    filled = by_names(text, context)

    assert filled is None or repr(filled) == repr(by_jinja(text, context))  # NaN equals nothing


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ params.region }}", "<eu>"),
        ("{{params.region}}-{{\ttasks.extract.outputs.rows\n}}\n", "<eu>-<42>\n"),
        ("{{ params.dry }}{{ params.ratio }}", "<False><0.5>"),
        ("a {{ params.items }} z", "a <an item> z"),
        ("{{ params.region }}}", "<eu>}"),
        ("${#x} {{ run.id }}", "${#x} <20261121-013312-a3f9>"),
    ],
)
def test_names_alone_are_filled(text: str, expected: str) -> None:
    filled = by_names(text, CONTEXT)

    assert filled is not None
    assert expected == filled[0]
    assert filled == by_jinja(text, CONTEXT)


@pytest.mark.parametrize(
    "text",
    [
        "{{ params.region | upper }}",
        "{{ params['region'] }}",
        "{{ params.nothing }}",
        "{{ params.region.upper }}",
        "{{ params }}",
        "{{ params.missing }}",
        "{{ missing }}",
        "{{ tasks.load-all }}",
        "{{ tasks.extract.outputs }}",
        "{{- params.region }}",
        "{{ params.region -}}",
        "{{{ params.region }}}",
        "{{ params.region",
        "{{ }}",
        "{{ 1 }}",
        "{{ none }}",
        "{{ params.0 }}",
        "{% if params.dry %}{{ params.region }}{% endif %}",
        "{{ params.region }}{# a note #}",
        "{{ params.region }}\r\n",
    ],
)
def test_anything_else_is_left_to_jinja(text: str) -> None:
    assert by_names(text, CONTEXT) is None


def test_what_no_program_can_be_given_and_giants_are_left_to_jinja() -> None:
    for value in ("a\0b", 10**5000, -(10**5000), "x" * TEXT_MAX):
        assert PlainNames().fill("x{{ a }}", {"a": value}) is None


def test_a_value_is_looked_up_anew_each_time() -> None:
    names = PlainNames()

    assert [[("one", 0), ""], [("two", 0), ""]] == [names.fill("{{ a }}", {"a": value}) for value in ("one", "two")]
