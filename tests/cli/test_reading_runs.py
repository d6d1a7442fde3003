"""status, history, why and graph --run: what they tell of runs on disk, finished, at work, or left behind."""

import json
from pathlib import Path

import pytest

from airexec.cli.commands.graph import GraphRequest, draw_graph
from airexec.cli.commands.history import show_history
from airexec.cli.commands.status import StatusRequest, show_status
from airexec.cli.commands.why import explain_task
from airexec.cli.entry import run_command_line
from airexec.errors import UsageError
from airexec.scheduler.events import Because, TaskUpstreamFailed
from airexec.scheduler.statuses import JobState, Status
from airexec.state.journal import JournalWriter
from airexec.state.layout import JobFolder
from tests.cli.jobs_on_disk import completed, failed, finished, started, task, write_run

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def broken(tmp_path: Path) -> JobFolder:
    """A job whose run is over: load failed, so report was not run."""
    upstream_failed = TaskUpstreamFailed("report", Because("all_success", "1 failed of 1 upstream", ("load",)))
    counts = {Status.FAILED: 1, Status.UPSTREAM_FAILED: 1}
    job, _ = write_run(
        tmp_path,
        started("etl", task("load"), task("report", "load")),
        [*failed("load"), upstream_failed, finished(JobState.FAILED, counts)],
    )
    return job


@pytest.fixture
def left_behind(tmp_path: Path) -> JobFolder:
    """A job whose scheduler was killed while load ran."""
    job, _ = write_run(tmp_path, started("etl", task("load"), task("report", "load")), completed("load")[:1])
    return job


def test_status_is_a_table_of_the_last_run(broken: JobFolder, capsys: Capture) -> None:
    """A line per task."""
    show_status(StatusRequest(state_dir=Path(broken.state_dir)))

    head, counts, _times, *tasks = capsys.readouterr().out.splitlines()
    assert f"etl: failed (run {broken.run_ids()[0]})" == head
    assert "  2 tasks: 1 failed, 1 upstream_failed" == counts
    assert ["load", "report"] == [line.split()[1] for line in tasks]


def test_status_for_programs_is_the_state_with_its_tasks(broken: JobFolder, capsys: Capture) -> None:
    """The fields of state.json and tasks.json, and whether anybody is at work."""
    show_status(StatusRequest(job="etl", as_json=True, state_dir=Path(broken.state_dir)))

    status = json.loads(capsys.readouterr().out)
    tasks = status.pop("tasks")
    assert {**json.loads(Path(broken.state_file).read_text()), "is_active": False} == status
    assert json.loads(Path(broken.tasks_file).read_text()) == tasks


def test_what_nobody_works_on_is_not_running(left_behind: JobFolder, capsys: Capture) -> None:
    """It is shown as a resume will find it."""
    show_status(StatusRequest(as_json=True, state_dir=Path(left_behind.state_dir)))

    status = json.loads(capsys.readouterr().out)
    load = status["tasks"][0]
    assert ("pending", "lost") == (load["status"], load["reason"])
    assert "the scheduler ended before the attempt did" == load["error"]
    assert {"pending": 2} == {name: count for name, count in status["counts"].items() if count}


def test_what_somebody_works_on_is_running(left_behind: JobFolder, capsys: Capture) -> None:
    """The lock of its journal tells."""
    writer = JournalWriter(left_behind.run(left_behind.run_ids()[0]).journal)
    try:
        show_status(StatusRequest(as_json=True, state_dir=Path(left_behind.state_dir)))
    finally:
        writer.close()

    status = json.loads(capsys.readouterr().out)
    assert (True, "running") == (status["is_active"], status["tasks"][0]["status"])


