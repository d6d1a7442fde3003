"""Commands about workflow files: init, validate, list, graph, schema. Nothing is run."""

import json
import os
import shlex
import stat

import pytest

from tests.e2e.rig import DEADLINE_SECONDS, Airexec, read_all

ETL = """\
    name: etl
    description: Load the day's orders
    params:
      region: eu
      shards: {type: integer, description: How many parts}
    templates:
      process:
        description: One file
        command: python process.py {{ with.path }}
    tasks:
      extract:
        description: Fetch
        command: python extract.py --region {{ params.region }}
        queue: [process]
      merge:
        command: python merge.py
        dependencies: [extract]
"""
MISSPELT = """\
    tasks:
      build: {command: make}
      deploy:
        command: ./deploy
        dependencies: [biuld]
"""
MISSPELT_COMPLAINT = """\
bad.yml:5:20: error: task 'deploy' depends on 'biuld', which is not defined
    5 |     dependencies: [biuld]
      |                    ^^^^^
  hint: did you mean 'build' (bad.yml:2:3)?
"""


def test_init_writes_a_workflow_that_is_valid(airexec: Airexec) -> None:
    """With the schema that its first line tells editors of, which git takes along, and nothing else of the folder."""
    result = airexec("init")

    assert (0, "wrote airexec.yml; run it with: airexec run\n", "") == result
    first_line = airexec.read("airexec.yml").splitlines()[0]
    assert "# yaml-language-server: $schema=.airexec/workflow.schema.json" == first_line
    assert airexec("schema").out == airexec.read(".airexec/workflow.schema.json")
    assert "*\n!.gitignore\n!workflow.schema.json\n" == airexec.read(".airexec/.gitignore")
    assert (0, "airexec.yml: ok (3 tasks)\n", "") == airexec("validate")


@pytest.mark.parametrize("planted", [".airexec/workflow.schema.json", ".airexec/.gitignore", "airexec.yml"])
def test_init_writes_through_no_link(planted: str, airexec: Airexec) -> None:
    """What it leads to may be somebody's shell profile."""
    target = airexec.write("target", "mine")
    link = airexec.folder / planted
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(target)

    result = airexec("init")

    assert (0 if planted != "airexec.yml" else 2) == result.exit_code
    assert "mine" == airexec.read("target")


def test_init_overwrites_nothing(airexec: Airexec) -> None:
    """Not even an empty file."""
    airexec.write("airexec.yml", "")

    result = airexec("init")

    assert (
        2,
        "",
        "airexec: error: airexec.yml is there already, and init overwrites nothing\n"
        "  hint: name another file: airexec init FILE\n",
    ) == result
    assert "" == airexec.read("airexec.yml")


def test_init_can_be_told_where(airexec: Airexec) -> None:
    """The path of the schema is relative to the file."""
    (airexec.folder / "sub").mkdir()

    result = airexec("init", "sub/first.yml")

    assert (0, "wrote sub/first.yml; run it with: airexec run sub/first.yml\n", "") == result
    assert airexec.read("sub/first.yml").startswith(
        "# yaml-language-server: $schema=../.airexec/workflow.schema.json\n"
    )
    assert "\nname: sub\n" in airexec.read("sub/first.yml")


@pytest.mark.parametrize(
    ("named", "path", "command"),
    [
        ("a folder", "a folder/airexec.yml", "airexec run 'a folder/airexec.yml'"),
        ("first", "first", "airexec run ./first"),
        ("workflow.yml", "workflow.yml", "airexec run"),
    ],
)
def test_init_says_the_command_that_runs_its_file(named: str, path: str, command: str, airexec: Airexec) -> None:
    """To the letter: it does."""
    (airexec.folder / "a folder").mkdir()

    assert (0, f"wrote {path}; run it with: {command}\n", "") == airexec("init", named)
    assert 0 == airexec(*shlex.split(command)[1:]).exit_code


def test_validate_says_what_is_in_a_good_file(airexec: Airexec) -> None:
    """And finds the file by itself."""
    airexec.write("workflow.yml", ETL)

    assert (0, "workflow.yml: ok (2 tasks, 1 template)\n", "") == airexec("validate")


