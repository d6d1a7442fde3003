"""`max_active_runs`: several runs of one job at once, each found, shown and continued by itself."""

import json
import re
import signal
import subprocess
from pathlib import Path

import psutil

from tests.e2e.rig import DEADLINE_SECONDS, Airexec, wait_until
from tests.e2e.test_guardian import processes_of

SERVE = """\
    name: web
    max_active_runs: 2
    tasks:
      serve: {command: "echo serving; touch serving; until [ -e stop ]; do sleep 0.01; done"}
      lint: {command: "echo linting; touch linting; until [ -e go ]; do sleep 0.01; done"}
      quick: {command: echo quick}
      broken: {command: "echo broken; test -e mended"}
"""


def start(airexec: Airexec, task: str, flag: str = "") -> "subprocess.Popen[str]":
    """Start a run of one task, and wait until it is at work."""
    process = airexec.start("run", "web.yml", task, stdout=subprocess.DEVNULL)
    if flag:
        airexec.wait_for_file(flag)
    return process


def end(airexec: Airexec, *processes: "subprocess.Popen[str]") -> None:
    """Let all tasks end, and wait for their runs."""
    airexec.write("go", "")
    airexec.write("stop", "")
    for process in processes:
        process.communicate(timeout=DEADLINE_SECONDS)


def runs(airexec: Airexec) -> list[dict[str, object]]:
    """Return what `history --json` says, newest first."""
    found: list[dict[str, object]] = json.loads(airexec("history", "web", "--json").out)
    return found


def test_two_runs_at_once_and_a_third_is_refused(airexec: Airexec) -> None:
    """The third is told who they are; a place that is free again is taken."""
    airexec.write("web.yml", SERVE)
    serve = start(airexec, "serve", "serving")
    lint = start(airexec, "lint", "linting")
    active = [run["is_active"] for run in runs(airexec)]
    third = airexec("run", "web.yml", "quick")
    airexec.write("go", "")
    lint.communicate(timeout=DEADLINE_SECONDS)
    fourth = airexec("run", "web.yml", "quick")
    end(airexec, serve)

    assert [True, True] == active
    assert 75 == third.exit_code
    assert "error: job web has 2 runs at work, as many as its max_active_runs: pid " in third.err
    assert f"pid {serve.pid} on " in third.err
    assert f"pid {lint.pid} on " in third.err
    assert (0, 0, 0) == (lint.returncode, fourth.exit_code, serve.returncode)


def test_what_is_shown_is_the_newest_and_the_others_are_named(airexec: Airexec) -> None:
    """By status, logs and why, each of which takes --run; `tasks.json` and `logs` are of the newest."""
    airexec.write("web.yml", SERVE)
    serve = start(airexec, "serve", "serving")
    lint = start(airexec, "lint", "linting")
    newest, older = (str(run["run_id"]) for run in runs(airexec))
    wait_until(lambda: [task["id"] for task in tasks(airexec)] == ["lint"], "tasks.json to be of the newest")
    shown = [airexec(command, "web", *more) for command, *more in (["status"], ["logs"], ["why", "lint"])]
    by_id = [
        airexec(command, "web", *more, "--run", older) for command, *more in (["status"], ["logs"], ["why", "serve"])
    ]
    one = airexec("history", "web", "--run", older)
    link = Path(airexec.folder / ".airexec/jobs/web/logs").readlink()
    end(airexec, serve, lint)

    note = f"airexec: this is run {newest}, the newest; at work, too: --run {older}\n"
    assert [note] * 3 == [answer.err for answer in shown]
    assert all("lint" in answer.out for answer in shown)
    assert [""] * 3 == [answer.err for answer in by_id]
    assert all("serv" in answer.out for answer in by_id)
    assert ([older], 1) == (one.out.split()[:1], len(one.out.splitlines()))
    assert f"runs/{newest}/logs" == str(link)
    assert ["lint"] == [task["id"] for task in tasks(airexec)]  # also after the older one has ended last
    assert newest == json.loads(airexec.read(".airexec/jobs/web/state.json"))["run_id"]


def tasks(airexec: Airexec) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(airexec.read(".airexec/jobs/web/tasks.json"))
    return found


def test_a_run_beside_one_at_work_is_resumed_and_reset_by_its_id(airexec: Airexec) -> None:
    """What is at work can be neither; without an id resume takes the newest that nobody is at work on."""
    airexec.write("web.yml", SERVE)
    failed = airexec("run", "web.yml", "broken")
    serve = start(airexec, "serve", "serving")
    newest, older = (str(run["run_id"]) for run in runs(airexec))
    refused = [airexec("resume", "web", "--run", newest), airexec("reset", "web", "serve", "--run", newest)]
    reset = airexec("reset", "web", "broken", "--run", older)
    airexec.write("mended", "")
    resumed = airexec("resume", "web")
    states = {str(run["run_id"]): run["state"] for run in runs(airexec)}
    end(airexec, serve)

    assert 1 == failed.exit_code
    assert [(75, f"airexec: error: run {newest} of web is at work")] * 2 == [
        (answer.exit_code, answer.err.splitlines()[0]) for answer in refused
    ]
    assert f"web: 1 task reset (broken); `airexec resume web --run {older}` runs them\n" == reset.out
    assert 0 == resumed.exit_code, resumed.err
    assert (
        f"airexec: run {newest} of web is at work; going on with run {older}, the newest that is not\n" in resumed.err
    )
    assert {newest: "working", older: "completed"} == states
    assert 0 == serve.returncode


