"""A run that consists of several files."""

import json
from pathlib import Path

import pytest

from tests.e2e.rig import Airexec, load_tasks, statuses

ALL = """\
    name: all
    params: {mode: ci, targets: [x, y]}
    env: {OUTER: "1"}
    tasks:
      setup: {command: echo setup}
      web: {workflow: web, params: {mode: "{{ params.mode }}", list: "{{ params.targets }}"}, dependencies: setup}
      each:
        workflow: web/api/airexec.yml
        matrix: {t: [a, b]}
        params: {name: "{{ matrix.t }}"}
        when: params.mode == 'ci'
      done:
        command: echo {{ tasks.web.outputs.build.rows }} {{ tasks['each[a]'].outputs.one.n }}
        dependencies: [web, each]
"""
WEB = """\
    name: web
    params: {mode: {type: string}, list: {type: array}}
    vars: {here: {command: basename "$PWD"}}
    env: {WEB: "{{ params.mode }}"}
    templates: {more: {command: "echo more {{ with.x }} {{ vars.here }}"}}
    default: [test]
    tasks:
      build: {command: "echo $WEB${OUTER-} {{ vars.here }} {{ params.list }}; echo '::output {\\"rows\\": 42}'"}
      api: {workflow: api, params: {name: inner}}
      test:
        queue: true
        dependencies: [build, api]
        command: |
          test -e ok
          echo '::queue {"template": "more", "with": {"x": {{ tasks.build.outputs.rows }}}}'
          echo '::queue {"id": "p", "command": "echo p", "dependencies": ["build"]}'
      clean: {command: echo clean}
"""
API = """\
    params: {name: {type: string}}
    tasks:
      one: {command: "echo {{ params.name }}; echo '::output {\\"n\\": 7}'"}
"""


@pytest.fixture
def project(airexec: Airexec) -> Airexec:
    airexec.write("airexec.yml", ALL)
    airexec.write("web/airexec.yml", WEB)
    airexec.write("web/api/airexec.yml", API)
    airexec.write("web/ok", "")
    return airexec


def log(project: Airexec, task: str) -> str:
    """Return what a task has printed, but for the lines that were heeded."""
    lines = project.read(f".airexec/jobs/all/{load_tasks(project, 'all')[task]['log']}").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("::"))


def test_each_file_has_its_params_vars_environment_and_folder(project: Airexec) -> None:
    """And the results of its own tasks by their own names; what a task queues is below its node."""
    result = project("run")

    assert 0 == result.exit_code, result.out
    assert set(statuses(project, "all").values()) == {"completed"}
    assert "ci web x y\n" == log(project, "web.build")
    assert ["inner\n", "a\n", "b\n"] == [log(project, f"{name}.one") for name in ("web.api", "each[a]", "each[b]")]
    assert ["more 42 web\n", "p\n"] == [log(project, name) for name in ("web.more[42]", "web.p")]
    assert "42 7\n" == log(project, "done")
    assert "web.test" == load_tasks(project, "all")["web.p"]["queued_by"]


def test_a_node_is_listed_task_by_task_and_drawn_as_one_when_it_is_folded(project: Airexec) -> None:
    listed, folded = project("list").out, project("graph", "--fold").out

    assert "  web.build" in listed
    assert "instances" not in listed
    assert "web (3)" in folded
    assert "web.build" not in folded


def test_a_node_and_its_tasks_are_named_on_the_command_line(project: Airexec) -> None:
    """With all that comes before; `why`, `logs` and `reset` take them, too."""
    ran = [project("run", name) for name in ("web.clean", "web", "each[a]", "web.api.one")]
    taken = project("run", "web.test")
    tasks = list(load_tasks(project, "all"))
    looks = [project(*words) for words in (["why", "web.build"], ["logs", "web.build"], ["reset", "web"])]

    assert [0] * 5 == [one.exit_code for one in (*ran, taken)]
    assert ["setup", "web.build", "web.api.one", "web.test", "web.more[42]", "web.p"] == tasks
    assert [0] * 3 == [one.exit_code for one in looks]
    assert "ci web" in looks[1].out
    assert "reset" in looks[2].out


def test_a_condition_of_a_node_is_one_of_all_its_tasks(project: Airexec) -> None:
    result = project("run", "each", "-p", "mode=x")

    assert (0, {"skipped"}) == (result.exit_code, set(statuses(project, "all").values()))