def test_validate_shows_mistakes_like_a_compiler(airexec: Airexec) -> None:
    """Exit code 3."""
    airexec.write("bad.yml", MISSPELT)

    assert (3, "", MISSPELT_COMPLAINT) == airexec("validate", "bad.yml")


def test_validate_goes_through_all_files(airexec: Airexec) -> None:
    """The worst exit code of them wins."""
    airexec.write("good.yml", ETL)
    airexec.write("bad.yml", MISSPELT)

    result = airexec("validate", "missing.yml", "bad.yml", "good.yml")

    assert (3, "good.yml: ok (2 tasks, 1 template)\n") == (result.exit_code, result.out)
    assert result.err.startswith("airexec: error: cannot read missing.yml: ")
    assert result.err.endswith(MISSPELT_COMPLAINT)


def test_validate_tells_programs_the_same(airexec: Airexec) -> None:
    """As JSON on stdout, with nothing on stderr."""
    airexec.write("good.yml", ETL)
    airexec.write("bad.yml", MISSPELT)

    result = airexec("validate", "--json", "good.yml", "bad.yml")

    assert (3, "") == (result.exit_code, result.err)
    assert [
        {"file": "good.yml", "valid": True, "name": "etl", "tasks": 2, "error": None, "diagnostics": []},
        {
            "file": "bad.yml",
            "valid": False,
            "name": None,
            "tasks": None,
            "error": "bad.yml:5:20: task 'deploy' depends on 'biuld', which is not defined",
            "diagnostics": [
                {
                    "file": "bad.yml",
                    "line": 5,
                    "column": 20,
                    "length": 5,
                    "severity": "error",
                    "message": "task 'deploy' depends on 'biuld', which is not defined",
                    "hint": "did you mean 'build' (bad.yml:2:3)?",
                }
            ],
        },
    ] == json.loads(result.out)


def test_diagnostics_are_colored_on_demand(airexec: Airexec) -> None:
    """FORCE_COLOR asks for it, NO_COLOR wins over it."""
    airexec.write("bad.yml", MISSPELT)

    assert "\x1b[1;31merror:\x1b[0m" in airexec("validate", "bad.yml", env={"FORCE_COLOR": "1"}).err
    assert MISSPELT_COMPLAINT == airexec("validate", "bad.yml", env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).err


@pytest.mark.parametrize("command", ["run", "list", "graph"])
def test_every_command_refuses_a_bad_file_alike(command: str, airexec: Airexec) -> None:
    """Exit code 3, the same words."""
    airexec.write("bad.yml", MISSPELT)

    assert (3, "", MISSPELT_COMPLAINT) == airexec(command, "bad.yml")


@pytest.mark.parametrize("command", ["validate", "run", "list", "graph"])
def test_without_a_workflow_file_the_names_are_told(command: str, airexec: Airexec) -> None:
    """Exit code 2."""
    assert (
        2,
        "",
        "airexec: error: no workflow file in .\n"
        "  hint: name one, or make one with `airexec init`; found by themselves are airexec.yml, airexec.yaml, "
        "workflow.yml, workflow.yaml, airflow.yml, *.airexec.yml\n",
    ) == airexec(command)


def test_a_name_that_is_too_long_is_an_ordinary_mistake(airexec: Airexec) -> None:
    """Not a bug of ours."""
    name = 300 * "x"

    assert f"airexec: error: cannot read {name}: file name too long\n" == airexec("list", name).err
    assert f"airexec: error: cannot write {name}: File name too long\n" == airexec("init", name).err


def test_a_folder_stands_for_the_workflow_file_in_it(airexec: Airexec) -> None:
    """For every command that takes a WORKFLOW."""
    airexec.write("sub/airexec.yml", ETL)

    assert (0, "sub/airexec.yml: ok (2 tasks, 1 template)\n", "") == airexec("validate", "sub")


def test_list_shows_tasks_templates_and_params(airexec: Airexec) -> None:
    """In the order of the file."""
    airexec.write("etl.yml", ETL)

    assert (
        0,
        "etl: Load the day's orders\n"
        "\n"
        "tasks:\n"
        "  extract  Fetch  may queue process\n"
        "  merge           after extract\n"
        "\n"
        "templates:\n"
        "  process  One file\n"
        "\n"
        "params:\n"
        '  region                  default "eu"\n'
        "  shards  How many parts  required\n",
        "",
    ) == airexec("list", "etl.yml")


