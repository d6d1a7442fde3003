"""A job in a folder of the test's own, and a small run in its journal."""

from pathlib import Path

import pytest

from airexec.scheduler.events import AttemptCompleted, AttemptStarted, Event, Record, RunFinished, RunStarted
from airexec.scheduler.statuses import JobState, Status
from airexec.state.layout import JobFolder
from airexec.testing import make_plan, make_task

NOON = 1_795_262_400.0  # 2026-11-21T12:00:00Z


@pytest.fixture
def job(tmp_path: Path) -> JobFolder:
    """The job `etl`, its folders made."""
    folder = JobFolder(tmp_path / ".airexec", "etl")
    folder.create()
    return folder


@pytest.fixture
def small_run() -> list[Record]:
    """One task that completed; one second between events, from noon on."""
    run_id = "20261121-120000-0000"
    happened: list[Event] = [
        RunStarted(run_id, make_plan(make_task("build"))),
        AttemptStarted("build", 1, ("sh", "-e", "-c", "true")),
        AttemptCompleted("build", 1, 0.25, {"rows": 42}),
        RunFinished(JobState.COMPLETED, {Status.COMPLETED: 1}),
    ]
    return [Record(seq, NOON + seq, event) for seq, event in enumerate(happened)]
