"""A workflow file that changes while its run goes on, or before it is resumed (E9)."""

import json

import pytest

from tests.e2e.rig import DEADLINE_SECONDS, Airexec, load_tasks, statuses

FLOW = """\
name: flow
env: {GREETING: hi}
params: {region: eu}
tasks:
  a: {command: echo a >> ran}
  b: {command: "echo b >> ran; [ -e go ]", dependencies: a}
  c: {command: "echo c $GREETING >> ran", dependencies: b}
"""


def failed_run(airexec: Airexec) -> None:
    """Run FLOW until b has failed."""
    airexec.write("flow.yml", FLOW)
    assert 1 == airexec("run", "flow.yml").exit_code
    airexec.write("go", "")


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("echo b >> ran", "echo B >> ran", "task 'b' is defined otherwise"),
        ("  c:", "  d: {command: echo d >> ran}\n  c:", "task 'd' is new"),
        ('  c: {command: "echo c $GREETING >> ran", dependencies: b}\n', "", "task 'c' is gone"),
        ("GREETING: hi", "GREETING: ho", "`env` has changed"),
        ("dependencies: b", "dependencies: [a, b]", "task 'c' is defined otherwise"),
    ],
)
def test_a_change_is_shown_and_waits_to_be_accepted(before: str, after: str, change: str, airexec: Airexec) -> None:
    """Nothing runs and nothing is written until then."""
    failed_run(airexec)
    journal = next((airexec.folder / ".airexec/jobs/flow/runs").glob("*/journal.jsonl"))
    written = journal.read_bytes()
    airexec.write("flow.yml", FLOW.replace(before, after))

    result = airexec("resume")

    assert (2, "", "a\nb\n", written) == (result.exit_code, result.out, airexec.read("ran"), journal.read_bytes())
    assert (
        f"airexec: error: the workflow has changed since the run began:\nairexec: error: {change}\n"
        "  hint: go on with it as it is now: airexec resume --accept-changes; or start anew: airexec run\n"
    ) == result.err


def test_accepted_changes_keep_finished_tasks_that_did_not_change(airexec: Airexec) -> None:
    """Those that changed, are new or had failed run as the file says now."""
    failed_run(airexec)
    airexec.write("flow.yml", FLOW.replace("echo b >> ran", "echo B >> ran") + "  d: {command: echo d >> ran}\n")

    result = airexec("resume", "--accept-changes", "-j1")

    assert 0 == result.exit_code
    assert ["B", "a", "b", "c hi", "d"] == sorted(airexec.read("ran").splitlines())
    assert 1 == load_tasks(airexec, "flow")["a"]["attempt"]


def test_a_finished_task_that_changed_runs_again(airexec: Airexec) -> None:
    """Its result was made by another definition."""
    failed_run(airexec)
    airexec.write("flow.yml", FLOW.replace("echo a >> ran", "echo A >> ran"))

    result = airexec("resume", "--accept-changes")

    assert (0, "a\nb\nA\nb\nc hi\n") == (result.exit_code, airexec.read("ran"))


def test_a_task_that_is_gone_is_no_part_of_the_run_any_more(airexec: Airexec) -> None:
    """Nor of its counts."""
    failed_run(airexec)
    airexec.write("flow.yml", FLOW.replace('  c: {command: "echo c $GREETING >> ran", dependencies: b}\n', ""))

    airexec("resume", "--accept-changes")

    assert {"a": "completed", "b": "completed"} == statuses(airexec, "flow")


def test_texts_for_people_are_no_change(airexec: Airexec) -> None:
    """A description or a comment needs no acceptance."""
    failed_run(airexec)
    airexec.write("flow.yml", "# better now\ndescription: Greets\n" + FLOW)

    result = airexec("resume")

    assert (0, "a\nb\nb\nc hi\n") == (result.exit_code, airexec.read("ran"))


def test_a_file_that_is_broken_by_now_is_said(airexec: Airexec) -> None:
    """As always, and nothing runs."""
    failed_run(airexec)
    airexec.write("flow.yml", FLOW.replace("tasks:", "task:"))

    result = airexec("resume")

    assert (3, "a\nb\n") == (result.exit_code, airexec.read("ran"))


def test_a_file_that_is_gone_is_not_needed(airexec: Airexec) -> None:
    """The plan of the run is in its journal."""
    failed_run(airexec)
    (airexec.folder / "flow.yml").unlink()

    result = airexec("resume", "flow")

    assert (0, "a\nb\nb\nc hi\n") == (result.exit_code, airexec.read("ran"))
    assert "flow.yml is gone; going on with the plan that the run began with" in result.err


def test_a_running_run_keeps_to_its_plan(airexec: Airexec) -> None:
    """Edited while b runs, the file means nothing to it; what it goes by is in the journal."""
    airexec.write("flow.yml", FLOW.replace("[ -e go ]", "touch up; until [ -e go ]; do sleep 0.01; done"))
    process = airexec.start("run", "flow.yml")
    airexec.wait_for_file("up")
    airexec.write("flow.yml", FLOW.replace("echo c", "echo changed").replace("a:", "z:"))
    airexec.write("go", "")

    process.communicate(timeout=DEADLINE_SECONDS)

    assert (0, "a\nb\nc hi\n") == (process.returncode, airexec.read("ran"))
    journal = next((airexec.folder / ".airexec/jobs/flow/runs").glob("*/journal.jsonl"))
    first = json.loads(journal.read_text().splitlines()[0])
    assert ["a", "b", "c"] == [task["id"] for task in first["plan"]["workflow"]["tasks"]]
