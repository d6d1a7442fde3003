"""What each event is called on a console."""

import pytest

from airexec.scheduler.events import (
    AdditionsRefused,
    AttemptCompleted,
    AttemptFailed,
    AttemptSkipped,
    AttemptStarted,
    Because,
    Event,
    NodesAdded,
    NodesQueued,
    Noticed,
    RetryReady,
    RunFinished,
    RunResumed,
    SignalSent,
    StopRequested,
    TaskSkipped,
    TasksReset,
    TaskUpstreamFailed,
)
from airexec.scheduler.statuses import JobState, Reason, StopCause
from airexec.testing import Script, make_plan, make_task
from airexec.views.console_style import ConsoleStyle
from airexec.views.live.message_lines import message_lines
from airexec.views.wording import because_text, counts_text, describe, named_text, time_text

STYLE = ConsoleStyle()


def last_message(script: Script) -> list[str]:
    message = describe(script.run, script.records[-1])
    return [] if message is None else message_lines(message, STYLE)


def script_after(*script_events: Event) -> Script:
    """A run of `load` (retries: 2) and `merge`, which needs it, after these events."""
    script = Script(make_plan(make_task("load", retries=2), make_task("merge", ["load"]), name="etl"))
    for event in script_events:
        script.happen(event)
    return script


def started(attempt: int = 1) -> AttemptStarted:
    return AttemptStarted("load", attempt, ("true",))


def failed(attempt: int = 1, **fields: object) -> AttemptFailed:
    facts = {"reason": Reason.EXIT, "error": "exit code 2", "exit_code": 2, **fields}
    return AttemptFailed("load", attempt, 0.44, **facts)  # type: ignore[arg-type]


def failed_thrice() -> tuple[Event, ...]:
    again = failed(1, retry_delay=0.0), failed(2, retry_delay=0.0)
    ready = RetryReady("load")
    return started(), again[0], ready, started(2), again[1], ready, started(3), failed(3)


BECAUSE = Because("all_success", "1 failed of 1 upstream", ("load",))


@pytest.mark.parametrize(
    ("happened", "lines"),
    [
        ([], ["▸ etl: run 20260102-030405-0000: 2 tasks, 2 at a time"]),
        ([RunResumed()], ["▸ etl: run 20260102-030405-0000 goes on: 0 of 2 tasks completed before, 2 at a time"]),
        ([started()], ["▸ load"]),
        ([*failed_thrice()[:4]], ["▸ load  attempt 2 of 3"]),
        ([started(), AttemptCompleted("load", 1, 1.26)], ["✓ load  1.3 s"]),
        (
            [started(), AttemptCompleted("load", 1, 1.26, note="2 processes left behind ended")],
            ["✓ load  1.3 s  2 processes left behind ended"],
        ),
        ([started(), failed(retry_delay=5.0)], ["↻ load  0.4 s  exit code 2; attempt 2 of 3 in 5 s"]),
        ([started(), failed(retry_delay=0.0)], ["↻ load  0.4 s  exit code 2; attempt 2 of 3 follows"]),
        ([*failed_thrice()], ["✗ load  0.4 s  exit code 2"]),
        ([started(), failed(note="1 process ended")], ["✗ load  0.4 s  exit code 2 (1 process ended)"]),
        (
            [started(), failed(reason=Reason.QUEUE, error="nothing was queued", details=("line 1: x", "line 2: y"))],
            ["✗ load  0.4 s  nothing was queued", "    line 1: x", "    line 2: y"],
        ),
        (
            [started(), failed(reason=Reason.QUEUE, error="nothing was queued: line 1: x", details=("line 1: x",))],
            ["✗ load  0.4 s  nothing was queued: line 1: x"],
        ),
        (
            [started(), failed(reason=Reason.CANCELLED, error="cancelled: interrupted (Ctrl-C)")],
            ["■ load  0.4 s  cancelled: interrupted (Ctrl-C)"],
        ),
        ([started(), failed(retry_delay=5.0), RetryReady("load")], []),
        (
            [started(), AttemptSkipped("load", 1, 0.4, Because("skip_on_exit_code", "exit code 99"), 99, "1 left")],
            ["○ load  0.4 s  skipped: skip_on_exit_code: exit code 99 (1 left)"],
        ),
        ([TaskSkipped("load", Because("when", "params.full"))], ["○ load  skipped: condition is false: params.full"]),
        ([*failed_thrice(), TaskUpstreamFailed("merge", BECAUSE)], ["○ merge  not run: 1 failed of 1 upstream (load)"]),
        ([started(), NodesQueued("load", 1, (make_task("p-1"),))], ["↳ load  queued 1 task: p-1"]),
        (
            [started(), NodesQueued("load", 1, tuple(make_task(f"p-{n}") for n in range(12)))],
            ["↳ load  queued 12 tasks: p-0, p-1, p-2 and 9 more"],
        ),
        ([started(), NodesQueued("load", 1, (), known=("merge",))], []),
        ([NodesAdded("outside", (make_task("p-1"),))], ["↳ etl: added from outside: 1 task: p-1"]),
        ([AdditionsRefused(("bad one", "bad two"))], ["◆ etl: what cannot be added:", "    bad one", "    bad two"]),
        ([AdditionsRefused(())], ["◆ etl: nothing of what was added is wrong any more"]),
        ([started(), SignalSent("load", 1, "SIGTERM", "timeout")], ["◆ load  SIGTERM sent: execution_timeout is over"]),
        (
            [started(), SignalSent("load", 1, "SIGTERM", "precondition")],
            ["◆ load  SIGTERM sent: a condition has taken too long"],
        ),
        (
            [started(), SignalSent("load", 1, "SIGKILL", "leftover")],
            ["◆ load  SIGKILL sent: the attempt left processes behind"],
        ),
        ([started(), SignalSent("load", 1, "SIGINT", "interrupt")], []),
        ([started(), SignalSent("load", 1, "SIGKILL", "interrupt")], ["◆ load  SIGKILL sent: interrupted (Ctrl-C)"]),
        ([started(), Noticed("load", 1, "warning", "disk is\nfull")], [r"◆ load  warning: disk is\nfull"]),
        ([StopRequested(StopCause.INTERRUPT)], ["◆ stopping: interrupted (Ctrl-C); nothing more is started"]),
        (
            [StopRequested(StopCause.FAIL_FAST)],
            ["◆ stopping: a task failed and fail_fast is set; nothing more is started"],
        ),
        ([TasksReset(("load", "merge"))], ["◆ 2 tasks reset"]),
        ([RunFinished(JobState.CANCELLED, {})], []),
    ],
)
def test_an_event_is_described_in_one_line(happened: list[Event], lines: list[str]) -> None:
    """Those that the next line or the summary says anyway are left out."""
    assert last_message(script_after(*happened)) == lines


