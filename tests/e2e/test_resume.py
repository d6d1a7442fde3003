"""State that outlives its scheduler: resume, reset, locks and damage."""

import json
import signal
from pathlib import Path

import pytest

from tests.e2e.rig import DEADLINE_SECONDS, Airexec, Result, load_tasks, statuses

GROWING = """\
    name: flow
    templates:
      part: {command: "echo {{ with.name }} >> ran"}
    tasks:
      find:
        command: |
          echo find >> ran
          printf 'a\\nb\\n' | airexec queue --template part --each name
        queue: [part]
      merge: {command: "[ -e go ] || { touch up; exec sleep 1000; }; echo merge >> ran", dependencies: find}
"""


def journal_of(airexec: Airexec) -> Path:
    """Return the journal of the newest run of the job `flow`."""
    return max((airexec.folder / ".airexec/jobs/flow/runs").glob("*/journal.jsonl"))


def killed_in_merge(airexec: Airexec) -> None:
    """Run GROWING and kill the scheduler with SIGKILL while merge runs."""
    airexec.write("flow.yml", GROWING)
    process = airexec.start("run", "flow.yml", "-j1")
    airexec.wait_for_file("up")
    process.send_signal(signal.SIGKILL)
    process.wait(DEADLINE_SECONDS)


def test_after_kill_9_the_grown_graph_goes_on(airexec: Airexec) -> None:
    """Completed tasks stay, the emitter is not run again, and what was running runs."""
    killed_in_merge(airexec)
    airexec.write("go", "")

    result = airexec("resume")

    assert 0 == result.exit_code
    assert "find\na\nb\nmerge\n" == airexec.read("ran")
    assert {"find": "completed", "merge": "completed", "part[a]": "completed", "part[b]": "completed"} == statuses(
        airexec, "flow"
    )
    assert 2 == load_tasks(airexec, "flow")["merge"]["attempt"]


def test_after_kill_9_nothing_is_called_running(airexec: Airexec) -> None:
    """Neither by status nor by why."""
    killed_in_merge(airexec)

    status = json.loads(airexec("status", "--json").out)

    merge = next(task for task in status["tasks"] if task["id"] == "merge")
    assert (False, "pending", "lost") == (status["is_active"], merge["status"], merge["reason"])
    assert airexec("why", "merge").out.startswith("merge: pending\n")


def test_a_new_run_mentions_the_unfinished_one(airexec: Airexec) -> None:
    """In one line, with the way to continue it."""
    killed_in_merge(airexec)
    airexec.write("go", "")
    killed = journal_of(airexec).parent.name

    result = airexec("run", "flow.yml")

    assert 0 == result.exit_code
    assert (
        f"airexec: run {killed} of flow was not finished; "
        f"this is a new run (to continue that one: airexec resume flow --run {killed})\n"
    ) == result.err


def test_a_failed_run_goes_on_from_its_failure(airexec: Airexec) -> None:
    """The failed task and what is downstream of it run, the rest stays."""
    airexec.write(
        "flow.yml",
        """\
        tasks:
          first: {command: echo first >> ran}
          second: {command: "[ -e go ]", dependencies: first}
          third: {command: echo third >> ran, dependencies: second}
        """,
    )
    failed = airexec("run", "flow.yml").exit_code
    airexec.write("go", "")

    resumed = airexec("resume", "flow").exit_code

    assert (1, 0) == (failed, resumed)
    assert "first\nthird\n" == airexec.read("ran")


def test_a_completed_run_needs_no_resume(airexec: Airexec) -> None:
    """Exit code 0, and it is said."""
    airexec.write("flow.yml", "tasks: {a: {command: echo a >> ran}}\n")
    airexec("run", "flow.yml")

    result = airexec("resume")

    assert (0, "") == (result.exit_code, result.out)
    assert "there is nothing to resume" in result.err
    assert "a\n" == airexec.read("ran")


