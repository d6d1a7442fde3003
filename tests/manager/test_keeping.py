"""What the manager starts by itself, with runners and clocks that do what a test says: ticks, ends of jobs, files."""

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from airexec.manager.manager import Manager
from airexec.manager.need import Need
from airexec.scheduler.events import Event, Record, RunFinished, RunStarted
from airexec.scheduler.statuses import JobState
from airexec.state.codec import record_to_line
from airexec.state.layout import JobFolder
from airexec.state.lock import JobLock, acquire
from airexec.state.settings import Settings
from airexec.testing import FakeClock, make_plan, make_task
from airexec.triggers.record import RecordFile, claim
from airexec.triggers.start import Start

SIX = datetime.fromisoformat("2054-11-28T06:00:00+00:00").timestamp()
"""To come, for whoever runs this: a lock that is older than the process that it names is nobody's."""
HOUR, DAY = 3600.0, 86400.0
TASKS = "tasks: {a: {command: 'true'}}\n"


class Runner:
    """Takes the lock and claims what it was started for, as a real one does, and runs until a test ends it."""

    def __init__(self, job: JobFolder, need: Need, pid: int, clock: FakeClock) -> None:
        self.job = job
        self.need = need
        self.pid = pid
        self.code: int | None = None
        self.clock = clock
        self.lock: JobLock | None = None
        self.has_begun = False

    @property
    def start(self) -> Start:
        assert self.need.start is not None
        return self.need.start

    def begin(self) -> None:
        self.job.create()
        self.lock = acquire(self.job, ["airexec"], self.clock.wall())
        record = RecordFile(self.job.state_dir, self.job.name)
        self.has_begun = record.change(lambda record: claim(record, self.start)) is not None

    def end(self, code: int) -> None:
        if self.code is None:
            self.code = code
            if self.lock is not None:
                self.lock.release()

    def poll(self) -> int | None:
        return self.code


