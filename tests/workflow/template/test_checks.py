"""Mistakes in templates that show before any run."""

import pytest

from airexec.workflow.actions.command import SHELLS
from airexec.workflow.template.checker import Checker
from airexec.workflow.template.problem import Names, TemplateProblem

NAMES = Names(
    params=frozenset({"region", "shards"}),
    tasks=frozenset({"extract", "a", "a-b", "a.b", "test[py311]"}),
    matrix=frozenset({"py"}),
)
IN_TEMPLATE = NAMES._replace(with_=None)


def found(text: str, names: Names = NAMES) -> list[tuple[str, str]]:
    """Return message and hint of each problem."""
    return [(problem.message, problem.hint) for problem in Checker().template(text, names)]


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "{{ params.region }} {{ params['shards'] }} {{ params.get('x') }}",
        "{{ tasks.extract.outputs.anything.at.all }} {{ tasks.extract.status }} {{ tasks.a.exit_code - 1 }}",
        "{{ tasks['a-b'].outputs.x }} {{ tasks['test[py311]'].outputs.x }} {{ tasks[params.region].status }}",
        "{{ run.id }} {{ run.started_at }} {{ job.name }} {{ task.id }} {{ task.attempt }} {{ matrix.py }}",
        "{{ env.ANYTHING }}",
        "{% for x in params.region %}{{ x.y }} {{ loop.index }}{% endfor %}",
        "{% for task in params.region %}{{ task.anything }}{% endfor %}",
        "{% set x = 1 %}{{ x }}{% with y = 2 %}{{ y }}{% endwith %}",
        "{{ matrix.os | default('linux') }} {{ matrix.os is defined }}",
        "{{ range(3) | map('string') | join }} {{ 1 is odd }}",
        "echo ${#x} {# a comment #}",
    ],
)
def test_what_is_right_has_no_problem(text: str) -> None:
    assert [] == found(text)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("{{ params.regoin }}", "unknown param 'regoin'", "did you mean 'region'?"),
        ("{{ params['regoin'] }}", "unknown param 'regoin'", "did you mean 'region'?"),
        ("{{ params.regoin | default('x') }}", "unknown param 'regoin'", "did you mean 'region'?"),
        ("{{ tasks.extrct.outputs.x }}", "unknown task 'extrct'", "did you mean 'extract'?"),
        ("{{ tasks['a-c'].outputs.x }}", "unknown task 'a-c'", "did you mean 'a-b'?"),
        (
            "{{ tasks.a-b.outputs.x }}",
            "'tasks.a-b' is not read as one name",
            "write tasks['a-b'], for the id holds more than letters, digits and _",
        ),
        (
            "{{ tasks.a.b.outputs.x }}",
            "'tasks.a.b' is not read as one name",
            "write tasks['a.b'], for the id holds more than letters, digits and _",
        ),
        (
            "{{ tasks.extract.rows }}",
            "unknown attribute of a task 'rows'",
            "an output is tasks.extract.outputs.rows",
        ),
        ("{{ tasks.extract.output.x }}", "unknown attribute of a task 'output'", "did you mean 'outputs'?"),
        ("{{ matrix.pi }}", "unknown matrix key 'pi'", ""),
        ("{{ with.path }}", "unknown name 'path'", "only templates have `with`"),
        ("{{ run.ids }}", "unknown attribute of run 'ids'", "did you mean 'id'?"),
        ("{{ job.id }}", "unknown attribute of job 'id'", ""),
        ("{{ task.name }}", "unknown attribute of task 'name'", ""),
        ("{{ parms.x }}", "unknown name 'parms'", "did you mean 'params'?"),
        ("{{ region }}", "unknown name 'region'", "did you mean 'params.region'?"),
        ("{{ secrets.TOKEN }}", "secrets never enter a template", 'they come by the environment: use "$TOKEN"'),
        ("{{ 1 | uper }}", "unknown filter 'uper'", "did you mean 'upper'?"),
        ("{{ 1 is evn }}", "unknown test 'evn'", "did you mean 'even'?"),
        ("{{ self }}", "unknown name 'self'", ""),
        ("{% include 'x' %}", "{% include %} cannot be used in a workflow file", ""),
        ("{% if a %}", "the tag 'if' is not closed", ""),
        ("{{ 'a }}", "a quote is not closed", ""),
        ("{{ a b }}", "expected the end of the expression, got 'b'", ""),
        ("{{ 1 + }}", "unexpected end of the expression", ""),
        (
            "docker ps --format '{{.Names}}'",
            "unexpected '.'",
            "for braces that mean themselves write {% raw %}{{ … }}{% endraw %}",
        ),
        ("{#x#}", "this is text, not a comment", "a comment starts with `{# `, blank included"),
        ("{{ " + "(" * 5000 + " }}", "the template is nested too deeply", ""),
    ],
)
def test_each_mistake_has_one_message(text: str, message: str, hint: str) -> None:
    assert [(message, hint)] == found(text)