def test_a_failure_that_is_allowed_is_called_so() -> None:
    """Else everybody looks for the error in a run that is good."""
    script = Script(make_plan(make_task("lint", allow_failure=True)))
    script.settle()
    script.fail("lint")

    messages = [describe(script.run, record) for record in script.records if isinstance(record.event, AttemptFailed)]

    assert [message.text for message in messages if message] == ["exit code 1 (allowed to fail)"]


def test_a_splice_and_a_reset_tell_how_many_tasks_came_and_went() -> None:
    """The graph has changed under the reader's eyes."""
    script = Script(make_plan(make_task("find")))
    script.settle()
    script.complete("find", make_task("p-1"))
    script.complete("p-1")
    script.happen(TasksReset(("find",), removed=("p-1",)))

    assert last_message(script) == ["◆ 1 task reset, 1 queued by them removed"]


def test_a_rule_other_than_the_default_is_named() -> None:
    """`all_success` goes without saying."""
    because = Because("none_skipped", "1 skipped of 2 upstream", ("a",))

    assert because_text(because) == "none_skipped: 1 skipped of 2 upstream (a)"


def test_many_names_are_cut_short() -> None:
    """A line that names a thousand tasks says nothing."""
    assert named_text(map(str, range(7))) == "0, 1, 2, 3, 4 and 2 more"


def test_counts_leave_out_what_is_none() -> None:
    """Completed first, as that is what one hopes to read."""
    script = Script(make_plan(make_task("a"), make_task("b", ["a"]), make_task("c")))
    script.settle()
    script.complete("c")
    script.fail("a")

    assert counts_text(script.run) == "3 tasks: 1 completed, 1 failed, 1 upstream_failed"


def test_text_of_tasks_cannot_break_out_of_our_line() -> None:
    """Errors, notes and messages may have been written by anybody."""
    script = script_after(started(), failed(error="bad\n✓ load  0.1 s \x1b[2J", note="\x1b]0;x\x07"))

    assert last_message(script) == [r"✗ load  0.4 s  bad\n✓ load  0.1 s \x1b[2J (\x1b]0;x\x07)"]


def test_a_moment_is_shown_in_local_time() -> None:
    """The journal has UTC, people have clocks."""
    assert time_text(1_795_224_792.0) == "2026-11-21 01:33:12"


def test_an_instance_with_a_name_is_called_by_both() -> None:
    """Its id is what commands take."""
    script = Script(make_plan(make_task("test[3.11]", label="Python 3.11"), make_task("other", ["test[3.11]"])))
    script.settle()
    script.complete("test[3.11]")
    script.records.pop()  # `other` has started

    assert ["✓ test[3.11] (Python 3.11)  1.0 s"] == last_message(script)