class Rig:
    """A project with a manager, whose time and runners a test moves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state_dir = folder / ".airexec"
        self.clock = FakeClock(wall=SIX)
        self.runners: list[Runner] = []
        self.said: list[tuple[str, Mapping[str, Any]]] = []
        self.begins = True
        self.restart()

    def watch(self, folders: set[tuple[str, bool]]) -> None:
        self.watched = folders

    def restart(self, **settings: Any) -> None:
        """Have another manager, which knows nothing of what the one before had in mind."""
        chosen = Settings(workflows=("*.yml",), **{"max_concurrent_runners": 2, **settings})
        self.manager = Manager(
            str(self.state_dir),
            chosen,
            self.start,
            lambda seconds: True,
            self,
            self.clock.monotonic,
            self.clock.wall,
            self.watch,
        )

    def start(self, job: JobFolder, need: Need) -> Runner:
        self.runners.append(Runner(job, need, len(self.runners) + 1, self.clock))
        if self.begins and need.start is not None:
            self.runners[-1].begin()
        return self.runners[-1]

    def info(self, event: str, **facts: object) -> None:
        self.said.append((event, facts))

    warning = info

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + (TASKS if name.endswith(".yml") else ""))

    def turn(self, seconds: float = 0.0) -> list[str]:
        """Let time pass and the manager look; return the causes of what it started."""
        self.clock.advance(seconds)
        before = len(self.runners)
        self.manager.reap()
        self.manager.look()
        self.manager.keep()
        self.manager.fill()
        return [runner.start.cause for runner in self.runners[before:]]

    def end(self, code: int = 0) -> None:
        """End all that runs."""
        for runner in self.runners:
            runner.end(code)

    def job_ended(self, name: str, run_id: str, state: str = "completed") -> None:
        """Write a run that has ended so; `working`: it has not ended yet."""
        folder = JobFolder(str(self.state_dir), name)
        folder.create()
        run = folder.run(run_id)
        os.makedirs(run.path)
        events: list[Event] = [RunStarted(run_id, make_plan(make_task("a")))]
        events += [] if state == "working" else [RunFinished(JobState(state), {})]
        with open(run.journal, "wb") as file:
            file.writelines(record_to_line(Record(seq, 0.0, event)) for seq, event in enumerate(events))

    def kept(self) -> list[object]:
        return [facts["file"] for event, facts in self.said if event == "workflow kept"]

    def problems(self) -> list[object]:
        return [facts["problem"] for event, facts in self.said if event == "workflow cannot be kept"]


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    (tmp_path / ".airexec").mkdir()
    return Rig(tmp_path)


# --- ticks ------------------------------------------------------------------------------------------------------------


def test_a_tick_starts_a_run_at_its_time_and_once(rig: Rig) -> None:
    """The param `scheduled_at` is told when that was, where there is one."""
    rig.write("etl.yml", "schedule: 0 7 * * *\nparams: {scheduled_at: ''}\n")

    assert [] == rig.turn()
    assert [] == rig.turn(HOUR - 1)
    assert ["schedule: 2054-11-28T07:00:00+00:00"] == rig.turn(1)
    assert {"scheduled_at": "2054-11-28T07:00:00+00:00"} == rig.runners[0].start.params
    assert ("run", f"{rig.folder}/etl.yml") == rig.runners[0].need.arguments
    rig.end()
    assert [] == rig.turn(1)
    assert ["schedule: 2054-11-29T07:00:00+00:00"] == rig.turn(DAY)


def test_the_manager_sleeps_until_the_next_tick(rig: Rig) -> None:
    """And no longer, however long its interval is."""
    slept = []

    def wait(seconds: float) -> bool:
        slept.append(seconds)
        rig.clock.advance(seconds)
        return len(slept) > 4

    rig.write("etl.yml", "schedule: '* * * * *'\n")
    rig.clock.advance(58.5)
    settings = Settings(workflows=("*.yml",), poll_interval=60)
    rig.manager = Manager(str(rig.state_dir), settings, rig.start, wait, rig, rig.clock.monotonic, rig.clock.wall)
    rig.manager.work()

    assert pytest.approx([1.5, 58.5, 1.5, 58.5, 1.5]) == slept
    assert "schedule: 2054-11-28T06:01:00+00:00" == rig.runners[0].start.cause


@pytest.mark.parametrize(
    ("keys", "started"),
    [
        ("", ["2054-12-01T06:30"]),
        ("catchup: true\n", ["2054-11-28T06:30", "2054-11-29T06:30", "2054-11-30T06:30", "2054-12-01T06:30"]),
    ],
)
def test_what_was_missed_while_no_manager_was_there(rig: Rig, keys: str, started: list[str]) -> None:
    """The newest alone is made up for, or with `catchup` all, one after the other."""
    rig.write("etl.yml", "schedule: 30 6 * * *\n" + keys)
    rig.turn()
    rig.clock.advance(3 * DAY + HOUR)
    rig.restart()

    found = []
    for _ in range(6):
        found += rig.turn(1)
        rig.end()

    assert [f"schedule: {tick}:00+00:00" for tick in started] == found


@pytest.mark.parametrize(
    ("keys", "started"),
    [
        ("start_date: 2054-11-25\n", ["2054-11-27T06:30"]),
        ("start_date: 2054-11-25\ncatchup: true\n", ["2054-11-25T06:30", "2054-11-26T06:30", "2054-11-27T06:30"]),
        ("start_date: 2054-12-24\ncatchup: true\n", []),
        ("catchup: true\n", []),
    ],
)
def test_a_start_date_says_which_ticks_were_missed_at_first(rig: Rig, keys: str, started: list[str]) -> None:
    """Without one, nothing that was before somebody saw the schedule is missed."""
    rig.write("etl.yml", "schedule: 30 6 * * *\n" + keys)

    found = []
    for _ in range(5):
        found += rig.turn(1)
        rig.end()

    assert [f"schedule: {tick}:00+00:00" for tick in started] == found


def test_a_tick_that_meets_a_run_is_skipped(rig: Rig) -> None:
    """One of a manager, and one that somebody called."""
    rig.write("etl.yml", "schedule: '@hourly'\n")
    rig.turn()
    assert 1 == len(rig.turn(HOUR))
    assert [] == rig.turn(HOUR)
    rig.end()
    assert [] == rig.turn(60)

    job = JobFolder(str(rig.state_dir), "etl")
    job.create()
    lock = acquire(job, ["airexec"], rig.clock.wall())
    assert [] == rig.turn(HOUR)
    lock.release()
    assert [] == rig.turn(60)
    assert ["schedule: 2054-11-28T10:00:00+00:00"] == rig.turn(HOUR)


def test_a_tick_is_not_lost_to_the_runner_that_was_started_for_it(rig: Rig) -> None:
    """It may take a while until that has claimed it, and meanwhile the manager looks again."""
    rig.begins = False
    rig.write("etl.yml", "schedule: '@hourly'\n")
    rig.turn()
    rig.turn(HOUR)

    assert [] == rig.turn(1)
    rig.runners[0].begin()

    assert rig.runners[0].has_begun
    assert [] == rig.turn(1)


def test_a_tick_of_before_a_run_began_does_not_meet_it(rig: Rig) -> None:
    """It was missed, and is made up for."""
    rig.write("etl.yml", "schedule: '@hourly'\n")
    rig.turn()
    rig.clock.advance(HOUR)
    job = JobFolder(str(rig.state_dir), "etl")
    job.create()
    lock = acquire(job, ["airexec"], rig.clock.wall() + 1)

    assert [] == rig.turn(30)
    lock.release()
    assert ["schedule: 2054-11-28T07:00:00+00:00"] == rig.turn(30)


def test_a_tick_that_meets_a_run_may_wait_for_its_end(rig: Rig) -> None:
    """Of several the newest."""
    rig.write("etl.yml", "schedule: '@hourly'\noverlap: queue\n")
    rig.turn()
    rig.turn(HOUR)
    assert [] == rig.turn(HOUR)
    assert [] == rig.turn(HOUR)
    rig.end()

    assert ["schedule: 2054-11-28T09:00:00+00:00"] == rig.turn(60)


def test_with_catchup_all_of_them_wait(rig: Rig) -> None:
    rig.write("etl.yml", "schedule: '@hourly'\ncatchup: true\n")
    rig.turn()
    rig.turn(HOUR)
    assert [] == rig.turn(2 * HOUR)
    rig.end()

    assert ["schedule: 2054-11-28T08:00:00+00:00"] == rig.turn(1)
    rig.end()
    assert ["schedule: 2054-11-28T09:00:00+00:00"] == rig.turn(1)


def test_with_catchup_and_skip_what_was_missed_is_made_up_for_and_what_meets_a_run_is_not(rig: Rig) -> None:
    rig.write("etl.yml", "schedule: '@hourly'\ncatchup: true\noverlap: skip\nstart_date: 2054-11-28T04:30\n")

    assert ["schedule: 2054-11-28T05:00:00+00:00"] == rig.turn(1)
    assert [] == rig.turn(HOUR)
    rig.end()
    assert ["schedule: 2054-11-28T06:00:00+00:00"] == rig.turn(1)
    rig.end()
    assert [] == rig.turn(1)
    assert ["schedule: 2054-11-28T08:00:00+00:00"] == rig.turn(HOUR)


def test_another_schedule_counts_from_when_it_is_seen(rig: Rig) -> None:
    """What would have been before is nobody's tick."""
    rig.write("etl.yml", "schedule: 0 12 * * *\n")
    rig.turn()
    rig.write("etl.yml", "schedule: 0 5 * * *\n")

    assert [] == rig.turn(HOUR)
    assert ["schedule: 2054-11-29T05:00:00+00:00"] == rig.turn(DAY)


