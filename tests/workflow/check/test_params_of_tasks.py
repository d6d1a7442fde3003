"""Params of one task: known there and nowhere else, and one definition for one name."""

import pytest

from tests.workflow.reading import complaints, headlines, workflow


def test_they_are_known_in_the_templates_of_their_task() -> None:
    """Beside those of the file; a bare value is the default."""
    found = workflow("""\
        params: {region: eu}
        tasks:
          deploy:
            params: {ip: {type: string}, port: 22}
            command: ./deploy {{ params.ip }} {{ params.port }} {{ params.region }}
        """)

    expected = {"ip": {"type": "string"}, "port": {"type": "integer", "default": 22}}
    assert expected == found.tasks["deploy"].params


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tasks:\n  deploy: {params: {ip: x}, command: 'd {{ params.ip }}'}\n"
         "  ping: {command: 'ping {{ params.ip }}'}\n", """\
f.yml:3:35: error: unknown param 'ip'
    3 |   ping: {command: 'ping {{ params.ip }}'}
      |                                   ^^
  hint: task 'deploy' has it for itself; for others it stands under `params` of the file
"""),
        ("env: {IP: '{{ params.ip }}'}\ntasks:\n  deploy: {params: {ip: x}, command: d}\n", """\
f.yml:1:22: error: unknown param 'ip'
    1 | env: {IP: '{{ params.ip }}'}
      |                      ^^
  hint: task 'deploy' has it for itself; for others it stands under `params` of the file
"""),
        ("tasks:\n  deploy: {params: {host: x}, command: 'd {{ params.hots }}'}\n", """\
f.yml:2:53: error: unknown param 'hots'
    2 |   deploy: {params: {host: x}, command: 'd {{ params.hots }}'}
      |                                                     ^^^^
  hint: did you mean 'host'?
"""),
        ("params: {ip: a}\ntasks:\n  deploy: {params: {ip: b}, command: d}\n", """\
f.yml:3:21: error: param 'ip' is not that of the workflow (f.yml:1:10)
    3 |   deploy: {params: {ip: b}, command: d}
      |                     ^^
  hint: a name has one value in a run: write the same in both places, or give it another name
"""),
        ("tasks:\n  a: {params: {ip: 1}, command: d}\n  b: {params: {ip: {type: string}}, command: d}\n", """\
f.yml:3:16: error: param 'ip' is not that of task 'a' (f.yml:2:16)
    3 |   b: {params: {ip: {type: string}}, command: d}
      |                ^^
  hint: a name has one value in a run: write the same in both places, or give it another name
"""),
        ("tasks:\n  a: {params: {n: {type: integer, default: many}}, command: d}\n", """\
f.yml:2:44: error: the default breaks its own schema: 'n' takes a whole number, not the string 'many'
    2 |   a: {params: {n: {type: integer, default: many}}, command: d}
      |                                            ^^^^
"""),
    ],
)  # fmt: skip
def test_the_mistake_is_shown_where_it_is(text: str, expected: str) -> None:
    """With the way out."""
    assert expected == complaints(text)


def test_the_same_definition_is_one_param() -> None:
    """In two tasks, and in a task and the file; a bare value is as good as what it stands for."""
    text = """\
        params: {port: 22}
        tasks:
          up: {params: {ip: {type: string}}, command: 'up {{ params.ip }}'}
          down: {params: {ip: {type: string}, port: {type: integer, default: 22}}, command: 'down {{ params.ip }}'}
        """

    assert "" == complaints(text)


def test_a_schedule_sets_no_param_of_a_task_that_it_runs() -> None:
    """Nor would anybody else; what is manual it does not run."""
    text = """\
        schedule: "@daily"
        tasks:
          a: {params: {ip: {type: string}}, command: x}
          b: {params: {host: {type: string}}, command: x, manual: true}
        """

    assert [
        "f.yml:3:20: error: param 'ip' has no default, and nobody sets it when the job manager starts a run"
    ] == headlines(text)


def test_a_pattern_with_one_makes_an_edge_by_its_default() -> None:
    """As one with a param of the file does."""
    tasks = workflow("""\
        tasks:
          make: {command: x, params: {name: out}, generates: "{{ params.name }}.txt"}
          read: {command: x, sources: out.txt}
        """).tasks

    assert ["make"] == [dependency.task for dependency in tasks["read"].dependencies]
