"""The loop of the manager with runners that do what a test says: what is started, when, and how often."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from airexec.manager.manager import BROKEN_LOOKS, Manager
from airexec.manager.need import Need
from airexec.state.layout import JobFolder
from airexec.state.lock import acquire
from airexec.state.settings import Settings
from airexec.testing import FakeClock


class FakeRunner:
    """Runs until a test ends it."""

    def __init__(self, name: str, pid: int) -> None:
        self.name = name
        self.pid = pid
        self.code: int | None = None

    def poll(self) -> int | None:
        return self.code


class Rig:
    """A base path, a manager of two slots, and its runners."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FakeClock()
        self.runners: list[FakeRunner] = []
        self.said: list[tuple[str, Mapping[str, Any]]] = []
        settings = Settings(max_concurrent_runners=2, poll_interval=5)
        self.manager = Manager(
            str(folder),
            settings,
            self.start,
            lambda seconds: True,
            self,
            self.clock.monotonic,
        )

    def start(self, job: JobFolder, need: Need) -> FakeRunner:
        self.runners.append(FakeRunner(job.name, len(self.runners) + 1))
        return self.runners[-1]

    def info(self, event: str, **facts: object) -> None:
        self.said.append((event, facts))

    warning = info

    def order(self, name: str, order: str = "one", **more: Any) -> Path:
        job = self.folder / "jobs" / name
        job.mkdir(parents=True, exist_ok=True)
        (job / "tasks.json").write_text(json.dumps([{"id": "a", "command": "true"}]))
        (job / "state.json").write_text(json.dumps({"id": order, "name": name, "state": "waiting", **more}))
        return job

    def carry_out(self, runner: FakeRunner, code: int = 0, state: str = "completed", **more: Any) -> None:
        """Write what a runner writes, and end."""
        job = self.folder / "jobs" / runner.name
        content = {
            "id": "one",
            "state": state,
            "run_id": "20261121-013312-a3f9",
            "workflow": f".airexec/jobs/{runner.name}/tasks.json",
            **more,
        }
        (job / "state.json").write_text(json.dumps(content))
        (job / "tasks.json").write_text(json.dumps([{"id": "a", "command": "true", "status": state, "attempt": 1}]))
        runner.code = code

    def turn(self) -> list[str]:
        """Let the manager look, start and wait; return the jobs that it started a runner for."""
        before = len(self.runners)
        self.manager.reap()
        self.manager.look()
        self.manager.fill()
        return [runner.name for runner in self.runners[before:]]

    @property
    def problems(self) -> list[tuple[object, object]]:
        return [(facts["job"], facts["problem"]) for event, facts in self.said if event == "job cannot be read"]


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    folder = tmp_path / ".airexec"
    folder.mkdir()
    return Rig(folder)


def test_an_order_gets_one_runner(rig: Rig) -> None:
    rig.order("etl")

    assert ["etl"] == rig.turn()
    assert [] == rig.turn()


def test_what_is_done_needs_none(rig: Rig) -> None:
    rig.order("etl")
    rig.turn()
    rig.carry_out(rig.runners[0])

    assert [] == rig.turn()
    assert [] == rig.turn()


def test_slots_are_filled_as_soon_as_they_are_free(rig: Rig) -> None:
    """Without another look."""
    for name in "abc":
        rig.order(name)
    assert ["a", "b"] == rig.turn()

    rig.carry_out(rig.runners[0])
    rig.manager.reap()
    rig.manager.fill()

    assert ["a", "b", "c"] == [runner.name for runner in rig.runners]


def test_what_is_added_to_a_job_that_has_ended_gets_another(rig: Rig) -> None:
    """In the file, or in `incoming/`."""
    job = rig.order("etl")
    rig.turn()
    rig.carry_out(rig.runners[0])
    assert [] == rig.turn()

    tasks = json.loads((job / "tasks.json").read_text())
    (job / "tasks.json").write_text(json.dumps([*tasks, {"id": "b", "command": "true", "status": "pending"}]))
    assert ["etl"] == rig.turn()
    rig.carry_out(rig.runners[1])
    assert [] == rig.turn()

    (job / "incoming").mkdir()
    (job / "incoming" / "1.json").write_text('{"id": "c", "command": "true"}')
    assert ["etl"] == rig.turn()