def test_a_clock_that_is_put_starts_nothing_twice(rig: Rig) -> None:
    """On by days: as if nobody had been there. Back by an hour: it is waited for. Back by days: the ticks go on."""
    rig.write("etl.yml", "schedule: '@hourly'\n")
    rig.turn()
    found = rig.turn(HOUR)
    for jump in (3 * DAY, -HOUR, -HOUR, HOUR, -5 * DAY, DAY, DAY, DAY, DAY):
        rig.end()
        rig.clock.jump(jump)
        found += rig.turn(5)

    assert len(found) == len(set(found))
    assert ["2054-11-28T07", "2054-12-01T07", "2054-11-27T06", "2054-11-28T06"] == [it[10:23] for it in found[:4]]


def test_a_run_that_cannot_begin_is_said_and_not_tried_again(rig: Rig) -> None:
    """Its file may be broken by now; the next tick may be better."""
    rig.begins = False
    rig.write("etl.yml", "schedule: '@hourly'\n")
    rig.turn()
    rig.turn(HOUR)
    rig.end(3)

    assert [] == rig.turn(60)
    why, log = "schedule: 2054-11-28T07:00:00+00:00", f"{rig.state_dir}/jobs/etl/runner.log"
    assert ("run did not begin", {"job": "etl", "why": why, "exit_code": 3, "see": log}) in rig.said
    assert 1 == len(rig.turn(HOUR))


