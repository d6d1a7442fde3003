"""Env files that are none: the task fails with a reason, and all else goes on."""

import json
import os

import pytest

from tests.e2e.rig import Airexec, load_tasks, statuses

KEY = "sk-live-51Hx"


def test_a_task_whose_env_file_is_a_pipe_fails_and_holds_nobody_up(airexec: Airexec) -> None:
    """Nobody ever writes into it."""
    os.mkfifo(airexec.folder / "pipe")
    airexec.write("w.yml", "tasks:\n  piped: {command: 'true', env_file: pipe}\n  other: {command: 'true'}\n")
    result = airexec("run", "w.yml")

    assert (1, {"piped": "failed", "other": "completed"}) == (result.exit_code, statuses(airexec, "w"))
    error = load_tasks(airexec, "w")["piped"]["error"]
    assert "env_file 'pipe' cannot be read: it is a pipe, not a regular file" == error


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("a\0b", "env_file 'a\\0b' cannot be read: no file can have this name"),
        ("a\ud800b", "env_file 'a\\ud800b' cannot be read: no file can have this name"),
        ("/dev/zero", "env_file '/dev/zero' cannot be read: it is a device, not a regular file"),
    ],
)
def test_a_queued_task_may_name_any_env_file_and_harms_itself_only(airexec: Airexec, name: str, problem: str) -> None:
    """The run ends, and a resume of it comes to the same end."""
    item = json.dumps({"id": "queued", "command": ["true"], "env_file": name})
    airexec.write("lines", f"::queue {item}\n")
    airexec.write("w.yml", "tasks:\n  ask: {command: cat lines, queue: true}\n")

    first = airexec("run", "w.yml").exit_code, load_tasks(airexec, "w")["queued"]["error"]
    again = airexec("resume", "w").exit_code, load_tasks(airexec, "w")["queued"]["error"]
    assert ((1, problem), (1, problem)) == (first, again)


def test_no_bad_line_of_an_env_file_comes_out_anywhere(airexec: Airexec) -> None:
    """Neither on the console, with annotations, nor in the report, the summary, the views and the journal."""
    airexec.write(".env", f"A=1\n{KEY}\n")
    airexec.write("w.yml", "tasks:\n  a: {command: 'true', env_file: .env}\n")
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(airexec.folder / "summary")}
    result = airexec("run", "w.yml", "--report-junit", "report.xml", env=env)

    assert 1 == result.exit_code
    assert ".env:2: error: there is no = in it" == load_tasks(airexec, "w")["a"]["error"]
    files = [path for path in airexec.folder.rglob("*") if path.is_file() and path.name != ".env"]
    assert {"report.xml", "summary", "tasks.json", "journal.jsonl"} <= {path.name for path in files}
    assert [] == [path for path in files if KEY in path.read_text()]
    assert KEY not in result.out + result.err


def test_a_bad_env_file_of_the_workflow_is_told_before_anything_starts(airexec: Airexec) -> None:
    """By its line, not by its text."""
    airexec.write(".env", f"{KEY}\n")
    airexec.write("w.yml", "env_file: .env\ntasks:\n  a: {command: 'true'}\n")

    assert (
        2,
        "",
        "airexec: error: .env:1: error: there is no = in it\n"
        "  hint: write KEY=VALUE, one per line; quote values with blanks or `#` in them\n",
    ) == airexec("run", "w.yml")