def test_what_was_reset_runs_again(airexec: Airexec) -> None:
    """With what was built on it; what it had queued is queued anew."""
    airexec.write("go", "")
    airexec.write("flow.yml", GROWING)
    airexec("run", "flow.yml", "-j1")

    reset = airexec("reset", "find")
    resumed = airexec("resume").exit_code

    assert (
        Result(0, "flow: 2 tasks reset (find, merge), 2 queued tasks removed; `airexec resume flow` runs them\n", "")
        == reset
    )
    assert 0 == resumed
    assert "find\na\nb\nmerge\n" * 2 == airexec.read("ran")


def test_a_task_that_was_removed_and_queued_again_has_a_log_of_its_own(airexec: Airexec) -> None:
    """Its attempts begin with the first again, also in the names of their logs."""
    airexec.write("queue.sh", """echo '::queue {"id": "new", "command": "[ -e quiet ] || echo loud"}'""")
    airexec.write("flow.yml", "tasks: {find: {command: sh queue.sh, queue: true}}")
    airexec("run", "flow.yml")
    before = airexec("logs", "new").out
    airexec.write("quiet", "")

    airexec("reset", "find")
    airexec("resume")

    assert ("loud\n", "") == (before, airexec("logs", "new").out)


def test_a_job_has_one_scheduler(airexec: Airexec) -> None:
    """The second one is told who is at work; exit code 75; the first goes on undisturbed."""
    airexec.write("flow.yml", 'tasks: {slow: {command: "touch up; until [ -e go ]; do sleep 0.01; done"}}\n')
    first = airexec.start("run", "flow.yml")
    airexec.wait_for_file("up")

    second = airexec("run", "flow.yml")
    resumed = airexec("resume").exit_code
    reset = airexec("reset", "slow").exit_code
    airexec.write("go", "")
    first.communicate(timeout=DEADLINE_SECONDS)

    assert (75, "", 75, 75, 0) == (second.exit_code, second.out, resumed, reset, first.returncode)
    assert second.err.startswith(f"airexec: error: job flow is locked by another run: pid {first.pid} on ")
    hint = f"wait for its end, as `airexec run --wait` does, or end it: kill {first.pid}"
    assert second.err.endswith(f"\n  hint: {hint}\n")


@pytest.mark.parametrize(
    "command",
    [("status",), ("resume",), ("why", "a"), ("logs",), ("history",), ("reset", "a"), ("graph", "--run", "latest")],
)
def test_a_damaged_journal_ends_with_65(command: tuple[str, ...], airexec: Airexec) -> None:
    """And is left as it was."""
    airexec.write("flow.yml", "tasks: {a: {command: exit 1}}\n")
    airexec("run", "flow.yml")
    journal = journal_of(airexec)
    first, second, *rest = journal.read_bytes().splitlines(keepends=True)
    damaged = b"".join([first, second.replace(b"attempt_started", b"attempt_begun__"), *rest])
    journal.write_bytes(damaged)

    result = airexec(*command, "--job", "flow")

    if command != ("history",):  # which reads the ends of a journal only
        assert 65 == result.exit_code
        assert "airexec: error: " in result.err
    assert damaged == journal.read_bytes()


def test_a_torn_end_is_cut_and_said(airexec: Airexec) -> None:
    """Its bytes are kept beside the journal."""
    killed_in_merge(airexec)
    airexec.write("go", "")
    journal = journal_of(airexec)
    with journal.open("ab") as file:
        file.write(b'{"seq":99,"ti')

    result = airexec("resume")

    assert 0 == result.exit_code
    assert result.err.startswith("airexec: 13 bytes of a torn line were cut ")
    assert b'{"seq":99,"ti' == next(journal.parent.glob("journal.torn-*")).read_bytes()