def test_a_change_in_any_of_the_files_is_noticed(project: Airexec) -> None:
    """By a run, and by a resume, which asks."""
    project("run")
    (project.folder / "web/ok").unlink()
    failed = project("run")
    project.write("web/api/airexec.yml", API.replace("echo {{", "echo new {{"))
    project.write("web/ok", "")
    refused = project("resume")
    resumed = project("resume", "--accept-changes")
    again = project("run")

    assert (1, 2, 0, 0) == (failed.exit_code, refused.exit_code, resumed.exit_code, again.exit_code)
    assert "task 'web.api.one' is defined otherwise" in refused.err
    assert "new inner\n" == log(project, "web.api.one")


def test_a_resume_takes_the_vars_of_each_file_from_the_journal(project: Airexec) -> None:
    (project.folder / "web/ok").unlink()
    project("run")
    project.write("web/ok", "")
    resumed = project("resume")
    (run,) = (project.folder / ".airexec/jobs/all/runs").iterdir()
    first = json.loads((run / "journal.jsonl").read_text().splitlines()[0])

    assert 0 == resumed.exit_code, resumed.err
    assert {"here": "web"} == first["plan"]["scopes"]["web"]["vars"]


def test_params_that_a_file_does_not_take_are_said_before_anything_runs(project: Airexec) -> None:
    result = project("run", "-p", 'targets=["a"]', "-p", "mode=ci")
    project.write("airexec.yml", ALL.replace("targets: [x, y]", "targets: {type: string, default: x}"))
    wrong = project("run")

    assert 0 == result.exit_code
    assert (2, "") == (wrong.exit_code, wrong.out)
    assert "web: param 'list' takes a list, not the string 'x' (write [x])\n" in wrong.err


def test_a_moved_project_goes_on(project: Airexec, tmp_path: Path) -> None:
    (project.folder / "web/ok").unlink()
    project("run")
    moved = project.folder.parent / "moved"
    project.folder.rename(moved)
    project.folder.mkdir()
    (moved / "web/ok").touch()
    result = project("-C", str(moved), "resume")

    assert 0 == result.exit_code, result.err


def test_a_param_of_a_task_in_a_node_is_given_by_the_node(airexec: Airexec) -> None:
    """And asked for only where the task runs, with a word on who can give it."""
    task = "{command: 'echo {{ params.k }}', params: {k: {type: string}}}"
    airexec.write("w.yml", f"tasks: {{a: {{command: echo a}}, b: {task}}}")
    airexec.write("airexec.yml", "tasks: {n: {workflow: w.yml}}")
    missing, other = airexec("run"), airexec("run", "n.a")
    airexec.write("airexec.yml", "tasks: {n: {workflow: w.yml, params: {k: given}}}")
    given = airexec("run")

    assert (2, 0, 0) == (missing.exit_code, other.exit_code, given.exit_code)
    assert [
        "airexec: error: n: param 'k' is required",
        "  hint: `params` of node 'n' give it to w.yml",
    ] == missing.err.splitlines()
    assert "given\n" in given.out


def test_how_a_node_has_ended_is_known_to_templates(airexec: Airexec) -> None:
    """As its worst task; of a matrix a list."""
    airexec.write("w.yml", "params: {ok: 'true'}\ntasks: {t: {command: '{{ params.ok }}', allow_failure: true}}")
    airexec.write(
        "airexec.yml",
        """\
        tasks:
          n: {workflow: w.yml}
          m: {workflow: w.yml, matrix: {ok: ["true", "false"]}, params: {ok: "{{ matrix.ok }}"}}
          end: {command: "echo {{ tasks.n.status }} {{ tasks.m.status }}", dependencies: [n, m], trigger_rule: all_done}
    """,
    )

    result = airexec("run")

    assert 0 == result.exit_code, result.out
    assert "completed completed failed\n" in result.out


def test_files_of_a_node_are_those_of_its_folder(airexec: Airexec) -> None:
    """Two files may make what is called alike, and the file around them reads both."""
    for part in ("a", "b"):
        build = f"{{command: 'mkdir -p out; echo {part} > out/x', sources: src, generates: out/x}}"
        airexec.write(f"{part}/airexec.yml", f"tasks: {{build: {build}, use: {{command: cat out/x, sources: out/x}}}}")
        airexec.write(f"{part}/src", "")
    airexec.write(
        "airexec.yml",
        """\
        tasks:
          top: {command: cat a/out/x b/out/x > both, sources: [a/out/x, b/out/x], generates: both}
          a: {workflow: a}
          b: {workflow: b}
    """,
    )
    first, again = airexec("run"), airexec("run")
    airexec.write("b/src", "new")
    third = airexec("run")
    cleaned = airexec("clean", "-y")

    assert [0, 0, 0] == [one.exit_code for one in (first, again, third)]
    assert "5 up to date" in again.out
    assert "4 up to date" in third.out
    assert "a/out/x\nb/out/x\nboth\nremoved 3 files\n" == cleaned.out
