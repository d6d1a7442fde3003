"""What people who come from make try first: no arguments, folders above, `-C` and `-f`, the names of tasks."""

import json
import os
import shlex
from pathlib import Path

import pytest

from tests.e2e.rig import Airexec, Result, statuses

FLOW = """\
    name: flow
    tasks:
      build: {description: Compile, command: pwd > where}
      test: {command: exit 1, dependencies: build}
"""
LISTED = "flow\n\ntasks:\n  build  Compile\n  test            after build\n"


@pytest.fixture
def project(airexec: Airexec) -> Airexec:
    """A workflow file and a folder two levels below."""
    airexec.write("airexec.yml", FLOW)
    airexec.write("src/deep/file", "")
    return airexec


def within(airexec: Airexec, folder: str, *arguments: str) -> Result:
    """Run the program in a folder below."""
    outside, airexec.folder = airexec.folder, airexec.folder / folder
    try:
        return airexec(*arguments, env={"PATH": f"{outside}/.bin:{os.environ['PATH']}"})
    finally:
        airexec.folder = outside


def test_without_arguments_the_tasks_are_listed(project: Airexec) -> None:
    """With their descriptions, as `airexec list` does."""
    assert Result(0, LISTED, "") == project() == project("list")


def test_the_nearest_folder_above_with_a_file_is_taken(project: Airexec) -> None:
    """A task runs where its file lies, and the state is there, too."""
    listed, run = within(project, "src/deep"), within(project, "src/deep", "run", "build")

    assert Result(0, LISTED, "airexec: workflow file: ../../airexec.yml\n") == listed
    assert 0 == run.exit_code
    assert f"{project.folder}\n" == project.read("where")
    assert {"build": "completed"} == statuses(project, "flow")


@pytest.mark.parametrize("options", [["wf/a.yml"], ["wf/a.yml", "--state-dir", "else where"]])
def test_what_is_proposed_can_be_typed_where_it_is_read(airexec: Airexec, options: list[str]) -> None:
    """Also where nothing leads from here to the state of the job."""
    airexec.write("wf/a.yml", "tasks: {t: {command: exit 3}}")
    run = airexec("run", *options)
    proposed = [line.partition(":")[2] for line in run.out.splitlines() if ": " in line and " airexec " in line]

    found = [airexec(*shlex.split(line)[1:]) for line in proposed]

    assert ["logs", "why", "resume"] == [line.split()[1] for line in proposed]
    assert [0, 0, 1] == [result.exit_code for result in found]
    assert found[1].out.startswith("t: failed\n")
    assert "a: run" in found[2].out


def test_a_task_of_an_earlier_run_is_found(project: Airexec) -> None:
    """The newest has only what was named."""
    project("run", "test")
    project("run", "build")
    runs = sorted(path.name for path in (project.folder / ".airexec/jobs/flow/runs").iterdir())

    denied = [project(*command.split()) for command in ("why test", "logs test", "reset test")]

    hint = f"  hint: run {runs[0]} has it: --run {runs[0]}"
    assert [(2, hint)] * 3 == [(result.exit_code, result.err.splitlines()[-1]) for result in denied]
    assert [0, 0] == [project(*command, "test", "--run", runs[0]).exit_code for command in (["why"], ["logs"])]


def test_the_workflow_of_standard_input_is_no_file_that_is_gone(airexec: Airexec) -> None:
    airexec("run", "-", stdin="tasks: {t: {command: exit 3}}")

    resumed = airexec("resume")

    assert (
        1,
        "airexec: standard input cannot be read again; going on with the plan that the run began with\n",
    ) == (resumed.exit_code, resumed.err)


def test_a_dash_is_no_file_to_write(airexec: Airexec) -> None:
    """It is standard output where there is a picture."""
    airexec.write("airexec.yml", FLOW)

    drawn, made = airexec("graph", "-o", "-"), airexec("init", "-")

    assert airexec("graph") == drawn
    assert (
        Result(2, "", "airexec: error: init writes a file, and - is none\n  hint: name one: airexec init FILE\n")
        == made
    )
    assert not (airexec.folder / "-").exists()


