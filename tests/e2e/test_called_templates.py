"""Tasks of the file that are made of a template, beside those that are queued from it."""

from tests.e2e.rig import Airexec, load_tasks

FILE = """\
    name: t
    params: {who: "you; $HOME", list: [1, 2]}
    env: {GREETING: hello}
    templates:
      greet:
        params: {name: {type: string}, numbers: {type: array, default: []}, n: 1}
        command: echo {{ with.name }} {{ with.numbers | sum + with.n }}
        env: {NAME: "{{ with.name }}"}
    tasks:
      bare: {template: greet, with: {name: me}}
      full: {template: greet, with: {name: "{{ env.GREETING }} {{ params.who }}", numbers: "{{ params.list }}", n: 4}}
      more:
        queue: [greet]
        command: |
          echo '::queue {"template": "greet", "with": {"name": "{{ '{{ params.who }}' }}"}}'
      late: {template: greet, with: {name: "{{ tasks.bare.exit_code }}"}, dependencies: bare}
"""


def test_arguments_are_rendered_in_the_file_and_taken_as_they_are_from_a_line(airexec: Airexec) -> None:
    """A single expression keeps its type; a value stays a value."""
    airexec.write("w.yml", FILE)

    result = airexec("run", "w.yml")
    tasks = load_tasks(airexec, "t")
    logs = {name: airexec.read(f".airexec/jobs/t/{task['log']}") for name, task in tasks.items()}

    assert 0 == result.exit_code, result.out
    assert "me 1\n" == logs["bare"]
    assert "hello you; $HOME 7\n" == logs["full"]
    assert "0 1\n" == logs["late"]
    assert "{{ params.who }} 1\n" == next(log for name, log in logs.items() if name.startswith("greet["))


def test_a_value_of_the_wrong_kind_is_an_error_of_the_line(airexec: Airexec) -> None:
    """The emitter fails, and nothing is queued."""
    airexec.write("line", '::queue {"template": "greet", "with": {"nam": 1}}\n')
    greet = "{params: {name: {type: string}}, command: 'echo {{ with.name }}'}"
    task = "{queue: [greet], command: cat line}"
    airexec.write("w.yml", f"name: t\ntemplates: {{greet: {greet}}}\ntasks: {{more: {task}}}\n")

    result = airexec("run", "w.yml")

    assert 1 == result.exit_code
    assert "template 'greet' takes no 'nam' (did you mean 'name'?)" in load_tasks(airexec, "t")["more"]["error"]
    assert ["more"] == list(load_tasks(airexec, "t"))


def test_what_an_argument_becomes_must_be_what_the_template_takes(airexec: Airexec) -> None:
    """Whatever a template has made of it; a number for a text is its digits."""
    airexec.write(
        "w.yml",
        """\
        name: t
        params: {s: three, n: 7}
        templates:
          t:
            params: {x: {type: integer, minimum: 1}, y: {type: string}}
            command: "echo {{ with.x }} {{ with.y }}"
        tasks:
          good: {template: t, with: {x: "{{ params.n }}", y: "{{ params.n }}"}}
          bad: {template: t, with: {x: "{{ params.s }}", y: a}}
    """,
    )

    result = airexec("run", "w.yml")
    tasks = load_tasks(airexec, "t")

    assert (1, "completed", "failed") == (result.exit_code, tasks["good"]["status"], tasks["bad"]["status"])
    assert "7 7\n" in result.out
    assert "template 't': 'x' takes a whole number, not the string 'three'" in tasks["bad"]["error"]
