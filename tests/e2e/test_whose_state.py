"""Whose a job is, and whose a run: the real program in projects that share names, were moved, copied, checked out."""

import json
import shutil
from pathlib import Path

import pytest

from tests.e2e.rig import Airexec, without_times

DEPLOY = "name: release\ntasks: {deploy: {command: 'echo {{ params.where }} >> out; exit 1'}}\nparams: {where: %s}\n"
MEND = (
    "name: release\ntasks: {deploy: {command: 'echo {{ params.where }} >> out; test -e mended'}}\nparams: {where: %s}\n"
)


@pytest.fixture
def two(airexec: Airexec) -> Airexec:
    """Two files, both with a job called `release`; that of `a` has failed."""
    airexec.write("a/airexec.yml", DEPLOY % "A")
    airexec.write("b/airexec.yml", DEPLOY % "B")
    assert 1 == airexec("run", "a/airexec.yml").exit_code
    return airexec


def test_a_job_belongs_to_one_file(two: Airexec) -> None:
    refused = two("run", "b/airexec.yml")

    assert 2 == refused.exit_code
    assert (
        "airexec: error: job 'release' belongs to a/airexec.yml, not to b/airexec.yml\n"
        "  hint: give this one a name of its own: `name:` in the file, or --job NAME\n"
    ) == refused.err
    assert not (two.folder / "b/out").exists()


@pytest.mark.parametrize("command", ["resume", "status", "logs", "reset", "history"])
def test_no_command_shows_or_changes_the_job_of_another_file(command: str, two: Airexec) -> None:
    refused = two(command, "b/airexec.yml")

    assert 2 == refused.exit_code
    assert "belongs to a/airexec.yml, not to b/airexec.yml" in refused.err
    assert "A\n" == two.read("a/out")


@pytest.mark.parametrize(
    "arguments", [["why", "b/airexec.yml", "deploy"], ["graph", "b/airexec.yml", "--run", "latest"]]
)
def test_nor_is_it_explained_or_drawn(arguments: list[str], two: Airexec) -> None:
    assert "belongs to a/airexec.yml, not to b/airexec.yml" in two(*arguments).err


def test_in_a_folder_with_a_workflow_file_of_its_own_the_job_of_another_is_not_meant(two: Airexec) -> None:
    refused = two("-C", "b", "resume")

    assert 2 == refused.exit_code
    assert (
        "airexec: error: airexec.yml has not run yet\n"
        "  hint: `airexec run` does; jobs of other files: release, by --job NAME\n"
    ) == refused.err
    assert "A\n" == two.read("a/out")


def test_another_name_on_the_command_line_is_a_job_of_its_own(two: Airexec) -> None:
    assert 1 == two("run", "b/airexec.yml", "--job", "other").exit_code
    assert 2 == two("run", "a/airexec.yml", "--job", "other").exit_code


def test_a_file_that_was_renamed_keeps_its_job(two: Airexec) -> None:
    (two.folder / "a/airexec.yml").rename(two.folder / "a/deploy.yml")

    assert 1 == two("run", "a/deploy.yml").exit_code
    assert 2 == len(json.loads(two("history", "a/deploy.yml", "--json").out))


def test_a_link_to_the_file_is_the_file(two: Airexec) -> None:
    (two.folder / "c.yml").symlink_to("a/airexec.yml")

    assert 1 == two("run", "c.yml").exit_code


def test_when_only_the_journal_can_tell_it_does(two: Airexec) -> None:
    (two.folder / ".airexec/jobs/release/state.json").unlink()

    assert "belongs to a/airexec.yml" in two("run", "b/airexec.yml").err


def test_below_the_root_of_the_project_a_file_found_by_its_name_names_its_job_after_its_folder(
    airexec: Airexec,
) -> None:
    for folder in ("", "web/", "web/api/"):
        airexec.write(f"{folder}airexec.yml", "tasks: {hello: {command: 'true'}}")
        assert 0 == airexec("run", f"./{folder}airexec.yml").exit_code
    airexec.write("web/etl.yml", "tasks: {hello: {command: 'true'}}")
    assert 0 == airexec("run", "web/etl.yml").exit_code

    files = {
        job: json.loads(airexec.read(f".airexec/jobs/{job}/state.json"))["workflow"]
        for job in ("airexec", "web", "api", "etl")
    }

    expected = {"airexec": "airexec.yml", "web": "web/airexec.yml", "api": "web/api/airexec.yml", "etl": "web/etl.yml"}
    assert expected == files


@pytest.mark.parametrize("how", ["moved", "copied"])
def test_a_project_goes_on_where_it_now_lies(how: str, airexec: Airexec, tmp_path: Path) -> None:
    airexec.write("airexec.yml", MEND % "here")
    assert 1 == airexec("run").exit_code
    elsewhere = tmp_path / "elsewhere"
    if how == "moved":
        airexec.folder.rename(elsewhere)
    else:
        shutil.copytree(airexec.folder, elsewhere, symlinks=True)
    moved = Airexec.__new__(Airexec)
    moved.folder, moved.started = elsewhere, airexec.started
    moved.write("mended", "")

    resumed = moved("resume")

    assert (0, "") == (resumed.exit_code, resumed.err)
    assert "here\nhere\n" == moved.read("out")
    assert how == "moved" or "here\n" == airexec.read("out")


