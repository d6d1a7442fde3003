"""What starts runs by itself: real managers, real runners, and ticks that were missed, so that nobody has to wait."""

import json
import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from tests.e2e.rig import ROOT, Airexec, wait_until

SOME = "tasks: {say: {command: 'echo {{ params.scheduled_at }} >> ticks'}}\n"


@pytest.fixture
def kept(airexec: Airexec) -> Iterator[Airexec]:
    """A folder whose manager keeps the files below `wf`; whatever works there is ended after the test."""
    airexec.write(".airexec/config.yaml", "poll_interval: 1\nworkflows: wf/*.yml\n")
    yield airexec
    airexec("stop", "--now")


def hours_ago(number: int) -> str:
    return (datetime.now(UTC) - timedelta(hours=number)).strftime("%Y-%m-%dT%H:%M:%SZ")


def hourly(number: int, name: str = "etl") -> str:
    """Return a workflow that is to make up for so many hours."""
    return (
        f"name: {name}\nschedule: '@hourly'\ncatchup: true\nstart_date: {hours_ago(number)}\ncwd: ..\n"
        "params: {scheduled_at: ''}\n" + SOME
    )


def causes(kept: Airexec, job: str) -> list[str]:
    """Return what the runs of a job were started for, oldest first."""
    found = []
    for run in sorted((kept.folder / ".airexec" / "jobs" / job / "runs").iterdir()):
        with suppress(FileNotFoundError, IndexError):
            found.append(json.loads((run / "journal.jsonl").read_text().splitlines()[0])["cause"])
    return found


def settled(kept: Airexec, job: str) -> int:
    try:
        return len(json.loads(kept.read(f".airexec/schedules/{job}.json"))["settled"])
    except FileNotFoundError:
        return 0


def lines(kept: Airexec, name: str) -> list[str]:
    try:
        return kept.read(name).splitlines()
    except FileNotFoundError:
        return []


def test_missed_ticks_are_made_up_for_one_after_the_other(kept: Airexec) -> None:
    """Each run is told its tick, and says for what it was started."""
    kept.write("wf/etl.yml", hourly(5))

    kept("start")
    wait_until(lambda: len(lines(kept, "ticks")) >= 5, "five runs")
    kept("stop")

    ticks = lines(kept, "ticks")
    assert ticks == sorted(set(ticks))
    assert [f"schedule: {tick}" for tick in ticks] == causes(kept, "etl")
    assert f"started for schedule: {ticks[-1]}" in kept("status", "etl").out
    assert f"why='schedule: {ticks[0]}'" in kept.read(".airexec/manager.log")
    assert "'@hourly'" not in kept.read(".airexec/manager.log")


def test_without_a_manager_the_file_runs_by_hand_as_ever(kept: Airexec) -> None:
    kept.write("wf/etl.yml", hourly(5))

    by_hand = kept("run", "wf/etl.yml", "-p", "scheduled_at=by-hand")

    assert 0 == by_hand.exit_code
    assert ["by-hand"] == lines(kept, "ticks")
    assert 0 == settled(kept, "etl")
    assert "cause" not in kept.read(".airexec/jobs/etl/state.json")


def test_two_managers_start_nothing_twice(kept: Airexec) -> None:
    """Whoever has the lock of the job takes the tick."""
    kept.write("wf/etl.yml", hourly(6))
    two = [kept.start("start", "--foreground", "--shared") for _ in range(2)]

    wait_until(lambda: len(lines(kept, "ticks")) >= 6, "six runs")
    for manager in two:
        manager.send_signal(signal.SIGTERM)

    assert [0, 0] == [manager.wait() for manager in two]
    assert len(lines(kept, "ticks")) == len(set(lines(kept, "ticks")))
    assert len(causes(kept, "etl")) == len(set(causes(kept, "etl")))


@pytest.mark.parametrize("seed", [1, 2])
def test_no_tick_makes_two_runs_whatever_is_killed(kept: Airexec, seed: int) -> None:
    """Managers and runners, again and again. A run that had begun is ended by whoever comes next."""
    chance = random.Random(seed)
    kept.write("wf/etl.yml", hourly(8))
    kept.write("wf/other.yml", hourly(8, "other").replace(">> ticks", ">> others"))

    for _ in range(12):
        kept("start")
        wait_until(lambda: is_held(kept, "manager.lock"), "the manager")
        wanted = min(16, settled(kept, "etl") + settled(kept, "other") + chance.randrange(2))
        wait_until(partial(has_settled, kept, wanted), "a tick")
        for victim in ("manager.lock", "jobs/etl/lock", "jobs/other/lock"):
            if chance.random() < 0.6:
                with suppress(FileNotFoundError, ValueError, ProcessLookupError):
                    os.kill(int(json.loads(kept.read(f".airexec/{victim}"))["pid"]), signal.SIGKILL)
    kept("start")
    wait_until(lambda: settled(kept, "etl") >= 8 and settled(kept, "other") >= 8, "all ticks")
    wait_until(lambda: all(is_over(kept, job) for job in ("etl", "other")), "the end of all runs")

    for job in ("etl", "other"):
        assert len(causes(kept, job)) == len(set(causes(kept, job)))


def has_settled(kept: Airexec, number: int) -> bool:
    return settled(kept, "etl") + settled(kept, "other") >= number


