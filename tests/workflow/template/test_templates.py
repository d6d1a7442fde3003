"""Rendering: values into texts, and what is said when it cannot be done."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from airexec.workflow.template.problem import TemplateError
from airexec.workflow.template.templates import Templates, has_template

CONTEXT: dict[str, Any] = {
    "params": {"region": "eu", "shards": 4, "ratio": 0.5, "dry": False, "nothing": None, "items": "an item"},
    "env": {"HOME": "/home"},
    "tasks": {
        "extract": {"outputs": {"rows": 42, "files": ["a b", "c"]}, "status": "completed", "exit_code": 0},
        "load-all": {"outputs": {}, "status": "failed", "exit_code": 3},
    },
    "run": {"id": "20261121-013312-a3f9", "started_at": "2026-11-21T01:33:12Z"},
    "job": {"name": "etl"},
    "task": {"id": "load", "attempt": 2},
    "matrix": {"py": "3.11"},
    "with": {"path": "it's.csv"},
}


def render(text: str, context: Mapping[str, Any] = CONTEXT) -> str:
    return Templates().render(text, context)


def headline(text: str, context: Mapping[str, Any] = CONTEXT) -> str:
    """Return what is said when `text` cannot be rendered."""
    with pytest.raises(TemplateError) as error:
        render(text, context)
    return error.value.headline


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("--region={{ params.region }}", "--region=eu"),
        ("{{ params['region'] }}", "eu"),
        ("{{ params.shards }} {{ params.ratio }}", "4 0.5"),
        ("{{ params.dry }} {{ true }}", "false true"),
        ("{{ tasks.extract.outputs.files }}", '["a b", "c"]'),
        ("{{ tasks.extract.outputs }}", '{"rows": 42, "files": ["a b", "c"]}'),
        ("{{ tasks['load-all'].exit_code }}", "3"),
        ("{{ tasks.extract.outputs.rows + 1 }}", "43"),
        ("{{ tasks.extract.outputs.files | join(',') }}", "a b,c"),
        ("{{ tasks.extract.outputs.files | map('upper') | list }}", '["A B", "C"]'),
        ("{{ params.region ~ '-' ~ params.dry }}", "eu-false"),
        ("{{ run.id }} {{ run.started_at }} {{ job.name }}", "20261121-013312-a3f9 2026-11-21T01:33:12Z etl"),
        ("{{ task.id }}.{{ task.attempt }} {{ matrix.py }}", "load.2 3.11"),
        ("{{ with.path }}", "it's.csv"),
        ("{% for file in tasks.extract.outputs.files %}[{{ file }}]{% endfor %}", "[a b][c]"),
        ("{% if params.dry %}a{% else %}b{% endif %}", "b"),
        ("{% set x = params.shards * 2 %}{{ x }}", "8"),
        ("{% with x = 1 %}{{ x }}{% endwith %}", "1"),
        ("{{ params.nope | default('x') }}", "x"),
        ("{{ params.nothing | default('', true) }}", ""),
        ("{{ 'yes' if params.nope is defined else 'no' }}", "no"),
        ("{{ params.region | raw }}", "eu"),
        ("{{ {'a': [1, none]} | tojson }}", '{"a": [1, null]}'),
        ("{{ '%05d' % params.shards }}", "00004"),
        ("{{ 'a-b'.replace('-', '_').upper() }}", "A_B"),
        ("{{ range(3) | join(' ') }}", "0 1 2"),
        ("{{ ('[1, 2]' | fromjson) | sum }} {{ ('{\"a\": true}' | fromjson).a }}", "3 true"),
        ("{{ 'src/a b.tar.gz' | basename }} {{ 'src/a.c' | dirname }} {{ 'a.c' | dirname }}", "a b.tar.gz src ."),
        ("{{ 'src/a.tar.gz' | stem }} {{ 'src/.profile' | stem }} {{ 'src/a' | stem }}", "a.tar .profile a"),
        ("obj/{{ 'src/a.c' | basename | with_suffix('.o') }} {{ 'a' | with_suffix('.o') }}", "obj/a.o a.o"),
        ("{{ 'src/x/a.c' | relative_to('src') }} {{ 'a.c' | relative_to('src') }}", "x/a.c ../a.c"),
        ("{{ '/srv/x/a' | relative_to('/srv') }}", "x/a"),
        ("{# a comment #}x", "x"),
        ("<&> {{ '<&>' }}", "<&> <&>"),
        ("a\n{{ 1 }}\n", "a\n1\n"),
        ("é {{ '日本' }}", "é 日本"),
        ("{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
    ],
)
def test_values_become_text(text: str, expected: str) -> None:
    assert expected == render(text)


def test_a_key_wins_over_a_method_of_the_same_name() -> None:
    """An output called `items` is an output, not Python's method."""
    assert "an item" == render("{{ params.items }}")


