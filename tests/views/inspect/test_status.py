"""`airexec status` and `airexec history`: aligned tables of plain text."""

import pytest

from airexec.reading.history import RunSummary
from airexec.scheduler.events import Because, RetryReady, StopRequested, TaskSkipped
from airexec.scheduler.statuses import JobState, Reason, Status, StopCause
from airexec.testing import Script, make_plan, make_task
from airexec.views.inspect.columns import aligned
from airexec.views.inspect.history import history_lines
from airexec.views.inspect.status import status_lines
from tests.views.watching import COLOURED, PLAIN


def script() -> Script:
    """One task of each kind: completed, failed, upstream_failed, skipped, running, up_for_retry, pending."""
    tasks = [make_task("extract", retries=1), make_task("load"), make_task("merge", ["load"]), make_task("report")]
    more = [make_task("long"), make_task("again", retries=1), make_task("last", ["long"])]
    made = Script(make_plan(*tasks, *more, name="etl", max_active_tasks=9))
    made.happen(TaskSkipped("report", Because("when", "params.full")))
    made.settle()
    made.complete("extract")
    made.fail("load")
    made.fail("again", retry_delay=5.0)
    return made


def test_status_is_a_line_for_each_task() -> None:
    """Sign, id, status, duration, and what there is to say."""
    assert status_lines(script().run, True, PLAIN) == [
        "etl: working (run 20260102-030405-0000)",
        "  7 tasks: 1 completed, 1 failed, 1 upstream_failed, 1 skipped, 1 running, 1 up_for_retry, 1 pending",
        "  started 1970-01-01 00:16:40, last event 1970-01-01 00:16:49",
        "✓ extract  completed        1.0 s",
        "✗ load     failed           1.0 s  exit code 1",
        "○ merge    upstream_failed         1 failed of 1 upstream (load)",
        "○ report   skipped                 condition is false: params.full",
        "▸ long     running",
        "↻ again    up_for_retry     1.0 s  exit code 1",
        "  last     pending",
    ]


@pytest.mark.parametrize(
    ("is_live", "stop", "state"),
    [
        (True, False, "working"),
        (True, True, "stopping"),
        (False, False, "unfinished, and nobody works on it; `airexec resume etl` goes on"),
    ],
)
def test_the_state_of_a_run_is_that_of_its_scheduler(is_live: bool, stop: bool, state: str) -> None:
    """A journal without an end does not say that somebody is still at work."""
    made = script()
    if stop:
        made.happen(StopRequested(StopCause.INTERRUPT))

    assert status_lines(made.run, is_live, PLAIN)[0] == f"etl: {state} (run 20260102-030405-0000)"


def test_a_cancelled_task_says_what_stopped_the_run() -> None:
    """The whole run, so all of its tasks."""
    made = Script(make_plan(make_task("a"), make_task("b", ["a"]), name="etl"))
    made.settle()
    made.happen(StopRequested(StopCause.DAGRUN_TIMEOUT))
    made.fail("a", reason=Reason.CANCELLED)

    lines = status_lines(made.run, False, PLAIN)
    assert [lines[0], *lines[-2:]] == [
        "etl: failed (run 20260102-030405-0000)",
        "■ a  cancelled  1.0 s  dagrun_timeout is over",
        "■ b  cancelled         dagrun_timeout is over",
    ]


def test_later_attempts_are_numbered() -> None:
    """The first goes without saying."""
    made = Script(make_plan(make_task("a", retries=1), make_task("b"), name="etl"))
    made.settle()
    made.fail("a", retry_delay=0.0)
    made.happen(RetryReady("a"))
    made.settle()
    made.complete("a")

    assert status_lines(made.run, True, PLAIN)[3:] == ["✓ a  completed  1.0 s  #2", "▸ b  running"]


def test_failures_stand_out_in_colour() -> None:
    """Without colour a table has no escapes at all."""
    lines = status_lines(script().run, True, COLOURED)

    assert lines[4] == "\x1b[31m✗\x1b[0m load     failed           1.0 s  \x1b[31mexit code 1\x1b[0m"


def test_history_is_a_line_for_each_run() -> None:
    """Newest first, as they come; a run that nobody finished is called so."""
    counts = {Status.COMPLETED: 36, Status.FAILED: 1}
    runs = [
        RunSummary("20261121-013312-a3f9", JobState.WORKING, True, 1_795_224_792.0, None, {Status.RUNNING: 2}),
        RunSummary("20261120-013312-b3f9", JobState.WORKING, False, 1_795_138_392.0, None, {Status.PENDING: 2}),
        RunSummary("20261119-013312-c3f9", JobState.FAILED, False, 1_795_051_992.0, 1_795_052_115.0, counts),
    ]

    assert history_lines(runs, PLAIN) == [
        "20261121-013312-a3f9  2026-11-21 01:33:12            working     2 running",
        "20261120-013312-b3f9  2026-11-20 01:33:12            unfinished  2 pending",
        "20261119-013312-c3f9  2026-11-19 01:33:12  2 m 03 s  failed      36 completed, 1 failed",
    ]


def test_history_of_nothing_is_empty() -> None:
    """No head without a body."""
    assert history_lines([], PLAIN) == []


def test_columns_are_as_wide_as_needed() -> None:
    """And empty ones are left out."""
    assert aligned([("a", "", "b"), ("ccc", "", "d")]) == ["a    b", "ccc  d"]


def test_an_instance_with_a_name_is_called_by_both() -> None:
    """Its id is what commands take."""
    script = Script(make_plan(make_task("test[3.11]", label="Python 3.11"), make_task("other")))

    assert ["  test[3.11] (Python 3.11)  pending", "  other                     pending"] == status_lines(
        script.run, True, PLAIN
    )[3:]
