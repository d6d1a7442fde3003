"""Which file a job belongs to, whatever is left of its state."""

import os
from pathlib import Path

import pytest

from airexec.errors import UsageError
from airexec.reading.folders import state_fields
from airexec.reading.owner import check_owner, other_owner, workflow_path
from airexec.state.layout import JobFolder
from tests.reading.test_finding import ran


@pytest.fixture
def job(tmp_path: Path) -> JobFolder:
    """A job whose file is there."""
    (tmp_path / "etl.yml").write_text("")
    return ran(tmp_path / ".airexec", "etl", tmp_path)


@pytest.mark.parametrize("view", ["as it was", "lost", "[]", "{", '{"workflow": 1}'])
def test_the_journal_tells_where_the_view_cannot(view: str, job: JobFolder, tmp_path: Path) -> None:
    if view == "lost":
        os.unlink(job.state_file)
    elif view != "as it was":
        Path(job.state_file).write_text(view)

    assert str(tmp_path / "etl.yml") == workflow_path(job)


@pytest.mark.parametrize("damage", [b"{}\n{}\n", b"", b"\0" * 100])
def test_where_neither_can_tell_the_job_is_nobodys(damage: bytes, job: JobFolder, tmp_path: Path) -> None:
    """The run that comes says that the last one cannot be read."""
    os.unlink(job.state_file)
    run = job.latest_run()
    assert run is not None
    Path(run.journal).write_bytes(damage)

    assert workflow_path(job) is None
    assert other_owner(job, tmp_path / "other.yml") is None


def test_another_file_is_told_whose_the_job_is(job: JobFolder, tmp_path: Path) -> None:
    (tmp_path / "other.yml").write_text("")
    check_owner(job, tmp_path / "etl.yml")

    with pytest.raises(UsageError) as refused:
        check_owner(job, tmp_path / "other.yml")

    assert "job 'etl' belongs to etl.yml, not to other.yml" == refused.value.headline


def test_a_link_in_the_place_of_a_view_is_not_read(job: JobFolder, tmp_path: Path) -> None:
    os.rename(job.state_file, tmp_path / "elsewhere")
    os.symlink(tmp_path / "elsewhere", job.state_file)

    assert {} == state_fields(job)
