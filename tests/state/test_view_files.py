"""`state.json` and `tasks.json`: what others read while a run goes on."""

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from airexec.scheduler import events
from airexec.scheduler.apply import replay
from airexec.scheduler.events import Because, Event, Record
from airexec.scheduler.state import Run
from airexec.scheduler.statuses import JobState, Reason, Status
from airexec.state.layout import JobFolder
from airexec.state.view_files import replace_file, write_views
from airexec.testing import make_plan, make_task
from airexec.workflow.actions.command import Command
from airexec.workflow.model import QueuePermission, Task

NOON = 1_795_262_400.0
RUN_ID = "20261121-120000-0000"


def run_of(*happened: Event) -> Run:
    """Return the run that these events make, a second apart, from noon on."""
    return replay(Record(seq, NOON + seq, event) for seq, event in enumerate(happened))


def grown_run() -> Run:
    """One task that queued another and failed after it, and one that did not get its turn."""
    plan = make_plan(
        make_task("find", queue=QueuePermission(), command=("python", "find.py")), make_task("merge", ["find"])
    )
    queued = Task("p[a/b]", Command("process.sh", ("a/b",)), dependencies=(), literal=True)
    return run_of(
        events.RunStarted(RUN_ID, plan),
        events.AttemptStarted("find", 1, ("python", "find.py")),
        events.NodesQueued("find", 1, (queued,)),
        events.AttemptCompleted("find", 1, 1.5, {"files": 1}, "all well"),
        events.AttemptStarted("p[a/b]", 1, ("process.sh", "a/b")),
        events.AttemptFailed("p[a/b]", 1, 0.5, Reason.EXIT, "exit code 2", 2, details=("first", "second")),
        events.TaskUpstreamFailed("merge", Because("all_success", "1 of 2 upstream failed", ("p[a/b]",))),
        events.RunFinished(JobState.FAILED, {Status.COMPLETED: 1, Status.FAILED: 1, Status.UPSTREAM_FAILED: 1}),
    )


def read_tasks(job: JobFolder) -> dict[str, dict[str, Any]]:
    return {task["id"]: task for task in json.loads(Path(job.tasks_file).read_text())}


def test_state_json_tells_how_the_job_stands(job: JobFolder) -> None:
    """With every status counted, also those that no task has."""
    write_views(job, grown_run())

    assert {
        "id": "etl",
        "name": "etl",
        "state": "failed",
        "created_at": "2026-11-21T12:00:00.000Z",
        "updated_at": "2026-11-21T12:00:07.000Z",
        "run_id": RUN_ID,
        "workflow": "/w/job.yml",
        "counts": {
            "pending": 0,
            "running": 0,
            "up_for_retry": 0,
            "completed": 1,
            "failed": 1,
            "skipped": 0,
            "upstream_failed": 1,
            "cancelled": 0,
        },
    } == json.loads(Path(job.state_file).read_text())


def test_tasks_json_tells_everything_about_a_task(job: JobFolder) -> None:
    """Here of one that was queued, and failed."""
    write_views(job, grown_run())

    assert {
        "id": "p[a/b]",
        "job_name": "etl",
        "command": "process.sh",
        "args": ["a/b"],
        "argv": ["process.sh", "a/b"],
        "dependencies": ["find"],
        "status": "failed",
        "created_at": "2026-11-21T12:00:02.000Z",
        "started_at": "2026-11-21T12:00:04.000Z",
        "completed_at": "2026-11-21T12:00:05.000Z",
        "error": "exit code 2",
        "attempt": 1,
        "exit_code": 2,
        "reason": "exit",
        "duration": 0.5,
        "outputs": {},
        "details": ["first", "second"],
        "note": "",
        "because": None,
        "queued_by": "find",
        "trigger_rule": "all_success",
        "waits_for": ["find"],
        "log": f"runs/{RUN_ID}/logs/p[a%2Fb].1.log",
    } == read_tasks(job)["p[a/b]"]


def test_a_task_that_did_not_run_says_why(job: JobFolder) -> None:
    """It was declared to depend on one task, and waited for what that one queued as well."""
    write_views(job, grown_run())
    merge = read_tasks(job)["merge"]

    because = {"rule": "all_success", "detail": "1 of 2 upstream failed", "upstream": ["p[a/b]"]}
    assert ("upstream_failed", because) == (merge["status"], merge["because"])
    assert (["find"], ["find", "p[a/b]"]) == (merge["dependencies"], merge["waits_for"])
    assert (None, None, 0) == (merge["started_at"], merge["log"], merge["attempt"])