def test_an_older_run_is_over_whoever_works_on_the_newest(left_behind: JobFolder, capsys: Capture) -> None:
    """Each run has a lock of its own."""
    state_dir = Path(left_behind.state_dir)
    older = left_behind.run_ids()[0]
    write_run(state_dir, started("etl", task("load")), seconds_later=60)
    writer = JournalWriter(left_behind.run(left_behind.run_ids()[0]).journal)
    try:
        show_status(StatusRequest(run_id=older, as_json=True, state_dir=state_dir))
    finally:
        writer.close()

    status = json.loads(capsys.readouterr().out)
    assert (older, False) == (status["run_id"], status["is_active"])


@pytest.mark.parametrize("command", ["status", "logs", "reset", "why load"])
def test_a_run_that_never_began_cannot_be_looked_at(command: str, tmp_path: Path, capsys: Capture) -> None:
    """Its scheduler was killed while it wrote the first line, which stays as it is."""
    _, run = write_run(tmp_path, started("etl", task("load")))
    torn = b'{"seq":0,"time":"20'
    Path(run.journal).write_bytes(torn)

    exit_code = run_command_line([*command.split(), "--job", "etl", "--state-dir", str(tmp_path)])

    assert 2 == exit_code
    assert (
        "",
        f"airexec: error: run {run.run_id} ended before it began\n  hint: `airexec run` starts another\n",
    ) == capsys.readouterr()
    assert torn == Path(run.journal).read_bytes()


def test_history_lists_the_newest_run_first(broken: JobFolder, capsys: Capture) -> None:
    """A line per run."""
    state_dir = Path(broken.state_dir)
    write_run(state_dir, started("etl", task("load")), seconds_later=60)

    show_history("etl", None, as_json=False, state_dir=state_dir)

    lines = capsys.readouterr().out.splitlines()
    assert broken.run_ids() == [line.split()[0] for line in lines]
    assert lines[0].endswith("unfinished  1 pending")
    assert lines[1].endswith("failed      1 failed, 1 upstream_failed")


def test_history_for_programs(broken: JobFolder, capsys: Capture) -> None:
    """Times are UTC, durations seconds; what counts nothing is left out."""
    show_history(None, None, as_json=True, state_dir=Path(broken.state_dir))

    assert [
        {
            "run_id": broken.run_ids()[0],
            "state": "failed",
            "is_active": False,
            "started_at": "2026-09-21T14:13:20.000Z",
            "finished_at": "2026-09-21T14:13:24.000Z",
            "duration": 4.0,
            "counts": {"failed": 1, "upstream_failed": 1},
        }
    ] == json.loads(capsys.readouterr().out)


def test_why_explains_a_task(broken: JobFolder, capsys: Capture) -> None:
    """In sentences."""
    explain_task(["report"], None, None, state_dir=Path(broken.state_dir))

    first, second, *_ = capsys.readouterr().out.splitlines()
    assert "report: upstream_failed" == first
    assert "  its trigger rule is all_success: 1 failed of 1 upstream; decided by load" == second


def test_why_explains_all_instances_of_a_matrix(tmp_path: Path, capsys: Capture) -> None:
    """When the bare name is asked for."""
    write_run(tmp_path, started("ci", task("test[a]"), task("test[b]")), completed("test[a]"))

    explain_task(["test"], None, None, state_dir=tmp_path)

    answers = capsys.readouterr().out.split("\n\n")
    assert ["test[a]: completed", "test[b]: pending"] == [answer.splitlines()[0] for answer in answers]


def test_why_guesses_what_was_meant(broken: JobFolder) -> None:
    """An unknown task is a mistake on the command line."""
    with pytest.raises(UsageError) as refused:
        explain_task(["raport"], None, None, state_dir=Path(broken.state_dir))

    assert "did you mean 'report'?" == refused.value.hint


def test_the_graph_of_a_run_has_its_statuses(broken: JobFolder, capsys: Capture) -> None:
    """`airexec graph --run latest --format json`."""
    draw_graph(GraphRequest(format="json", run_id="latest", state_dir=Path(broken.state_dir)))

    nodes = json.loads(capsys.readouterr().out)["nodes"]
    assert {"load": "failed", "report": "upstream_failed"} == {node["id"]: node["status"] for node in nodes}
