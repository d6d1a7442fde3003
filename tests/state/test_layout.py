"""Where things are in the state folder, and which names may be in a path."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.errors import StateUnwritableError, UsageError
from airexec.state.layout import RUN_ID, JobFolder, RunFolder, find_state_dir, new_run_id

NOON = 1_795_262_400.0  # 2026-11-21T12:00:00Z


@pytest.mark.parametrize("marker", [".git", ".airexec"])
def test_state_is_kept_where_the_repository_begins(marker: str, tmp_path: Path) -> None:
    """The nearest ancestor that has `.git` or `.airexec`, whichever comes first."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)
    (tmp_path / "a" / marker).mkdir()

    assert f"{tmp_path}/a/.airexec" == find_state_dir(tmp_path / "a" / "b" / "c" / "flow.yml")


def test_a_work_tree_has_a_file_named_git(tmp_path: Path) -> None:
    """It begins a repository as well."""
    (tmp_path / ".git").write_text("gitdir: elsewhere\n")
    (tmp_path / "a").mkdir()

    assert f"{tmp_path}/.airexec" == find_state_dir(tmp_path / "a" / "flow.yml")


def test_without_a_repository_state_is_kept_beside_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the path of the file is relative."""
    monkeypatch.chdir(tmp_path)

    assert f"{tmp_path}/.airexec" == find_state_dir("flow.yml")


def test_a_job_is_laid_out_as_designed(job: JobFolder) -> None:
    """Every path of DESIGN, State on disk."""
    run = job.run("20261121-013312-a3f9")

    root = job.state_dir
    assert f"{root}/jobs/etl/lock" == job.lock
    assert f"{root}/jobs/etl/state.json" == job.state_file
    assert f"{root}/jobs/etl/tasks.json" == job.tasks_file
    assert f"{root}/jobs/etl/runs/20261121-013312-a3f9/journal.jsonl" == run.journal
    assert f"{root}/jobs/etl/runs/20261121-013312-a3f9/logs/p[a%2Fb].2.log" == run.log("p[a/b]", 2)
    side = f"{root}/jobs/etl/runs/20261121-013312-a3f9/side/p[a%2Fb].2"
    assert (f"{side}.queue", f"{side}.output") == run.side_files("p[a/b]", 2)


def test_git_ignores_the_state_folder(job: JobFolder) -> None:
    """Without a word in the user's own `.gitignore`."""
    assert "*\n" == Path(job.state_dir, ".gitignore").read_text()


def test_a_folder_with_other_contents_is_not_ignored(tmp_path: Path) -> None:
    """`--state-dir .` must not make git ignore a checkout."""
    (tmp_path / "main.c").touch()

    JobFolder(tmp_path, "etl").create()

    assert not (tmp_path / ".gitignore").exists()


def test_creating_a_job_again_changes_nothing(job: JobFolder) -> None:
    """Every run does it."""
    before = sorted(Path(job.state_dir).rglob("*"))

    job.create()

    assert before == sorted(Path(job.state_dir).rglob("*"))


def test_looking_at_a_job_creates_nothing(tmp_path: Path) -> None:
    """Readers work where nothing may be written."""
    job = JobFolder(tmp_path / ".airexec", "etl")

    assert ([], None) == (job.run_ids(), job.latest_run())
    assert [] == list(tmp_path.iterdir())


def test_where_no_folder_can_be_made_the_reason_is_told(tmp_path: Path) -> None:
    """Exit 73, before anything has started."""
    (tmp_path / "file").touch()
    job = JobFolder(tmp_path / "file" / "a" / ".airexec", "etl")

    with pytest.raises(StateUnwritableError) as caught:
        job.create()

    assert f"cannot keep state in {tmp_path}/file/a/.airexec: Not a directory" == caught.value.headline
    assert "name another place with --state-dir" == caught.value.hint


@pytest.mark.parametrize("name", ["etl", "a", "9", "_x", "nightly-2.eu", "console", "x" * 128])
def test_an_ordinary_name_is_a_job_s(name: str, tmp_path: Path) -> None:
    """Letters, digits and three more characters."""
    assert name == os.path.basename(JobFolder(tmp_path, name).path)