def test_what_a_value_holds_is_never_rendered() -> None:
    """Text that looks like a template came from somewhere else: it is data."""
    assert "{{ 1 + 1 }}" == render("{{ params.x }}", {"params": {"x": "{{ 1 + 1 }}"}})


def test_a_mapping_may_make_its_values_on_demand() -> None:
    class Lazy(Mapping[str, Any]):
        def __getitem__(self, key: str) -> Any:
            return {"outputs": {"name": key}}

        def __iter__(self) -> Iterator[str]:
            raise AssertionError("nobody asked for all of it")

        def __len__(self) -> int:
            raise AssertionError("nobody asked for all of it")

    assert "extract" == render("{{ tasks.extract.outputs.name }}", {"tasks": Lazy()})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "{{ tasks.extract.outputs.row }}",
            "`{{ tasks.extract.outputs.row }}`: task 'extract' has no output 'row'; its outputs: files, rows",
        ),
        (
            "{{ tasks['load-all'].outputs.x }}",
            "`{{ tasks['load-all'].outputs.x }}`: task 'load-all' has no output 'x'; its outputs: none",
        ),
        ("{{ tasks.nope.status }}", "`{{ tasks.nope.status }}`: there is no result of a task 'nope'"),
        ("{{ nope }}", "`{{ nope }}`: 'nope' is not defined"),
        (
            "{{ env.NOPE }}",
            "`{{ env.NOPE }}`: the environment has no 'NOPE'; write `env.NOPE | default('')` if it may be missing",
        ),
        ("{{ env.HOMEE }}", "`{{ env.HOMEE }}`: the environment has no 'HOMEE'; did you mean 'HOME'?"),
        ("a {{ job.name }} {{ nope + 1 }} b", "`{{ nope + 1 }}`: 'nope' is not defined"),
        ("{% if nope %}{% endif %}", "`{% if nope %}`: 'nope' is not defined"),
        (
            "{{ params.nothing }}",
            "`{{ params.nothing }}`: the value is null, which has no text; "
            "write `| default('', true)` for an empty text",
        ),
        (
            "{{ [params] | map(attribute='x') | list }}",
            "`{{ [params] | map(attribute='x') | list }}`: a map in it has no 'x'",
        ),
        ("{{ 1 / 0 }}", "`{{ 1 / 0 }}`: division by zero"),
        ("{{ params.region + 1 }}", '`{{ params.region + 1 }}`: can only concatenate str (not "int") to str'),
        ("{{ 'a\\0b' }}", "`{{ 'a\\0b' }}`: the value holds a NUL character, which no program can be given"),
        ("{{ range }}", "`{{ range }}`: the value is a function, which is not plain data"),
        ("x {{ 1 + }}", "`{{ 1 + }}`: unexpected end of the expression"),
        ("{% include 'x' %}", "`{% include 'x' %}`: {% include %} cannot be used in a workflow file"),
        ("{{ " + "(" * 5000 + " }}", "`{{ " + "(" * 76 + "…`: the template is nested too deeply"),
    ],
)
def test_what_cannot_be_rendered_is_said_in_one_line(text: str, message: str) -> None:
    assert message == headline(text)


