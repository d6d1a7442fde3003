"""Params that a task has for itself: asked for, and settable, only where it runs."""

import json

from tests.e2e.rig import Airexec

FILE = """\
    name: w
    params: {region: eu}
    tasks:
      build: {command: 'echo "build {{ params.region }}" >> ran'}
      deploy:
        description: Bring it there
        manual: true
        params:
          ip: {type: string, description: Where to}
          port: 22
        command: echo deploy {{ params.ip }} {{ params.port }} >> ran
"""


def test_they_are_not_asked_for_where_their_task_does_not_run(airexec: Airexec) -> None:
    """Neither by a bare run nor by one of another task."""
    airexec.write("airexec.yml", FILE)

    assert (0, 0) == (airexec("run").exit_code, airexec("run", "build").exit_code)
    assert "build eu\nbuild eu\n" == airexec.read("ran")


def test_the_only_one_who_needs_a_param_may_be_left_out(airexec: Airexec) -> None:
    """Of a file without any other param."""
    airexec.write(
        "airexec.yml", "tasks: {a: {command: x=1}, b: {manual: true, params: {ip: {type: string}}, command: y}}"
    )

    assert 0 == airexec("run").exit_code


def test_they_are_asked_for_where_it_runs(airexec: Airexec) -> None:
    """A missing one is told as one of the file is."""
    airexec.write("airexec.yml", FILE)

    refused = airexec("run", "deploy")
    done = airexec("run", "deploy", "-p", "ip=10.0.0.1; rm")

    assert (
        2,
        "airexec: error: param 'ip' is required: -p ip=…\n"
        "  hint: params of this run: region (string), ip (string, required), port (integer)\n",
    ) == (refused.exit_code, refused.err)
    assert (0, "deploy 10.0.0.1; rm 22\n") == (done.exit_code, airexec.read("ran"))


def test_one_of_a_task_that_does_not_run_cannot_be_set(airexec: Airexec) -> None:
    """It would do nothing, which nobody wants who sets it."""
    airexec.write("airexec.yml", FILE)

    result = airexec("run", "build", "-p", "ip=1")

    assert (
        2,
        "airexec: error: param 'ip' is for task 'deploy', which is not in this run\n"
        "  hint: params of this run: region (string)\n",
    ) == (result.exit_code, result.err)


def test_a_params_file_may_be_for_all_tasks(airexec: Airexec) -> None:
    """What it says for others is passed over; a name that nobody has is a mistake."""
    airexec.write("airexec.yml", FILE)
    airexec.write("prod.yml", "{ip: 10.0.0.9, region: us}")
    airexec.write("bad.yml", "{ipp: 10.0.0.9}")

    assert 0 == airexec("run", "build", "--params-file", "prod.yml").exit_code
    assert 0 == airexec("run", "deploy", "--params-file", "prod.yml").exit_code
    assert "build us\ndeploy 10.0.0.9 22\n" == airexec.read("ran")
    assert "airexec: error: unknown param 'ipp'\n" in airexec("run", "build", "--params-file", "bad.yml").err


def test_a_resume_has_them_and_sets_them(airexec: Airexec) -> None:
    """The value of the run, unless another one is given."""
    airexec.write("airexec.yml", FILE.replace("params.port }} >> ran", "params.port }} >> ran; test -e go"))
    assert 1 == airexec("run", "deploy", "-p", "ip=a").exit_code
    assert 1 == airexec("resume").exit_code
    airexec.write("go", "")

    assert 0 == airexec("resume", "-p", "ip=b").exit_code
    assert "deploy a 22\ndeploy a 22\ndeploy b 22\n" == airexec.read("ran")


def test_another_task_does_not_see_them(airexec: Airexec) -> None:
    """What it sees of all params is the same, whoever runs beside it."""
    airexec.write("airexec.yml", FILE.replace('"build {{ params.region }}"', "{{ params | tojson }}"))

    airexec("run", "build")
    airexec("run", "build", "deploy", "-p", "ip=a", "-j1")

    assert ["deploy a 22", '{"region": "eu"}', '{"region": "eu"}'] == sorted(airexec.read("ran").splitlines())


def test_the_list_shows_them_below_their_task(airexec: Airexec) -> None:
    """With type, default and help; to programs as JSON Schemas."""
    airexec.write("airexec.yml", FILE)

    assert [
        "w",
        "",
        "tasks:",
        "  build",
        "  deploy  Bring it there  manual",
        "      -p ip=…  string, required: Where to",
        "      -p port=…  integer, default 22",
        "",
        "params:",
        '  region    default "eu"',
    ] == airexec("list").out.splitlines()
    assert [
        {},
        {"ip": {"type": "string", "description": "Where to"}, "port": {"type": "integer", "default": 22}},
    ] == [task["params"] for task in json.loads(airexec("list", "--json").out)["tasks"]]


def test_of_a_matrix_the_list_shows_them_once(airexec: Airexec) -> None:
    """Below the line of the matrix, and of the last instance where each has a line."""
    airexec.write("airexec.yml", "tasks: {t: {matrix: {n: [1, 2]}, params: {p: x}, command: 'echo {{ params.p }}'}}")

    below = '      -p p=…  string, default "x"'
    assert ["tasks:", "  t[…]    2 instances", below] == airexec("list").out.splitlines()[-3:]
    assert ["  t[1]", "  t[2]", below] == airexec("list", "--all").out.splitlines()[-3:]
    assert 0 == airexec("run", "-p", "p=y").exit_code


def test_a_dry_run_has_their_values(airexec: Airexec) -> None:
    """In the commands."""
    airexec.write("airexec.yml", FILE)

    assert "     echo deploy 'a b' 22 >> ran\n" in airexec("run", "-n", "deploy", "-p", "ip=a b").out


def test_a_clean_asks_only_for_those_of_tasks_that_are_named(airexec: Airexec) -> None:
    """Of the others it knows what they have made."""
    airexec.write(
        "airexec.yml",
        """\
        tasks:
          a: {command: touch a.out, generates: a.out}
          b:
            manual: true
            params: {ip: {type: string}}
            command: touch {{ params.ip }}.out
            generates: "{{ params.ip }}.out"
        """,
    )
    airexec("run", "a", "b", "-p", "ip=x")

    named = airexec("clean", "-y", "b")
    result = airexec("clean", "-y")

    assert (2, "airexec: error: param 'ip' is required: -p ip=…") == (named.exit_code, named.err.splitlines()[0])
    assert (0, "a.out\nx.out\nremoved 2 files\n") == (result.exit_code, result.out)
