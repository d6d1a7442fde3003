"""What people write who come from a shell, from Go templates or from other tools, and the words that help them."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.workflow.reading import complaints, workflow

RAW = "for braces that mean themselves write {% raw %}{{ … }}{% endraw %}"
COMPUTE = "compute it in the template, as in {{ params.n + 1 }}: bash may run what stands in a variable it computes"
READ = "which reads it as shell text"
NOT_SAFE = "where no value can be made safe"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "tasks:\n  a:\n    command: \"$BIN\" --flag  # why\n",
            """\
f.yml:3:14: error: a value that starts with " is a text in quotes, and nothing may follow it in YAML
    3 |     command: "$BIN" --flag  # why
      |              ^^^^^^^^^^^^^
  hint: quote it as a whole: '"$BIN" --flag'
""",
        ),
        (
            "tasks:\n  a:\n    command: \"$BIN\" it's\n",
            """\
f.yml:3:14: error: a value that starts with " is a text in quotes, and nothing may follow it in YAML
    3 |     command: "$BIN" it's
      |              ^^^^^^^^^^^
  hint: quote it as a whole: '"$BIN" it''s'
""",
        ),
        (
            "tasks:\n  a:\n    command: *.txt\n",
            """\
f.yml:3:14: error: a value that starts with * is an alias in YAML
    3 |     command: *.txt
      |              ^^^^^
  hint: quote it as a whole: '*.txt'
""",
        ),
        (
            "tasks:\n  a:\n    command: [ -f x ] && y\n",
            """\
