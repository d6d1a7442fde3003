"""Ctrl-C and its relatives: what tasks get, what is left, and the exit code."""

import json
import os
import signal
import subprocess

import pytest

from tests.e2e.rig import DEADLINE_SECONDS, Airexec, load_tasks, read_all, statuses, wait_until


def end(process: "subprocess.Popen[str]") -> int:
    """Wait for the end of the program and return its exit code."""
    process.communicate(timeout=DEADLINE_SECONDS)
    return process.returncode


def signals_sent(airexec: Airexec, job: str) -> list[str]:
    """Return the names of all signals in the journal of the newest run."""
    journal = max((airexec.folder / f".airexec/jobs/{job}/runs").glob("*/journal.jsonl"))
    events = [json.loads(line) for line in journal.read_text().splitlines()]
    return [event["signal"] for event in events if event["event"] == "signal_sent"]


def test_ctrl_c_interrupts_every_task_once(airexec: Airexec) -> None:
    """Tasks may clean up; nothing more starts; exit code 130."""
    airexec.write(
        "flow.yml",
        """\
        max_active_tasks: 2
        tasks:
          polite: {command: "trap 'echo INT >> got; exit 1' INT; touch up-1; while :; do sleep 0.01; done"}
          plain: {command: touch up-2; exec sleep 1000}
          next: {command: touch ran, dependencies: [polite, plain]}
        """,
    )
    process = airexec.start("run", "flow.yml")
    airexec.wait_for_file("up-1")
    airexec.wait_for_file("up-2")

    process.send_signal(signal.SIGINT)

    assert 130 == end(process)
    assert "INT\n" == airexec.read("got")
    assert not (airexec.folder / "ran").exists()
    assert {"polite": "cancelled", "plain": "cancelled", "next": "cancelled"} == statuses(airexec, "flow")
    assert ["SIGINT", "SIGINT"] == signals_sent(airexec, "flow")


def test_a_second_ctrl_c_kills(airexec: Airexec) -> None:
    """Without waiting for the grace period of those who ignore the first."""
    airexec.write(
        "flow.yml",
        """\
        tasks: {deaf: {command: "trap '' INT TERM; echo $$ > pid; touch up; while :; do sleep 0.01; done"}}
        """,
    )
    process = airexec.start("run", "flow.yml", "--json")
    airexec.wait_for_file("up")

    process.send_signal(signal.SIGINT)
    wait_until(lambda: "SIGINT" in signals_sent(airexec, "flow"), "the first signal")
    process.send_signal(signal.SIGINT)

    assert 130 == end(process)
    assert ["SIGINT", "SIGKILL"] == signals_sent(airexec, "flow")
    assert not is_alive(int(airexec.read("pid")))


def test_sigterm_ends_with_143(airexec: Airexec) -> None:
    """As a service manager ends us."""
    airexec.write("flow.yml", "tasks: {slow: {command: touch up; exec sleep 1000}}\n")
    process = airexec.start("run", "flow.yml")
    airexec.wait_for_file("up")

    process.send_signal(signal.SIGTERM)

    assert 143 == end(process)
    assert "cancelled" == load_tasks(airexec, "flow")["slow"]["status"]


def test_an_interrupted_run_can_be_resumed(airexec: Airexec) -> None:
    """What had completed stays."""
    airexec.write(
        "flow.yml",
        """\
        tasks:
          quick: {command: echo quick >> ran}
          slow: {command: "[ -e go ] || { touch up; exec sleep 1000; }", dependencies: quick}
        """,
    )
    process = airexec.start("run", "flow.yml")
    airexec.wait_for_file("up")
    process.send_signal(signal.SIGINT)
    end(process)
    airexec.write("go", "")

    result = airexec("resume")

    assert 0 == result.exit_code
    assert "quick\n" == airexec.read("ran")
    assert {"quick": "completed", "slow": "completed"} == statuses(airexec, "flow")


STOPS = {
    "fail_fast": (None, "fail_fast: true"),
    "dagrun_timeout": (None, "dagrun_timeout: 2s"),
    "SIGINT": (signal.SIGINT, "description: as by Ctrl-C"),
    "SIGTERM": (signal.SIGTERM, "description: as by a service manager"),
    "SIGHUP": (signal.SIGHUP, "description: as by a closed terminal"),
}


@pytest.mark.parametrize("how", STOPS)
def test_what_was_told_to_stop_is_not_completed_though_it_exits_with_0(how: str, airexec: Airexec) -> None:
    """Its trap is polite, its work is half done: what is downstream waits until it has run again."""
    number, key = STOPS[how]
    airexec.write(
        "flow.yml",
        f"""\
        {key}
        max_active_tasks: 2
        tasks:
          rows:
            command: |
              trap 'exit 0' INT TERM HUP
              echo row >> rows; touch up
              until [ -e go ]; do sleep 0.01; done
              echo row >> rows
          fails: {{command: "until [ -e up ]; do sleep 0.01; done; {"[ -e go ]" if how == "fail_fast" else ":"}"}}
          count: {{command: wc -l < rows > counted, dependencies: rows}}
        """,
    )
    process = airexec.start("run", "flow.yml")
    airexec.wait_for_file("up")
    if number is not None:
        process.send_signal(number)
    end(process)
    stopped = load_tasks(airexec, "flow")["rows"]
    airexec.write("go", "")

    resumed = airexec("resume")

    assert ("cancelled", 0) == (stopped["status"], stopped["exit_code"])
    assert 0 == resumed.exit_code
    assert "3\n" == airexec.read("counted")


def test_following_can_be_interrupted(airexec: Airexec) -> None:
    """Quietly, and the run goes on."""
    airexec.write(
        "flow.yml", 'tasks: {slow: {command: "echo hello; touch up; until [ -e go ]; do sleep 0.01; done"}}\n'
    )
    run = airexec.start("run", "flow.yml")
    airexec.wait_for_file("up")
    follower = airexec.start("logs", "slow", "-f")
    assert follower.stdout is not None
    assert "hello\n" == follower.stdout.readline()

    follower.send_signal(signal.SIGINT)
    exit_code = follower.wait(DEADLINE_SECONDS)
    airexec.write("go", "")

    assert (130, "") == (exit_code, read_all(follower.stderr))
    assert 0 == end(run)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
