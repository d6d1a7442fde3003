"""Attempts that printed nothing have a log all the same, once they are over."""

import os
from collections.abc import Sequence
from pathlib import Path

from airexec.run.empty_logs import EmptyLogsView
from airexec.scheduler.events import RetryReady
from airexec.testing import make_plan, make_task
from tests.views.watching import WatchedRun


def watched(folder: Path, *tasks: str) -> WatchedRun:
    view = EmptyLogsView(lambda task, attempt: str(folder / f"{task}.{attempt}.log"))
    run = WatchedRun(make_plan(*(make_task(task, retries=1) for task in tasks)), view)
    run.settle()
    return run


def logs(folder: Path) -> Sequence[str]:
    return sorted(os.listdir(folder))


def test_who_printed_nothing_has_an_empty_log_in_the_end(tmp_path: Path) -> None:
    run = watched(tmp_path, "good", "bad")
    before = logs(tmp_path)
    run.complete("good")
    run.fail("bad")

    assert ([], ["bad.1.log", "good.1.log"]) == (before, logs(tmp_path))


def test_who_printed_something_has_a_log_from_somebody_else(tmp_path: Path) -> None:
    """Should a task remove it, it does not come back."""
    run = watched(tmp_path, "silent", "talking")
    run.print("talking", b"hello\n")
    run.complete("talking")
    run.complete("silent")

    assert ["silent.1.log"] == logs(tmp_path)


def test_each_attempt_counts_for_itself(tmp_path: Path) -> None:
    """The first one printed, the second did not."""
    run = watched(tmp_path, "a")
    run.print("a", b"hello\n")
    run.fail("a", retry_delay=0.0)
    run.happen(RetryReady("a"))
    run.settle()
    run.complete("a")

    assert ["a.2.log"] == logs(tmp_path)
