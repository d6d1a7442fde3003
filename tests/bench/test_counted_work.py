"""Work grows with the tasks and not faster. Counted, not timed, so no slow machine fails, no fast one hides it."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import pytest

from airexec.attempt.facts import CommandLine, Fact
from airexec.attempt.prepare import Preparation
from airexec.run.loop import Loop
from airexec.run.ports import Ports
from airexec.scheduler.decide import decide
from airexec.scheduler.events import RunStarted
from airexec.scheduler.state import Run
from airexec.secrets.plain_data import Masking
from airexec.state.layout import RunFolder
from airexec.testing import FakeClock, FakeExecutor, MemoryJournal, make_plan, make_task
from airexec.workflow.model import Plan, QueuePermission
from tests.bench.graphs import independent, write_workflow

RUN_ID = "20260102-030405-0000"
FEW, MANY = 100, 1_000
SLACK = 1.1
"""Heaps make a little more of more, dictionaries grow in steps."""

Lines = Mapping[str, list[str]]
"""What tasks queue: ids by the id of the emitter."""


class Work(NamedTuple):
    """What a run of the loop took."""

    tasks: int
    spawns: int
    journal_writes: int
    events: int
    decisions: int
    lines_of_code: int
    """Executed, each time that they were; a scan of a list counts once per item."""


class Eager(FakeExecutor):
    """Children that print what they have to queue and end as soon as anybody waits."""

    def __init__(self, lines: Lines) -> None:
        super().__init__(FakeClock())
        self._lines = lines

    def wait(self, timeout: float | None) -> list[Fact]:
        printed: list[Fact] = []
        for task in list(self.running):
            for number, id_ in enumerate(self._lines.get(task, ()), 1):
                payload = json.dumps({"id": id_, "command": "true", "queue": True})
                printed.append(CommandLine(task, 1, "queue", payload, number))
            self.finish(task)
        return [*printed, *super().wait(timeout)]


def independent_tasks(size: int) -> tuple[Plan, Lines]:
    return make_plan(*(make_task(f"t{number}") for number in range(size))), {}


def chain(size: int) -> tuple[Plan, Lines]:
    return make_plan(*(make_task(f"t{n}", [f"t{n - 1}"] if n else []) for n in range(size))), {}


def fan(size: int) -> tuple[Plan, Lines]:
    between = [f"t{number}" for number in range(size)]
    tasks = [make_task("first"), *(make_task(id_, ["first"]) for id_ in between), make_task("last", between)]
    return make_plan(*tasks), {}


def queued_fan(size: int) -> tuple[Plan, Lines]:
    tasks = make_task("first", queue=QueuePermission()), make_task("last", ["first"])
    return make_plan(*tasks), {"first": [f"t{number}" for number in range(size)]}


def queued_chain(size: int) -> tuple[Plan, Lines]:
    tasks = make_task("t0", queue=QueuePermission()), make_task("last", ["t0"])
    return make_plan(*tasks), {f"t{number}": [f"t{number + 1}"] for number in range(size)}


SHAPES: list[Callable[[int], tuple[Plan, Lines]]] = [independent_tasks, chain, fan, queued_fan, queued_chain]


@pytest.mark.parametrize("shape", SHAPES)
def test_ten_times_the_tasks_are_ten_times_the_work(shape: Callable[[int], tuple[Plan, Lines]], tmp_path: Path) -> None:
    """Also where tasks come by splices, all from one or each from the one before."""
    few, many = (work_of(*shape(size), tmp_path) for size in (FEW, MANY))

    growth = {name: getattr(many, name) / getattr(few, name) for name in Work._fields}
    assert {} == {name: times for name, times in growth.items() if times > MANY / FEW * SLACK}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_task_is_one_spawn_two_writes_and_few_questions(
    shape: Callable[[int], tuple[Plan, Lines]], tmp_path: Path
) -> None:
    """A turn writes once for all that happened in it, and asks `decide` once per start and once more to be told no."""
    work = work_of(*shape(FEW), tmp_path)

    assert work.tasks == work.spawns
    assert work.tasks + 2 >= work.journal_writes
    assert work.events + work.journal_writes >= work.decisions


def work_of(plan: Plan, lines: Lines, folder: Path) -> Work:
    """Run a plan to its end and return what that took."""
    run, processes, journal, counts = Run(), Eager(lines), MemoryJournal(), Counter[str]()
    ports = Ports(processes.clock, processes, journal, lambda run: None)

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        counts[event] += 1
        counts["decide"] += event == "call" and frame.f_code is decide.__code__
        return trace

    driver = Loop(run, plan, ports, Preparation(plan, RunFolder(str(folder), RUN_ID), {}), Masking())
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        driver.execute(RunStarted(RUN_ID, plan))
    finally:
        sys.settrace(before)
    writes = len(journal.batches)
    return Work(len(run.tasks), len(processes.specs), writes, len(journal.records), counts["decide"], counts["line"])


COUNTER = """
import collections, json, sys
from airexec.__main__ import main
from airexec.run import snapshots
from airexec.runner import leftovers, marked_processes
counts = collections.Counter()
def profile(frame, event, function):
    if event == "c_call":
        counts[function.__name__] += 1
