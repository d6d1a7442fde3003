"""Templates under attack (E5): only TemplateError leaves, only data is reached, bombs are cut by counted work."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.workflow.actions.command import SHELLS
from airexec.workflow.template import values
from airexec.workflow.template.checker import Checker
from airexec.workflow.template.problem import Names, TemplateError
from airexec.workflow.template.templates import Templates
from airexec.workflow.template.values import WORK_MAX, Rendering, TooMuchWorkError, weight
from tests.fuzz.profile import FUZZ, MORE

CONTEXT: dict[str, Any] = {
    "params": {"text": "a b " * 20_000, "long": list(range(5000)), "map": {str(n): n for n in range(5000)}},
    "with": {"path": "it's {{ 1 }}.csv"},
    "tasks": {"a": {"outputs": {"rows": [1, {"x": None}]}, "status": "completed", "exit_code": 0}},
}
DOUBLING = (
    "{% set n = namespace(x=[1], y=[1]) %}"
    "{% for i in range(60) %}{% set n.x = [n.x, n.x] %}{% set n.y = [n.y, n.y] %}{% endfor %}"
)
"""Two values of a hundred lists each, which hold 2 to the 60th items when they are walked through."""

TOKENS = [
    "{{",
    "}}",
    "{%",
    "%}",
    "{# ",
    "#}",
    "params",
    "with",
    "tasks.a",
    ".",
    "[",
    "]",
    "(",
    ")",
    "|",
    "~",
    "+",
    "**",
    "%",
    "'",
    '"',
    "0",
    "1e999",
    "0xffff",
    "-1",
    "for i in",
    "endfor",
    "if",
    "else",
    "endif",
    "set x =",
    "not",
    "is",
    "in",
    "none",
    "loop",
    "namespace",
    "range",
    "dict",
    "map",
    "join",
    "format",
    "default",
    "__class__",
    "self",
    ",",
    ":",
    " ",
    "\n",
    "\x00",
    "\udcff",
    "é",
    "raw",
    "sort",
    "x",
    "$(",
    "`",
    "<<EOF",
    "\\",
]


def render(text: str, shell: bool = False) -> str | None:
    """Return the rendered text, None after a TemplateError of one line. Whatever else is raised fails the test."""
    templates = Templates()
    try:
        return templates.render_shell(text, CONTEXT, SHELLS["sh"]) if shell else templates.render(text, CONTEXT)
    except TemplateError as error:
        return None if "\n" not in error.headline else error.headline


@given(st.lists(st.sampled_from(TOKENS), max_size=25).map(" ".join))
@MORE
def test_only_template_errors_leave(text: str) -> None:
    """Whatever the words: rendering, rendering for a shell, a condition, and the check before the run."""
    render(text)
    render(text, shell=True)
    with suppress(TemplateError):
        Templates().evaluate(text, CONTEXT)
    names = Names(frozenset({"map"}), frozenset({"a"}), frozenset(), None)

    assert all(problem.message for problem in Checker().template(text, names, SHELLS["sh"]))


EXPRESSIONS = st.recursive(
    st.sampled_from(
        [
            "1",
            "'a'",
            "none",
            "true",
            "params.text",
            "params.long",
            "params.map",
            "with.path",
            "tasks.a.outputs.rows",
            "[]",
        ]
    ),
    lambda inner: st.one_of(
        st.tuples(
            inner,
            st.sampled_from(
                [
                    "upper",
                    "sort",
                    "list",
                    "sum",
                    "join",
                    "tojson",
                    "int",
                    "unique",
                    "items",
                    "raw",
                    "title",
                    "reverse",
                    "length",
                    "first",
                    "trim",
                    "string",
                    "float",
                    "max",
                ]
            ),
        ).map(lambda pair: f"({pair[0]}) | {pair[1]}"),
        st.tuples(
            inner, st.sampled_from(["+", "*", "**", "%", "~", "-", "/", "//", "==", "<", "in", "and"]), inner
        ).map(lambda three: f"({three[0]}) {three[1]} ({three[2]})"),
        st.tuples(inner, inner).map(lambda pair: f"[{pair[0]}, {pair[1]}][{pair[0]}]"),
    ),
    max_leaves=8,
)


@given(EXPRESSIONS)
@FUZZ
def test_only_template_errors_leave_expressions_that_parse(expression: str) -> None:
    """Values of all types meet filters and operators of all types."""
    render(f"{{{{ {expression} }}}}")
    render(f"x {{{{ {expression} }}}}", shell=True)
    render(f"{{% for i in {expression} %}}{{{{ i }}}}{{% endfor %}}")


@pytest.mark.parametrize(
    "text", ["{{ 0x" + "f" * 5000 + " }}", "{{ 1e400 }}", "{{ -1e400 }}", "{{ " + "9" * 1300 + " }}"]
)
def test_a_giant_number_is_a_mistake_that_the_check_finds(text: str) -> None:
    """Python cannot write it as text, and infinity is no number of JSON."""
    names = Names(frozenset(), frozenset(), frozenset(), None)

    assert "the number is too large" == Checker().template(text, names)[0].message
    assert render(text) is None


ESCAPES = [
    "''.__class__",
    "''['__class__']",
    "'' | attr('__class__')",
    "params.__class__.__mro__",
    "self.__init__",
    "self._TemplateReference__context",
    "range.__globals__",
    "namespace(a=1).__init__",
    "dict.__subclasses__()",
    "dict.__base__",
    "'{0.__class__}'.format(1)",
    "'{}'.format_map(params)",
    "[''] | map(attribute='__class__') | list",
    "[2, 1] | sort(attribute='__class__')",
    "params | groupby('__class__')",
    "[1] | selectattr('__class__') | list",
    "['a'] | map('attr', '__class__') | list",
    "params.items.__func__",
    "params.get.__self__",
    "('a' | raw).text.__class__",
    "cycler",
    "joiner",
    "lipsum",
    "url_for",
    "config",
    "request",
    "'a'.encode()",
    "'a'.join(['b'])",
    "'a'.translate({})",
    "loop.__init__",
    "loop._iterable",
    "_",
    "context",
    "environment",
]


@pytest.mark.parametrize("expression", ESCAPES)
def test_no_way_leads_from_data_to_python(expression: str) -> None:
    """Ways out of sandboxes that are known, inside of a loop so that `loop` is there too."""
    assert render("{% for i in [1] %}{{ loop.index }}{{ " + expression + " }}{% endfor %}") is None


BOMBS = [
    DOUBLING + "{{ n.x }}",
    DOUBLING + "{{ n.x == n.y }}",
    DOUBLING + "{{ n.x < n.y }}",
    DOUBLING + "{{ n.x in [n.y] }}",
    DOUBLING + "{{ n.x is eq n.y }}",
    DOUBLING + "{{ n.x is in [n.y] }}",
    DOUBLING + "{{ '%s' % n.x }}",
    DOUBLING + "{{ '%s' | format(n.x) }}",
    DOUBLING + "{{ n.x | upper }}",
    DOUBLING + "{{ n.x | urlencode }}",
    DOUBLING + "{{ n.x | tojson }}",
    DOUBLING + "{{ n.x | unique | list }}",
    DOUBLING + "{{ [n.x].count(n.y) }}",
    DOUBLING + "{{ [n.x] | map('list') | list }}",
    DOUBLING + "{{ [n.x] | map('tojson') }}",
    DOUBLING + "{{ 'a' ~ n.x }}",
    DOUBLING + "{{ dict(a=n.x) }}",
    DOUBLING + "{{ [[n.x] | select] }}",
    "{{ [[1], [2]] | sum(start=[]) }}",
    "{% set t = 'a\n' * 500 %}{% for i in range(10) %}{% if t | indent(100) %}{% endif %}{% endfor %}",
    "{% for i in range(1000) %}{% if params.long == [] %}{% endif %}{% endfor %}",
    "{% for i in range(1000) %}{% if params.long | sort == 1 %}{% endif %}{% endfor %}",
    "{% for i in range(1000) %}{% if params.long[:] == 1 %}{% endif %}{% endfor %}",
    "{% for i in range(1000) %}{% if params.long[1:] %}{% endif %}{% endfor %}",
    "{% for i in range(1000) %}{% if params.text | wordcount %}{% endif %}{% endfor %}",
    "{% for i in range(1000) %}{% if params.text.split() %}{% endif %}{% endfor %}",
    "{% for i in range(1000) %}{% if params.text.find('zz') %}{% endif %}{% endfor %}",
    "{% for i in range(1000) %}{% if params.text.replace('zz', 'z') %}{% endif %}{% endfor %}",
    "{% for i in range(1000) %}{% if params.map | dictsort %}{% endif %}{% endfor %}",
    "{% for i in range(1000) %}{% if 'zz' in params.text %}{% endif %}{% endfor %}",
    "{% set r = range(1000) %}{% for i in r %}{% if r | list | length %}{% endif %}{% endfor %}",
    "{% for i in range(1000) %}{% if loop.changed(params.long) %}{% endif %}{% endfor %}",
    "{{ params.text[:2000].split() | map('replace', 'a', params.text) | list | length }}",
    "{% set n = namespace(x=[]) %}"
    "{% for i in params.long %}{% set n.x = n.x + ['a' | replace('a', params.text)] %}{% endfor %}",
]


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_cut_by_the_work_it_would_make(bomb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it grows, here with a sixty-fourth of the budget: uncut, most would take centuries or gigabytes."""
    monkeypatch.setattr(values, "WORK_MAX", 2**18)

    with pytest.raises(TemplateError, match=r"makes too much|as JSON has more than|must be one"):
        Templates().render(bomb, CONTEXT)


