"""`include`: a workflow of several files is checked, run, kept, resumed and shown as one."""

import json
import os

import pytest

from tests.e2e.rig import Airexec, load_tasks, statuses, wait_until

MAIN = """\
    include: [shared/common.yml]
    tasks:
      show: {command: "echo {{ vars.version }} $WHO > shown", dependencies: [prepare]}
"""
COMMON = """\
    vars: {version: "1"}
    env: {WHO: common}
    tasks:
      prepare: {command: "echo prepared > prepared"}
"""


@pytest.fixture
def project(airexec: Airexec) -> Airexec:
    """Two files, of which the second lies in a folder of its own."""
    airexec.write("w.yml", MAIN)
    airexec.write("shared/common.yml", COMMON)
    return airexec


def test_what_is_included_runs_in_the_folder_of_the_workflow(project: Airexec) -> None:
    """And the journal says in which file a task stands."""
    result = project("run", "w.yml")

    assert (0, "") == (result.exit_code, result.err)
    assert ("1 common\n", "prepared\n") == (project.read("shown"), project.read("prepared"))
    (run,) = (project.folder / ".airexec/jobs/w/runs").iterdir()
    begun = json.loads((run / "journal.jsonl").read_text().partition("\n")[0])
    prepare, show = begun["plan"]["workflow"]["tasks"]
    common = str(project.folder / "shared/common.yml")
    assert ((common, 4), ("-", 3)) == ((prepare["file"], prepare["line"]), (show.get("file", "-"), show["line"]))


def test_a_change_in_an_included_file_is_noticed(project: Airexec) -> None:
    """Also one that leaves size and time of the file as they were; what is kept of the workflow goes by content."""
    project("run", "w.yml")
    path = project.folder / "shared/common.yml"
    before = path.stat()

    second = project("run", "w.yml")
    project.write("shared/common.yml", COMMON.replace('"1"', '"2"'))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    third = project("run", "w.yml")

    assert ((0, ""), (0, "")) == ((second.exit_code, second.err), (third.exit_code, third.err))
    assert "2 common\n" == project.read("shown")


def test_an_included_file_that_is_gone_is_an_error(project: Airexec) -> None:
    """Though the workflow was read before."""
    project("run", "w.yml")
    (project.folder / "shared/common.yml").unlink()

    result = project("run", "w.yml")

    assert 3 == result.exit_code
    assert result.err.startswith("w.yml:1:11: error: cannot read shared/common.yml: no such file or directory\n")


def test_what_stands_still_does_so_only_as_long_as_no_included_file_changes(airexec: Airexec) -> None:
    """Nothing is read but what says that nothing has changed, and that looks at all files."""
    airexec.write("w.yml", "include: common.yml\n")
    airexec.write("common.yml", "tasks: {a: {sources: w.yml, command: 'echo one'}}\n")
    wait_until(lambda: "nothing to do" in airexec("run", "w.yml").out, "nothing to be left to do")

    airexec.write("common.yml", "tasks: {a: {sources: w.yml, command: 'echo two'}}\n")
    result = airexec("run", "w.yml")

    assert "two" in result.out


def test_resume_asks_before_it_goes_on_with_a_changed_file(project: Airexec) -> None:
    """As after a change of the workflow file."""
    project.write("w.yml", MAIN.replace("echo {{", "test -e go; echo {{"))
    project("run", "w.yml")
    project.write("shared/common.yml", COMMON.replace("echo prepared", "echo otherwise"))
    project.write("go", "")

    refused = project("resume")
    accepted = project("resume", "--accept-changes")

    assert (2, 0) == (refused.exit_code, accepted.exit_code)
    assert (
        "airexec: error: the workflow has changed since the run began:\n"
        "airexec: error: task 'prepare' is defined otherwise\n"
        "  hint: go on with it as it is now: airexec resume --accept-changes; or start anew: airexec run\n"
    ) == refused.err
    assert {"prepare": "completed", "show": "completed"} == statuses(project, "w")


def test_a_moved_project_is_resumed_where_it_lies_now(project: Airexec) -> None:
    """What is included has moved with it."""
    project.write("w.yml", MAIN.replace("echo {{", "test -e go; echo {{"))
    project("run", "w.yml")
    old, new = project.folder, project.folder.parent / "elsewhere"
    old.rename(new)
    project.folder = new
    project.write("go", "")

    result = project("resume")

    assert (0, "1 common\n") == (result.exit_code, project.read("shown")), result.err


def test_commands_that_look_know_of_all_files(project: Airexec) -> None:
    """And a dry run."""
    validated, listed = project("validate", "w.yml"), project("list", "w.yml", "--json")
    drawn, dry = project("graph", "w.yml"), project("run", "w.yml", "-n")

    assert "w.yml: ok (2 tasks)\n" == validated.out
    common = str(project.folder / "shared/common.yml")
    tasks = [(task["id"], task["file"], task["line"]) for task in json.loads(listed.out)["tasks"]]
    assert [("prepare", common, 4), ("show", str(project.folder / "w.yml"), 3)] == tasks
    assert all("prepare" in result.out and "show" in result.out for result in (drawn, dry))


def test_programs_are_told_the_right_file(project: Airexec) -> None:
    """In every format of `validate`."""
    project.write("shared/common.yml", COMMON.replace("command", "comand"))

    as_json = json.loads(project("validate", "w.yml", "--format", "json").out)
    as_sarif = json.loads(project("validate", "w.yml", "--format", "sarif").out)
    as_github = project("validate", "w.yml", "--format", "github").out
    concise = project("validate", "w.yml", "--format", "concise").out

    (told,) = as_json[0]["diagnostics"]
    assert ("shared/common.yml", 4, 13) == (told["file"], told["line"], told["column"])
    (result,) = as_sarif["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert ("shared/common.yml", 4) == (place["artifactLocation"]["uri"], place["region"]["startLine"])
    (by,) = result["relatedLocations"]
    assert ("w.yml", "included by") == (by["physicalLocation"]["artifactLocation"]["uri"], by["message"]["text"])
    assert as_github.startswith("::error file=shared/common.yml,line=4,col=13,")
    assert "shared/common.yml:4:13: error: unknown key 'comand' (did you mean 'command'?)\n" == concise


def test_by_standard_input_files_are_those_of_this_folder(project: Airexec) -> None:
    """Where the workflow lies, so to speak."""
    good = project("run", "-", stdin="include: shared/common.yml\n")
    bad = project("validate", "-", stdin="include: shared/commn.yml\n")

    assert 0 == good.exit_code, good.err
    assert "prepared\n" == project.read("prepared")
    assert bad.err.startswith("<stdin>:1:10: error: cannot read shared/commn.yml: no such file or directory\n")


def test_files_are_named_from_where_one_stands(project: Airexec) -> None:
    """An editor opens what a message names."""
    project.write("shared/common.yml", COMMON.replace("command", "comand"))
    project.write("deep/x.txt", "")

    result = project("validate", "deep/../w.yml")

    assert result.err.startswith("shared/common.yml:4:13: error: unknown key 'comand'\n")
    assert "  included by deep/../w.yml:1:11\n" in result.err


def test_why_shows_where_a_task_of_an_included_file_stands(project: Airexec) -> None:
    """And tasks.json has it as any other."""
    project("run", "w.yml")

    assert 0 == project("why", "prepare").exit_code
    assert ["prepare", "show"] == list(load_tasks(project, "w"))
