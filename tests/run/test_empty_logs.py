"""Attempts that printed nothing have a log all the same, once they are over, at the price of a name."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from airexec.run.empty_logs import EmptyLogs
from airexec.scheduler.events import RetryReady
from airexec.testing import make_plan, make_task
from tests.views.watching import WatchedRun


def watched(folder: Path, *tasks: str) -> WatchedRun:
    listener = EmptyLogs(lambda task, attempt: str(folder / f"{task}.{attempt}.log"))
    plan = make_plan(*(make_task(task, retries=1) for task in tasks), max_active_tasks=len(tasks))
    run = WatchedRun(plan, listener)
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


def test_many_empty_logs_are_one_file(tmp_path: Path) -> None:
    run = watched(tmp_path, "a", "b", "c")
    for task in ("a", "b", "c"):
        run.complete(task)

    assert ["a.1.log", "b.1.log", "c.1.log"] == logs(tmp_path)
    assert [b""] * 3 == [(tmp_path / name).read_bytes() for name in logs(tmp_path)]
    assert 1 == len({(tmp_path / name).stat().st_ino for name in logs(tmp_path)})


@pytest.mark.parametrize("before", [(), ("b",)])
def test_what_was_there_before_is_gone(before: Sequence[str], tmp_path: Path) -> None:
    """Whether it is the first log or not. It may be a link: what that leads to is not ours."""
    (tmp_path / "kept").write_text("output")
    (tmp_path / "a.1.log").symlink_to("kept")
    run = watched(tmp_path, "a", "b")
    for task in (*before, "a"):
        run.complete(task)

    assert (b"", "output") == ((tmp_path / "a.1.log").read_bytes(), (tmp_path / "kept").read_text())


def test_a_file_that_went_away_is_followed_by_another(tmp_path: Path) -> None:
    run = watched(tmp_path, "a", "b", "c")
    run.complete("a")
    (tmp_path / "a.1.log").unlink()
    run.complete("b")
    run.complete("c")

    assert ["b.1.log", "c.1.log"] == logs(tmp_path)


def test_a_disk_without_links_gets_a_file_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    run = watched(tmp_path, "a", "b")
    run.complete("a")
    run.complete("b")

    assert 2 == len({(tmp_path / name).stat().st_ino for name in logs(tmp_path)})


def test_a_folder_that_is_gone_is_no_error(tmp_path: Path) -> None:
    run = watched(tmp_path / "gone", "a")
    run.complete("a")

    assert [] == os.listdir(tmp_path)