def test_a_matrix_key_of_a_task_without_matrix_is_explained() -> None:
    assert [("unknown matrix key 'py'", "the task has no matrix")] == found("{{ matrix.py }}", Names())


def test_the_results_of_a_matrix_have_no_names() -> None:
    """They are lists, of which an item may be taken."""
    names = Names(tasks=frozenset({"t", "a-b"}), groups=frozenset({"t", "a-b"}))
    outputs = "has a matrix, so its outputs are a list, with an item for each instance"
    status = "has a matrix, so its status is a list, with an item for each instance"

    assert [] == found("{{ tasks.t.outputs }} {{ tasks.t.outputs[0].x }} {{ tasks.t.status.count('failed') }}", names)
    assert [
        (
            f"task 't' {outputs}",
            "of each: tasks.t.outputs | map(attribute='x'); of one: tasks['t[…]'].outputs.x",
        )
    ] == found("{{ tasks.t.outputs.x }}", names)
    assert [
        (
            f"task 'a-b' {status}",
            "of each: tasks['a-b'].status | map(attribute='x'); of one: tasks['a-b[…]'].status.x",
        )
    ] == found("{{ tasks['a-b'].status.x }}", names)


def test_a_template_may_be_given_any_argument() -> None:
    assert [] == found("{{ with.path }}", IN_TEMPLATE)


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("a {{ params.regoin }}", "            ^"),
        ("é\n{{ params['regoin'] }}", "            ^"),
        ("{{ tasks.extrct.status }}", "         ^"),
        ("{%- if 1 -%}  {{- nope }}{% endif %}", "                  ^"),
        ("a  {%- if 1 +%}\n{{ nope }}{% endif %}", "                   ^"),
        ("{{ 1\n | uper }}", "        ^"),
        ("{{ a b }}", "     ^"),
        ("{{ ? }}", "   ^"),
        ("{{ '\\x' }}", "   ^"),
        ("{{ foo( }}", "        ^"),
        ("{% raw %}{{ x }}{% endraw %}{{ x }}", " " * 31 + "^"),
        ("{# {{ x }} #}{{ x }}", " " * 16 + "^"),
    ],
)
def test_a_problem_points_at_its_place(text: str, marked: str) -> None:
    """Offsets count characters from the start of the text, line breaks included."""
    assert [marked.index("^")] == [problem.offset for problem in Checker().template(text, NAMES)]


def test_all_mistakes_are_found_at_once_in_order_of_the_text() -> None:
    text = "{{ params.x }} {{ y | z }} {{ tasks.t.status }}"

    assert ["unknown param 'x'", "unknown name 'y'", "unknown filter 'z'", "unknown task 't'"] == [
        problem.message for problem in Checker().template(text, NAMES)
    ]


