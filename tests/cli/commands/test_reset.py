"""What `airexec reset` leaves on disk."""

import json
from pathlib import Path

import pytest

from airexec.cli.commands.reset import reset_tasks
from airexec.errors import JobLockedError, UsageError
from airexec.reading.named import load, run_folder
from airexec.scheduler.events import NodesQueued, TasksReset
from airexec.scheduler.statuses import JobState, Status
from airexec.state.journal import read_journal
from airexec.state.layout import JobFolder
from airexec.state.lock import acquire, is_locked
from tests.cli.jobs_on_disk import completed, finished, started, task, write_run

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def grown(tmp_path: Path) -> JobFolder:
    """A completed run in which find queued part-1."""
    find_started, find_completed = completed("find")
    find = task("find")
    job, _ = write_run(
        tmp_path,
        started("etl", find, task("merge", "find"), task("other")),
        [
            find_started,
            NodesQueued("find", 1, (task("part-1"),)),
            find_completed,
            *completed("part-1"),
            *completed("merge"),
            *completed("other"),
            finished(JobState.COMPLETED, {Status.COMPLETED: 4}),
        ],
    )
    return job


def statuses(job: JobFolder) -> dict[str, str]:
    return {task_id: str(state.status) for task_id, state in load(run_folder(job, None)).run.tasks.items()}


def test_a_task_and_what_was_built_on_it_are_pending_again(grown: JobFolder, capsys: Capture) -> None:
    """What it had queued is gone; the rest is left alone."""
    exit_code = reset_tasks(["find"], None, None, Path(grown.state_dir))

    assert (0, {"find": "pending", "merge": "pending", "other": "completed"}) == (exit_code, statuses(grown))
    again = f"airexec resume etl --state-dir {grown.state_dir}"
    assert (
        f"etl: 2 tasks reset (find, merge), 1 queued task removed; `{again}` runs them\n",
        "",
    ) == capsys.readouterr()


def test_all_tasks_that_are_named_are_reset(grown: JobFolder) -> None:
    """Each with what was built on it."""
    reset_tasks(["etl", "other", "merge"], None, None, Path(grown.state_dir))

    assert {"find": "completed", "part-1": "completed", "merge": "pending", "other": "pending"} == statuses(grown)


def test_without_tasks_all_are_reset(grown: JobFolder) -> None:
    """Of the job that is named."""
    reset_tasks(["etl"], None, None, Path(grown.state_dir))

    assert {"find": "pending", "merge": "pending", "other": "pending"} == statuses(grown)


def test_a_reset_is_one_event(grown: JobFolder) -> None:
    """At the end of the journal, and in the views."""
    reset_tasks(["etl", "other"], None, None, Path(grown.state_dir))

    last = read_journal(run_folder(grown, None).journal).records[-1]
    assert TasksReset(("other",)) == last.event
    tasks = json.loads(Path(grown.tasks_file).read_text())
    assert {"other": "pending"} == {each["id"]: each["status"] for each in tasks if each["status"] != "completed"}


def test_a_job_at_work_is_left_alone(grown: JobFolder) -> None:
    """Its scheduler holds the lock."""
    lock = acquire(grown, ["airexec", "run"], now=0.0)
    before = Path(run_folder(grown, None).journal).read_bytes()

    with pytest.raises(JobLockedError):
        reset_tasks(["find"], None, None, Path(grown.state_dir))

    lock.release()
    assert before == Path(run_folder(grown, None).journal).read_bytes()


def test_the_job_is_free_again_after_a_mistake(grown: JobFolder) -> None:
    """An unknown task changes nothing."""
    with pytest.raises(UsageError) as refused:
        reset_tasks(["etl", "fnid"], None, None, Path(grown.state_dir))

    assert "did you mean 'find'?" == refused.value.hint
    assert not is_locked(grown)
