"""What is wrong with `vars`, to the letter."""

import pytest

from tests.workflow.reading import complaints

BUILD = "tasks: {build: {command: make}}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("vars: {a: '{{ vars.b }}', b: {command: 'echo {{ vars.c }}'}, c: '{{ vars.a }}'}\n", """\
f.yml:1:11: error: vars need each other in a circle: a → b → c → a
    1 | vars: {a: '{{ vars.b }}', b: {command: 'echo {{ vars.c }}'}, c: '{{ vars.a }}'}
      |           ^^^^^^^^^^^^^^
  hint: let one of them do without the others
"""),
        ("vars: {version: 1, a: '{{ vars.verison }}'}\n", """\
f.yml:1:32: error: unknown var 'verison'
    1 | vars: {version: 1, a: '{{ vars.verison }}'}
      |                                ^^^^^^^
  hint: did you mean 'version'?
"""),
        ("vars: {a: '{{ tasks.build.outputs.x }}'}\n", """\
f.yml:1:15: error: 'tasks' is not known here
    1 | vars: {a: '{{ tasks.build.outputs.x }}'}
      |               ^^^^^^^^^^^^^^^^^^^^^
  hint: vars are worked out before anything runs: from params, env and other vars
"""),
        ("vars: {version: 3.10}\n", """\
f.yml:1:17: warning: 3.10 is read as the number 3.1
    1 | vars: {version: 3.10}
      |                 ^^^^
  hint: write "3.10" if the text is meant
"""),
        ("vars: {a: [1]}\n", """\
f.yml:1:11: error: 'a' takes a string, a number, true or false or a map, not a list
    1 | vars: {a: [1]}
      |           ^
"""),
        ("vars: {a: {sh: date}}\n", """\
f.yml:1:12: error: unknown key 'sh'
    1 | vars: {a: {sh: date}}
      |            ^^
  hint: it is called 'command' here
"""),
        ("vars: {a: {command: date, timeout: 0}}\n", """\
f.yml:1:36: error: 'timeout' must be more than 0, not 0
    1 | vars: {a: {command: date, timeout: 0}}
      |                                    ^
"""),
        ("vars: {a: {command: 'echo `{{ params.x }}`'}}\nparams: {x: 1}\n", """\
f.yml:1:28: error: `{{ params.x }}` stands inside of backticks, where no value can be made safe
    1 | vars: {a: {command: 'echo `{{ params.x }}`'}}
      |                            ^
  hint: write $( ) instead of the backticks
"""),
    ],
)  # fmt: skip
def test_mistakes(text: str, said: str) -> None:
    assert said == complaints(text + BUILD)


def test_a_task_that_names_a_var_without_its_root_is_told() -> None:
    """As for params."""
    text = "vars: {version: 1}\ntasks: {a: {command: 'echo {{ version }}'}}\n"

    assert """\
f.yml:2:31: error: unknown name 'version'
    2 | tasks: {a: {command: 'echo {{ version }}'}}
      |                               ^^^^^^^
  hint: did you mean 'vars.version'?
""" == complaints(text)