@pytest.mark.parametrize("code", [75, -9])
def test_a_run_that_did_not_begin_for_want_of_luck_is_tried_again(rig: Rig, code: int) -> None:
    """Somebody else had the lock, or its runner was killed before it had claimed the tick."""
    rig.begins = False
    rig.write("etl.yml", "schedule: '@hourly'\n")
    rig.turn()
    rig.turn(HOUR)
    rig.end(code)

    assert ["schedule: 2054-11-28T07:00:00+00:00"] == rig.turn(0) + rig.turn(60)


def test_a_run_whose_runner_is_killed_goes_on(rig: Rig) -> None:
    """Where a manager had started it; what somebody called is left to them."""
    rig.write("etl.yml", "schedule: '@hourly'\n")
    rig.turn()
    rig.turn(HOUR)
    content = {"id": "x", "state": "working", "run_id": "20261121-013312-a3f9", "workflow": "etl.yml"}
    job = rig.state_dir / "jobs" / "etl"
    for more in ({"cause": "schedule: x"}, {}):
        (job / "state.json").write_text(json.dumps({**content, **more}))
        rig.end(-9)
        rig.manager.reap()
        rig.clock.advance(60)
        rig.manager.look()
        rig.manager.fill()

    assert [("resume", "etl", "--run", "20261121-013312-a3f9")] == [it.need.arguments for it in rig.runners[1:]]


# --- other jobs -------------------------------------------------------------------------------------------------------


def test_the_end_of_another_job_starts_a_run(rig: Rig) -> None:
    """Once; what ended before the trigger was first seen does not count, and what ended while nobody was there does."""
    rig.job_ended("etl", "20261121-000001-0000")
    rig.write("report.yml", "triggers: [{job: etl, param: from}]\nparams: {from: ''}\n")
    assert [] == rig.turn()

    rig.restart()
    rig.job_ended("etl", "20261121-000002-0000")
    assert ["job etl: run 20261121-000002-0000"] == rig.turn(5)
    assert {"from": "20261121-000002-0000"} == rig.runners[0].start.params
    rig.end()
    assert [] == rig.turn(5)


@pytest.mark.parametrize(
    ("wanted", "states"),
    [("completed", ["completed"]), ("failed", ["failed"]), ("ended", ["completed", "failed", "cancelled"])],
)
def test_a_trigger_says_how_the_other_job_must_have_ended(rig: Rig, wanted: str, states: list[str]) -> None:
    rig.write("report.yml", f"triggers: [{{job: etl, state: {wanted}}}]\n")
    rig.turn()

    found = []
    for number, state in enumerate(("working", "completed", "failed", "cancelled")):
        rig.job_ended("etl", f"20261121-00000{number}-0000", state)
        found += [state] * len(rig.turn(5))
        rig.end()

    assert states == found


def test_an_end_that_meets_a_run_waits(rig: Rig) -> None:
    """Of several the newest."""
    rig.write("report.yml", "triggers: [{job: etl}]\n")
    rig.turn()
    rig.job_ended("etl", "20261121-000001-0000")
    rig.turn(5)
    for number in (2, 3):
        rig.job_ended("etl", f"20261121-00000{number}-0000")
        assert [] == rig.turn(5)
    rig.end()

    assert ["job etl: run 20261121-000003-0000"] == rig.turn(5)


def test_an_end_is_not_lost_to_a_later_run_of_that_job(rig: Rig) -> None:
    """Which has failed, or goes on."""
    rig.write("report.yml", "triggers: [{job: etl}]\n")
    rig.turn()
    rig.job_ended("etl", "20261121-000001-0000")
    rig.job_ended("etl", "20261121-000002-0000", "failed")
    rig.job_ended("etl", "20261121-000003-0000", "working")

    assert ["job etl: run 20261121-000001-0000"] == rig.turn(5)
    rig.end()
    assert [] == rig.turn(5)


def test_jobs_that_would_start_each_other_for_ever_are_refused(rig: Rig) -> None:
    rig.write("a.yml", "triggers: [{job: c}]\n")
    rig.write("b.yml", "triggers: [{job: a}]\n")
    rig.write("c.yml", "triggers: [{job: b}]\n")
    rig.turn()
    rig.turn()

    (problem,) = rig.problems()
    assert str(problem).startswith("these jobs would start each other for ever: ")
    assert {"a", "b", "c"} == set(str(problem).rpartition(": ")[2].split(" → "))


# --- files ------------------------------------------------------------------------------------------------------------


def put(rig: Rig, name: str, text: str = "x") -> None:
    rig.write(f"in/{name}", text)


