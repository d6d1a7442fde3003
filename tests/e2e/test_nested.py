"""airexec inside of airexec: signals are handed on once, nothing is left behind, neither takes the other's place."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from airexec.runner.proc import is_marked, mark_of
from airexec.runner.proc import pids as all_pids
from tests.e2e.rig import Airexec, load_tasks, statuses, wait_until
from tests.e2e.terminal import CTRL_C, CTRL_Z, Terminal
from tests.e2e.test_guardian import guardians
from tests.e2e.test_interrupts import is_alive, signals_sent
from tests.e2e.test_terminal import AIREXEC, COUNTER, read, state_of, wait_for_signals

on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")


@pytest.fixture
def nested(airexec: Airexec) -> Airexec:
    """An outer job `w` whose task is an inner job with two tasks that write down their signals."""
    airexec.write("counter.py", COUNTER)
    airexec.write("w.yml", "name: w\ntasks: {inner: {command: 'airexec run inner.yml; echo after'}}\n")
    airexec.write(
        "inner.yml",
        f"""\
        name: inner
        max_active_tasks: 2
        tasks:
          one: {{command: ['{sys.executable}', counter.py, one]}}
          two: {{command: ['{sys.executable}', counter.py, two]}}
        """,
    )
    return airexec


Wait = Callable[[Callable[[], object], str], None]


def wait_for_inner(airexec: Airexec, wait: Wait = wait_until) -> tuple[int, list[int]]:
    """Wait until the innermost tasks run; return the pid of their scheduler, and theirs."""
    files = ("one.up", "two.up")
    wait(lambda: all(len(read(airexec, name).split()) == 2 for name in files), "both tasks")
    pids = [int(airexec.read(name).split()[0]) for name in files]
    return int(airexec.read("one.up").split()[1]), pids


def run_dir(airexec: Airexec, job: str) -> Path:
    (folder,) = (airexec.folder / f".airexec/jobs/{job}/runs").iterdir()
    return folder


def processes_of(airexec: Airexec, job: str) -> list[int]:
    mark = mark_of(str(run_dir(airexec, job)))
    return [pid for pid in all_pids() if is_marked(pid, mark)]


def is_running(pid: int) -> bool:
    """Whether a process that is nobody's child any more still does anything; whoever inherits it may not have reaped
    it yet."""
    try:
        return is_alive(pid) and state_of(pid) not in ("Z", "X")
    except OSError:
        return False


def test_ctrl_c_reaches_the_innermost_tasks_exactly_once(nested: Airexec) -> None:
    """Each scheduler gets one and hands on one."""
    with Terminal(nested, *AIREXEC) as terminal:
        inner, pids = wait_for_inner(nested, terminal.wait_until)

        terminal.press(CTRL_C)
        wait_for_signals(terminal, nested, "SIGINT ")
        nested.write("go", "")

        assert 130 == terminal.end()
    assert ["SIGINT ", "SIGINT "] == [nested.read("one"), nested.read("two")]
    assert [["SIGINT"], ["SIGINT", "SIGINT"]] == [signals_sent(nested, "w"), signals_sent(nested, "inner")]
    assert not any(map(is_running, [inner, *pids]))
    assert "cancelled" == load_tasks(nested, "w")["inner"]["status"]


@on_linux
def test_ctrl_c_twice_leaves_nothing_behind(nested: Airexec) -> None:
    """The inner scheduler is killed before it can end its tasks, as is its guardian here. When the outer one has ended,
    all are gone."""
    with Terminal(nested, *AIREXEC) as terminal:
        inner, pids = wait_for_inner(nested, terminal.wait_until)
        terminal.press(CTRL_C)
        wait_for_signals(terminal, nested, "SIGINT ")
        (guardian,) = guardians(inner)
        os.kill(guardian, signal.SIGKILL)

        terminal.press(CTRL_C)

        assert 130 == terminal.end()
        assert not any(map(is_running, [inner, *pids]))
    assert ["SIGINT", "SIGKILL"] == signals_sent(nested, "w")
    assert [1, 1] == [nested.read(name).count("SIGINT") for name in ("one", "two")]


@on_linux
def test_ctrl_z_stops_the_innermost_tasks_and_fg_resumes_them(nested: Airexec) -> None:
    """All four stop; the time spent stopped counts for no timeout, in the inner run either."""
    nested.write("inner.yml", nested.read("inner.yml") + "default_args: {execution_timeout: 5s}\n")
    with Terminal(nested, "bash", "--norc", "--noprofile", "--noediting", "-i", env={"PS1": "$ "}) as terminal:
        terminal.press(f"{' '.join(AIREXEC)}\n")
        inner, tasks = wait_for_inner(nested, terminal.wait_until)
        terminal.press(CTRL_Z)
        terminal.wait_until(lambda: "Stopped" in terminal.text, "the shell to notice")
        stopped_at = time.monotonic()
        assert ["T", "T", "T"] == [state_of(pid) for pid in (inner, *tasks)]
        terminal.wait_until(lambda: time.monotonic() - stopped_at > 5.2, "more time than the tasks have")

        terminal.press("fg\n")
        wait_for_signals(terminal, nested, "SIGCONT ")
        nested.write("go", "")
        terminal.wait_until(lambda: "w: completed" in terminal.text, "the end of the run")
        terminal.press("exit\n")
        terminal.end()

    assert {"one": "completed", "two": "completed"} == statuses(nested, "inner")
    assert ["SIGCONT ", "SIGCONT "] == [nested.read("one"), nested.read("two")]


@on_linux
@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "inner guardian killed"])
def test_when_the_outer_one_is_killed_all_are_dead_within_two_seconds(nested: Airexec, guarded: bool) -> None:
    """Its guardian finds the tasks of the inner run by itself: they carry the mark of both."""
    outer = nested.start("run", "w.yml")
    inner, pids = wait_for_inner(nested)
    assert sorted(pids) == sorted(processes_of(nested, "inner"))
    assert {inner, *pids} < set(processes_of(nested, "w"))
    if not guarded:
        (guardian,) = guardians(inner)
        os.kill(guardian, signal.SIGKILL)

    outer.kill()
    killed_at = time.monotonic()
    wait_until(lambda: not processes_of(nested, "w") and not processes_of(nested, "inner"), "the end of all")

    assert time.monotonic() - killed_at < 2.0


@on_linux
def test_when_the_inner_one_is_killed_its_tasks_are_dead_within_two_seconds(nested: Airexec) -> None:
    """By its own guardian, though it is a task itself; the outer run goes on and tells what happened."""
    nested.write("w.yml", "name: w\ntasks: {inner: {command: exec airexec run inner.yml}}\n")
    outer = nested.start("run", "w.yml")
    inner, _ = wait_for_inner(nested)

    os.kill(inner, signal.SIGKILL)
    killed_at = time.monotonic()
    wait_until(lambda: not processes_of(nested, "inner"), "the end of its tasks")

    assert time.monotonic() - killed_at < 2.0
    outer.communicate()
    assert 1 == outer.returncode
    assert (
        "killed by signal 9 (SIGKILL), not by airexec; likely out of memory"
        == load_tasks(nested, "w")["inner"]["error"]
    )


def test_inner_tasks_live_on_when_an_outer_task_ends(nested: Airexec) -> None:
    """They are nobody's leftovers, though their own scheduler is a task and others of its kind have ended."""
    nested.write(
        "w.yml",
        """\
        name: w
        max_active_tasks: 2
        tasks:
          inner: {command: airexec run inner.yml}
          quick: {command: "until [ -e one.up ] && [ -e two.up ]; do sleep 0.01; done"}
          later: {command: "sleep 0.5; touch go", dependencies: quick}
        """,
    )

    assert 0 == nested("run", "w.yml").exit_code

    assert {"one": "completed", "two": "completed"} == statuses(nested, "inner")
    assert ["", ""] == [read(nested, "one"), read(nested, "two")]