def pids():
    counts["listdir"] += 1
    return []
snapshots._PAUSE = leftovers.LOOK = 3600  # these come by time, and a busy machine gives much of it
marked_processes.pids = pids  # as if nobody else were here: each new process of others is looked at once
sys.argv = ["airexec", "run", "--output", "quiet"]
sys.setprofile(profile)
try:
    code = main()
finally:
    sys.setprofile(None)
json.dump(counts, open("counts.json", "w"))
sys.exit(code)
"""


def test_a_task_asks_the_operating_system_for_little(tmp_path: Path) -> None:
    """The real program: a process, two pipes, a name for the empty log and two looks for side channels; whatever else
    is asked, the run asks."""
    system_calls(tmp_path / "first", 1)  # makes what its user has once and for all
    few, many = (system_calls(tmp_path / str(size), size) for size in (20, 120))

    more = {name: many[name] - few[name] for name in many}
    by_task = {"posix_spawn": 100, "pipe": 200, "link": 100, "access": 200}
    by_run = "open", "stat", "lstat", "listdir", "scandir", "mkdir", "chdir", "fdatasync"
    assert by_task == {name: more[name] for name in by_task}
    assert {} == {name: more[name] for name in by_run if more.get(name, 0) >= 20}


GARBAGE = """
import gc, json, sys
from airexec.__main__ import main
phases = []
gc.callbacks.append(lambda phase, facts: phases.append(phase))
sys.argv = ["airexec", "run", "--output", "quiet"]
code = main()
json.dump([phases.count("start"), gc.get_freeze_count()], open("garbage.json", "w"))
sys.exit(code)
"""


def test_a_small_run_does_not_look_for_garbage(tmp_path: Path) -> None:
    """Nearly all that it makes stays; and what was loaded is left out, should a big run look."""
    write_workflow(tmp_path, independent(20))
    for _ in range(2):
        subprocess.run([sys.executable, "-c", GARBAGE], cwd=tmp_path, check=True, capture_output=True)
    looks, frozen = json.loads((tmp_path / "garbage.json").read_text())

    assert (0, True) == (looks, frozen > 10_000)


def test_earlier_runs_are_not_looked_at_one_by_one(tmp_path: Path) -> None:
    """Only the newest matters to a start, however many are kept."""
    system_calls(tmp_path, 1)
    after_one = system_calls(tmp_path, 1)
    runs = tmp_path / ".airexec" / "jobs" / "bench" / "runs"
    for number in range(40):
        shutil.copytree(next(runs.iterdir()), runs / f"20200101-000000-{number:04x}")

    more = system_calls(tmp_path, 1) - after_one

    assert {} == {name: more[name] for name in ("stat", "lstat", "open") if more[name] >= 20}


def system_calls(folder: Path, size: int) -> Counter[str]:
    """Return how often each function of C was called in a run."""
    write_workflow(folder, independent(size))
    command = [sys.executable, "-c", COUNTER]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env={**os.environ, "GITHUB_ACTIONS": ""})
    return Counter(json.loads((folder / "counts.json").read_text()))