def test_a_run_whose_first_line_is_torn_had_not_begun(airexec: Airexec) -> None:
    """The line is cut, and then there is nothing that could be resumed."""
    killed_in_merge(airexec)
    journal = journal_of(airexec)
    journal.write_bytes(b'{"seq":0,"ti')

    first, second = airexec("resume"), airexec("resume")

    assert (2, "") == (first.exit_code, first.out)
    assert first.err.partition("\n")[2] == (
        f"airexec: error: run {journal.parent.name} had not begun\n  hint: start anew with `airexec run`\n"
    )
    assert (2, "airexec: error: job 'flow' has no run to resume\n  hint: `airexec run` makes the first\n") == (
        second.exit_code,
        second.err,
    )


def test_a_changed_workflow_must_be_accepted(airexec: Airexec) -> None:
    """Before a resume goes on with it."""
    airexec.write("flow.yml", "tasks: {a: {command: echo a >> ran}, b: {command: exit 1}}\n")
    airexec("run", "flow.yml", "-j1")
    airexec.write("flow.yml", "tasks: {a: {command: echo a >> ran}, b: {command: echo b >> ran}}\n")

    refused = airexec("resume")
    accepted = airexec("resume", "--accept-changes")

    assert (2, "") == (refused.exit_code, refused.out)
    assert "task 'b' is defined otherwise" in refused.err
    assert 0 == accepted.exit_code
    assert "a\nb\n" == airexec.read("ran")


def test_a_resume_of_a_completed_run_brings_its_views_up_to_date(airexec: Airexec) -> None:
    """It may have been killed between its last event and its last snapshot."""
    airexec.write("flow.yml", "tasks: {a: {command: echo a >> ran}}\n")
    airexec("run", "flow.yml")
    (airexec.folder / ".airexec/jobs/flow/tasks.json").unlink()

    assert 0 == airexec("resume").exit_code

    assert {"a": "completed"} == statuses(airexec, "flow")


# --- which run --------------------------------------------------------------------------------------------------------


def test_resume_takes_the_newest_run_that_is_not_completed(airexec: Airexec) -> None:
    """A good run in between does not bury the failed one; once that is completed, too, nothing is left to do."""
    airexec.write("flow.yml", 'params: {file: {type: string}}\ntasks: {a: {command: "test -e {{ params.file }}"}}\n')
    assert 1 == airexec("run", "flow.yml", "-p", "file=go").exit_code
    assert 0 == airexec("run", "flow.yml", "-p", "file=flow.yml").exit_code
    airexec.write("go", "")

    resumed = airexec("resume")
    again = airexec("resume")

    first, second = sorted(path.name for path in (airexec.folder / ".airexec/jobs/flow/runs").iterdir())
    assert (0, f"airexec: run {second} of flow is completed; going on with run {first}, the newest that is not\n") == (
        resumed.exit_code,
        resumed.err,
    )
    assert (0, f"airexec: run {second} of flow is completed; there is nothing to resume\n") == (
        again.exit_code,
        again.err,
    )


def test_resume_takes_the_run_that_is_named(airexec: Airexec) -> None:
    """By its id, or by what it alone begins or ends with."""
    airexec.write("flow.yml", 'params: {file: {type: string}}\ntasks: {a: {command: "test -e {{ params.file }}"}}\n')
    for name in ("one", "two"):
        assert 1 == airexec("run", "flow.yml", "-p", f"file={name}").exit_code
    first, second = sorted(path.name for path in (airexec.folder / ".airexec/jobs/flow/runs").iterdir())
    airexec.write("one", "")

    named = airexec("resume", "--run", first)
    newest = airexec("resume", "--run", second[-4:])
    unknown = airexec("resume", "--run", "20000101")

    assert (0, 1, 2) == (named.exit_code, newest.exit_code, unknown.exit_code)
    assert (
        "airexec: error: job flow has no run '20000101'\n  hint: `airexec history flow` lists its runs\n" == unknown.err
    )


PARAMS = """\
params:
  region: eu
  file: go
tasks:
  a: {command: 'test -e {{ params.file }}; echo {{ params.region }} > region'}
"""