def test_list_tells_programs_more(airexec: Airexec) -> None:
    """Every task as an object."""
    airexec.write("etl.yml", ETL)

    listing = json.loads(airexec("list", "etl.yml", "--json").out)

    assert ["name", "description", "file", "default", "params", "groups", "tasks", "templates"] == list(listing)
    assert {
        "id": "merge",
        "description": "",
        "command": "python merge.py",
        "args": None,
        "dependencies": ["extract"],
        "after": [],
        "params": {},
        "sources": [],
        "generates": [],
        "depfile": "",
        "trigger_rule": "all_success",
        "queue": None,
        "manual": False,
        "private": False,
        "tags": [],
        "file": str(airexec.folder / "etl.yml"),
        "line": 15,
    } == listing["tasks"][1]
    assert {"templates": ["process"], "when": "end"} == listing["tasks"][0]["queue"]


def test_graph_draws_a_tree_of_text(airexec: Airexec) -> None:
    """By default."""
    airexec.write("flow.yml", "tasks: {a: {command: x}, b: {command: x, dependencies: a}}\n")

    result = airexec("graph", "flow.yml")

    assert (0, "") == (result.exit_code, result.err)
    assert ["flow  2 tasks", "○ a", "○ b"] == [line.strip("└├─ ") for line in result.out.splitlines()]


@pytest.mark.parametrize(
    ("file", "begin"),
    [
        ("g.svg", "<svg "),
        ("g.html", "<!doctype html>"),
        ("g.dot", "digraph "),
        ("g.mmd", "flowchart "),
        ("g.json", "{"),
    ],
)
def test_the_name_of_a_file_tells_its_format(file: str, begin: str, airexec: Airexec) -> None:
    """`-o graph.svg` needs no --format."""
    airexec.write("etl.yml", ETL)

    assert (0, "", "") == airexec("graph", "etl.yml", "-o", file)
    assert begin in airexec.read(file)[:400]


def test_a_name_without_a_format_is_refused(airexec: Airexec) -> None:
    """Rather than guessed."""
    airexec.write("etl.yml", ETL)

    assert (
        2,
        "",
        "airexec: error: the name 'graph.xyz' does not tell a format\n  hint: add --format svg, for example\n",
    ) == airexec("graph", "etl.yml", "-o", "graph.xyz")


def test_a_graph_can_be_piped(airexec: Airexec) -> None:
    """In every format that is text."""
    airexec.write("etl.yml", ETL)

    graph = json.loads(airexec("graph", "etl.yml", "--format", "json").out)

    assert "merge" in {node["id"] for node in graph["nodes"]}


def test_a_png_is_not_for_terminals(airexec: Airexec) -> None:
    """Into a pipe or a file it may go."""
    airexec.write("etl.yml", ETL)
    terminal, side_of_program = os.openpty()
    with open(side_of_program, "w") as stdout:
        process = airexec.start("graph", "etl.yml", "--format", "png", stdout=stdout)
    message = read_all(process.stderr)
    os.close(terminal)

    assert "airexec: error: a png is no text for a terminal\n  hint: name a file: -o graph.png\n" == message
    assert 2 == process.wait(DEADLINE_SECONDS)


def test_a_png_needs_a_program_that_draws_it(airexec: Airexec) -> None:
    """Without Graphviz the message says what else there is."""
    airexec.write("etl.yml", ETL)

    result = airexec("graph", "etl.yml", "-o", "graph.png", env={"PATH": "/nonexistent"})

    assert (2, "") == (result.exit_code, result.out)
    assert result.err.startswith("airexec: error: ")
    assert "dot" in result.err
    assert not (airexec.folder / "graph.png").exists()


@pytest.mark.parametrize("name", ["workflow", "queue", "event", "config", "order"])
def test_schemas_can_be_printed(name: str, airexec: Airexec) -> None:
    """For editors and other programs."""
    result = airexec("schema", name)

    assert (0, "") == (result.exit_code, result.err)
    assert "http://json-schema.org/draft-07/schema#" == json.loads(result.out)["$schema"]