def test_a_picture_of_a_job_is_that_of_a_run(project: Airexec) -> None:
    hint = "airexec: error: --job names a job whose run is drawn, and no run is named\n  hint: add --run latest\n"

    assert Result(2, "", hint) == project("graph", "--job", "flow")


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("-j4", "options stand behind the command: airexec run -j4"),
        ("-n list", "options stand behind the command: airexec list -n"),
        ("-p x=y run", "options stand behind the command: airexec run -p"),
        ("cc=gcc", "a param is set by -p: airexec run -p cc=gcc"),
    ],
)
def test_what_stands_in_another_place_with_make(airexec: Airexec, typed: str, hint: str) -> None:
    result = airexec(*typed.split())

    assert (2, f"  hint: {hint}") == (result.exit_code, result.err.splitlines()[-1])


def test_nothing_is_looked_for_above_the_folder_with_git(project: Airexec) -> None:
    """A repository inside of another is one of its own."""
    (project.folder / "src/.git").mkdir()

    result = within(project, "src/deep")

    assert (2, "") == (result.exit_code, result.out)
    assert result.err.startswith("airexec: error: no workflow file in .\n  hint: name one, or make one")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_above_that_belongs_to_somebody_else_is_not_taken(project: Airexec) -> None:
    """Whoever may write to /tmp must not decide what runs below it."""
    os.chown(project.folder / "airexec.yml", 12345, 12345)

    assert 2 == within(project, "src/deep", "run").exit_code
    assert not (project.folder / "where").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("-C", "src", "run", "build", "-f", "../airexec.yml"),
        ("-f", "airexec.yml", "run", "build"),
        ("run", "build", "-f", "airexec.yml"),
        ("run", "-C", "src", "-C", "..", "build"),
        ("-Csrc/deep", "run", "build"),
        ("run", "build", "-j1", "-fairexec.yml", "--output", "quiet"),
    ],
    ids=" ".join,
)
def test_a_folder_and_a_file_may_be_named_before_and_behind_the_command(
    arguments: tuple[str, ...], project: Airexec
) -> None:
    """As with make; a further -C starts from where the one before has led."""
    assert 0 == project(*arguments).exit_code
    assert {"build": "completed"} == statuses(project, "flow")


def test_a_file_of_any_name_can_be_named(project: Airexec) -> None:
    """Though a task may be called so."""
    (project.folder / "airexec.yml").rename(project.folder / "build")

    assert Result(0, LISTED, "") == project("-f", "build") == project("list", "-f", "build")


def test_a_followed_log_is_no_file(project: Airexec) -> None:
    """`logs -f` has always meant to follow."""
    project("run", "build")

    assert Result(0, "", "") == project("logs", "-f", "build")


def test_the_name_of_a_task_is_no_command_but_nearly_one(project: Airexec) -> None:
    """Rather than the command that it resembles."""
    message = "airexec: error: no such command 'test'\n  hint: it is a task: airexec run test\n"
    assert message == project("test", "and", "more").err

    assert Result(2, "", message) == project("test")


def test_jobs_are_listed_with_how_they_went(project: Airexec) -> None:
    """The one that ran last first; as JSON for programs."""
    project.write("web.yml", "tasks: {a: {command: 'true'}}\n")
    assert Result(0, "", f"airexec: nothing has run yet: there is no job in {project.folder}/.airexec\n") == project(
        "jobs"
    )
    project("run")
    project("run", "web.yml")

    lines = project("jobs").out.splitlines()
    data = json.loads(project("jobs", "--json").out)

    assert ["web   completed", "flow  failed   "] == [line[:15] for line in lines]
    assert lines[1].endswith(f"/{Path(project.folder).name}/airexec.yml")
    assert [("web", "completed", False), ("flow", "failed", False)] == [
        (job["name"], job["state"], job["is_active"]) for job in data
    ]


