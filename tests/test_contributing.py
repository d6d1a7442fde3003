"""The map of the house agrees with the house: its table of states is what `apply` does, event by event."""

import re
from pathlib import Path
from typing import get_args

import pytest

from airexec.scheduler.apply import IllegalTransition
from airexec.scheduler.events import (
    AttemptCompleted,
    AttemptFailed,
    AttemptSkipped,
    AttemptStarted,
    Because,
    Event,
    RetryReady,
    RunFinished,
    RunResumed,
    StopRequested,
    TaskSkipped,
    TasksReset,
    TaskUpstreamFailed,
)
from airexec.scheduler.statuses import JobState, Reason, Status, StopCause
from airexec.testing import Script, make_plan, make_task

MAP = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text()

BECAUSE = Because("when", "false")

EVENTS: dict[str, Event] = {
    "AttemptStarted": AttemptStarted("a", 1, ()),
    "AttemptCompleted": AttemptCompleted("a", 1, 1.0),
    "AttemptFailed": AttemptFailed("a", 1, 1.0, Reason.EXIT, "exit code 1"),
    "AttemptFailed with retry_delay": AttemptFailed("a", 1, 1.0, Reason.EXIT, "exit code 1", retry_delay=1.0),
    "AttemptFailed with reason cancelled": AttemptFailed("a", 1, 1.0, Reason.CANCELLED, "stopped"),
    "AttemptFailed with reason changed": AttemptFailed("a", 1, 1.0, Reason.CHANGED, "ended"),
    "AttemptSkipped": AttemptSkipped("a", 1, 1.0, BECAUSE),
    "RetryReady": RetryReady("a"),
    "TaskSkipped": TaskSkipped("a", BECAUSE),
    "TaskUpstreamFailed": TaskUpstreamFailed("a", BECAUSE),
    "RunFinished": RunFinished(JobState.CANCELLED, {}),
    "RunResumed": RunResumed(),
    "TasksReset": TasksReset(("a",)),
}

WAYS: dict[Status, list[str]] = {
    Status.PENDING: [],
    Status.RUNNING: ["AttemptStarted"],
    Status.COMPLETED: ["AttemptStarted", "AttemptCompleted"],
    Status.FAILED: ["AttemptStarted", "AttemptFailed"],
    Status.UP_FOR_RETRY: ["AttemptStarted", "AttemptFailed with retry_delay"],
    Status.CANCELLED: ["AttemptStarted", "AttemptFailed with reason cancelled"],
    Status.SKIPPED: ["TaskSkipped"],
    Status.UPSTREAM_FAILED: ["TaskUpstreamFailed"],
}
"""How a task gets to each status."""


@pytest.mark.parametrize("name", EVENTS)
def test_the_table_of_states_says_what_an_event_does(name: str) -> None:
    """From every status where the event may come and changes something: to which?"""
    changes = {before: after for before in Status if (after := status_after(before, name)) not in (None, before)}

    assert written_changes()[name] == changes


def test_every_event_stands_in_the_map() -> None:
    """Those that change no task are named below the table."""
    section = MAP.partition("## States of a task")[2].partition("\n## ")[0]

    missing = [event.__name__ for event in get_args(Event) if f"`{event.__name__}`" not in section]

    assert [] == missing


def status_after(before: Status, name: str) -> Status | None:
    """Return where the event leads from a status, None when it cannot come there."""
    script = Script(make_plan(make_task("a")))
    for step in WAYS[before]:
        script.happen(EVENTS[step])
    if name == "RunFinished":
        script.happen(StopRequested(StopCause.INTERRUPT))
    try:
        script.happen(EVENTS[name])
    except IllegalTransition:
        return None
    return script.run.tasks["a"].status


def written_changes() -> dict[str, dict[Status, Status]]:
    """Return the rows of the table; `any` is every status but the one that the event leads to."""
    rows = re.findall(r"^\| `(\w+)`(.*?) \| (.*?) \| `(\w+)` \|$", MAP, re.MULTILINE)
    changes = {}
    for event, condition, before, after in rows:
        statuses = Status if before == "any" else re.findall(r"`(\w+)`", before)
        to = Status(after)
        changes[event + condition.replace("`", "")] = {Status(one): to for one in statuses if one != to}
    return changes