def test_a_missing_result_is_explained() -> None:
    with pytest.raises(TemplateError) as error:
        render("{{ tasks.nope.status }}")

    assert "a template sees only tasks that ended before its own started" == error.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "{{ params.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ params['__class__'] }}",
        "{{ ''['__class__'] }}",
        "{{ params | attr('__class__') }}",
        "{{ range.__globals__ }}",
        "{{ self.__init__ }}",
        "{{ self._TemplateReference__context }}",
        "{{ ''.format.__self__ }}",
        "{{ '{0.__class__}'.format(1) }}",
        "{{ '{0.__class__}'.format_map({}) }}",
        "{% set x = namespace() %}{{ x.__class__ }}",
        "{{ params.items.__func__ }}",
        "{% for x in [1] %}{{ loop.__class__ }}{% endfor %}",
        "{% for x in [1] %}{{ loop._iterator }}{% endfor %}",
        "{{ [1].append(2) }}",
        "{{ {}.update({}) }}",
        "{{ [''] | map(attribute='__class__') | list }}",
        "{{ cycler.__init__ }}",
        "{{ lipsum() }}",
        "{{ ['a'] | map('attr', '__class__') | list }}",
    ],
)
def test_no_expression_reaches_the_program_behind_a_value(text: str) -> None:
    """Known ways out of a sandbox: all are errors."""
    with pytest.raises(TemplateError):
        render(text)


@pytest.mark.parametrize(
    "tag",
    [
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% from 'x' import y %}",
        "{% extends 'x' %}",
        "{% block x %}{% endblock %}",
        "{% macro x() %}{% endmacro %}",
        "{% call x() %}{% endcall %}",
        "{% filter upper %}{% endfilter %}",
        "{% set x %}{% endset %}",
        "{% autoescape true %}{% endautoescape %}",
        "{% for x in [] recursive %}{% endfor %}",
    ],
)
def test_tags_beyond_if_for_set_and_with_are_refused(tag: str) -> None:
    """There are no other files, and text that is put together first could not be quoted for its place."""
    assert "cannot be used in a workflow file" in headline(tag)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("{{ 'a' * 10**9 }}", "the template makes too much"),
        ("{{ [0] * 10**9 }}", "the template makes too much"),
        ("{{ 10**9 * 'a' }}", "the template makes too much"),
        ("{{ 9**(9**9) }}", "the number is too large"),
        ("{{ '%999999999d' % 1 }}", "the format asks for a width that is too large"),
        ("{{ '%*d' | format(999999999, 1) }}", "the format asks for a width that is too large"),
        ("{{ 'a' | indent(10**9) }}", "the indent is more than 100"),
        ("{{ [1] | tojson(10**9) }}", "the indent is more than 100"),
        ("{{ ('a' * 10**6).replace('a', 'b' * 10**6) }}", "the text would have more than 1048576 characters"),
        ("{{ ['a' * 10**6] * 5 }}", "the value as JSON has more than 1048576"),
        ("{{ (['a' * 10**6] * 1000) | join }}", "the template makes too much"),
        ("{{ (['a' * 10**6] * 5) | join }}", "the text would have more than 1048576 characters"),
        ("{{ range(10**9) }}", "Range too big"),
        ("{% for a in range(10**5) %}{% for b in range(10**5) %}{% endfor %}{% endfor %}", "makes too much"),
        ("{% for a in range(10**5) %}{{ 'a' * 100 }}{% endfor %}", "the text has more than 1048576 characters"),
        (
            "{% set n = namespace(x='ab') %}{% for a in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
            "characters",
        ),
        (
            "{% set n = namespace(x='ab') %}{% for a in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}",
            "makes too much",
        ),
        (
            "{% set n = namespace(x=3) %}{% for a in range(99) %}{% set n.x = n.x * n.x %}{% endfor %}",
            "the number is too large",
        ),
        (
            "{% set n = namespace(x=[1]) %}{% for a in range(40) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}",
            "the value as JSON has more than 1048576 characters",
        ),
    ],
)
def test_a_bomb_ends_in_an_error_before_it_grows(text: str, cause: str) -> None:
    assert cause in headline(text)