@pytest.mark.parametrize("branch", ["if", "elif", "else"])
def test_a_value_in_an_unsafe_place_is_found_in_every_branch(branch: str) -> None:
    texts = {"if": "a", "elif": "b", "else": "c", branch: "`{{ params.region }}`"}
    text = "{% if 1 %}" + texts["if"] + "{% elif 2 %}" + texts["elif"] + "{% else %}" + texts["else"] + "{% endif %}"

    assert [
        TemplateProblem(
            "`{{ params.region }}` stands inside of backticks, where no value can be made safe",
            text.index("{{"),
            "write $( ) instead of the backticks",
        )
    ] == Checker().template(text, NAMES, SHELLS["sh"])


def test_a_value_in_a_here_document_is_found_before_the_run() -> None:
    text = "cat <<EOF\n  {{ params.region }}\nEOF\n"

    assert [
        TemplateProblem(
            "`{{ params.region }}` stands inside of a here-document, where no value can be made safe",
            12,
            "pass the value through `env:` and use $NAME",
        )
    ] == Checker().template(text, NAMES, SHELLS["sh"])


def test_places_matter_only_where_a_shell_reads() -> None:
    assert [] == Checker().template("`{{ params.region }}`", NAMES)


def test_a_raw_value_may_stand_anywhere() -> None:
    assert [] == Checker().template("`{{ params.region | raw }}`", NAMES, SHELLS["sh"])


def test_a_loop_is_checked_as_one_turn_and_as_none() -> None:
    text = "{% for x in [1] %}'{% endfor %}{{ params.region }}{% for x in [1] %}'{% endfor %}"

    assert [] == Checker().template(text, NAMES, SHELLS["sh"])


def test_python_code_is_checked_as_such() -> None:
    assert ["`{{ params.region }}` stands inside of a Python string, where no value can be made safe"] == [
        problem.message for problem in Checker().template("'{{ params.region }}'", NAMES, SHELLS["python"])
    ]


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("params.region == 'eu'", None),
        ("{{ params.region == 'eu' }}", None),
        ("params.regoin == 'eu'", TemplateProblem("unknown param 'regoin'", 7, "did you mean 'region'?")),
        ("{{ params.regoin }}", TemplateProblem("unknown param 'regoin'", 10, "did you mean 'region'?")),
        ("params.region =", TemplateProblem("expected the end of the expression, got '='", 14, "write == to compare")),
        ("params.region ==", TemplateProblem("unexpected end of the expression", 15)),
        ("", TemplateProblem("expected an expression, got end of the expression", 0)),
        (
            "{{ 1 }} and {{ 2 }}",
            TemplateProblem("this is not one expression", 0, "write it without text around it"),
        ),
    ],
)
def test_an_expression_is_checked_with_and_without_braces(expression: str, problem: TemplateProblem | None) -> None:
    assert ([] if problem is None else [problem]) == Checker().expression(expression, NAMES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tasks.a", set()),
        ("{{ tasks.a.status }} {{ tasks['b-c'].outputs.x }}", {"a", "b-c"}),
        ("{% for x in tasks.a.outputs.files if tasks.b.status %}{% endfor %}", {"a", "b"}),
        ("{{ tasks['t[1,2]'].status | default('') }}", {"t[1,2]"}),
        ("{{ tasks[params.x].status }} {{ tasks }}", set()),
        ("{{ tasks. }}", set()),
    ],
)
def test_the_tasks_whose_results_a_template_uses(text: str, expected: set[str]) -> None:
    assert expected == Checker().task_references(text)


def test_the_tasks_whose_results_a_bare_expression_uses() -> None:
    assert {"a", "b"} == Checker().task_references("tasks.a.status == tasks['b'].status", expression=True)


def test_a_text_is_parsed_once_for_all_questions() -> None:
    """The answers do not depend on what was asked before."""
    checks = Checker()
    text = "`{{ params.nope }}`"

    assert ["unknown param 'nope'"] == [p.message for p in checks.template(text, NAMES)]
    assert 2 == len(checks.template(text, NAMES, SHELLS["sh"]))
    assert [] == checks.template(text, Names(params=frozenset({"nope"})))
    assert frozenset() == checks.task_references(text)
