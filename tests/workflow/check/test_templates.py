"""Templates are checked before any run: names, syntax, places, and whether results are there when they are used."""

import pytest

from tests.workflow.reading import complaints, headlines


def test_a_mistake_in_a_template_is_shown_inside_of_its_text() -> None:
    """To the letter, in a literal block."""
    text = """
        params: {region: eu}
        tasks:
          a:
            command: |
              echo start
              echo {{ params.regoin }}
    """

    expected = """\
f.yml:6:22: error: unknown param 'regoin'
    6 |       echo {{ params.regoin }}
      |                      ^^^^^^
  hint: did you mean 'region'?
"""

    assert expected == complaints(text)


@pytest.mark.parametrize(
    ("tasks", "said"),
    [
        ("b: {command: 'echo {{ tasks.nope.outputs.x }}'}", ["3:31: error: unknown task 'nope'"]),
        ("b: {command: 'echo {{ tasks.a.outputs.x }}'}", [
            "3:25: error: task 'b' uses the results of 'a', but does not wait for it",
        ]),
        ("b: {command: 'echo {{ tasks.a.outputs.x }}', dependencies: [a]}", []),
        ("b: {command: [echo, '{{ tasks.a.status }}']}", [
            "3:27: error: task 'b' uses the results of 'a', but does not wait for it",
        ]),
        ("b: {command: x, when: tasks.a.outputs.x > 1}", [
            "3:25: error: task 'b' uses the results of 'a', but does not wait for it",
        ]),
        ("b: {command: x, env: {A: '{{ tasks.a.outputs.x }}'}}", [
            "3:32: error: task 'b' uses the results of 'a', but does not wait for it",
        ]),
        ("b: {command: 'echo {{ tasks.b.outputs.x }}'}", [
            "3:25: error: task 'b' uses its own results, which are not there yet",
        ]),
        ("b: {command: x, matrix: {n: [1]}}\n  c: {command: 'echo {{ tasks.b.outputs.x }}', dependencies: b}", [
            "4:41: error: task 'b' has a matrix, so its outputs are a list, with an item for each instance",
        ]),
        ("b: {command: x, matrix: {n: [1]}}\n  c: {command: 'echo {{ tasks.b.outputs | list }}', dependencies: b}", []),
        ("b: {command: x, matrix: {n: [1, 2]}}\n  c: {command: 'x {{ tasks.b.status }}', dependencies: ['b[1]']}", [
            "4:22: error: task 'c' uses the results of 'b', but does not wait for all its instances",
        ]),
        ("b: {command: x, matrix: {n: [1]}}\n  c: {command: \"{{ tasks['b[1]'].outputs.x }}\", dependencies: b}", []),
        ("b: {command: 'echo {{ matrix.n }}', matrix: {n: [1], include: [{m: 2}]}}", []),
        ("b: {command: 'echo {{ matrix.k }}', matrix: {n: [1]}}", ["3:32: error: unknown matrix key 'k'"]),
        ("b: {command: 'echo {{ with.k }}'}", ["3:30: error: unknown name 'k'"]),
        ("b: {command: 'echo {{ params.k }'}", ["3:34: error: unexpected '}'"]),
        ("b: {command: 'echo `{{ params.region }}`'}", [
            "3:23: error: `{{ params.region }}` stands inside of backticks, where no value can be made safe",
        ]),
        ("b: {command: 'echo # {{ params.region }}'}", [
            "3:24: error: `{{ params.region }}` stands inside of a comment, where no value can be made safe",
        ]),
        ("b: {command: 'echo `{{ params.region }}`', args: [x]}", []),
        ("b: {command: 'print(`{{ params.region }}`)', shell: [ruby, -e]}", [
            "3:24: error: `{{ params.region }}` stands in the command of a shell whose quoting is not known, "
            "where no value can be made safe",
        ]),
        ("b: {command: x, cwd: '{{ params.rgion }}'}", ["3:35: error: unknown param 'rgion'"]),
        ("b: {command: 'echo ${#x} {x} }} 100%'}", []),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_template(tasks: str, said: list[str]) -> None:
    """Where it stands in the line."""
    text = f"params: {{region: eu}}\ntasks:\n  {tasks}\n  a: {{command: x}}\n"

    assert said == [line.removeprefix("f.yml:") for line in headlines(text)]


def test_results_are_there_for_all_that_wait_however_far_up() -> None:
    """Through other tasks."""
    text = """
        tasks:
          a: {command: x}
          b: {command: x, dependencies: a}
          c: {command: "echo {{ tasks.a.outputs.x }}", dependencies: b}
    """

    assert [] == headlines(text)


def test_a_task_that_is_not_in_the_file_may_have_been_queued() -> None:
    """If something further up may queue; then it is only a warning."""
    text = """
        tasks:
          a: {command: x, queue: true}
          b: {command: "echo {{ tasks.later.outputs.x }}", dependencies: a}
          c: {command: "echo {{ tasks.later.outputs.x }}"}
    """

    expected = [
        "f.yml:3:25: warning: no task of the file is called 'later'; this works only if it is queued",
        "f.yml:4:31: error: unknown task 'later'",
    ]

    assert expected == headlines(text)


def test_a_template_takes_any_argument() -> None:
    """What `with` holds is known only when it is queued."""
    text = "templates: {t: {command: 'echo {{ with.x }}'}}\ntasks: {a: {command: x, queue: [t]}}"

    assert [] == headlines(text)
    assert ["f.yml:1:41: error: unknown task 'x'"] == headlines(text.replace("with.x", "tasks.x"))


def test_what_is_for_every_task_cannot_use_the_results_of_one() -> None:
    """In the environment of the workflow and in the defaults."""
    text = """
        env: {A: "{{ tasks.a.outputs.x }}", B: "{{ params.x }}"}
        default_args: {env: {C: "{{ tasks.a.outputs.x }}"}}
        tasks: {a: {command: x}}
    """

    expected = [
        "f.yml:1:14: error: this is for every task, so it cannot use the results of 'a'",
        "f.yml:1:51: error: unknown param 'x'",
        "f.yml:2:29: error: this is for every task, so it cannot use the results of 'a'",
    ]

    assert expected == headlines(text)


def test_the_shell_of_the_workflow_decides_how_a_command_is_read() -> None:
    """Backticks mean nothing to Python."""
    text = "shell: python\nparams: {x: 1}\ntasks: {a: {command: 'print(1)  # `x` {{ params.x }}'}}\n"

    said = headlines(text)

    assert not any("backticks" in line for line in said)
    assert headlines(text.replace("python", "sh"))


def test_every_task_may_read_the_results_of_the_first() -> None:
    """A chain in which each walked up on its own would take minutes."""
    tasks = "".join(
        f"  t{n}: {{command: 'echo {n} {{{{ tasks.t0.outputs.x }}}}', dependencies: t{n - 1}}}\n"
        for n in range(1, 1000)
    )

    assert [] == headlines("tasks:\n  t0: {command: x}\n" + tasks)


def test_a_name_of_instances_knows_their_matrix_and_nothing_else() -> None:
    """And must do for each of them; without a matrix there is nothing to name."""
    text = """
        params: {x: 1}
        tasks:
          a: {command: x, matrix: {os: [b]}, map_index_template: "{{ params.x }}"}
          b: {command: x, matrix: {os: [b]}, map_index_template: "{{ matrix.so }}"}
          c: {command: x, matrix: {os: [b, c], include: [{os: b, size: 1}]}, map_index_template: "{{ matrix.size }}"}
          d: {command: x, map_index_template: "{{ matrix.so }}"}
        """
    expected = [
        "f.yml:3:62: error: 'params' is not known here",
        "f.yml:4:69: error: unknown matrix key 'so'",
        "f.yml:5:90: error: c[c] cannot be named: `{{ matrix.size }}`: 'matrix' has no 'size'; it has: os",
        "f.yml:6:39: warning: 'map_index_template' without a 'matrix' has no effect",
    ]
    assert expected == headlines(text)