def test_loops_over_long_lists_are_paid_for_as_well() -> None:
    context = {"params": {"long": [0] * 5000}}

    assert "the template makes too much" in headline(
        "{% for a in params.long %}{% for b in params.long %}{% endfor %}{% endfor %}", context
    )


def test_a_loop_may_run_a_hundred_thousand_times() -> None:
    assert "99999" == render("{% for a in range(100000) %}{% if loop.last %}{{ a }}{% endif %}{% endfor %}")


@pytest.mark.parametrize(
    "rendering",
    [
        "render('echo ${#x} } %} plain', {}) == 'echo ${#x} } %} plain'",
        "render_shell('echo ${#x} } %} plain', {}, SHELL) == 'echo ${#x} } %} plain'",
        "render('{{ params.who }}', CONTEXT) == 'a b'",
        "render_shell('echo {{ params.who }}', CONTEXT, SHELL) == \"echo 'a b'\"",
        "evaluate('params.who', CONTEXT) == 'a b'",
    ],
)
def test_neither_plain_texts_nor_names_alone_ever_meet_jinja(rendering: str) -> None:
    """Its import takes as long as a small run. `${#x}` is everyday shell, so a comment needs its space."""
    program = (
        "import sys; from airexec.workflow.template.templates import Templates\n"
        "CONTEXT, SHELL = {'params': {'who': 'a b'}}, ('sh', '-c')\n"
        f"assert Templates().{rendering}\n"
        "print([name for name in ('jinja2', 'json', 'dataclasses') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert "[]\n" == done.stdout


@pytest.mark.parametrize(
    ("text", "expected"),
    [("{{", True), ("{%", True), ("{# ", True), ("${#x}", False), ("{}", False), ("", False), ("%}", False)],
)
def test_what_counts_as_a_template(text: str, expected: bool) -> None:
    assert expected is has_template(text)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("params.region == 'eu'", True),
        ("{{ params.region == 'eu' }}", True),
        ("{{ params.dry }}", False),
        ("tasks.extract.outputs.rows > 40 and tasks.extract.status == 'completed'", True),
        ("tasks.extract.outputs.files", ["a b", "c"]),
        ("{'a': {'b': 1}}", {"a": {"b": 1}}),
        ("params.nothing", None),
        ("tasks.extract.outputs.files | select | list", ["a b", "c"]),
        ("tasks.extract.outputs.files | map('length')", [3, 1]),
    ],
)
def test_an_expression_has_a_value_of_its_own_type(expression: str, expected: object) -> None:
    """`when` decides on the value, so the text 'false' and the boolean must not be mixed up."""
    assert expected == Templates().evaluate(expression, CONTEXT)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("nope == 1", "`{{ nope == 1 }}`: 'nope' is not defined"),
        ("params.dry }} {{ params.dry", "`params.dry }} {{ params.dry` is not one expression"),
        ("{{ params.dry }} and more", "`{{ params.dry }} and more` is not one expression"),
        ("{% if true %}", "`{% if true %}`: unexpected '%'"),
        ("", "`{{ }}`: expected an expression, got end of the expression"),
    ],
)
def test_what_is_not_an_expression_is_an_error(expression: str, message: str) -> None:
    with pytest.raises(TemplateError) as error:
        Templates().evaluate(expression, CONTEXT)

    assert message == error.value.headline


def test_an_item_that_is_not_there_is_said_where_a_list_becomes_words() -> None:
    """It is noticed only when the list is quoted."""
    with pytest.raises(TemplateError) as raised:
        Templates().render_shell("echo {{ [params] | map(attribute='x') | list }}", {"params": {}}, ("sh", "-c"))

    assert "`{{ [params] | map(attribute='x') | list }}`: a map in it has no 'x'" == raised.value.headline
