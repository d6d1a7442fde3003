"""When memory runs out, tasks die before the scheduler: they are given a higher score."""

import os
import sys
from pathlib import Path

import pytest

from airexec.runner.oom_score import PATH, OomScore
from tests.runner.conftest import Room

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="scores are Linux's")


def test_a_task_and_all_that_it_starts_has_a_higher_score_than_we(room: Room) -> None:
    """By 500, or as much as there is; ours is as before when the task runs."""
    own = int(Path(PATH).read_text())
    room.sh(f"sh -c 'cat {PATH}'")

    assert min(1000, own + 500) == int(room.log())
    assert own == int(Path(PATH).read_text())


def test_where_scores_may_not_be_changed_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file can be opened, and refuses what is written."""

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    score = OomScore()
    monkeypatch.setattr(os, "pwrite", refuse)
    score.raise_for_child()
    raised = Path(PATH).read_text()
    score.lower()
    score.close()

    assert Path(PATH).read_text() == raised


def test_where_there_are_no_scores_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS."""
    monkeypatch.setattr("airexec.runner.oom_score.PATH", "/nowhere")
    score = OomScore()

    score.raise_for_child()
    raised = Path(PATH).read_text()
    score.lower()
    score.close()

    assert Path(PATH).read_text() == raised
