"""How long tasks took before."""

import os
from pathlib import Path

import pytest

from airexec.scheduler.apply import replay
from airexec.scheduler.events import AttemptCompleted, AttemptFailed, AttemptStarted, Event, Record, RunStarted
from airexec.scheduler.statuses import Reason
from airexec.state import past_durations
from airexec.state.layout import JobFolder
from airexec.state.past_durations import recent_durations, remember_durations
from airexec.testing import make_plan, make_task


def remember(job: JobFolder, **seconds: float) -> None:
    """Remember a run in which these tasks completed."""
    happened: list[Event] = [RunStarted("20261121-120000-0000", make_plan(*map(make_task, seconds)))]
    for task, duration in seconds.items():
        happened += [AttemptStarted(task, 1, ()), AttemptCompleted(task, 1, duration)]
    remember_durations(job, replay(Record(seq, 0.0, event) for seq, event in enumerate(happened)))


def test_the_median_of_the_last_runs_counts(job: JobFolder) -> None:
    """Five of them; one slow run does not change it."""
    for seconds in (100, 100, 1, 2, 60, 3, 2.5):
        remember(job, build=seconds)

    assert {"build": 2.5} == recent_durations(job)
    assert {"build": 3.0} == recent_durations(job, limit=2)
    assert {"build": 2.5} == recent_durations(job, limit=100)


def test_a_task_that_did_not_run_this_time_is_still_known(job: JobFolder) -> None:
    """As when only some tasks were asked for."""
    remember(job, build=1, test=2)
    remember(job, build=1)

    assert {"test": 2.0, "build": 1.0} == recent_durations(job)


def test_only_completed_tasks_are_remembered(job: JobFolder) -> None:
    """A failure may come at any time."""
    plan = make_plan(make_task("build"), make_task("test"))
    failed = AttemptFailed("build", 1, 9.0, Reason.EXIT, "exit code 1", 1)
    happened: list[Event] = [RunStarted("20261121-120000-0000", plan), AttemptStarted("build", 1, ()), failed]
    remember_durations(job, replay(Record(seq, 0.0, event) for seq, event in enumerate(happened)))

    assert {} == recent_durations(job)


def test_tasks_not_seen_for_longest_are_forgotten(job: JobFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Queued tasks may be others in every run; the file must not grow for ever."""
    monkeypatch.setattr(past_durations, "TASKS_REMEMBERED", 2)
    remember(job, a=1, b=1)
    remember(job, a=1)
    remember(job, c=1)

    assert ["a", "c"] == list(recent_durations(job))


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"a": 1}', '{"a": []}', '{"a": ["1"]}', '{"a": [-1]}'])
def test_a_damaged_file_is_as_none(text: str, job: JobFolder) -> None:
    """And the next run writes a good one."""
    Path(job.path, "durations.json").write_text(text)
    before = recent_durations(job)
    remember(job, build=1)

    assert ({}, {"build": 1.0}) == (before, recent_durations(job))


@pytest.mark.parametrize("number", ["Infinity", "NaN", "1e400", "1" + "0" * 400, "null", "1e10"])
def test_a_number_that_is_no_duration_is_left_out(number: str, job: JobFolder) -> None:
    """It would end up in the plan, and there in the journal."""
    damaged = f'"a": [{number}], "c": [1, {number}], "d": [{number}, 1]'
    Path(job.path, "durations.json").write_text(f'{{{damaged}, "b": [2]}}')

    assert {"b": 2.0} == recent_durations(job)


def test_without_a_file_nothing_is_known(job: JobFolder) -> None:
    """And nothing is created by asking."""
    assert {} == recent_durations(job)
    assert ["runs"] == os.listdir(job.path)


def test_a_file_that_cannot_be_written_does_not_matter(job: JobFolder) -> None:
    """It is a view."""
    os.mkdir(f"{job.path}/durations.json")

    remember(job, build=1)

    assert {} == recent_durations(job)
