"""What a runner that was killed at the worst moment has left of what others have written."""

import json
import os
from pathlib import Path

import pytest

from airexec.orders.recover import recover
from airexec.scheduler.state import Run
from airexec.state.layout import JobFolder
from airexec.testing import Script, make_plan, make_task


@pytest.fixture
def job(tmp_path: Path) -> JobFolder:
    job = JobFolder(tmp_path / ".airexec", "etl")
    job.create()
    return job


def run_of(*ids: str) -> Run:
    run = Script(make_plan(*map(make_task, ids))).run
    run.order = "one"
    return run


def test_tasks_that_were_exchanged_and_not_read_are_taken_from_incoming(job: JobFolder) -> None:
    """Those that neither the run nor the file has, and that somebody wants done."""
    Path(job.tasks_file).write_text(json.dumps([{"id": "a"}, {"id": "b"}]))
    lost = [{"id": "a"}, {"id": "b"}, {"id": "c"}, {"id": "d", "status": "completed"}, {"id": "ran"}]
    (Path(job.path) / ".tasks.json.17.tmp").write_text(json.dumps(lost))

    recover(job, run_of("a", "ran"))

    (name,) = os.listdir(job.incoming)
    assert ("recovered.tasks.json.17.json", [{"id": "c"}]) == (
        name,
        json.loads((Path(job.incoming) / name).read_text()),
    )
    assert not [name for name in os.listdir(job.path) if name.endswith(".tmp")]


@pytest.mark.parametrize("text", ['[{"id": "c"', "", '[{"id": "a"}]'])
def test_what_we_had_not_finished_is_removed(text: str, job: JobFolder) -> None:
    (Path(job.path) / ".tasks.json.17.tmp").write_text(text)

    recover(job, run_of("a"))

    assert ["runs"] == os.listdir(job.path)


def test_the_next_order_is_put_back(job: JobFolder) -> None:
    """One that we have carried out is not."""
    Path(job.state_file).write_text('{"id": "one", "state": "working", "run_id": "x"}')
    (Path(job.path) / ".state.json.17.tmp").write_text('{"id": "one", "state": "waiting"}')
    recover(job, run_of("a"))
    assert "working" == json.loads(Path(job.state_file).read_text())["state"]

    (Path(job.path) / ".state.json.17.tmp").write_text('{"id": "two", "state": "waiting"}')
    recover(job, run_of("a"))

    assert "two" == json.loads(Path(job.state_file).read_text())["id"]
