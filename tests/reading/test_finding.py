"""Which job a command means."""

import os
from pathlib import Path

import pytest

from airexec.errors import StateUnwritableError, UsageError
from airexec.reading.finding import find_job
from airexec.reading.folders import job_names
from airexec.scheduler.apply import replay
from airexec.scheduler.events import Record, RunStarted
from airexec.state.codec import record_to_line
from airexec.state.layout import JobFolder
from airexec.state.view_files import write_views
from airexec.testing import make_plan, make_task

NOON = 1_795_262_400.0


def ran(state_dir: Path, name: str, folder: Path, at: float = NOON) -> JobFolder:
    """Make a job whose workflow file lies in `folder` and ran at that time."""
    job = JobFolder(state_dir, name)
    job.create()
    run = job.create_run(at)
    plan = make_plan(make_task("build"), name=name, path=os.fspath(folder / f"{name}.yml"))
    begun = Record(0, at, RunStarted(run.run_id, plan))
    Path(run.journal).write_bytes(record_to_line(begun))
    write_views(job, replay([begun]))
    return job


def test_the_only_job_is_meant(tmp_path: Path) -> None:
    """Also from a folder further down."""
    ran(tmp_path / ".airexec", "etl", tmp_path)
    (tmp_path / "a" / "b").mkdir(parents=True)

    assert "etl" == find_job(tmp_path / "a" / "b").name


def test_of_several_jobs_the_one_whose_file_is_here_is_meant(tmp_path: Path) -> None:
    """Though another ran later."""
    ran(tmp_path / ".airexec", "etl", tmp_path / "a")
    ran(tmp_path / ".airexec", "nightly", tmp_path / "b", NOON + 60)

    assert "etl" == find_job(tmp_path / "a").name


@pytest.mark.parametrize("lost", ["", "state.json"])
def test_else_the_job_that_ran_last_is_meant(lost: str, tmp_path: Path) -> None:
    """Also when a view is gone: none of them is needed."""
    first = ran(tmp_path / ".airexec", "a", tmp_path / "x", NOON + 60)
    ran(tmp_path / ".airexec", "b", tmp_path / "x")
    if lost:
        os.unlink(first.state_file)

    assert "a" == find_job(tmp_path).name


def test_a_job_is_found_by_its_name(tmp_path: Path) -> None:
    """Wherever its file is."""
    ran(tmp_path / ".airexec", "a", tmp_path)
    ran(tmp_path / ".airexec", "b", tmp_path)

    assert "b" == find_job(tmp_path, "b").name


def test_a_state_folder_may_be_named(tmp_path: Path) -> None:
    """It is then not looked for."""
    ran(tmp_path / "elsewhere", "etl", tmp_path)

    assert "etl" == find_job("/", None, tmp_path / "elsewhere").name


def test_an_unknown_job_is_an_error_that_lists_the_others(tmp_path: Path) -> None:
    """The first ten of them."""
    for number in range(12):
        ran(tmp_path / ".airexec", f"j{number:02}", tmp_path)

    with pytest.raises(UsageError) as caught:
        find_job(tmp_path, "etl")

    assert f"no job 'etl' in {tmp_path}/.airexec" == caught.value.headline
    assert "jobs here: j00, j01, j02, j03, j04, j05, j06, j07, j08, j09 and 2 more" == caught.value.hint


def test_before_the_first_run_there_is_no_job(tmp_path: Path) -> None:
    """And looking for one creates nothing."""
    (tmp_path / ".git").mkdir()

    with pytest.raises(UsageError) as caught:
        find_job(tmp_path)

    assert f"nothing has run yet: there is no job in {tmp_path}/.airexec" == caught.value.headline
    assert "`airexec run` makes the first" == caught.value.hint
    assert [".git"] == os.listdir(tmp_path)


@pytest.mark.parametrize("job", ["../etl", "a/b", "con"])
def test_a_name_that_leads_out_of_the_state_folder_is_refused(job: str, tmp_path: Path) -> None:
    """Before any path is made of it."""
    ran(tmp_path / ".airexec", "etl", tmp_path)

    with pytest.raises(UsageError, match="cannot be the name of a job"):
        find_job(tmp_path, job)


def test_what_is_no_job_is_not_listed(tmp_path: Path) -> None:
    """Odd names, files, and folders without runs."""
    ran(tmp_path, "etl", tmp_path)
    (tmp_path / "jobs" / "empty").mkdir()
    (tmp_path / "jobs" / "a b" / "runs").mkdir(parents=True)
    (tmp_path / "jobs" / "file").touch()

    assert ["etl"] == job_names(tmp_path)


def test_a_folder_that_is_not_safe_is_not_read(tmp_path: Path) -> None:
    """What `logs` would print could come from anybody."""
    job = ran(tmp_path / ".airexec", "etl", tmp_path)
    os.chmod(job.path, 0o777)

    with pytest.raises(StateUnwritableError, match="can be written by everybody"):
        find_job(tmp_path)