def test_a_value_is_not_looked_at_beyond_the_budget() -> None:
    """So refusing costs no more than the budget."""
    value: Any = [1]
    for _ in range(60):
        value = [value, value]
    rendering = Rendering(lambda value, offset: "")

    assert WORK_MAX < weight(value, WORK_MAX, Rendering.LOOP_STEP) < WORK_MAX + 3 * Rendering.LOOP_STEP
    with pytest.raises(TooMuchWorkError):
        rendering.look_at(value)


@given(
    st.recursive(
        st.text(max_size=3) | st.integers() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=2), inner),
    )
)
@FUZZ
def test_a_weight_counts_characters_and_items_at_any_depth(value: Any) -> None:
    """Keys of mappings are characters too."""

    def naive(value: Any) -> int:
        if isinstance(value, str):
            return len(value)
        if isinstance(value, dict):
            return 10 * len(value) + sum(len(key) + naive(item) for key, item in value.items())
        return 10 * len(value) + sum(map(naive, value)) if isinstance(value, list) else 0

    assert 10 + naive(value) == weight(value, 10**9, 10)


def test_what_a_task_printed_is_never_rendered() -> None:
    """A value that looks like a template stays the text that it is (F4)."""
    assert "it's {{ 1 }}.csv" == render("{{ with.path }}")
