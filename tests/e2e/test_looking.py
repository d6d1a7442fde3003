"""Looking at a run from beside it: status, logs, history, why and graph of a real run."""

import json

from tests.e2e.rig import DEADLINE_SECONDS, Airexec, read_all, wait_until

FLOW = """\
    tasks:
      build: {command: "echo building; echo warning >&2"}
      test: {command: "echo testing; exit 3", dependencies: build, retries: 1}
      ship: {command: echo shipping, dependencies: test}
"""


def test_a_run_can_be_looked_at(airexec: Airexec) -> None:
    """By every command that does."""
    airexec.write("flow.yml", FLOW)
    airexec("run", "flow.yml")

    status = airexec("status")
    assert (0, "") == (status.exit_code, status.err)
    assert status.out.startswith("flow: failed (run ")
    assert ["build", "test", "ship"] == [line.split()[1] for line in status.out.splitlines()[3:]]
    assert airexec("history").out.rstrip().endswith("failed  1 completed, 1 failed, 1 upstream_failed")
    assert airexec("why", "ship").out.startswith("ship: upstream_failed\n")
    graph = json.loads(airexec("graph", "--run", "latest", "--format", "json").out)
    assert {"build": "completed", "test": "failed", "ship": "upstream_failed"} == {
        node["id"]: node["status"] for node in graph["nodes"]
    }


def test_logs_hold_both_streams(airexec: Airexec) -> None:
    """Of all tasks with headers; of one task without."""
    airexec.write("flow.yml", FLOW)
    airexec("run", "flow.yml")

    assert (0, "building\nwarning\n", "") == airexec("logs", "build")
    assert (0, "testing\n\n==> test, attempt 2 <==  echo testing; exit 3\ntesting\n", "") == airexec(
        "logs", "flow", "test"
    )
    assert (
        "==> build <==  echo building; echo warning >&2\nbuilding\nwarning\n\n"
        "==> test <==  echo testing; exit 3\ntesting\n\n==> test, attempt 2 <==  echo testing; exit 3\ntesting\n"
        == airexec("logs").out
    )


def test_logs_can_be_followed_to_the_end_of_the_run(airexec: Airexec) -> None:
    """Through retries and tasks that start later; it ends by itself."""
    airexec.write(
        "flow.yml",
        """\
        tasks:
          first:
            retries: 1
            command: |
              echo begin
              touch up
              until [ -e go ]; do sleep 0.01; done
              echo end
              [ -e again ] || { touch again; exit 1; }
          second: {command: echo second, dependencies: first}
        """,
    )
    run = airexec.start("run", "flow.yml")
    airexec.wait_for_file("up")
    follower = airexec.start("logs", "-f")
    assert follower.stdout is not None
    begin = [follower.stdout.readline(), follower.stdout.readline()]

    airexec.write("go", "")
    run.communicate(timeout=DEADLINE_SECONDS)

    assert ["==> first <==  echo begin …\n", "begin\n"] == begin
    assert (
        "end\n\n==> first, attempt 2 <==  echo begin …\nbegin\nend\n\n==> second <==  echo second\nsecond\n"
        == read_all(follower.stdout)
    )
    assert 0 == follower.wait(DEADLINE_SECONDS)


def test_a_run_at_work_is_shown_as_such(airexec: Airexec) -> None:
    """While its scheduler lives."""
    airexec.write("flow.yml", 'tasks: {slow: {command: "touch up; until [ -e go ]; do sleep 0.01; done"}}\n')
    run = airexec.start("run", "flow.yml")
    airexec.wait_for_file("up")

    status = json.loads(airexec("status", "--json").out)
    why = airexec("why", "slow").out
    airexec.write("go", "")
    wait_until(lambda: run.poll() is not None, "the end of the run")

    assert (True, "working", "running") == (status["is_active"], status["state"], status["tasks"][0]["status"])
    assert why.startswith("slow: running\n")


def test_without_a_run_there_is_nothing_to_look_at(airexec: Airexec) -> None:
    """Exit code 2, and the way to get one."""
    message = (
        f"airexec: error: nothing has run yet: there is no job in {airexec.folder}/.airexec\n"
        "  hint: `airexec run` makes the first\n"
    )

    assert [(2, "", message)] * 5 == [
        airexec(*command.split()) for command in ("status", "logs", "history", "why x", "resume")
    ]