def test_a_default_that_has_changed_is_told(airexec: Airexec) -> None:
    """As any other change; accepted, it is the value from here on."""
    airexec.write("flow.yml", PARAMS)
    assert 1 == airexec("run", "flow.yml").exit_code
    airexec.write("go", "")
    airexec.write("flow.yml", PARAMS.replace("region: eu", "region: us"))

    refused = airexec("resume")
    accepted = airexec("resume", "--accept-changes")

    assert (
        "airexec: error: the workflow has changed since the run began:\n"
        "airexec: error: param 'region' has another default\n"
    ) == refused.err.partition("  hint")[0]
    assert (2, 0) == (refused.exit_code, accepted.exit_code)
    assert "us\n" == airexec.read("region")


def test_what_was_given_for_a_param_is_kept(airexec: Airexec) -> None:
    """Whatever the default is by now."""
    airexec.write("flow.yml", PARAMS)
    assert 1 == airexec("run", "flow.yml", "-p", "region=asia").exit_code
    airexec.write("go", "")
    airexec.write("flow.yml", PARAMS.replace("region: eu", "region: us"))

    assert 0 == airexec("resume").exit_code
    assert "asia\n" == airexec.read("region")


def test_a_param_can_be_set_for_what_is_left(airexec: Airexec) -> None:
    """On purpose, so it is no change that has to be accepted; a wrong one is refused."""
    airexec.write("flow.yml", PARAMS)
    assert 1 == airexec("run", "flow.yml").exit_code

    unknown = airexec("resume", "-p", "nope=1")
    good = airexec("resume", "-p", "file=flow.yml", "-p", "region=asia")

    assert (2, 0) == (unknown.exit_code, good.exit_code)
    assert "asia\n" == airexec.read("region")


# --- starts that are refused ------------------------------------------------------------------------------------------

REFUSED = {
    "a missing env file": ("env_file: .env", ()),
    "a bad env file": ("env_file: flow.yml", ()),
    "a report that is a folder": ("description: x", ("--report-junit", ".")),
    "a missing secret": ("secrets: [NOT_THERE]", ()),
    "an unknown task": ("description: x", ("nope",)),
    "an unknown param": ("description: x", ("-p", "nope=1")),
}


@pytest.mark.parametrize("refusal", REFUSED)
def test_a_start_that_is_refused_leaves_nothing_behind(refusal: str, airexec: Airexec) -> None:
    """No state where there was none."""
    key, arguments = REFUSED[refusal]
    airexec.write("flow.yml", f"{key}\ntasks: {{a: {{command: touch ran}}}}\n")

    result = airexec("run", "flow.yml", *arguments)

    assert 2 == result.exit_code
    assert not (airexec.folder / "ran").exists()
    assert not (airexec.folder / ".airexec").exists()


def test_starts_that_are_refused_cost_no_run_that_could_be_resumed(airexec: Airexec) -> None:
    """However many there are, and however few runs are kept; `logs` still points at the last run."""
    airexec.write("flow.yml", "tasks: {a: {command: echo hello; test -e go}}\n")
    airexec.write(".airexec/config.yaml", "keep_runs: 2\n")
    assert 1 == airexec("run", "flow.yml").exit_code
    before = sorted(path.name for path in (airexec.folder / ".airexec/jobs/flow/runs").iterdir())
    good = airexec.read("flow.yml")
    airexec.write("flow.yml", "env_file: .env\n" + good)

    refused = {airexec("run", "flow.yml").exit_code for _ in range(3)}

    airexec.write("flow.yml", good)
    airexec.write("go", "")
    assert {2} == refused
    assert before == sorted(path.name for path in (airexec.folder / ".airexec/jobs/flow/runs").iterdir())
    assert "hello\n" == airexec.read(".airexec/jobs/flow/logs/a.1.log")
    assert 0 == airexec("resume").exit_code
