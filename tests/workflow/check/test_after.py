"""What is wrong with an `after`, and what it stands for."""

import pytest

from airexec.workflow.schema.published import failures
from airexec.workflow.schema.words import explain
from tests.workflow.reading import complaints, workflow


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tasks:\n  fmt: {command: x}\n  lint: {command: x, after: fnt}\n", """\
f.yml:3:29: error: task 'lint' comes after 'fnt', which is not defined
    3 |   lint: {command: x, after: fnt}
      |                             ^^^
  hint: did you mean 'fmt' (f.yml:2:3)?
"""),
        ("tasks:\n  lint: {command: x, after: [lint]}\n", """\
f.yml:2:30: error: task 'lint' cannot come after itself
    2 |   lint: {command: x, after: [lint]}
      |                              ^^^^
"""),
        ("templates: {t: {command: x}}\ntasks:\n  lint: {command: x, after: t}\n", """\
f.yml:3:29: error: task 'lint' comes after 't', which is not defined
    3 |   lint: {command: x, after: t}
      |                             ^
  hint: 't' is a template; only tasks can be waited for
"""),
        ("tasks:\n  fmt: {command: x}\n  lint: {command: x, dependencies: fmt, after: [fmt]}\n", """\
f.yml:3:49: warning: task 'lint' depends on 'fmt', so it comes after it anyway
    3 |   lint: {command: x, dependencies: fmt, after: [fmt]}
      |                                                 ^^^
  hint: name it in one of 'dependencies' and 'after'
"""),
        ("tasks:\n  fmt: {command: x}\n  lint: {command: x, after: [fmt, fmt]}\n", """\
f.yml:3:35: warning: 'fmt' stands twice in the 'after' of 'lint'
    3 |   lint: {command: x, after: [fmt, fmt]}
      |                                   ^^^
"""),
        ("tasks:\n  fmt: {command: x, dependencies: lint}\n  lint: {command: x, after: [fmt]}\n", """\
f.yml:2:35: error: tasks wait for each other in a circle: fmt → lint → fmt ('lint' is after 'fmt')
    2 |   fmt: {command: x, dependencies: lint}
      |                                   ^^^^
  hint: take one of these waits away
"""),
        ("tasks:\n  fmt: {command: x, after: lint}\n  lint: {command: x, after: [fmt]}\n", """\
f.yml:2:28: error: tasks wait for each other in a circle: fmt → lint → fmt ('fmt' is after 'lint')
    2 |   fmt: {command: x, after: lint}
      |                            ^^^^
  hint: take one of these waits away
"""),
        ("tasks: {a: {command: x}}\ntemplates:\n  t: {command: x, after: a}\n", """\
f.yml:3:19: error: unknown key 'after'
    3 |   t: {command: x, after: a}
      |                   ^^^^^
  hint: it orders tasks of the file; what is queued waits for its 'dependencies'
"""),
        ("after: [fmt]\ntasks: {a: {command: x}}\n", """\
f.yml:1:1: error: unknown key 'after'
    1 | after: [fmt]
      | ^^^^^
  hint: 'after' is a key of a task
"""),
        ("tasks: {a: {command: x, mustRunAfter: a}}\n", """\
f.yml:1:25: error: unknown key 'mustRunAfter'
    1 | tasks: {a: {command: x, mustRunAfter: a}}
      |                         ^^^^^^^^^^^^
  hint: it is called 'after' here
"""),
        ("tasks:\n  fmt: {command: x}\n"
         "  lint: {command: 'echo {{ tasks.fmt.outputs.x }}', after: fmt}\n", """\
f.yml:3:28: error: task 'lint' uses the results of 'fmt', but does not wait for it
    3 |   lint: {command: 'echo {{ tasks.fmt.outputs.x }}', after: fmt}
      |                            ^^^^^^^^^
  hint: add 'fmt' to its dependencies
"""),
    ],
)  # fmt: skip
def test_the_mistake_is_shown_where_it_is(text: str, expected: str) -> None:
    """With the way out."""
    assert expected == complaints(text)


def test_a_queued_task_has_none() -> None:
    """What is queued is in the run with all that it waits for."""
    (problem,) = explain(failures("queue", {"id": "a", "command": "x", "after": "b"}))

    assert ("unknown key 'after'", "it orders tasks of the file; what is queued waits for its 'dependencies'") == (
        problem.message,
        problem.hint,
    )


def test_the_bare_id_of_a_matrix_means_all_its_instances() -> None:
    """Each once."""
    tasks = workflow("""\
        tasks:
          test: {command: x, matrix: {py: [11, 12]}}
          pack: {command: x, after: [test, "test[11]"]}
        """).tasks

    assert ("test[11]", "test[12]") == tasks["pack"].after


def test_an_instance_may_be_named_alone() -> None:
    text = "tasks: {test: {command: x, matrix: {py: [11, 12]}}, pack: {command: x, after: 'test[12]'}}"

    assert ("test[12]",) == workflow(text).tasks["pack"].after
