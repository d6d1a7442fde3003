"""What breaks the schema of a workflow file, to the letter: headline and hint; place and caret are the same for all."""

import pytest

from tests.workflow.reading import complaints


def said(text: str) -> list[str]:
    """Headlines with their hints, in order."""
    lines = complaints(text).splitlines()
    found = [line.removeprefix("f.yml:") for line in lines if line.startswith(("f.yml:", "  hint: "))]
    return [line.strip() for line in found]


def task(fields: str) -> str:
    return f"tasks:\n  a: {{command: x, {fields}}}\n"


def test_a_wrong_type_is_shown_where_it_stands() -> None:
    """One complete picture; the rest of this file looks at the words only."""
    expected = """\
f.yml:2:28: error: 'retries' takes a whole number, not the string 'three'
    2 |   a: {command: x, retries: three}
      |                            ^^^^^
"""

    assert expected == complaints(task("retries: three"))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ("retries: '3'", [
            "2:28: error: 'retries' takes a whole number, not the string '3'", "hint: write 3, without quotes",
        ]),
        ("retries: 1.5", ["2:28: error: 'retries' takes a whole number, not the number 1.5"]),
        ("retries: []", ["2:28: error: 'retries' takes a whole number, not a list"]),
        ("retries: ", ["2:19: error: 'retries' has no value", "hint: it takes a whole number"]),
        ("retries: -1", ["2:28: error: 'retries' must be at least 0, not -1"]),
        ("retry_on: [256]", ["2:30: error: item 1 of 'retry_on' must be at most 255, not 256"]),
        ("retry_on: []", ["2:29: error: 'retry_on' is empty"]),
        ("tags: [a, a]", ["2:29: error: the string 'a' stands twice in 'tags'"]),
        ("tags: a", ["2:25: error: 'tags' takes a list, not the string 'a'", "hint: write [a]"]),
        ("env: {PORT: 8080}", [
            "2:31: error: 'PORT' takes a string, not the number 8080", 'hint: write "8080", with the quotes',
        ]),
        ("env: {PY: 3.10}", [
            "2:29: error: 'PY' takes a string, not 3.10, which YAML reads as the number 3.1",
            'hint: write "3.10", with the quotes',
        ]),
        ("env: {DEBUG: true}", [
            "2:32: error: 'DEBUG' takes a string, not true", 'hint: write "true", with the quotes',
        ]),
        ("env: {ZIP: 012}", [
            "2:30: error: 'ZIP' takes a string, not 012, which YAML reads as the number 12",
            'hint: write "012", with the quotes',
        ]),
        ("env: {A: [x]}", ["2:28: error: 'A' takes a string, not a list"]),
        ("env: [A]", ["2:24: error: 'env' takes a map, not a list", "hint: write  NAME: value, without the dash"]),
        ("allow_failure: no", [
            "2:34: error: 'allow_failure' takes true or false or a map, not the string 'no'",
            "hint: YAML 1.2 reads 'no' as a string; write false",
        ]),
        ("allow_failure: 'true'", [
            "2:34: error: 'allow_failure' takes true or false or a map, not the string 'true'",
            "hint: write true, without quotes",
        ]),
        ("args: [--retries, 3]", [
            "2:37: error: item 2 of 'args' takes a string, not the number 3", 'hint: write "3", with the quotes',
        ]),
        ("execution_timeout: soon", [
            "2:38: error: 'execution_timeout' cannot be 'soon'",
            "hint: a duration is a number of seconds, or like 500ms, 30s, 5m, 1h30m, 2d",
        ]),
        ("retry_delay: 1m1h", [
            "2:32: error: 'retry_delay' cannot be '1m1h'",
            "hint: a duration is a number of seconds, or like 500ms, 30s, 5m, 1h30m, 2d",
        ]),
        ("retry_delay: -5", ["2:32: error: 'retry_delay' must be at least 0, not -5"]),
        ("trigger_rule: all_succes", [
            "2:33: error: 'trigger_rule' cannot be 'all_succes'", "hint: did you mean 'all_success'?",
        ]),
        ("queue: {when: never}", ["2:33: error: 'when' cannot be 'never'", "hint: it takes end or line"]),
        ("background: allowed", ["2:31: error: 'background' cannot be 'allowed'", "hint: did you mean 'allow'?"]),
        ("shell: zsh", [
            "2:26: error: 'shell' cannot be 'zsh'",
            "hint: a shell is sh, bash, python, or the argv in front of the command such as [zsh, -e, -c]",
        ]),
        ("pool: ''", ["2:25: error: 'pool' cannot be ''", "hint: it must not be empty"]),
        ("dependencies: [{task: b, allow_failure: 1}]", [
            "2:59: error: 'allow_failure' takes true or false, not the number 1",
        ]),
        ("dependencies: [3]", [
            "2:34: error: item 1 of 'dependencies' takes a string or a map, not the number 3",
            'hint: write "3", with the quotes',
        ]),
        ("dependencies: [{allow_failure: true}]", [
            "2:34: error: item 1 of 'dependencies' has no 'task'", "hint: add 'task'",
        ]),
        ("matrix: {}", ["2:27: error: 'matrix' is empty"]),
        ("matrix: {py: 3}", [
            "2:32: error: 'py' takes a list, a map or a string, not the number 3",
            "hint: an axis is a list, {files: …}, {range: […]}, or one expression that makes a list, such as "
            "{{ params.systems }}",
        ]),
        ("matrix: {py: linux}", [
            "2:32: error: 'py' cannot be 'linux'",
            "hint: an axis is a list, {files: …}, {range: […]}, or one expression that makes a list, such as "
            "{{ params.systems }}",
        ]),
        ("matrix: {a-b: [1]}", [
            "2:28: error: 'a-b' cannot be a key of a matrix",
            "hint: a name that templates can use has letters, digits and '_', and does not start with a digit",
        ]),
        ("env: {1A: x}", [
            "2:25: error: '1A' cannot be the name of an environment variable",
            "hint: a name of an environment variable has letters, digits and '_', and does not start with a digit",
        ]),
        ("secrets: [A-B]", [
            "2:29: error: item 1 of 'secrets' cannot be 'A-B'",
            "hint: a name of an environment variable has letters, digits and '_', and does not start with a digit",
        ]),
        ("secrets: [{nam: A}]", [
            "2:30: error: unknown key 'nam'",
            "hint: did you mean 'name'?",
        ]),
        ("secrets: [{optional: true}]", ["2:29: error: item 1 of 'secrets' has no 'name'", "hint: add 'name'"]),
        ("env_file: {path: .env, required: false}", [
            "2:42: error: unknown key 'required'",
            "hint: known keys: path, optional",
        ]),
        ("trigger_rul: x", ["2:19: error: unknown key 'trigger_rul'", "hint: did you mean 'trigger_rule'?"]),
        ("depend: [b]", ["2:19: error: unknown key 'depend'", "hint: did you mean 'dependencies'?"]),
        ("vars: {A: b}", ["2:19: error: unknown key 'vars'", "hint: it is called 'env' here"]),
        ("working_dir: x", ["2:19: error: unknown key 'working_dir'", "hint: it is called 'cwd' here"]),
        ("foreach: [b]", ["2:19: error: unknown key 'foreach'", "hint: it is called 'matrix' here"]),
        ("silent: true", [
            "2:19: error: unknown key 'silent'",
            "hint: leave it out: no command is echoed; `--output quiet` hides what tasks print",
        ]),
        ("defer: x", [
            "2:19: error: unknown key 'defer'",
            "hint: write a task for it that depends on this one, with trigger_rule: all_done",
        ]),
        ("expand: {}", [
            "2:19: error: unknown key 'expand'", "hint: let the task before queue them with ::queue lines",
        ]),
        ("internal: true", [
            "2:19: error: unknown key 'internal'", "hint: begin its name with _: then it is not listed",
        ]),
        ("uses: actions/checkout@v4", [
            "2:19: error: unknown key 'uses'", "hint: actions and plugins do not run here: write the command",
        ]),
        ("prompt: Sure?", ["2:19: error: unknown key 'prompt'", "hint: tasks cannot ask: let a param say it"]),
        ("dependencies: 'b, c'", ["2:33: error: task 'a' depends on 'b, c', which is not defined"]),
        ("needs: [b]", ["2:19: error: unknown key 'needs'", "hint: it is called 'dependencies' here"]),
        ("timeout: 5m", ["2:19: error: unknown key 'timeout'", "hint: it is called 'execution_timeout' here"]),
        ("params: {1a: x}", [
            "2:28: error: '1a' cannot be the name of a param",
            "hint: a name that templates can use has letters, digits and '_', and does not start with a digit",
        ]),
        ("params: [ip]", [
            "2:27: error: 'params' takes a map, not a list", "hint: write  name: default, without the dash",
        ]),
        ("params: {ip: {type: string, required: true}}", [
            "2:57: error: 'required' takes a list, not true",
            "hint: a param without a default is required: leave it out",
        ]),
        ("params: {ip: {typ: string}}", ["2:33: error: unknown key 'typ'", "hint: did you mean 'type'?"]),
        ("params: {ip: {zzz: 3}}", [
            "2:33: error: unknown key 'zzz'", "hint: a map as the default is written {default: {zzz: …}}",
        ]),
        ("default_args: {}", ["2:19: error: unknown key 'default_args'",
            "hint: 'default_args' is a key of the workflow, not of a task"]),
        ("allow_failure: {exit_codes: []}", ["2:47: error: 'exit_codes' takes exit codes from 1 to 255"]),
        ("allow_failure: {exit_codes: [0]}", [
            "2:48: error: item 1 of 'exit_codes' must be an exit code from 1 to 255",
        ]),
        ("allow_failure: {codes: [1]}", [
            "2:35: error: unknown key 'codes'", "hint: it is called 'exit_codes' here",
        ]),
        ("allow_failure: {}", ["2:34: error: 'allow_failure' has no 'exit_codes'", "hint: add 'exit_codes'"]),
        ("skip_on_exit_code: 0", ["2:38: error: 'skip_on_exit_code' takes exit codes from 1 to 255; 0 is success"]),
        ("skip_on_exit_code: [99, 0]", [
            "2:43: error: item 2 of 'skip_on_exit_code' must be an exit code from 1 to 255; 0 is success",
        ]),
        ("skip_exit_code: 99", [
            "2:19: error: unknown key 'skip_exit_code'", "hint: it is called 'skip_on_exit_code' here",
        ]),
        ("when: {}", ["2:25: error: 'when' has no 'command'", "hint: add 'command'"]),
        ("when: {cmd: x}", ["2:26: error: unknown key 'cmd'", "hint: it is called 'command' here"]),
        ("when: {command: x, not: true}", [
            "2:38: error: unknown key 'not'", "hint: it is called 'negate' here",
        ]),
        ("when: {command: x, message: y}", [
            "2:38: error: unknown key 'message'", "hint: known keys: command, negate, timeout",
        ]),
        ("if: test -e x", ["2:19: error: unknown key 'if'", "hint: it is called 'when' here"]),
        ("preconditions: test -e x", [
            "2:34: error: 'preconditions' takes a list, not the string 'test -e x'", "hint: write [test -e x]",
        ]),
        ("preconditions: []", ["2:34: error: 'preconditions' is empty"]),
        ("preconditions: [' ']", [
            "2:35: error: item 1 of 'preconditions' cannot be ' '", "hint: it must not be empty",
        ]),
        ("preconditions: [{sh: x, msg: y}]", [
            "2:36: error: unknown key 'sh'", "hint: it is called 'command' here",
            "2:43: error: unknown key 'msg'", "hint: it is called 'message' here",
        ]),
        ("preconditions: [{message: y}]", [
            "2:35: error: item 1 of 'preconditions' has no 'command'", "hint: add 'command'",
        ]),
        ("preconditions: [{command: x, timeout: soon}]", [
            "2:57: error: 'timeout' cannot be 'soon'",
            "hint: a duration is a number of seconds, or like 500ms, 30s, 5m, 1h30m, 2d",
        ]),
        ("status: [test -e x]", [
            "2:19: error: unknown key 'status'",
            "hint: write when: {command: test -e dist, negate: true}, or name the files: sources and generates",
        ]),
        ("pools: db", ["2:19: error: unknown key 'pools'", "hint: did you mean 'pool'?"]),
        ("zzz: 1", ["2:19: error: unknown key 'zzz'"]),
        ("queue: {tmeplates: [t]}", ["2:27: error: unknown key 'tmeplates'", "hint: did you mean 'templates'?"]),
        ("queue: {zzz: 1}", ["2:27: error: unknown key 'zzz'", "hint: known keys: templates, when"]),
        ("x-mine: {anything: [goes]}", []),
    ],
)  # fmt: skip
def test_a_wrong_key_of_a_task(fields: str, words: list[str]) -> None:
    """What is wrong, and how to mend it."""
    assert words == said(task(fields))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x: 1\n", ["1:1: error: there is no 'tasks'", "hint: add tasks:", "1:1: error: unknown key 'x'"]),
        ("taks: {a: {command: x}}\n", ["1:1: error: unknown key 'taks'", "hint: did you mean 'tasks'?"]),
        ("timeout: 5m\ntasks: {a: {command: x}}\n", [
            "1:1: error: unknown key 'timeout'", "hint: it is called 'dagrun_timeout' here",
        ]),
        ("variables: {A: b}\ntasks: {a: {command: x}}\n", [
            "1:1: error: unknown key 'variables'", "hint: it is called 'vars' here",
        ]),
        ("default_task: a\ntasks: {a: {command: x}}\n", [
            "1:1: error: unknown key 'default_task'", "hint: it is called 'default' here",
        ]),
        ("version: 3\ntasks: {a: {command: x}}\n", [
            "1:1: error: unknown key 'version'", "hint: leave it out: there is one format",
        ]),
        ("imports: b.yml\ntasks: {a: {command: x}}\n", [
            "1:1: error: unknown key 'imports'", "hint: it is called 'include' here",
        ]),
        ("tasks: {a: {command: x, include: b.yml}}\n", [
            "1:25: error: unknown key 'include'", "hint: 'include' is a key of the workflow, not of a task",
        ]),
        ("tasks: {a: {command: x, extends: b}}\n", [
            "1:25: error: unknown key 'extends'", "hint: it is called 'template' here",
        ]),
        ("tasks:\n  a: {command: x, dependencies: 'b, c'}\n  b: {command: x}\n  c: {command: x}\n", [
            "2:33: error: task 'a' depends on 'b, c', which is not defined", "hint: several are a list: [b, c]",
        ]),
        ("tasks: [{command: x}]\n", [
            "1:8: error: 'tasks' takes a map, not a list",
            "hint: write the id of each task in front, such as  build: {command: make}",
        ]),
        ("params: {p: {x: 1}}\ntasks: {a: {command: x}}\n", [
            "1:14: error: unknown key 'x'", "hint: a map as the default is written {default: {x: …}}",
        ]),
        ("params: {p: {required: true}}\ntasks: {a: {command: x}}\n", [
            "1:24: error: 'required' takes a list, not true",
            "hint: a param without a default is required: leave it out",
        ]),
        ("params: {p: {choices: [x]}}\ntasks: {a: {command: x}}\n", [
            "1:14: error: unknown key 'choices'", "hint: it is called 'enum' here",
        ]),
        ("jobs: {a: {command: x}}\n", ["1:1: error: unknown key 'jobs'", "hint: it is called 'tasks' here"]),
        ("tasks: {}\n", ["1:8: error: 'tasks' is empty"]),
        ("tasks: [a]\n", [
            "1:8: error: 'tasks' takes a map, not a list",
            "hint: write the id of each task in front, such as  build: {command: make}",
        ]),
        ("tasks:\n  a:\n", ["2:3: error: 'a' has no value", "hint: it takes a map"]),
        ("tasks:\n  a: make\n", ["2:6: error: 'a' takes a map, not the string 'make'", "hint: write {command: make}"]),
        ("tasks:\n  a: {retries: 1}\n", [
            "2:3: error: task 'a' has no 'command'", "hint: add a line such as  command: echo hello",
        ]),
        ("tasks:\n  a: {cmd: x}\n", ["2:7: error: unknown key 'cmd'", "hint: it is called 'command' here"]),
        ("tasks:\n  a: {command: []}\n", ["2:16: error: 'command' is empty"]),
        ("tasks:\n  a: {command: ' '}\n", ["2:16: error: 'command' cannot be ' '", "hint: it must not be empty"]),
        ("tasks:\n  a: {command: [sleep, 5]}\n", [
            "2:24: error: item 2 of 'command' takes a string, not the number 5", 'hint: write "5", with the quotes',
        ]),
        ("tasks:\n  ../a: {command: x}\n", [
            "2:3: error: '../a' cannot be a task id",
            "hint: an id has letters, digits, '_', '.', '-' and ':', starts with a letter, digit or '_', "
            "and has at most 128 characters",
        ]),
        ("retries: 2\ntasks: {a: {command: x}}\n", [
            "1:1: error: unknown key 'retries'", "hint: 'retries' is a key of a task",
        ]),
        ("default_args: {command: x}\ntasks: {a: {command: x}}\n", [
            "1:16: error: unknown key 'command'", "hint: 'command' is a key of a task",
        ]),
        ("templates: {t: {}}\ntasks: {a: {command: x}}\n", [
            "1:13: error: template 't' has no 'command'", "hint: add a line such as  command: echo hello",
        ]),
        ("schedule: daily\ntasks: {a: {command: x}}\n", [
            "1:11: error: 'schedule' cannot be 'daily'",
            "hint: a schedule has five fields as in crontab, such as '0 6 * * *', or is "
            "@hourly, @daily, @weekly, @monthly or @yearly",
        ]),
        ("params: {p: {type: int}}\ntasks: {a: {command: x}}\n", [
            "1:20: error: 'type' cannot be 'int'", "hint: it takes string, integer, number, boolean, array or object",
        ]),
        ("params: {p: }\ntasks: {a: {command: x}}\n", [
            "1:10: error: 'p' has no value", "hint: it takes a string, a number, true or false, a list or a map",
        ]),
        ("params: {p: {type: array, items: {typ: string}}}\ntasks: {a: {command: x}}\n", [
            "1:35: error: unknown key 'typ'", "hint: did you mean 'type'?",
        ]),
        ("queue_limits: {per_tsk: 1}\ntasks: {a: {command: x}}\n", [
            "1:16: error: unknown key 'per_tsk'", "hint: did you mean 'per_task'?",
        ]),
        ("max_active_tasks: 0\ntasks: {a: {command: x}}\n", [
            "1:19: error: 'max_active_tasks' must be at least 1, not 0",
        ]),
        ("fail_fast: on\ntasks: {a: {command: x}}\n", [
            "1:12: error: 'fail_fast' takes true or false, not the string 'on'",
            "hint: YAML 1.2 reads 'on' as a string; write true",
        ]),
        ("name: 3.10\ntasks: {a: {command: x}}\n", [
            "1:7: error: 'name' takes a string, not 3.10, which YAML reads as the number 3.1",
            'hint: write "3.10", with the quotes',
        ]),
        ("description: ''\nx-anything: 1\ntasks: {a: {command: x}}\n", []),
    ],
)  # fmt: skip
def test_a_wrong_workflow(text: str, words: list[str]) -> None:
    """At the top of the file."""
    assert words == said(text)


def test_long_values_are_shortened_in_the_middle() -> None:
    """A message stays a line."""
    words = said(task(f"retries: {'a' * 40}{'b' * 40}"))

    assert [f"2:28: error: 'retries' takes a whole number, not the string '{'a' * 29}…{'b' * 29}'"] == words