def test_what_is_told_to_do_next_names_the_run(airexec: Airexec) -> None:
    """For by then the newest may be another."""
    airexec.write("web.yml", SERVE)
    failed = airexec("run", "web.yml", "broken")
    ours = f"web --run {runs(airexec)[0]['run_id']}"
    serve = start(airexec, "serve", "serving")
    more, why, again = (line.partition(": ")[2].strip() for line in failed.out.splitlines() if ours in line)
    shown = [airexec(*command.split()[1:]) for command in (more, why)]
    end(airexec, serve)

    assert (f"airexec logs {ours} broken", f"airexec why {ours} broken", f"airexec resume {ours}") == (more, why, again)
    assert [0, 0] == [answer.exit_code for answer in shown]
    assert all("broken" in answer.out for answer in shown)


def test_what_a_killed_run_has_left_is_ended_and_what_others_do_is_not(airexec: Airexec) -> None:
    """By the next run or resume, where the guardian was killed as well: those of the run at work go on."""
    airexec.write("web.yml", SERVE)
    serve = start(airexec, "serve", "serving")
    lint = start(airexec, "lint", "linting")
    newest, older = (airexec.folder / ".airexec/jobs/web/runs" / str(run["run_id"]) for run in runs(airexec))
    for child in psutil.Process(lint.pid).children():
        if child.cmdline()[0] == "airexec-guardian":
            child.kill()
    lint.send_signal(signal.SIGKILL)
    lint.communicate(timeout=DEADLINE_SECONDS)
    left, at_work = processes_of(newest), processes_of(older)
    quick = airexec("run", "web.yml", "quick")
    after = processes_of(newest), processes_of(older)
    end(airexec, serve)

    assert left
    assert at_work
    assert 0 == quick.exit_code
    assert f"run {newest.name} of web was not finished; this is a new run" in quick.err
    assert re.search(r"airexec: ended \d+ process", quick.err)
    assert [] == after[0]
    assert at_work[0] in after[1]  # its shell; the `sleep` in it is another one by now
    assert 0 == serve.returncode


def test_the_oldest_runs_go_but_none_that_somebody_is_at_work_on(airexec: Airexec) -> None:
    """By `keep_runs`."""
    airexec.write(".airexec/config.yaml", "keep_runs: 2\n")
    airexec.write("web.yml", SERVE)
    serve = start(airexec, "serve", "serving")
    (oldest,) = (run["run_id"] for run in runs(airexec))
    for _ in range(3):
        assert 0 == airexec("run", "web.yml", "quick").exit_code
    kept = [run["run_id"] for run in runs(airexec)]
    end(airexec, serve)

    assert (3, oldest) == (len(kept), kept[-1])
    assert 0 == serve.returncode


def test_what_is_up_to_date_is_known_to_all_of_them(airexec: Airexec) -> None:
    """The record of it is added to by several at once, and written anew by one while others go on with it."""
    numbers = ", ".join(map(str, range(60)))
    tasks = [
        f"""{task}: {{matrix: {{n: [{numbers}]}}, command: "echo {content} > {task}.{content}", sources: [src],
            generates: ["{task}.{content}"]}}"""
        for task in ("one", "two")
        for content in ["{{ matrix.n }}"]
    ]
    airexec.write("web.yml", "name: web\nmax_active_runs: 3\ntasks:\n  " + "\n  ".join(tasks))
    for content in ("a", "b", "c"):
        airexec.write("src", content)
        both = [airexec.start("run", "web.yml", task, stdout=subprocess.DEVNULL) for task in ("one", "two")]
        for process in both:
            process.communicate(timeout=DEADLINE_SECONDS)
        assert [0, 0] == [process.returncode for process in both]

        again = airexec("run", "web.yml", "--output", "grouped")
        assert "120 up to date" in again.out


def test_a_job_that_may_run_twice_may_run_itself_once(airexec: Airexec) -> None:
    """A task of it runs another task of it; one level more would wait for itself."""
    airexec.write(
        "web.yml",
        """\
        name: web
        max_active_runs: 2
        tasks:
          outer: {command: airexec run web.yml inner}
          inner: {command: echo inner}
          deep: {command: airexec run web.yml outer}
    """,
    )

    outer = airexec("run", "web.yml", "outer")
    deep = airexec("run", "web.yml", "deep")

    assert 0 == outer.exit_code, outer.out
    assert 1 == deep.exit_code
    assert "job web is the one that this is a task of (run " in deep.out