def test_what_was_added_while_it_ended_is_not_overlooked(rig: Rig) -> None:
    job = rig.order("etl")
    rig.turn()
    rig.carry_out(rig.runners[0])
    (job / "incoming").mkdir()
    (job / "incoming" / "1.json").write_text('{"id": "c", "command": "true"}')

    rig.manager.reap()
    rig.manager.fill()

    assert ["etl", "etl"] == [runner.name for runner in rig.runners]


def test_a_runner_that_can_do_nothing_is_not_started_for_ever(rig: Rig) -> None:
    """The order is bad: once is enough, until somebody changes it."""
    rig.order("etl")
    rig.turn()
    rig.runners[0].code = 3
    assert [] == rig.turn()
    assert [] == rig.turn()

    rig.order("etl", order="two")
    assert ["etl"] == rig.turn()


def test_a_runner_that_was_killed_is_followed_by_another_one_later(rig: Rig) -> None:
    """The more often in a row, the later."""
    rig.order("etl")
    rig.turn()
    for number, seconds in enumerate((5, 10, 20)):
        rig.carry_out(rig.runners[-1], code=-9, state="working", updated_at="t")
        assert [] == rig.turn(), number
        rig.clock.advance(seconds - 0.1)
        assert [] == rig.turn(), number
        rig.clock.advance(0.1)
        assert ["etl"] == rig.turn(), number

    rig.carry_out(rig.runners[-1])
    assert [] == rig.turn()


def test_what_a_manager_before_us_has_left_is_found(rig: Rig) -> None:
    """A runner that was killed, a job that was reset; not a run by hand of a workflow file."""
    for name, state in (("left", "working"), ("reset", "waiting"), ("done", "completed")):
        rig.order(name)
        rig.carry_out(FakeRunner(name, 0), state=state)
    rig.order("byhand", state="working", run_id="20261121-013312-a3f9", workflow="airexec.yml")

    assert ["left", "reset"] == rig.turn()


def test_a_job_that_somebody_runs_counts_and_is_left_alone(rig: Rig) -> None:
    """A runner of a manager that was killed, for one. When it ends, the job is looked at again."""
    for name in ("a", "b", "c"):
        rig.order(name)
    job = JobFolder(rig.folder, "a")
    job.create()
    lock = acquire(job, ["airexec"], 0.0)
    assert ["b"] == rig.turn()
    rig.carry_out(rig.runners[0])
    assert ["c"] == rig.turn()

    lock.release()
    assert ["a"] == rig.turn()


def test_half_a_file_is_looked_at_again_and_a_broken_one_is_said_once(rig: Rig) -> None:
    """And harms no other."""
    job = rig.order("bad")
    (job / "state.json").write_text('{"id": "one"')
    rig.order("good")

    started = [name for _ in range(BROKEN_LOOKS + 5) for name in rig.turn()]

    assert ["good"] == started
    assert [("bad", "1:13: this is no JSON: expecting ',' delimiter")] == rig.problems
    rig.order("bad")
    assert ["bad"] == rig.turn()


@pytest.mark.parametrize("name", ["con", "a b", "x" * 200])
def test_a_folder_with_a_name_that_no_job_can_have_is_said_once(name: str, rig: Rig) -> None:
    rig.order(name)

    assert [] == [*rig.turn(), *rig.turn()]
    assert 1 == len(rig.problems)


def test_a_job_whose_folder_goes_is_forgotten(rig: Rig) -> None:
    job = rig.order("etl")
    rig.turn()
    rig.carry_out(rig.runners[0])
    rig.turn()
    for path in (job / "state.json", job / "tasks.json"):
        path.unlink()
    job.rmdir()
    assert [] == rig.turn()

    rig.order("etl")
    assert ["etl"] == rig.turn()


def test_an_idle_job_costs_three_questions_and_no_read(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        rig.order(f"j{number}")
        rig.carry_out(FakeRunner(f"j{number}", 0))
    rig.turn()
    asked: list[str] = []
    for name in ("stat", "open"):
        monkeypatch.setattr(os, name, counted(name, getattr(os, name), asked))

    assert [] == rig.turn()

    assert ["stat"] * 60 == asked


def counted(name: str, function: Callable[..., Any], asked: list[str]) -> Callable[..., Any]:
    def call(*some: Any, **more: Any) -> Any:
        asked.append(name)
        return function(*some, **more)

    return call
