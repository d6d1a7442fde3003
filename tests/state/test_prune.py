"""Old runs go, and nothing else does."""

import os
from pathlib import Path

import pytest

from airexec.state.journal import JournalWriter
from airexec.state.layout import JobFolder, RunFolder
from airexec.state.prune import prune, remove_unbegun

NOON = 1_795_262_400.0


@pytest.fixture
def runs(job: JobFolder) -> list[RunFolder]:
    """Four runs with a journal and a log each, oldest first."""
    made = [job.create_run(NOON + minute * 60) for minute in range(4)]
    for run in made:
        Path(run.journal).write_bytes(b"x")
        Path(run.log("build", 1)).write_bytes(b"x")
    return made


def test_the_newest_runs_are_kept(job: JobFolder, runs: list[RunFolder]) -> None:
    """What went is returned, newest first."""
    removed = prune(job, keep_runs=2)

    assert [runs[1].run_id, runs[0].run_id] == removed
    assert sorted([runs[2].run_id, runs[3].run_id]) == sorted(os.listdir(job.runs))


def test_few_runs_are_all_kept(job: JobFolder, runs: list[RunFolder]) -> None:
    """Nothing is removed before it is time."""
    assert [] == prune(job, keep_runs=4)
    assert 4 == len(os.listdir(job.runs))


def test_a_run_that_a_crash_left_without_a_journal_goes_too(job: JobFolder, runs: list[RunFolder]) -> None:
    """Else half-removed runs would stay for ever."""
    os.unlink(runs[0].journal)

    assert runs[0].run_id in prune(job, keep_runs=1)


def test_what_is_no_run_stays(job: JobFolder, runs: list[RunFolder]) -> None:
    """It is not ours to remove."""
    Path(job.runs, "notes").mkdir()
    Path(job.runs, "20261121-120000-0000.bak").touch()

    prune(job, keep_runs=1)

    assert {"notes", "20261121-120000-0000.bak", runs[3].run_id} == set(os.listdir(job.runs))


def test_symbolic_links_are_not_followed(job: JobFolder, runs: list[RunFolder], tmp_path: Path) -> None:
    """Neither one inside a run nor one in the place of a run."""
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").touch()
    os.symlink(precious, os.path.join(runs[0].logs, "link"))
    os.symlink(precious, os.path.join(job.runs, "20200101-000000-0000"))

    removed = prune(job, keep_runs=1)

    assert "20200101-000000-0000" not in removed
    assert runs[0].run_id in removed
    assert ["file"] == os.listdir(precious)


def test_what_cannot_be_looked_into_is_no_run_that_never_began(job: JobFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can tell, so it stays; and the error that led here is the one that is said."""
    run = job.create_run(NOON)

    def failing(path: str, **options: object) -> os.stat_result:
        raise OSError(5, "broken")

    with monkeypatch.context() as patch:
        patch.setattr(os, "stat", failing)
        remove_unbegun(run)
    assert os.path.isdir(run.path)

    remove_unbegun(run)
    assert not os.path.exists(run.path)


def test_a_run_at_work_is_never_removed(job: JobFolder) -> None:
    """However old: of several runs of a job the oldest may be at work."""
    oldest, _, newest = (job.create_run(NOON + minute * 60) for minute in range(3))
    writer = JournalWriter(oldest.journal)
    removed = prune(job, 1)
    writer.close()

    assert [newest.run_id, oldest.run_id] == job.run_folders()
    assert 1 == len(removed)