def test_a_moved_project_without_its_file_is_not_resumed_at_its_old_place(airexec: Airexec, tmp_path: Path) -> None:
    airexec.write("airexec.yml", MEND % "here")
    assert 1 == airexec("run").exit_code
    copy = Airexec.__new__(Airexec)
    copy.folder, copy.started = tmp_path / "copy", airexec.started
    shutil.copytree(airexec.folder, copy.folder, symlinks=True)
    (copy.folder / "airexec.yml").unlink()

    refused = copy("resume")

    assert 2 == refused.exit_code
    assert (
        f"airexec: error: {copy.folder}/airexec.yml is not there; when the run began, the project lay in "
        f"{airexec.folder}\n"
        "  hint: put the file back, or start anew with `airexec run`\n"
    ) == refused.err
    assert "here\n" == airexec.read("out")


@pytest.mark.parametrize("mark", ["missing", "wrong", "of another run"])
def test_state_that_this_user_did_not_make_here_is_resumed_only_when_asked_for(mark: str, airexec: Airexec) -> None:
    airexec.write("airexec.yml", MEND % "here")
    assert 1 == airexec("run").exit_code
    (origin,) = (airexec.folder / ".airexec/jobs/release/runs").glob("*/origin")
    if mark == "missing":
        origin.unlink()
    elif mark == "wrong":
        origin.write_text("0" * 32 + "\n")
    else:
        assert 1 == airexec("run").exit_code
        newest = max((airexec.folder / ".airexec/jobs/release/runs").iterdir())
        shutil.copy(origin, newest / "origin")
    airexec.write("mended", "")
    before = airexec.read("out")

    refused = airexec("resume")

    assert 2 == refused.exit_code
    assert (
        "airexec: error: run RUN of release may not be yours: it was not made by this user on this machine\n"
        "  hint: see what it would run (`airexec status`, `airexec graph --run latest`), then go on with "
        "`airexec resume --accept-foreign-state`, or start anew with `airexec run`\n"
    ) == without_times(refused.err)
    assert before == airexec.read("out")
    assert "deploy" in airexec("status").out
    assert 0 == airexec("resume", "--accept-foreign-state").exit_code


def test_what_was_accepted_once_is_this_users_from_then_on(airexec: Airexec) -> None:
    airexec.write("airexec.yml", DEPLOY % "here")
    assert 1 == airexec("run").exit_code
    (origin,) = (airexec.folder / ".airexec/jobs/release/runs").glob("*/origin")
    origin.unlink()

    assert 1 == airexec("resume", "--accept-foreign-state").exit_code
    assert 1 == airexec("resume").exit_code


def test_another_machine_or_user_has_another_key(airexec: Airexec, tmp_path: Path) -> None:
    airexec.write("airexec.yml", DEPLOY % "here")
    assert 1 == airexec("run").exit_code

    refused = airexec("resume", env={"XDG_STATE_HOME": str(tmp_path / "another")})

    assert "it was not made by this user on this machine" in refused.err


@pytest.mark.parametrize("fault", ["a file where the folder would be", "readable by all"])
def test_without_a_key_runs_run_and_resume_says_why_it_asks(fault: str, airexec: Airexec, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    if fault == "readable by all":
        (home / "airexec").mkdir()
        (home / "airexec/key").write_bytes(b"k" * 32)
        (home / "airexec/key").chmod(0o644)
        why = f"{home}/airexec/key is not a key that only this user can read; remove it"
    else:
        (home / "airexec").write_text("")
        why = f"cannot read {home}/airexec/key: Not a directory"
    env = {"XDG_STATE_HOME": str(home)}
    airexec.write("airexec.yml", DEPLOY % "here")

    assert 1 == airexec("run", env=env).exit_code
    refused = airexec("resume", env=env)

    assert f"may not be yours: who made it cannot be told: {why}\n" in refused.err
    assert 1 == airexec("resume", "--accept-foreign-state", env=env).exit_code


def test_the_key_is_for_its_user_alone_and_stays_the_same(airexec: Airexec, tmp_path: Path) -> None:
    airexec.write("airexec.yml", DEPLOY % "here")
    assert 1 == airexec("run").exit_code
    key = tmp_path / "state-home/airexec/key"
    first = key.read_bytes()
    assert 1 == airexec("run").exit_code

    assert (0o600, 32, first) == (key.stat().st_mode & 0o777, len(first), key.read_bytes())
    assert [key] == list(key.parent.iterdir())


@pytest.mark.parametrize("wait", [[], ["--wait"]])
def test_a_run_in_a_task_of_its_own_job_is_told_so_at_once(wait: list[str], airexec: Airexec) -> None:
    airexec.write("airexec.yml", f"tasks: {{again: {{command: 'airexec run {' '.join(wait)}'}}}}")

    result = airexec("run", "--output", "stream")

    assert 1 == result.exit_code
    assert (
        "airexec: error: job airexec is the one that this is a task of (run RUN), and would wait for itself"
    ) in without_times(result.out)


def test_also_when_another_run_lies_between(airexec: Airexec) -> None:
    airexec.write("airexec.yml", "tasks: {down: {command: airexec run inner.yml --output stream}}")
    airexec.write("inner.yml", "tasks: {up: {command: airexec run airexec.yml --wait}}")

    assert "job airexec is the one that this is a task of" in airexec("run", "--output", "stream").out


def test_the_newest_job_is_the_outermost(airexec: Airexec) -> None:
    airexec.write("airexec.yml", "tasks: {down: {command: airexec run other.yml}}")
    airexec.write("other.yml", "tasks: {it: {command: 'true'}}")
    assert 0 == airexec("run").exit_code

    assert airexec("status").out.startswith("airexec: ")
    inner = json.loads(airexec.read(".airexec/jobs/other/state.json"))
    outer = json.loads(airexec.read(".airexec/jobs/airexec/state.json"))
    assert f"airexec/{outer['run_id']}" == inner["inside"]
    assert "inside" not in outer
    assert 0 == airexec("run", "other.yml").exit_code
    assert airexec("status").out.startswith("other: ")
