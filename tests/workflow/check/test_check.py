"""What the schema cannot say about a workflow file, to the letter."""

import pytest

from tests.workflow.reading import complaints, headlines

BUILD = "tasks:\n  build: {command: make}\n"


def test_an_unknown_dependency_names_the_task_that_was_meant_and_its_place() -> None:
    """The picture of the style guide."""
    text = BUILD + "  deploy:\n    command: x\n    dependencies: [biuld]\n"

    expected = """\
f.yml:5:20: error: task 'deploy' depends on 'biuld', which is not defined
    5 |     dependencies: [biuld]
      |                    ^^^^^
  hint: did you mean 'build' (f.yml:2:3)?
"""

    assert expected == complaints(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BUILD + "  b: {command: x, dependencies: zzz}\n", """\
f.yml:3:33: error: task 'b' depends on 'zzz', which is not defined
    3 |   b: {command: x, dependencies: zzz}
      |                                 ^^^
"""),
        (BUILD + "  b: {command: x, dependencies: [{task: bulid, allow_failure: true}]}\n", """\
f.yml:3:41: error: task 'b' depends on 'bulid', which is not defined
    3 |   b: {command: x, dependencies: [{task: bulid, allow_failure: true}]}
      |                                         ^^^^^
  hint: did you mean 'build' (f.yml:2:3)?
"""),
        (BUILD + "  b: {command: x, dependencies: [b]}\n", """\
f.yml:3:34: error: task 'b' depends on itself
    3 |   b: {command: x, dependencies: [b]}
      |                                  ^
"""),
        (BUILD + "  b: {command: x, dependencies: [build, build]}\n", """\
f.yml:3:41: warning: 'build' stands twice in the dependencies of 'b'
    3 |   b: {command: x, dependencies: [build, build]}
      |                                         ^^^^^
"""),
        ("templates: {t: {command: x}}\n" + BUILD + "  b: {command: x, dependencies: [t]}\n", """\
f.yml:4:34: error: task 'b' depends on 't', which is not defined
    4 |   b: {command: x, dependencies: [t]}
      |                                  ^
  hint: 't' is a template; only tasks can be depended on
"""),
        ("default: [bulid]\n" + BUILD, """\
f.yml:1:11: error: default names 'bulid', which is not defined
    1 | default: [bulid]
      |           ^^^^^
  hint: did you mean 'build' (f.yml:3:3)?
"""),
        ("default: t\ntemplates: {t: {command: x}}\n" + BUILD, """\
f.yml:1:10: error: default names 't', which is not defined
    1 | default: t
      |          ^
  hint: 't' is a template; only tasks can be run by default
"""),
        ("templates: {t: {command: x, dependencies: [nope]}}\n" + BUILD, """\
f.yml:1:44: error: template 't' depends on 'nope', which is not defined
    1 | templates: {t: {command: x, dependencies: [nope]}}
      |                                            ^^^^
"""),
        ("pools: {database: 2}\ntasks:\n  a: {command: x, pool: databse}\n", """\
f.yml:3:25: error: pool 'databse' is not defined
    3 |   a: {command: x, pool: databse}
      |                         ^^^^^^^
  hint: did you mean 'database'?
"""),
        ("tasks:\n  a: {command: x, pool: db}\n", """\
f.yml:2:25: error: pool 'db' is not defined
    2 |   a: {command: x, pool: db}
      |                         ^^
  hint: define it under pools, such as  pools: {db: 1}
"""),
        ("pools: {db: 2}\ntasks:\n  a: {command: x, pool: db, pool_slots: 3}\n", """\
f.yml:3:41: error: 3 slots are more than pool 'db' has (2): this could never start
    3 |   a: {command: x, pool: db, pool_slots: 3}
      |                                         ^
"""),
        ("pools: {db: 2}\ndefault_args: {pool_slots: 3}\ntasks:\n  a: {command: x, pool: db}\n", """\
f.yml:4:25: error: 3 slots are more than pool 'db' has (2): this could never start
    4 |   a: {command: x, pool: db}
      |                         ^^
"""),
        ("default_args: {pool: db}\n" + BUILD, """\
f.yml:1:22: error: pool 'db' is not defined
    1 | default_args: {pool: db}
      |                      ^^
  hint: define it under pools, such as  pools: {db: 1}
"""),
        ("tasks:\n  a: {command: x, pool_slots: 3}\n", """\
f.yml:2:31: warning: 'pool_slots' without a 'pool' has no effect
    2 |   a: {command: x, pool_slots: 3}
      |                               ^
"""),
        ("templates: {process: {command: x}}\ntasks:\n  a: {command: x, queue: [proces]}\n", """\
f.yml:3:27: error: template 'proces' is not defined
    3 |   a: {command: x, queue: [proces]}
      |                           ^^^^^^
  hint: did you mean 'process'?
"""),
        (BUILD + "  b: {command: x, queue: {templates: [build]}}\n", """\
f.yml:3:39: error: template 'build' is not defined
    3 |   b: {command: x, queue: {templates: [build]}}
      |                                       ^^^^^
  hint: 'build' is a task; move it to templates
"""),
        ("tasks:\n  a: {command: python x.py, args: [y]}\n", """\
f.yml:2:16: warning: with 'args', 'command' is a program, and its name 'python x.py' holds a space
    2 |   a: {command: python x.py, args: [y]}
      |                ^^^^^^^^^^^
  hint: write command: python and begin args with x.py
"""),
        ("env: {AIREXEC_JOB: x}\n" + BUILD, """\
f.yml:1:7: error: 'AIREXEC_JOB' is set by airexec itself
    1 | env: {AIREXEC_JOB: x}
      |       ^^^^^^^^^^^
"""),
        ("fail_fast: true\n" + BUILD + "  b: {command: x, dependencies: build, trigger_rule: one_failed}\n", """\
f.yml:4:54: warning: with 'fail_fast' the first failure ends the run, so 'one_failed' hardly ever comes true
    4 |   b: {command: x, dependencies: build, trigger_rule: one_failed}
      |                                                      ^^^^^^^^^^
  hint: take 'fail_fast' away, or let the upstream have allow_failure: true
"""),
        ("tasks:\n  a: {command: x, skip_on_exit_code: [98, 99], retry_on: [99]}\n", """\
f.yml:2:58: warning: exit code 99 skips the task (skip_on_exit_code), so it is no failure
    2 |   a: {command: x, skip_on_exit_code: [98, 99], retry_on: [99]}
      |                                                          ^
  hint: take 99 away in one of the two
"""),
        ("tasks:\n  a: {command: x, skip_on_exit_code: 9, allow_failure: {exit_codes: [9, 8]}}\n", """\
f.yml:2:56: warning: exit code 9 skips the task (skip_on_exit_code), so it is no failure
    2 |   a: {command: x, skip_on_exit_code: 9, allow_failure: {exit_codes: [9, 8]}}
      |                                                        ^
  hint: take 9 away in one of the two
"""),
        ("tasks:\n  a: {command: x, generates: [{path: a, atomic: true}, b, {path: c, atomic: true}]}\n", """\
f.yml:2:59: error: only one product of a task can be atomic: there is one $AIREXEC_OUT
    2 |   a: {command: x, generates: [{path: a, atomic: true}, b, {path: c, atomic: true}]}
      |                                                           ^
"""),
        ("tasks:\n  a: {command: x, generates: {path: a*, atomic: true}}\n", """\
f.yml:2:37: error: an atomic product is one file, so its path holds no wildcard
    2 |   a: {command: x, generates: {path: a*, atomic: true}}
      |                                     ^^
"""),
        ("tasks:\n  a: {command: x, sources: ['!a', '!b']}\n", """\
f.yml:2:29: error: these sources match nothing: '!' takes files away
    2 |   a: {command: x, sources: ['!a', '!b']}
      |                             ^^^^
  hint: say first what they are taken from, such as src
"""),
        ("tasks:\n  a: {command: x, sources: ['{a,b}.c', '{{ task.id }}{x}']}\n", """\
f.yml:2:29: warning: braces mean nothing here
    2 |   a: {command: x, sources: ['{a,b}.c', '{{ task.id }}{x}']}
      |                             ^^^^^^^^^
  hint: write a pattern for each of what they list
"""),
        ("tasks:\n  a: {command: x, generates: '!a'}\n", """\
f.yml:2:30: error: '!' takes files away from `sources`; a product is named as it is
    2 |   a: {command: x, generates: '!a'}
      |                              ^^^^
"""),
        ("cwd: sub\ntasks:\n  a: {command: x, generates: [../ok, ../../out, '{{ task.id }}/../..']}\n", """\
f.yml:3:38: warning: this is outside of the folder of the workflow file, so `airexec clean` leaves it alone
    3 |   a: {command: x, generates: [../ok, ../../out, '{{ task.id }}/../..']}
      |                                      ^^^^^^^^^
"""),
        ("tasks:\n  a: {command: x, generates: {path: /tmp/x, atomic: true}}\n", """\
f.yml:2:37: warning: this is outside of the folder of the workflow file, so `airexec clean` leaves it alone
    2 |   a: {command: x, generates: {path: /tmp/x, atomic: true}}
      |                                     ^^^^^^
"""),
        ("tasks:\n  a: {command: x, sources: [src/**.c, 'src/**/*.h', '**']}\n", """\
f.yml:2:29: warning: '**' in '**.c' means no more than '*': it stands for folders only where it is alone between '/'
    2 |   a: {command: x, sources: [src/**.c, 'src/**/*.h', '**']}
      |                             ^^^^^^^^
  hint: write src/**/*.c
"""),
        ("schedule: 0 25 * * *\n" + BUILD, """\
f.yml:1:11: error: '25' is no hour (0-23)
    1 | schedule: 0 25 * * *
      |           ^^^^^^^^^^
  hint: the fields are minute, hour, day of month, month, day of week
"""),
        ("params: {n: {type: integer, minimum: 3, default: 1}}\n" + BUILD, """\
f.yml:1:50: error: the default breaks its own schema: 'n' must be at least 3, not 1
    1 | params: {n: {type: integer, minimum: 3, default: 1}}
      |                                                  ^
"""),
        ("params: {n: {pattern: '('}}\n" + BUILD, """\
f.yml:1:23: error: this is not a regular expression: missing ), unterminated subpattern
    1 | params: {n: {pattern: '('}}
      |                       ^^^
"""),
        ("params: {version: 3.10}\n" + BUILD, """\
f.yml:1:19: warning: 3.10 is read as the number 3.1
    1 | params: {version: 3.10}
      |                   ^^^^
  hint: write "3.10" if the text is meant
"""),
        ("params: {ratio: {type: number, default: 0.50}, n: +3, big: 3, half: 0.5}\n" + BUILD, ""),
        ("params: {zip: {default: 012}}\n" + BUILD, """\
f.yml:1:25: warning: 012 is read as the number 12
    1 | params: {zip: {default: 012}}
      |                         ^^^
  hint: write "012" if the text is meant
"""),
        ("params: {debug: no}\n" + BUILD, """\
f.yml:1:17: warning: no is read as the string 'no'
    1 | params: {debug: no}
      |                 ^^
  hint: write false, or "no" if the text is meant
"""),
    ],
)  # fmt: skip
def test_a_mistake_is_told_once_and_completely(text: str, said: str) -> None:
    """Place, line, caret, hint."""
    assert said == complaints(text)


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        ("{py: [3.10, 3.11]}", [
            "f.yml:2:33: warning: 3.10 is read as the number 3.1",
        ]),
        ("{py: [\"3.10\", 12, 0x1F, -3, 2.5]}", []),
        ("{on: [on, 'off']}", ["f.yml:2:33: warning: on is read as the string 'on'"]),
        ("{py: [a], exclude: [{pi: a}]}", [
            "f.yml:2:48: error: 'pi' is no key of this matrix",
        ]),
        ("{py: [a], os: [b], exclude: [{os: c}]}", [
            "f.yml:2:61: warning: \"c\" is none of the values of 'os', so it matches nothing",
        ]),
        ("{py: [3.11, 3.12], exclude: [{py: '3.12'}]}", [
            "f.yml:2:61: warning: \"3.12\" is none of the values of 'py', so it matches nothing",
        ]),
        ("{py: [3.11], include: [{py: '3.11', fast: true}, {pyy: 3, py: 3.11}, {py: 3.13, os: b}]}", [
            "f.yml:2:19: error: this matrix makes two tasks called 'a[3.11]'",
            "f.yml:2:55: warning: \"3.11\" is none of the values of 'py', so it matches nothing",
            "f.yml:2:77: warning: 'pyy' is no key of this matrix, so it adds a value and matches nothing",
        ]),
        ("{py: [a], exclude: [{py: a}]}", [
            "f.yml:2:19: error: this matrix makes no task: every combination is excluded",
        ]),
        ("{py: [a, a]}", ["f.yml:2:19: error: this matrix makes two tasks called 'a[a]'"]),
        ("{a: [1], b: [1], include: [{a: 1, b: 2}, {a: 1, b: 2}]}", [
            "f.yml:2:19: error: this matrix makes two tasks called 'a[1,2]'",
        ]),
        (f"{{a: {list(range(101))}, b: {list(range(100))}}}", [
            "f.yml:2:19: error: this matrix makes 10100 tasks; at most 10000 are allowed",
        ]),
    ],
)  # fmt: skip
def test_what_can_be_wrong_with_a_matrix(matrix: str, said: list[str]) -> None:
    """Numbers that look otherwise, names, sizes, twins."""
    assert said == headlines(f"tasks:\n  a: {{command: x, matrix: {matrix}}}\n")