ESCAPES = ["", ".", "..", "../x", "a/b", "a\\b", ".hidden", "-x", "a b", "é", "e\u0301", "a\n", "a\0"]
DEVICES = ["CON", "nul", "Aux.txt", "com1", "LPT9.log"]


@pytest.mark.parametrize("name", [*ESCAPES, *DEVICES, "x" * 129, "x" * 10_000])
def test_a_name_that_could_leave_the_state_folder_is_refused(name: str, tmp_path: Path) -> None:
    """Or that is a device on Windows, or of which there are two spellings."""
    with pytest.raises(UsageError) as caught:
        JobFolder(tmp_path, name)

    assert f"{name[:40]!r} cannot be the name of a job" == caught.value.headline


@pytest.mark.parametrize("run_id", ["", "..", "../../x", "latest", "20261121-013312-A3F9", "20261121-013312-a3f9/x"])
def test_what_is_no_run_id_is_refused(run_id: str, job: JobFolder) -> None:
    """It would become a path."""
    with pytest.raises(UsageError) as caught:
        job.run(run_id)

    assert f"{run_id!r} is not a run id" == caught.value.headline


def test_a_run_id_tells_when_the_run_began() -> None:
    """In UTC; the last part is the fraction of the second."""
    assert "20261121-120000-0000" == new_run_id(NOON)
    assert "20261121-120000-8000" == new_run_id(NOON + 0.5)


def test_a_run_that_starts_as_the_clock_went_back_is_still_the_latest() -> None:
    """The latest run must not depend on the clock."""
    assert "20261121-120000-0001" == new_run_id(NOON - 3600, "20261121-120000-0000")
    assert "20261121-120000-0001" == new_run_id(NOON, "20261121-120000-0000")
    assert "20270101-000000-0000" == new_run_id(NOON, "20261231-235959-ffff")


@given(st.lists(st.floats(0, 4e9), max_size=20))
def test_run_ids_sort_in_the_order_of_their_runs(clock: list[float]) -> None:
    """Whatever the clock does."""
    run_ids: list[str] = []
    for now in clock:
        run_ids.append(new_run_id(now, run_ids[-1] if run_ids else None))

    assert sorted(set(run_ids)) == run_ids
    assert all(map(RUN_ID.fullmatch, run_ids))


def test_runs_are_listed_newest_first(job: JobFolder) -> None:
    """Without those in which nothing was ever journaled, and without what is no run."""
    runs = [job.create_run(NOON + day * 86_400) for day in range(3)]
    for run in (runs[0], runs[1]):
        Path(run.journal).write_bytes(b"x")
    Path(runs[2].journal).touch()
    Path(job.runs, "notes").mkdir()

    latest = job.latest_run()

    assert ["20261122-120000-0000", "20261121-120000-0000"] == job.run_ids()
    assert ["20261123-120000-0000", *job.run_ids()] == job.run_folders()
    assert latest is not None
    assert runs[1].run_id == latest.run_id


def test_a_new_run_has_its_folders_and_the_link_to_its_logs(job: JobFolder) -> None:
    """The link leads to the run that it was given, and is relative, so that the folder may be moved."""
    job.create_run(NOON)
    run = job.create_run(NOON)
    job.link_logs(run)

    assert (True, True) == (os.path.isdir(run.logs), os.path.isdir(run.side))
    assert "runs/20261121-120000-0001/logs" == os.readlink(job.logs_link)
    assert ["logs", "runs"] == sorted(os.listdir(job.path))


def test_a_folder_where_the_link_to_the_logs_should_be_does_not_stop_a_run(job: JobFolder) -> None:
    """It is only a convenience; nothing is left behind."""
    os.mkdir(job.logs_link)

    job.link_logs(job.create_run(NOON))

    assert ["logs", "runs"] == sorted(os.listdir(job.path))


def test_every_path_of_a_run_stays_in_its_folder() -> None:
    """Whatever the task is called."""
    run = RunFolder("/s/jobs/etl/runs", "20261121-013312-a3f9")

    for task in ("../../x", "/etc/passwd", "a\0b", "..", "x" * 10_000):
        for path in (run.log(task, 1), *run.side_files(task, 1)):
            assert re.fullmatch(re.escape(run.path) + r"/(logs|side)/[^/\0]{1,200}", path)