def test_a_damaged_job_does_not_hide_the_others(project: Airexec) -> None:
    """It is listed with what is wrong."""
    project.write("web.yml", "tasks: {a: {command: 'true'}}\n")
    project("run")
    project("run", "web.yml")
    (journal,) = project.folder.glob(".airexec/jobs/flow/runs/*/journal.jsonl")
    journal.write_bytes(b"x" + journal.read_bytes())

    result = project("jobs")

    assert (0, "") == (result.exit_code, result.err)
    assert ["web   completed ", "flow  unreadable"] == [line[:16] for line in result.out.splitlines()]


def test_why_takes_a_job_before_its_task(project: Airexec) -> None:
    """As `logs` and `reset` do."""
    project("run")
    project.write("web.yml", "tasks: {a: {command: 'true'}}\n")
    project("run", "web.yml")

    named, by_option = project("why", "flow", "test"), project("why", "test", "--job", "flow")

    assert named == by_option
    assert named.out.startswith("test: failed\n")


def test_ids_may_hold_colons(airexec: Airexec) -> None:
    """As those of npm scripts and Taskfiles do."""
    airexec.write(
        "airexec.yml",
        """\
        templates: {part:one: {command: "echo {{ with.n }}"}}
        tasks:
          test:unit: {command: "airexec queue --template part:one --with n=1", queue: [part:one]}
          test: {command: "true", dependencies: [test:unit]}
        """,
    )

    result = airexec("run", "test:unit")

    assert 0 == result.exit_code, result
    assert {"test:unit": "completed", "part:one[1]": "completed"} == statuses(airexec, "airexec")
    assert "1\n" == airexec("logs", "part:one[1]").out
    assert "test:unit + part:one" in airexec("graph", "--format", "dot").out


def test_an_instance_is_told_by_its_values(airexec: Airexec) -> None:
    """Where its id does not."""
    airexec.write(
        "airexec.yml",
        """\
        tasks:
          greet:
            matrix: {city: [東京, a b]}
            command: echo {{ matrix.city }}
        """,
    )

    assert ("airexec\n\ntasks:\n  greet[東京]\n  greet[a_b~c8687a]    city=a b\n") == airexec("list", "--all").out


def test_a_duration_behind_a_lone_wait_is_told_apart_from_a_task(airexec: Airexec) -> None:
    """`--wait` alone waits as long as it takes, so what follows is a task."""
    airexec.write("airexec.yml", "tasks: {a: {command: 'true'}}")

    refused = airexec("run", "--wait", "1s")

    assert (
        2,
        f"airexec: error: no task is named '1s' in {airexec.folder}/airexec.yml\n"
        "  hint: how long to wait is written with an equals sign: --wait=30s\n",
    ) == (refused.exit_code, refused.err)


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["queue", "--help"]])
def test_help_is_there_also_without_docstrings(arguments: list[str], airexec: Airexec) -> None:
    """PYTHONOPTIMIZE=2 takes them away."""
    assert airexec(*arguments).out == airexec(*arguments, env={"PYTHONOPTIMIZE": "2"}).out


def test_null_is_no_timeout(airexec: Airexec) -> None:
    """As 0 is, whatever default_args say."""
    airexec.write(
        "airexec.yml",
        """\
        dagrun_timeout: null
        default_args: {execution_timeout: 50ms}
        tasks: {a: {command: sleep 0.3, execution_timeout: null}}
        """,
    )

    assert 0 == airexec("run").exit_code


def test_the_output_mode_may_be_set_once_and_for_all(airexec: Airexec) -> None:
    """By the environment, or by the settings, also for a resumed run."""
    airexec.write("airexec.yml", "tasks: {a: {command: echo hello; test -e mended}}")
    shown = airexec("run", env={"AIREXEC_OUTPUT_MODE": "prefixed"}).out
    airexec.write(".airexec/config.yaml", "output: prefixed\n")
    resumed = airexec("resume").out

    assert ["a | hello"] * 2 == [
        line for line in (shown + resumed).splitlines() if line.endswith("| hello") and line[0] != " "
    ]