def test_a_file_that_comes_starts_a_run_when_it_has_settled(rig: Rig) -> None:
    """What was there at first is not new. The run gets the list; a changed file is another one."""
    put(rig, "old.csv")
    rig.write("load.yml", "triggers: [{files: 'in/*.csv', settle: 10}]\nparams: {files: []}\n")
    assert [] == rig.turn()

    put(rig, "b.csv")
    put(rig, "a.csv")
    put(rig, "a.txt")
    assert [] == rig.turn(5)
    put(rig, "a.csv", "longer")
    assert [] == rig.turn(9)
    assert ["files: in/b.csv"] == rig.turn(1)
    rig.end()
    assert ["files: in/a.csv"] == rig.turn(9)
    rig.end()
    assert [] == rig.turn(60)

    put(rig, "old.csv", "changed")
    rig.turn()
    assert ["files: in/old.csv"] == rig.turn(10)
    assert [{"files": ["in/b.csv"]}, {"files": ["in/a.csv"]}, {"files": ["in/old.csv"]}] == [
        runner.start.params for runner in rig.runners
    ]


def test_what_comes_while_nobody_is_there_or_a_run_is_at_work_is_in_the_next_list(rig: Rig) -> None:
    rig.write("load.yml", "triggers: [{files: ['in/**/*.csv', '*.txt'], settle: 0, param: list}]\nparams: {list: []}\n")
    rig.turn()
    put(rig, "1.csv")
    rig.restart()
    assert ["files: in/1.csv"] == rig.turn(1)
    for number in range(2, 7):
        put(rig, f"deep/er/{number}.csv")
    rig.write("note.txt", "")
    assert [] == rig.turn(1)
    rig.end()

    deep = [f"in/deep/er/{number}.csv" for number in range(2, 7)]
    assert [f"files: {', '.join(deep[:3])} and 3 more"] == rig.turn(1)
    assert {"list": [*deep, "note.txt"]} == rig.runners[1].start.params


def test_a_folder_or_a_file_that_is_gone_starts_nothing(rig: Rig) -> None:
    """And a file that is there again is new."""
    rig.write("load.yml", "triggers: [{files: 'in/*', settle: 0}]\n")
    rig.turn()
    (rig.folder / "in" / "folder").mkdir(parents=True)
    (rig.folder / "in" / "dangling").symlink_to("nowhere")
    put(rig, "a")
    assert ["files: in/a"] == rig.turn()
    rig.end()
    os.unlink(rig.folder / "in" / "a")
    assert [] == rig.turn()
    put(rig, "b")  # so that the inode is another one
    put(rig, "a", "again")

    assert ["files: in/a, in/b"] == rig.turn()


def test_a_new_glob_does_not_make_old_files_new(rig: Rig) -> None:
    put(rig, "old.csv")
    rig.write("load.yml", "triggers: [{files: 'in/*.txt', settle: 0}]\n")
    rig.turn()
    rig.write("load.yml", "triggers: [{files: 'in/*.csv', settle: 0}]\n")

    assert [] == rig.turn()


def test_folders_that_are_watched(rig: Rig) -> None:
    """Those above the first sign of a glob, with the folders below where the sign is not in the last part."""
    rig.write("load.yml", "triggers: [{files: ['in/a*/x.csv', '/srv/b/*', '*.c', '../up/d']}]\n")
    rig.turn()

    above = str(rig.folder.parent / "up")
    assert {
        (f"{rig.folder}/in", True),
        ("/srv/b", False),
        (str(rig.folder), False),
        (above, False),
    } == rig.watched


# --- the files that are kept ------------------------------------------------------------------------------------------


def test_files_come_change_and_go(rig: Rig) -> None:
    """What is wrong with one is said once, and is no matter of the others."""
    rig.write("a.yml", "schedule: '@hourly'\n")
    rig.write("b.yml", "schedule: 0 25 * * *\n")
    rig.write("none.yml", "")
    rig.turn()
    rig.turn()

    (problem,) = rig.problems()
    assert f"{rig.folder}/b.yml:1:11: '25' is no hour (0-23)" == problem
    rig.write("b.yml", "schedule: '@hourly'\n")
    os.unlink(rig.folder / "a.yml")
    rig.turn()
    assert ["a", "b"] == [facts["job"] for event, facts in rig.said if event == "workflow kept"]
    assert ["a"] == [facts["job"] for event, facts in rig.said if event == "workflow no longer kept"]
    rig.turn(HOUR)
    assert ["b"] == [runner.job.name for runner in rig.runners]