def test_what_may_hold_output_is_for_its_owner_alone(airexec: Airexec) -> None:
    """Whatever the umask lets others have: logs, journals and tasks.json. That a job is at work is no secret."""
    airexec.write("flow.yml", "tasks: {a: {command: \"echo '::notice 1'; echo hi; exit 1\"}, b: {command: 'true'}}\n")
    before = os.umask(0)
    try:
        airexec("run", "flow.yml")
    finally:
        os.umask(before)

    job = airexec.folder / ".airexec/jobs/flow"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in job.rglob("*") if path.is_file()}
    public = {name: modes.pop(name) for name in ("state.json", "durations.json", "lock")}
    assert {"a.1.log", "b.1.log", "journal.jsonl", "tasks.json"} <= modes.keys()
    assert {0o600} == set(modes.values()), modes
    assert {0o664} == set(public.values())


HELLO = "name: hello\nparams: {who: world}\ntasks: {greet: {command: 'echo hello {{ params.who }} from $PWD'}}\n"


@pytest.mark.parametrize("name", ["-", "/dev/stdin"])
def test_a_workflow_may_come_by_standard_input(name: str, airexec: Airexec) -> None:
    """It is read once, and lies in the current folder, as does its state."""
    (airexec.folder / "sub").mkdir()

    ran = airexec("-C", "sub", "run", name, stdin=HELLO)

    assert (0, "") == (ran.exit_code, ran.err)
    assert f"  hello world from {airexec.folder}/sub\n" in ran.out
    assert ["hello"] == [path.name for path in (airexec.folder / ".airexec/jobs").iterdir()]
    assert airexec("validate", name, stdin=HELLO).out == f"{name}: ok (1 task)\n"
    assert "greet" in airexec("list", name, stdin=HELLO).out


def test_a_run_of_standard_input_is_resumed_with_the_plan_it_began_with(airexec: Airexec) -> None:
    failed = airexec("run", "-", stdin="tasks: {a: {command: 'test -e mended'}}")
    airexec.write("mended", "")

    resumed = airexec("resume", "stdin")

    assert (1, 0) == (failed.exit_code, resumed.exit_code)
    said = "airexec: standard input cannot be read again; going on with the plan that the run began with\n"
    assert said == resumed.err


def test_mistakes_of_standard_input_have_their_place(airexec: Airexec) -> None:
    assert airexec("run", "-", stdin="tasks: {a: {command: 1}}").err.startswith("<stdin>:1:22: error: ")


@pytest.mark.parametrize("what", ["workflow", "params"])
def test_a_pipe_is_read_once(what: str, airexec: Airexec) -> None:
    """As `<(…)` of a shell is one."""
    airexec.write("w.yml", HELLO)
    pipe = airexec.folder / "pipe"
    os.mkfifo(pipe)
    arguments = [str(pipe)] if what == "workflow" else ["w.yml", "--params-file", str(pipe)]
    process = airexec.start("run", *arguments)
    pipe.write_text(HELLO.replace("world", "pipe") if what == "workflow" else "who: pipe")

    out, err = process.communicate()

    assert (0, "") == (process.returncode, err)
    assert "  hello pipe from" in out


@pytest.mark.parametrize("arguments", [["run", "/dev/zero"], ["run", "w.yml", "--params-file", "/dev/zero"]])
def test_a_file_without_end_is_refused(arguments: list[str], airexec: Airexec) -> None:
    airexec.write("w.yml", HELLO)

    refused = airexec(*arguments)

    assert 2 == refused.exit_code
    assert "airexec: error: cannot read /dev/zero: it has more than 64 MiB\n" == refused.err


def test_settings_that_are_a_pipe_are_refused(airexec: Airexec) -> None:
    """Nobody may ever write into it."""
    airexec.write("w.yml", HELLO)
    (airexec.folder / ".airexec").mkdir()
    os.mkfifo(airexec.folder / ".airexec/config.yaml")

    refused = airexec("run", "w.yml")

    assert 2 == refused.exit_code
    assert "it is no regular file" in refused.err
