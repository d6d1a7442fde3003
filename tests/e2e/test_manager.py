"""`airexec start` and what it works off: real managers, real runners, each in a folder of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import psutil
import pytest

from tests.e2e.orders import HOLD, Writer, say
from tests.e2e.rig import Airexec, wait_until


@pytest.fixture
def managed(airexec: Airexec) -> Iterator[Airexec]:
    """A folder whose manager looks every second; whatever works there is ended after the test."""
    airexec.write(".airexec/config.yaml", "poll_interval: 1\n")
    yield airexec
    airexec("stop", "--now")


def manager_pid(managed: Airexec) -> int:
    return int(json.loads(managed.read(".airexec/manager.lock"))["pid"])


def state_is(writer: Writer, state: str) -> Callable[[], bool]:
    return lambda: writer.state()["state"] == state


def test_a_manager_works_off_what_is_ordered(managed: Airexec) -> None:
    """Before it was started, and after."""
    first = Writer(managed, "first")
    first.order(say("a"))

    started = managed("start")
    wait_until(state_is(first, "completed"), "the end of the first job")
    second = Writer(managed, "second")
    second.order(say("b"))
    wait_until(state_is(second, "completed"), "the end of the second job")

    pid = manager_pid(managed)
    assert (0, f"Job manager started (PID {pid})\n", "") == started
    assert ["a", "b"] == managed.read("log").split()
    assert "✓ a" in managed.read(".airexec/jobs/first/runner.log")
    assert (0, f"Job manager stopped (PID {pid})\n", "") == managed("stop")
    assert not psutil.pid_exists(pid)
    log = managed.read(".airexec/manager.log")
    assert f"manager started  pid={pid}" in log
    assert "runner started  job=first" in log
    assert "exit_code=0" in log


def test_one_manager_for_a_base_path(managed: Airexec) -> None:
    """The second is told who is there; `--shared` is for who wants two."""
    managed("start")
    pid = manager_pid(managed)

    for second in (managed("start"), managed("start", "--foreground")):
        assert 75 == second.exit_code
        assert f"a job manager is at work in {managed.folder}/.airexec: pid {pid}\n" in second.err

    managed("stop")
    assert (0, f"airexec: no job manager is at work in {managed.folder}/.airexec\n") == managed("stop")[::2]


def test_two_managers_run_no_job_twice(managed: Airexec) -> None:
    """The lock of each job decides."""
    two = [managed.start("start", "--foreground", "--shared") for _ in range(2)]
    writers = [Writer(managed, f"job{number}") for number in range(12)]

    for number, writer in enumerate(writers):
        writer.order(say(f"t{number}"))
    for writer in writers:
        wait_until(state_is(writer, "completed"), f"the end of {writer.job}")
    for manager in two:
        manager.send_signal(signal.SIGTERM)

    assert [0, 0] == [manager.wait() for manager in two]
    assert sorted(f"t{number}" for number in range(12)) == sorted(managed.read("log").split())


def test_runs_survive_a_manager_that_is_killed(managed: Airexec) -> None:
    """The next one finds them by their locks, and what came meanwhile."""
    writer, other = Writer(managed, "long"), Writer(managed, "other")
    writer.order(HOLD, say("after", "hold"))
    managed("start")
    managed.wait_for_file("held")
    os.kill(manager_pid(managed), signal.SIGKILL)
    other.order(say("b"))

    assert 0 == managed("start").exit_code
    wait_until(state_is(other, "completed"), "the end of the other job")
    assert "working" == writer.state()["state"]
    managed.write("done", "")

    wait_until(state_is(writer, "completed"), "the end of the long job")
    assert ["b", "after"] == managed.read("log").split()
    assert 1 == len(managed("history", "long").out.splitlines())


def test_a_runner_that_is_killed_is_told_and_followed_by_another(managed: Airexec) -> None:
    writer = Writer(managed)
    writer.order(say("first"), {**HOLD, "dependencies": ["first"]})
    managed("start")
    managed.wait_for_file("held")
    runner = int(json.loads(managed.read(".airexec/jobs/etl/lock"))["pid"])
    os.kill(runner, signal.SIGKILL)
    wait_until(lambda: "killed" in managed("status").out, "the status to tell it")
    managed.write("done", "")

    wait_until(state_is(writer, "completed"), "the end of the job")

    assert ["first"] == managed.read("log").split()
    assert "exit_code=-9" in managed.read(".airexec/manager.log")


def test_stop_lets_runs_go_on_and_stop_now_does_not(managed: Airexec) -> None:
    writer = Writer(managed)
    writer.order(HOLD)
    managed("start")
    managed.wait_for_file("held")

    managed("stop")
    assert "working" == writer.state()["state"]
    now = managed("stop", "--now")

    assert "ended 1 runner: etl" in now.err
    assert "cancelled" == writer.state()["state"]


def test_the_table_tells_how_all_jobs_stand(managed: Airexec) -> None:
    """With and without a manager; a job that is bad says why."""
    Writer(managed, "good").order(say("a"))
    managed("run", "--job", "good")
    held = Writer(managed, "held")
    held.order(HOLD, say("b", "hold"))
    running = managed.start("run", "--job", "held")
    managed.wait_for_file("held")
    held.add({"id": "../x", "command": "true"})
    wait_until(lambda: "problems" in held.state(), "the problem")
    (Writer(managed, "broken").folder / "state.json").write_text("{")
    Writer(managed, "waiting").order(say("a"), say("b"))
    Writer(managed, "wrong").order({"id": "a", "comand": "true"})

    table = managed("status")
    rows = {line.split()[0]: line.split() for line in table.out.splitlines() if not line.startswith(" ")}

    assert ["job", "state", "pending", "running", "runner", "updated"] == rows["job"]
    assert ["good", "completed", "0", "0", "-"] == rows["good"][:5]
    assert ["held", "working", "1", "1", str(running.pid)] == rows["held"][:5]
    assert ["broken", "unreadable", "0", "0", "-"] == rows["broken"]
    assert "jobs/broken/state.json:1:2: this is no JSON" in table.out
    assert ["waiting", "waiting", "2", "0", "-"] == rows["waiting"][:5]
    assert ["wrong", "waiting", "0", "0", "-"] == rows["wrong"][:5]
    assert (
        "jobs/wrong/tasks.json:1:2: there is no 'command' (add 'command'); did you mean 'command' by 'comand'?\n"
        in (table.out)
    )
    assert "    tasks.json:2:1: 'id' cannot be '../x'" in table.out or "'id' cannot be '../x'" in table.out
    as_data = {row["name"]: row for row in json.loads(managed("status", "--json").out)}
    assert ("working", running.pid) == (as_data["held"]["state"], as_data["held"]["runner"])
    managed.write("done", "")
    running.wait()


def test_one_bad_job_touches_no_other(managed: Airexec) -> None:
    """A file that stays broken, an order that is none, a folder that is no job."""
    broken, wrong, good = (Writer(managed, name) for name in ("broken", "wrong", "good"))
    broken.order(say("x"))
    (broken.folder / "tasks.json").write_text('[{"id"')
    wrong.order(say("a", "b"), say("b", "a"))
    managed.write(".airexec/jobs/con/state.json", "{}")
    managed("start")

    good.order(say("good"))
    wait_until(state_is(good, "completed"), "the end of the good job")

    wait_until(lambda: "job=broken" in managed.read(".airexec/manager.log"), "the broken one to be told")
    assert '[{"id"' == (broken.folder / "tasks.json").read_text()
    assert "is in a cycle: a -> b -> a" in managed.read(".airexec/jobs/wrong/runner.log")
    assert ["good"] == managed.read("log").split()
    assert 1 == managed.read(".airexec/manager.log").count("runner started  job=wrong")


def test_settings_may_lie_elsewhere(airexec: Airexec) -> None:
    """With a base path of their own, also one as earlier programs called it; the runners keep to them."""
    airexec.write(
        "etc/manager.yaml", "base_path: ../.air-executor\npoll_interval: 1\ntask_timeout: 61\nlog_format: json\n"
    )
    folder = airexec.folder / ".air-executor" / "jobs" / "etl"
    folder.mkdir(parents=True)
    (folder / "tasks.json").write_text(json.dumps([say("a")]))
    (folder / "state.json").write_text(json.dumps({"id": "o", "name": "etl", "state": "waiting"}))

    assert 0 == airexec("start", "--config", "etc/manager.yaml").exit_code
    wait_until(lambda: json.loads((folder / "state.json").read_text())["state"] == "completed", "the end of the job")
    assert 0 == airexec("stop", "--config", "etc/manager.yaml").exit_code

    run_id = json.loads((folder / "state.json").read_text())["run_id"]
    first = json.loads((folder / "runs" / run_id / "journal.jsonl").read_text().splitlines()[0])
    assert 61 == first["plan"]["workflow"]["tasks"][0]["execution_timeout"]
    events = [json.loads(line) for line in (airexec.folder / ".air-executor/manager.log").read_text().splitlines()]
    assert ["manager started", "runner started", "runner ended", "manager stopped"] == [it["event"] for it in events]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("poll_interval: 0\n", "config.yaml:1:16: error: 'poll_interval' must be a whole number from 1 to 60"),
        (
            "task_timeout: 59\n",
            "config.yaml:1:15: error: 'task_timeout' must be a whole number of seconds from 60 to 7200",
        ),
        ("max_concurrent_runners: 51\n", "'max_concurrent_runners' must be a whole number from 1 to 50"),
        ("log_format: xml\n", "config.yaml:1:13: error: 'log_format' takes text or json"),
    ],
)
def test_bad_settings_are_told_as_mistakes_of_a_file(text: str, said: str, airexec: Airexec) -> None:
    airexec.write(".airexec/config.yaml", text)

    result = airexec("start")

    assert 3 == result.exit_code
    assert said in result.err


def test_a_task_sees_nothing_of_the_manager(managed: Airexec) -> None:
    writer = Writer(managed)
    writer.order({"id": "a", "command": "sh", "args": ["-c", "env | cut -d= -f1 | sort"]})
    managed("start")
    wait_until(state_is(writer, "completed"), "the end of the job")

    names = managed("logs", "--job", "etl", "a").out.split()

    assert [] == [name for name in names if name in ("AIREXEC_CONFIG", "AIREXEC_IN_BACKGROUND")]


def test_a_manager_in_the_foreground_says_what_it_does(managed: Airexec) -> None:
    Writer(managed).order(say("a"))
    manager = managed.start("start", "--foreground")
    wait_until(state_is(Writer(managed), "completed"), "the end of the job")
    wait_until(lambda: "runner ended" in managed.read(".airexec/manager.log"), "the end of the runner")

    manager.send_signal(signal.SIGINT)
    out, err = manager.communicate()

    assert (0, f"Job manager started (PID {manager.pid})\n") == (manager.returncode, out)
    assert err == managed.read(".airexec/manager.log")


def test_the_manager_is_small(managed: Airexec) -> None:
    """Under 60 MB, and without what only runs need."""
    managed("start")

    used = psutil.Process(manager_pid(managed)).memory_info().rss / 2**20

    assert used < 60
    loaded = "import sys, airexec.manager.service; print(*sys.modules)"
    names = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout.split()
    assert not {"networkx", "jinja2", "typer", "jsonschema"} & set(names)