def test_an_included_file_is_looked_at_as_well(rig: Rig) -> None:
    """Whether it was good or not, or not even there."""
    rig.write("a.yml", "include: shared/one\nschedule: '@hourly'\n")
    rig.turn()
    rig.turn()
    (missing,) = rig.problems()
    assert f"{rig.folder}/a.yml:1:10: cannot read {rig.folder}/shared/one: no such file or directory" == missing

    rig.write("shared/one", "evn: {A: b}\n")
    rig.turn()
    rig.turn()
    assert [missing, f"{rig.folder}/shared/one:1:1: unknown key 'evn'"] == rig.problems()

    rig.write("shared/one", "env: {A: b}\n")
    rig.turn()
    rig.turn()
    assert [f"{rig.folder}/a.yml"] == rig.kept()

    rig.write("shared/one", "env: {A: c}\n")
    rig.turn()
    rig.turn()
    assert 2 == len(rig.kept())


def test_two_files_of_one_job_are_refused(rig: Rig) -> None:
    for name in ("a", "b"):
        rig.write(f"{name}.yml", "name: etl\nschedule: '@hourly'\n")
    rig.turn()

    assert [f"job 'etl' is kept for {rig.folder}/a.yml already"] == rig.problems()


def test_what_was_in_the_way_of_another_file_may_go(rig: Rig) -> None:
    """Of two of one name the second is kept when the first is gone, and of a circle what is left of it."""
    for name in ("a", "b"):
        rig.write(f"{name}.yml", "name: etl\nschedule: '@hourly'\n")
    rig.turn()
    os.unlink(rig.folder / "a.yml")
    rig.turn()
    assert [f"{rig.folder}/b.yml"] == rig.kept()[1:]

    rig.write("c.yml", "triggers: [{job: d}]\n")
    rig.write("d.yml", "triggers: [{job: c}]\n")
    rig.turn()
    rig.write("c.yml", "schedule: '@daily'\n")
    rig.turn()
    assert {f"{rig.folder}/c.yml", f"{rig.folder}/d.yml"} == set(rig.kept()[2:])


def test_a_name_that_no_job_can_have_ends_no_manager(rig: Rig) -> None:
    rig.write("a.yml", "name: con\nschedule: '@hourly'\n")
    rig.write("b.yml", "schedule: '@hourly'\n")
    rig.turn()

    assert ["'con' cannot be the name of a job"] == rig.problems()
    assert [f"{rig.folder}/b.yml"] == rig.kept()


def test_patterns_that_match_nothing_are_said(rig: Rig) -> None:
    rig.turn()
    rig.turn()

    assert [("no workflow matches", {"workflows": "*.yml"})] == rig.said


def test_a_record_that_cannot_be_read_is_said_and_starts_nothing_again(rig: Rig) -> None:
    rig.write("a.yml", "schedule: '@hourly'\nstart_date: 2054-11-01\n")
    assert 1 == len(rig.turn())
    rig.end()
    (rig.state_dir / "schedules" / "a.json").write_text("{")

    assert [] == rig.turn(5)
    assert ["its record could not be read and was put aside: it counts from now on"] == rig.problems()
    assert 1 == len(rig.turn(HOUR))


def test_files_behind_a_link_that_leads_in_a_circle_come_once(rig: Rig) -> None:
    rig.write("load.yml", "triggers: [{files: 'in/**/*.csv', settle: 0}]\n")
    (rig.folder / "in").mkdir()
    (rig.folder / "in" / "loop").symlink_to("../in")
    rig.turn()
    put(rig, "a.csv")

    assert ["files: in/a.csv"] == rig.turn()


def test_slots_are_shared_with_all_other_jobs(rig: Rig) -> None:
    """A start that waits for one is not noted twice, and begins when there is one."""
    for name in "abc":
        rig.write(f"{name}.yml", "schedule: '@hourly'\n")
    rig.turn()

    assert 2 == len(rig.turn(HOUR))
    assert [] == rig.turn(5)
    rig.end()
    assert ["schedule: 2054-11-28T07:00:00+00:00"] == rig.turn(5)
    assert ["a", "b", "c"] == [runner.job.name for runner in rig.runners]


def test_a_state_that_cannot_be_written_is_said(rig: Rig) -> None:
    (rig.state_dir / "schedules").write_text("")
    rig.write("a.yml", "schedule: '@hourly'\n")
    rig.turn()
    rig.turn()

    assert [f"{rig.state_dir}/schedules is not a folder"] == rig.problems()