def test_a_completed_task_hands_on_its_outputs(job: JobFolder) -> None:
    """As they were printed."""
    write_views(job, grown_run())
    find = read_tasks(job)["find"]

    assert ("completed", {"files": 1}, "all well", 1.5) == tuple(
        find[key] for key in ("status", "outputs", "note", "duration")
    )


def test_tasks_stand_one_to_a_line_in_order_of_the_file(job: JobFolder) -> None:
    """For `grep` and `diff`; what was queued comes last."""
    write_views(job, grown_run())
    lines = Path(job.tasks_file).read_text().splitlines()

    assert ("[", "]") == (lines[0], lines[-1])
    assert ["find", "merge", "p[a/b]"] == [json.loads(line.rstrip(","))["id"] for line in lines[1:-1]]


def test_a_run_without_tasks_is_an_empty_array(job: JobFolder) -> None:
    """Still JSON."""
    write_views(job, run_of(events.RunStarted(RUN_ID, make_plan())))

    assert [] == json.loads(Path(job.tasks_file).read_text())


def test_a_dependency_of_a_queued_task_on_its_emitter_is_listed_once(job: JobFolder) -> None:
    """The emitter is upstream anyway."""
    queued = make_task("p", ["find", "other"])
    plan = make_plan(make_task("find", queue=QueuePermission()), make_task("other"))
    start = events.AttemptStarted("find", 1, ())
    write_views(job, run_of(events.RunStarted(RUN_ID, plan), start, events.NodesQueued("find", 1, (queued,))))

    assert ["find", "other"] == read_tasks(job)["p"]["dependencies"]


def test_who_reads_the_old_file_reads_it_to_its_end(job: JobFolder) -> None:
    """A new file takes its place; the old one is not touched."""
    replace_file(job.state_file, "old" * 1000)
    with open(job.state_file) as reader:
        begin = reader.read(3)
        replace_file(job.state_file, "new")
        rest = reader.read()

    assert ("old" * 1000, "new") == (begin + rest, Path(job.state_file).read_text())


def test_a_reader_that_polls_never_sees_half_a_file(job: JobFolder) -> None:
    """While the files are written again and again."""
    run = run_of(events.RunStarted(RUN_ID, make_plan(*(make_task(f"t{number}") for number in range(50)))))
    write_views(job, run)
    done = threading.Event()
    seen: set[int] = set()

    def poll() -> None:
        while not done.is_set():
            seen.add(len(read_tasks(job)))
        seen.add(-1)

    reader = threading.Thread(target=poll)
    reader.start()
    for _ in range(100):
        write_views(job, run)
    done.set()
    reader.join()

    assert {50, -1} == seen  # -1: it never stumbled


def test_nothing_is_left_beside_the_files(job: JobFolder) -> None:
    """Neither after success, nor when a file cannot take its place."""
    write_views(job, grown_run())
    os.unlink(job.state_file)
    os.mkdir(job.state_file)
    with pytest.raises(OSError, match="directory"):
        replace_file(job.state_file, "text")

    assert ["runs", "state.json", "tasks.json"] == sorted(os.listdir(job.path))


def test_what_lies_at_the_temporary_name_is_neither_followed_nor_mixed_in(job: JobFolder, tmp_path: Path) -> None:
    """The name is easy to guess, and another run that had our number may have died there."""
    precious = tmp_path / "precious"
    precious.write_text("kept")
    temporary = Path(job.path, f".state.json.{os.getpid()}.tmp")
    temporary.symlink_to(precious)

    with pytest.raises(OSError, match="symbolic links"):
        replace_file(job.state_file, "text")

    assert ("kept", False) == (precious.read_text(), temporary.is_symlink())

    temporary.write_text("a much longer text")
    replace_file(job.state_file, "text")

    assert "text" == Path(job.state_file).read_text()


def test_a_view_that_cannot_be_written_is_not_the_run_s_concern(job: JobFolder) -> None:
    """The journal on the same disk is what a run stops for."""
    os.mkdir(job.tasks_file)

    write_views(job, grown_run())

    assert os.path.isdir(job.tasks_file)