def test_an_instance_of_a_matrix_may_be_depended_on() -> None:
    """By its whole id, and by the bare id for all."""
    text = "tasks:\n  t: {command: x, matrix: {a: [1, 2]}}\n  b: {command: x, dependencies: ['t[1]', t]}\n"

    assert [] == headlines(text)
    assert ["f.yml:3:34: error: task 'b' depends on 't[3]', which is not defined"] == headlines(
        text.replace("[1]'", "[3]'")
    )


def test_what_breaks_the_schema_is_not_told_again_by_the_checks() -> None:
    """A broken definition is still known by its name, so nobody misses it."""
    text = """\
pools: {db: many}
params: {n: {typ: x}}
templates: {t: {comand: x}}
tasks:
  a: {command: "echo {{ params.n }}", pool: db, pool_slots: 9, queue: [t]}
  b: make
  c: {command: x, dependencies: [a, b]}
"""

    expected = [
        "f.yml:1:13: error: 'db' takes a whole number, not the string 'many'",
        "f.yml:2:14: error: unknown key 'typ'",
        "f.yml:3:17: error: unknown key 'comand'",
        "f.yml:6:6: error: 'b' takes a map, not the string 'make'",
    ]

    assert expected == headlines(text)


def test_all_mistakes_of_a_file_come_at_once_from_top_to_bottom() -> None:
    """Of YAML, schema, names, templates and graph."""
    text = """\
tasks:
  a: {command: x, retries: many, dependencies: [c]}
  b: {command: "{{ params.x }}", dependencies: [nope]}
  c: {command: x, dependencies: [a]}
  d: {command: x, cwd: a, cwd: b}
"""

    expected = [
        "f.yml:2:28: error: 'retries' takes a whole number, not the string 'many'",
        "f.yml:2:49: error: tasks depend on each other in a circle: a → c → a",
        "f.yml:3:27: error: unknown param 'x'",
        "f.yml:3:49: error: task 'b' depends on 'nope', which is not defined",
        "f.yml:5:27: error: key 'cwd' is written twice",
    ]

    assert expected == headlines(text)


def test_a_broken_condition_is_told_once_wherever_it_stands() -> None:
    """What is left of it is no reason for further words."""
    text = """\
default_args: {when: {negate: true}, preconditions: [{message: "{{ params.x }}"}]}
templates:
  t: {command: x, when: {command: []}}
tasks:
  a: {command: x, preconditions: [3, "{{ params.y }}"]}
"""

    expected = [
        "f.yml:1:22: error: 'when' has no 'command'",
        "f.yml:1:54: error: item 1 of 'preconditions' has no 'command'",
        "f.yml:3:35: error: 'command' is empty",
        "f.yml:5:35: error: item 1 of 'preconditions' takes a string or a map, not the number 3",
    ]

    assert expected == headlines(text)


def test_thousands_of_mistakes_take_seconds() -> None:
    """A task that was renamed, or an export of another tool: suggestions stop after the first thirty."""
    tasks = "".join(f"  task{n}: {{command: x, dependencies: [tusk{n}]}}\n" for n in range(2000))

    said = headlines("tasks:\n" + tasks)

    assert 100 == len(said)
    assert "f.yml:2:38: error: task 'task0' depends on 'tusk0', which is not defined" == said[0]