f.yml:3:14: error: a value that starts with [ is a list in YAML
    3 |     command: [ -f x ] && y
      |              ^^^^^^^^^^^^^
  hint: quote it as a whole: '[ -f x ] && y'
""",
        ),
        (
            "tasks:\n  a:\n    command: \"C:\\Users\\x\"\n",
            """\
f.yml:3:19: error: this escape is not known in a double-quoted text
    3 |     command: "C:\\Users\\x"
      |                   ^
  hint: write '\\\\' for a backslash, or use single quotes
""",
        ),
        (
            "tasks:\n  a: {command: \"$BIN\" --flag}\n",
            """\
f.yml:2:23: error: nothing may follow a text in quotes
    2 |   a: {command: "$BIN" --flag}
      |                       ^
  hint: quote the whole of it: '"$HOME" x'
""",
        ),
        (
            "params: {x: 1}\ntasks: {a: {command: make {{ params.x }} all, retries: 1}}\n",
            """\
f.yml:2:22: error: a text with a template must be quoted here, inside of '{…}' or '[…]'
    2 | tasks: {a: {command: make {{ params.x }} all, retries: 1}}
      |                      ^^^^^^^^^^^^^^^^^^^^^^^
  hint: write 'make {{ params.x }} all'
""",
        ),
    ],
)  # fmt: skip
def test_text_that_yaml_cuts_short(text: str, said: str) -> None:
    """Whoever follows the hint has what was meant."""
    assert said == complaints(text)


@pytest.mark.parametrize(
    ("command", "said", "hint"),
    [
        ("echo {% raw", "encountered unknown tag 'raw'", RAW),
        ("echo {%y}", "encountered unknown tag 'y'", RAW),
        ("echo {# x", "the comment is not closed",
         "a comment ends in #}; for the text itself write {% raw %}{# {% endraw %}"),
        ("echo {{a,b},c}", "unexpected '}'", RAW),
        ("docker ps --format {{.ID}}", "unexpected '.'", RAW),
        ("echo {{ params.x }", "unexpected '}'", "an expression ends in }}"),
        ("echo ${{ params.x }}", f"`{{{{ params.x }}}}` stands right after a dollar sign, {NOT_SAFE}",
         "take the $ away: {{ … }} alone is the value; \\$ is a dollar sign that means itself"),
        ("docker run a sh -c 'echo {{ params.x }}'",
         f"`{{{{ params.x }}}}` stands in the text for a shell after `-c`, {NOT_SAFE}",
         "pass the value as an argument behind the text: sh -c 'echo \"$1\"' sh {{ … }}"),
        ("eval echo {{ params.x }}", f"`{{{{ params.x }}}}` stands as an argument of `eval`, {READ}, {NOT_SAFE}",
         "pass the value through `env:` and use \"$NAME\" within single quotes: 'echo \"$NAME\"'"),
        ("echo $(( {{ params.x }} ))", f"`{{{{ params.x }}}}` stands inside of arithmetic, {NOT_SAFE}", COMPUTE),
        ("let y={{ params.x }}", f"`{{{{ params.x }}}}` stands as an argument of `let`, {READ}, {NOT_SAFE}",
         COMPUTE),
        ("cat <<E\n{{ params.x }}\nE", f"`{{{{ params.x }}}}` stands inside of a here-document, {NOT_SAFE}",
         "pass the value through `env:` and use $NAME"),
        ("cat <<'E'\n{{ params.x }}\nE", f"`{{{{ params.x }}}}` stands inside of a here-document, {NOT_SAFE}",
         "pass the value through `env:` and use $NAME, with a delimiter that has no quotes"),
        ("true\n# echo {{ params.x }}", f"`{{{{ params.x }}}}` stands inside of a comment, {NOT_SAFE}",
         "delete it, or write {# … #} instead of the #: that is left out"),
        ("[[ {{ params.x }} -eq 1 ]]", f"`{{{{ params.x }}}}` stands as an operand that `[[ ]]` computes, {NOT_SAFE}",
         "use `[ ]` instead, which runs nothing that stands in a value"),
        ("echo {{ 'x' if params.d }}", "this has no value where the condition is false",
         "say what it is then, as in {{ 'x' if params.y else '' }}"),
    ],
)  # fmt: skip
def test_a_template_that_was_none_or_is_cut_short(command: str, said: str, hint: str) -> None:
    text = f"params: {{x: 1, d: false}}\ntasks: {{a: {{command: {json.dumps(command)}}}}}"
    first, *_, last = [line for line in complaints(text).splitlines() if ": error: " in line or "hint: " in line]
    assert (said, hint) == (first.partition("error: ")[2], last.partition("hint: ")[2])


@pytest.mark.parametrize(
    ("command", "said", "hint"),
    [
        ("install x $(PREFIX)/bin", "`$(PREFIX)` is the output of a program called PREFIX in a shell",
         "a variable of the environment is $PREFIX, a param {{ params.PREFIX }}"),
        ("echo $$HOME", "`$$HOME` is the id of a process in a shell, and `HOME` behind it", "a variable is $HOME"),
        ("@echo hello", "'@' is a part of the program's name here", "leave it out: nothing is echoed"),
        ("-rm x", "'-' is a part of the program's name here",
         "leave it out; a task that may fail has `allow_failure: true`"),
    ],
)  # fmt: skip
def test_what_is_left_over_from_a_makefile(command: str, said: str, hint: str) -> None:
    """A shell takes it, so the file is valid, and does something else."""
    first, *_, last = complaints(f"tasks: {{a: {{command: {json.dumps(command)}}}}}").splitlines()

    assert (f"f.yml:1:22: warning: {said}", f"  hint: {hint}") == (first, last)


@pytest.mark.parametrize(
    "task",
    [
        "command: 'echo $(date) $(LANG=C date) $$ $PREFIX'", "command: \"echo '$(PREFIX)' \\\\$(PREFIX)\"",
        "{command: '@x', args: [a]}", "{command: \"@cache\\ndef x(): ...\", shell: python}", "command: [echo, $$HOME]",
    ],
)  # fmt: skip
def test_what_only_looks_left_over(task: str) -> None:
    assert "" == complaints(f"tasks: {{a: {task if task.startswith('{') else '{' + task + '}'}}}")


@pytest.mark.parametrize(
    ("when", "hint"),
    [
        ("params.x = 'a'", "write == to compare"),
        ("!params.x", "write `not` for !"),
        ("params.x == 'a' && params.d", "write `and` for &&"),
        ("params.x == 'a' || params.d", "write `or` for ||"),
        ("$CI == 'a'", "a variable of the environment is env.CI"),
        ("${CI} == 'a'", "a variable of the environment is env.CI"),
        ("test -f x", "it looks at values and runs no command: let a task before say it by ::output"),
        ("[ -f x ]", "it looks at values and runs no command: let a task before say it by ::output"),
        ("[[ ! -f x ]]", "it looks at values and runs no command: let a task before say it by ::output"),
        ("CI == 'a'", "a variable of the environment is env.CI"),
        ("task.b.status == 'failed'", "did you mean 'tasks.b'?"),
        ("params.x | quote", "leave it out: each value is quoted for its place"),
    ],
)
def test_a_condition_as_a_shell_or_another_tool_has_it(when: str, hint: str) -> None:
    task = f"{{command: x, dependencies: b, when: {json.dumps(when)}}}"
    text = f"params: {{x: 1, d: false}}\ntasks: {{b: {{command: x}}, a: {task}}}"

    assert f"  hint: {hint}" == complaints(text).splitlines()[-1]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("$PWD/bin:$PATH", "`$PWD` stays as it is: nothing is expanded in `env`"),
        ("a${HOME}", "`${HOME}` stays as it is: nothing is expanded in `env`"),
        ("pa$word", ""), ("$5", ""), ("{{ env.HOME }}/x", ""),
    ],
)  # fmt: skip
def test_a_variable_is_not_expanded_where_values_are_values(value: str, said: str) -> None:
    found = complaints(f"tasks: {{a: {{command: x, env: {{B: {json.dumps(value)}}}}}}}")

    assert (f"f.yml:1:34: warning: {said}" if said else "") == found.partition("\n")[0]


@pytest.mark.parametrize("where", ["secrets: [TOKEN_X]\n", "default_args: {secrets: [TOKEN_X]}\n", ""])
def test_a_secret_is_not_in_env_either(where: str) -> None:
    """Whosoever it is: it is kept from all templates."""
    other = ", b: {command: y, secrets: [TOKEN_X]}" if not where else ""
    found = complaints(f"{where}tasks: {{a: {{command: 'echo {{{{ env.TOKEN_X }}}}'}}{other}}}").splitlines()

    assert found[0].endswith("error: secrets never enter a template")
    assert '  hint: they come by the environment: use "$TOKEN_X"' == found[-1]


@pytest.mark.parametrize(
    "command", ["eval 'echo \"$NAME\"'", "cat <<E\n$NAME\nE", '[ "$NAME" -eq 1 ]', "echo {# $NAME #}"]
)
def test_the_ways_out_run_nothing_that_stands_in_a_value(tmp_path: Path, command: str) -> None:
    value = 'a[$(touch b)]`touch b`"; touch b #'
    assert "" == complaints(f"tasks: {{a: {{command: {json.dumps(command)}, env: {{NAME: {json.dumps(value)}}}}}}}")

    shell = ["bash", "-c", command.replace("{# $NAME #}", "")]
    subprocess.run(shell, cwd=tmp_path, env={**os.environ, "NAME": value}, check=False, capture_output=True)

    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "command",
    [
        "{{ ('x' if params.d) | default('') }}",
        "{{ 'x' if params.d else '' }}",
        "{{ 'y' if ('x' if params.d) is defined else 'z' }}",
        "{{ matrix.x if matrix.x is defined else 1 }}",
        "{% if matrix.y is defined and params.d %}{{ matrix.y }}{% endif %}",
    ],
)
def test_what_cares_for_a_missing_value_is_taken(command: str) -> None:
    """As `| default` is."""
    assert "" == complaints(f"params: {{d: false}}\ntasks: {{a: {{command: {json.dumps(command)}}}}}")


def test_a_condition_guards_nothing_but_its_own_branch() -> None:
    command = "{{ matrix.z if matrix.x is defined else matrix.x }}"

    said = complaints(f"tasks: {{a: {{command: {json.dumps(command)}}}}}")

    assert ["unknown matrix key 'z'", "unknown matrix key 'x'"] == [
        line.partition("error: ")[2] for line in said.splitlines() if "error: " in line
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("params: {x: a}\ntasks: {a: {matrix: {v: ['{{ params.x }}']}, command: 'echo {{ matrix.v }}'}}", "2:26"),
        ("tasks: {a: {matrix: {v: [b], include: [{v: '{{ env.X }}'}]}, command: 'echo {{ matrix.v }}'}}", "1:44"),
        ("params: {x: a, y: '{{ params.x }}'}\ntasks: {a: {command: x}}", "1:19"),
        ("params: {x: {default: ['{{ params.x }}']}}\ntasks: {a: {command: x}}", "1:24"),
    ],
)
def test_a_template_where_none_is_filled(text: str, place: str) -> None:
    """Else a task would get literal braces."""
    assert f"f.yml:{place}: error: a template is not filled here: " in complaints(text)
    assert 1 == complaints(text).count(": error: ")


def test_an_axis_that_is_no_list_is_one_mistake() -> None:
    said = complaints("params: {x: a}\ntasks: {a: {matrix: {v: '{{ params.x }}'}, command: 'echo {{ matrix.v }}'}}")

    assert (
        """\
f.yml:2:25: error: {{ params.x }} is the string 'a', not a list
    2 | tasks: {a: {matrix: {v: '{{ params.x }}'}, command: 'echo {{ matrix.v }}'}}
      |                         ^^^^^^^^^^^^^^^^
  hint: a param's default is what is listed
"""
        == said
    )


def test_braces_of_others_may_stand_in_a_param() -> None:
    assert "" == complaints(
        "params: {format: '{{.ID}}'}\ntasks: {a: {command: 'docker ps --format {{ params.format }}'}}"
    )


@pytest.mark.parametrize(
    ("text", "warns"),
    [
        ("tasks: {a: {env: {A: x, B: '{{ env.A }}'}, command: x}}", True),
        ("env: {A: x, B: '{{ env.A }}'}\ntasks: {a: {command: x}}", True),
        ("tasks: {a: {env: {A: x, PATH: '{{ env.PATH }}:x'}, command: x}}", False),
        ("env: {A: x}\ntasks: {a: {env: {A: y, B: '{{ env.A }}'}, command: x}}", False),
    ],
)
def test_variables_of_one_map_do_not_see_each_other(text: str, warns: bool) -> None:
    """A layer sees those below it, and itself as it was there."""
    assert warns == ("warning: `env.A` is that of the caller, not the one beside it" in complaints(text))


def test_a_mistake_behind_an_anchor_names_the_task_that_it_breaks() -> None:
    text = """\
x-c: &c {command: "echo {{ matrix.v }}"}
tasks:
  a: {<<: *c, matrix: {v: [1]}}
  b: {<<: *c}
"""

    assert """\
f.yml:1:35: error: unknown matrix key 'v'
    1 | x-c: &c {command: "echo {{ matrix.v }}"}
      |                                   ^
  as part of 'b': f.yml:4:3
  hint: the task has no matrix
""" == complaints(text)


def test_a_mistake_that_several_tasks_share_is_said_once() -> None:
    assert 1 == complaints("tasks:\n  a: &a {command: x, retries: many}\n  b: *a\n  c: *a\n").count(": error: ")


@pytest.mark.parametrize(
    "data",
    [
        {"tasks": {"a": {"command": "echo \U0001f680"}}},
        {"tasks": {"a": {"command": "true", "env": {"K" * 1100: "x\U0001f680"}}}},
        {"tasks": {"a": {"command": ["printf", "\t\u2028/"], "retries": 2, "allow_failure": True}}},
    ],
)
@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_json_is_taken_as_json(data: dict[str, object], indent: int | str | None) -> None:
    """Whatever writes it: characters as two escapes, long keys, tabs."""
    (task,) = workflow(json.dumps(data, indent=indent)).tasks.values()

    written = data["tasks"]["a"]  # type: ignore[index]
    assert written.get("env", {}) == task.env
    assert written["command"] in (task.action.command, list(task.action.argv()))


def test_a_mistake_in_json_has_its_place() -> None:
    text = '{"tasks": {"a": {"command": "echo \\ud83d\\ude80 {{ x }}", "retries": 0, "retries": 1}}}'

    assert """\
f.yml:1:51: error: unknown name 'x'
    1 | {"tasks": {"a": {"command": "echo \\ud83d\\ude80 {{ x }}", "retries": 0, "retries": 1}}}
      |                                                   ^

f.yml:1:72: error: key 'retries' is written twice
    1 | {"tasks": {"a": {"command": "echo \\ud83d\\ude80 {{ x }}", "retries": 0, "retries": 1}}}
      |                                                                        ^^^^^^^^^
  first written: f.yml:1:58
""" == complaints(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": "\\ud83d"}', '{"a": "\\ud83d\\ude80"', '{"a": "\\ud83d\\ude80",}}', '{"a": "\\ud83d\\ude80"} b',
        '{"a": NaN, "b": "\\ud83d\\ude80"}',
    ],
)  # fmt: skip
def test_what_is_neither_json_nor_yaml_stays_refused(text: str) -> None:
    assert ": error: " in complaints(text)