def test_what_an_inner_task_queues_and_says_goes_to_the_inner_run(airexec: Airexec) -> None:
    """Side channels and `::` lines belong to the nearest run, however the inner one shows its output."""
    airexec.write(
        "w.yml",
        """\
        name: w
        tasks:
          inner:
            command: airexec run inner.yml --output stream
            queue: true
        """,
    )
    airexec.write(
        "inner.yml",
        """\
        name: inner
        tasks:
          emit:
            queue: true
            command: |
              echo '::queue {"id": "by-line", "command": ["true"]}'
              airexec queue --id by-file -- true
              echo '::output {"rows": 1}'
              airexec output size=2
        """,
    )

    result = airexec("run", "w.yml")

    assert 0 == result.exit_code
    assert {"emit": "completed", "by-line": "completed", "by-file": "completed"} == statuses(airexec, "inner")
    assert {"rows": 1, "size": 2} == load_tasks(airexec, "inner")["emit"]["outputs"]
    assert {"inner": "completed"} == statuses(airexec, "w")
    assert {} == load_tasks(airexec, "w")["inner"].get("outputs", {})


def test_the_inner_run_goes_on_with_the_trace_of_the_outer_one(airexec: Airexec) -> None:
    """One trace, a span for each attempt; all other variables are those of the nearest run."""
    airexec.write("show.sh", "env | grep -E '^(AIREXEC_(JOB|TASK|ATTEMPT)|TRACEPARENT)=' | sort > $1\n")
    airexec.write("w.yml", "name: w\ntasks: {outer-task: {command: sh show.sh outer; airexec run inner.yml}}\n")
    airexec.write("inner.yml", "name: inner\ntasks: {inner-task: {command: sh show.sh inner}}\n")

    assert 0 == airexec("run", "w.yml").exit_code

    *outer, outer_trace = airexec.read("outer").splitlines()
    *inner, inner_trace = airexec.read("inner").splitlines()
    assert ["AIREXEC_ATTEMPT=1", "AIREXEC_JOB=w", "AIREXEC_TASK=outer-task"] == outer
    assert ["AIREXEC_ATTEMPT=1", "AIREXEC_JOB=inner", "AIREXEC_TASK=inner-task"] == inner
    assert outer_trace.split("-")[1] == inner_trace.split("-")[1]
    assert outer_trace.split("-")[2] != inner_trace.split("-")[2]
