"""Tasks that are made of templates, and what is wrong with their arguments, to the letter."""

import pytest

from airexec.workflow.model import Argument, Dependency
from tests.workflow.reading import complaints
from tests.workflow.reading import workflow as workflow_of

TEMPLATES = """\
templates:
  free: {command: "echo {{ with.a }} {{ with.b | default(1) }}"}
  typed: {params: {a: {type: string}, n: 3}, command: "echo {{ with.a }} {{ with.n }}"}
  any: {command: "echo {% for k in with.keys() %}{{ k }}{% endfor %}"}
"""


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ("{template: fre}", """\
f.yml:5:23: error: template 'fre' is not defined
    5 | tasks: {t: {template: fre}}
      |                       ^^^
  hint: did you mean 'free'?
"""),
        ("{template: free}", """\
f.yml:5:23: error: template 'free' needs 'a'
    5 | tasks: {t: {template: free}}
      |                       ^^^^
  hint: such as  with: {a: …}
"""),
        ("{template: free, with: {a: 1, bb: 2}}", """\
f.yml:5:42: error: template 'free' takes no 'bb'
    5 | tasks: {t: {template: free, with: {a: 1, bb: 2}}}
      |                                          ^^
  hint: did you mean 'b'?
"""),
        ("{template: typed, with: {a: 1}}", """\
f.yml:5:40: error: 'a' takes a string, not the number 1 (write "1", with the quotes)
    5 | tasks: {t: {template: typed, with: {a: 1}}}
      |                                        ^
"""),
        ("{template: typed, with: {a: '{{ params.x }}'}}", """\
f.yml:5:51: error: unknown param 'x'
    5 | tasks: {t: {template: typed, with: {a: '{{ params.x }}'}}}
      |                                                   ^
"""),
        ("{template: any, with: {whatever: ['{{ params.x }}']}}", """\
f.yml:5:46: error: a template is not filled here: in `with` a text alone may be a template
    5 | tasks: {t: {template: any, with: {whatever: ['{{ params.x }}']}}}
      |                                              ^^^^^^^^^^^^^^^^
  hint: write the value itself
"""),
        ("{template: any, command: x}", """\
f.yml:5:12: error: 'command' and 'template' exclude each other
    5 | tasks: {t: {template: any, command: x}}
      |            ^
  hint: write one of them
"""),
        ("{command: x, with: {a: 1}}", """\
f.yml:5:25: error: 'with' needs 'template'
    5 | tasks: {t: {command: x, with: {a: 1}}}
      |                         ^^^^
  hint: add 'template'
"""),
        ("{dependencies: []}", """\
f.yml:5:9: error: task 't' has no 'command'
    5 | tasks: {t: {dependencies: []}}
      |         ^
  hint: add a line such as  command: echo hello
"""),
    ],
)  # fmt: skip
def test_mistakes(task: str, said: str) -> None:
    assert said == complaints(f"{TEMPLATES}tasks: {{t: {task}}}\n")


def test_a_name_that_a_template_does_not_declare_is_an_error_of_the_template() -> None:
    text = "templates: {t: {params: {a: 1}, command: 'echo {{ with.b }}'}}\ntasks: {x: {template: t}}\n"

    assert """\
f.yml:1:56: error: unknown name 'b'
    1 | templates: {t: {params: {a: 1}, command: 'echo {{ with.b }}'}}
      |                                                        ^
""" == complaints(text)


def test_what_templates_take_is_what_they_declare_or_use() -> None:
    """With a default where they say so; of a loop over all, anything."""
    workflow = workflow_of(TEMPLATES + "tasks: {x: {command: y}}\n")

    assert {
        "free": {"a": Argument(), "b": Argument(is_required=False)},
        "typed": {"a": Argument(True, {"type": "string"}), "n": Argument(False, {"type": "integer", "default": 3})},
    } == workflow.arguments


def test_what_a_task_says_itself_wins_and_its_dependencies_are_added() -> None:
    """Defaults of the arguments are filled in; each instance of a matrix calls the template."""
    workflow = workflow_of("""\
default_args: {retries: 1}
templates:
  t: {params: {a: x, b: y}, command: "echo {{ with.a }}", dependencies: [one], env: {A: "1"}, retries: 5, tags: [t]}
tasks:
  one: {command: x}
  two: {command: x}
  both:
    {template: t, matrix: {os: [l, m]}, with: {b: "{{ matrix.os }}"}, dependencies: [two], retries: 2, env: {B: "2"}}
""")
    task = workflow.tasks["both[l]"]

    assert ("t", {"a": "x", "b": "{{ matrix.os }}"}, {"os": "l"}) == (task.template, task.with_, task.matrix)
    assert (Dependency("one"), Dependency("two")) == task.dependencies
    assert (2, {"B": "2"}, ("t",)) == (task.retries, task.env, task.tags)
    assert workflow.templates["t"].action == task.action


def test_a_task_waits_for_what_its_template_waits_for() -> None:
    """So it may use its results."""
    assert "" == complaints("""\
templates: {t: {command: "echo {{ with.a }}", dependencies: one}}
tasks:
  one: {command: x}
  two: {template: t, with: {a: "{{ tasks.one.outputs.x }}"}}
""")


def test_files_that_are_arguments_make_edges() -> None:
    workflow = workflow_of("""\
templates: {cc: {command: cc, sources: "{{ with.src }}", generates: "{{ with.obj }}"}}
tasks:
  link: {command: ld, sources: main.o}
  main: {template: cc, with: {src: main.c, obj: "{{ 'main' }}.o"}}
""")

    assert (Dependency("main", from_files=True),) == workflow.tasks["link"].dependencies


def test_what_conditions_and_numbers_use_is_taken_as_well() -> None:
    workflow = workflow_of("""\
templates:
  t:
    command: x
    retries: "{{ with.n }}"
    preconditions: ["test {{ with.file }}"]
    when: {command: "test {{ with.flag | default('x') }}"}
tasks: {x: {template: t, with: {n: "{{ 1 + 1 }}", file: a}}}
""")

    assert {"n": True, "file": True, "flag": False} == {
        name: argument.is_required for name, argument in workflow.arguments["t"].items()
    }
    assert {"retries": "{{ with.n }}"} == workflow.tasks["x"].numbers