def test_many_that_are_due_at_once_all_run(kept: Airexec) -> None:
    """The manager looks again and again while their runners start."""
    for number in range(6):
        kept.write(f"wf/j{number}.yml", f"schedule: '@daily'\nstart_date: {hours_ago(48)}\ncwd: ..\n"
                   f"tasks: {{say: {{command: 'echo j{number} >> ran'}}}}\n")  # fmt: skip

    kept("start")
    wait_until(lambda: len(lines(kept, "ran")) >= 6, "six runs")

    assert [f"j{number}" for number in range(6)] == sorted(lines(kept, "ran"))
    assert "started for this before" not in "".join(kept.read(f".airexec/jobs/j{n}/runner.log") for n in range(6))


def test_two_managers_hand_no_file_to_two_runs(kept: Airexec) -> None:
    """Whatever each of them has seen by then."""
    kept.write("wf/load.yml", "triggers: [{files: '../in/*', settle: 0}]\nparams: {files: []}\ncwd: ..\n"
               "tasks: {say: {command: 'printf \"%s\\n\" {{ params.files }} >> loaded'}}\n")  # fmt: skip
    (kept.folder / "in").mkdir()
    two = [kept.start("start", "--foreground", "--shared") for _ in range(2)]
    wait_until((kept.folder / ".airexec/schedules/load.json").exists, "the managers to look")

    for number in range(40):
        kept.write(f"stage/{number}", "x")
        os.rename(kept.folder / "stage" / str(number), kept.folder / "in" / str(number))
        time.sleep(0.05)
    wait_until(lambda: len(set(lines(kept, "loaded"))) >= 40, "all files")
    for manager in two:
        manager.send_signal(signal.SIGTERM)
        manager.wait()

    assert sorted(f"../in/{number}" for number in range(40)) == sorted(lines(kept, "loaded"))


def is_held(kept: Airexec, lock: str) -> bool:
    try:
        return bool(json.loads(kept.read(f".airexec/{lock}"))["pid"])
    except (OSError, ValueError):
        return False


def is_over(kept: Airexec, job: str) -> bool:
    return "completed" == str(json.loads(kept.read(f".airexec/jobs/{job}/state.json"))["state"])


def test_the_end_of_a_job_starts_another(kept: Airexec) -> None:
    """Also of one that is run by hand."""
    kept.write("wf/report.yml", "triggers: [{job: etl, param: run}]\nparams: {run: ''}\ncwd: ..\n"
               "tasks: {say: {command: 'echo {{ params.run }} >> ended'}}\n")  # fmt: skip
    kept.write("etl.yml", "tasks: {a: {command: 'true'}}\n")
    kept("start")
    wait_until(lambda: "workflow kept" in kept.read(".airexec/manager.log"), "the manager to keep it")

    run_id = json.loads(kept("run", "etl.yml", "--json").out.splitlines()[0])["run_id"]
    wait_until(lambda: [run_id] == lines(kept, "ended"), "the run")


@pytest.mark.parametrize("has_watchfiles", [True, False])
def test_files_that_come_start_a_run(kept: Airexec, has_watchfiles: bool) -> None:
    """At once, by watchfiles, though the next look be a minute away; without it at the next look."""
    kept.write("wf/load.yml", "triggers: [{files: '../in/*.csv', settle: 100ms}]\nparams: {files: []}\ncwd: ..\n"
               "tasks: {say: {command: 'printf \"%s\\n\" {{ params.files }} >> loaded'}}\n")  # fmt: skip
    kept.write("in/old.csv", "")
    env = {}
    if has_watchfiles:
        kept.write(".airexec/config.yaml", "poll_interval: 60\nworkflows: wf/*.yml\n")
    else:
        kept.write("without/watchfiles.py", "raise ImportError\n")
        env = {"PYTHONPATH": f"{kept.folder}/without:{ROOT}"}
    kept("start", env=env)
    wait_until(lambda: "workflow kept" in kept.read(".airexec/manager.log"), "the manager to keep it")
    if not has_watchfiles:
        wait_until(lambda: "folders are not watched" in kept.read(".airexec/manager.log"), "the manager to say so")

    written = 0.0

    def has_come() -> bool:
        nonlocal written
        if time.monotonic() - written > 2:  # again and again: from when on the manager watches is not to be seen
            written = time.monotonic()
            kept.write("in/new.csv", "x")
        return bool(lines(kept, "loaded"))

    wait_until(has_come, "the run")
    assert "../in/new.csv" == lines(kept, "loaded")[0]
    assert "why='files: ../in/new.csv'" in kept.read(".airexec/manager.log")


def test_what_is_started_gets_nothing_of_how(kept: Airexec) -> None:
    """No variable of the manager reaches a task, and its standard input is as empty as ever."""
    kept.write("wf/etl.yml", f"schedule: '@daily'\nstart_date: {hours_ago(48)}\ncwd: ..\n"
               "tasks: {say: {command: 'cat > in; env > env; touch done'}}\n")  # fmt: skip
    kept("start")
    kept.wait_for_file("done")

    assert "" == kept.read("in")
    assert not [line for line in lines(kept, "env") if line.startswith(("AIREXEC_START", "AIREXEC_CONFIG"))]
