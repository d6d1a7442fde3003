"""`airexec why TASK`, for every status that a task can have."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from airexec.errors import UsageError
from airexec.scheduler.events import (
    AttemptCompleted,
    AttemptFailed,
    AttemptSkipped,
    AttemptStarted,
    Because,
    Record,
    RetryReady,
    RunResumed,
    SignalSent,
    StopRequested,
    TaskSkipped,
)
from airexec.scheduler.reopen import reset_event
from airexec.scheduler.statuses import Reason, Status, StopCause
from airexec.testing import Script, make_plan, make_task
from airexec.views.inspect.explain import Story, explain
from airexec.workflow.model import Dependency, QueuePermission, Task


def started(*tasks: Task, **plan: object) -> Script:
    script = Script(make_plan(*tasks, name="etl", **plan))
    script.settle()
    return script


def why(script: Script, task_id: str, is_live: bool = True) -> list[str]:
    return explain(script.run, script.records, task_id, is_live)


def at(second: int) -> str:
    """Scripts begin at 1000 s, an event per second."""
    return f"1970-01-01 00:{second // 60:02}:{second % 60:02}"


def fail_and_start_again(script: Script, task_id: str, delay: float) -> None:
    script.fail(task_id, retry_delay=delay)
    script.happen(RetryReady(task_id))
    script.settle()


def test_completed_tells_all_attempts() -> None:
    """Which one did it, and how those before it failed."""
    script = started(make_task("load", retries=2))
    fail_and_start_again(script, "load", 5.0)
    script.happen(AttemptCompleted("load", 2, 1.26, note="1 process left behind ended"))
    script.settle()

    assert why(script, "load") == [
        "load: completed",
        f"  attempt 1 started at {at(1001)} and failed after 1.0 s: exit code 1; attempt 2 was due 5 s later",
        "    $ true",
        f"  attempt 2 started at {at(1004)} and completed after 1.3 s (1 process left behind ended)",
    ]


def test_failed_tells_the_reason_and_what_it_means_for_the_run() -> None:
    """With everything that is known: the ladder of signals, the bad lines, the upstream."""
    script = started(make_task("a"), make_task("b", ["a"], allow_failure=True))
    script.complete("a")
    script.happen(SignalSent("b", 1, "SIGTERM", "timeout"))
    details = ("line 1: not JSON", "line 2: no id")
    script.happen(
        AttemptFailed("b", 1, 5.0, Reason.TIMEOUT, "timed out after 5 s", 143, details=details, note="a note")
    )
    script.settle()

    assert why(script, "b") == [
        "b: failed",
        f"  attempt 1 started at {at(1003)} and failed after 5.0 s: timed out after 5 s (reason timeout) (a note)",
        "    $ true",
        f"    SIGTERM was sent at {at(1004)}: execution_timeout is over",
        "    line 1: not JSON",
        "    line 2: no id",
        "  trigger rule all_success, upstream: a completed",
        "  it may fail (allow_failure) without failing the run",
    ]


def test_failed_tells_why_it_was_not_tried_again() -> None:
    """There were retries left."""
    script = started(make_task("load", retries=2, retry_on=(75, 111)))
    script.fail("load")

    assert why(script, "load")[1:] == [
        f"  attempt 1 started at {at(1001)} and failed after 1.0 s: exit code 1; "
        "not tried again, as retry_on has 75, 111 only",
        "    $ true",
    ]


def test_a_failure_may_be_allowed_by_what_is_downstream() -> None:
    """By the edges, all of them."""
    script = started(make_task("lint"), make_task("ship", [Dependency("lint", allow_failure=True)]))
    script.fail("lint")

    assert why(script, "lint")[-1] == "  its failure does not fail the run: all that is downstream of it allows it"
    assert why(script, "ship")[-1] == "  trigger rule all_success, upstream: lint failed (may fail)"


def test_upstream_failed_follows_the_causes_to_the_task_that_failed() -> None:
    """Though that may be far up."""
    script = started(
        make_task("extract", retries=1),
        make_task("load", ["extract"]),
        make_task("ok"),
        make_task("merge", ["ok", "load"]),
    )
    script.complete("ok")
    fail_and_start_again(script, "extract", 0.0)
    script.fail("extract")

    assert why(script, "merge") == [
        "merge: upstream_failed",
        "  its trigger rule is all_success: 1 completed, 1 upstream_failed of 2 upstream; decided by load",
        "  because load is upstream_failed: 1 failed of 1 upstream (extract)",
        "  because extract failed: exit code 1 (attempt 2 of 2)",
        "  trigger rule all_success, upstream: ok completed, load upstream_failed",
    ]


def test_of_several_causes_the_failure_is_followed() -> None:
    """A skip beside it explains less."""
    a, b = make_task("a", when="false"), make_task("b")
    script = Script(make_plan(a, b, make_task("c", ["a", "b"], "all_done_min_one_success"), name="etl"))
    script.happen(TaskSkipped("a", Because("when", "false")))
    script.happen(AttemptStarted("b", 1, ("true",)))
    script.happen(AttemptFailed("b", 1, 1.0, Reason.EXIT, "exit code 1", 1))
    because = Because("all_done_min_one_success", "1 failed, 1 skipped of 2 upstream", ("a", "b"))
    script.happen(TaskSkipped("c", because))

    assert why(script, "c")[2] == "  because b failed: exit code 1"


def test_a_long_chain_of_causes_is_cut_in_the_middle() -> None:
    """Its two ends are what one wants to know."""
    names = [f"t{number}" for number in range(30)]
    script = started(make_task("t0"), *(make_task(name, [above]) for above, name in pairwise(names)))
    script.fail("t0")
    lines = why(script, "t29")

    assert lines[2] == "  because t28 is upstream_failed: 1 upstream_failed of 1 upstream (t27)"
    assert lines[6] == "  (21 more in between)"
    assert lines[10] == "  because t0 failed: exit code 1"


def test_skipped_by_its_own_condition() -> None:
    """The expression as written."""
    script = Script(make_plan(make_task("report", when="params.full"), name="etl"))
    script.happen(TaskSkipped("report", Because("when", "params.full")))

    assert why(script, "report") == ["report: skipped", "  its condition `when` is false: params.full"]


def test_skipped_by_its_own_exit_code() -> None:
    """The attempt, and what it meant."""
    script = started(make_task("load"), make_task("merge", ["load"]))
    script.happen(AttemptSkipped("load", 1, 0.4, Because("skip_on_exit_code", "exit code 99"), 99))
    script.settle()

    assert why(script, "load") == [
        "load: skipped",
        f"  attempt 1 started at {at(1001)} and skipped its task after 0.4 s",
        "    $ true",
        "  it said so itself: exit code 99 is one of skip_on_exit_code",
    ]
    assert why(script, "merge")[2] == "  because load is skipped: skip_on_exit_code: exit code 99"


def test_what_may_fail_with_some_exit_codes_only() -> None:
    script = started(make_task("a", allow_failure=(1, 2, 5)))

    assert why(script, "a")[-1] == "  it may fail with exit code 1, 2 or 5 (allow_failure) without failing the run"


def test_skipped_follows_the_causes_to_the_condition() -> None:
    """Skips cascade; somewhere above stands a condition."""
    tasks = make_task("a", when="params.full"), make_task("b", ["a"]), make_task("c", ["b"])
    script = Script(make_plan(*tasks, name="etl"))
    script.happen(TaskSkipped("a", Because("when", "params.full")))
    script.settle()

    assert why(script, "c") == [
        "c: skipped",
        "  its trigger rule is all_success: 1 skipped of 1 upstream; decided by b",
        "  because b is skipped: 1 skipped of 1 upstream (a)",
        "  because a is skipped: condition is false: params.full",
        "  trigger rule all_success, upstream: b skipped",
    ]


def test_skipped_because_something_went_well() -> None:
    """`one_failed` has nothing to do when all is well."""
    script = started(make_task("a"), make_task("cleanup", ["a"], "one_failed"))
    script.complete("a")

    assert why(script, "cleanup") == [
        "cleanup: skipped",
        "  its trigger rule is one_failed: 1 completed of 1 upstream; decided by a",
        "  because a is completed",
        "  trigger rule one_failed, upstream: a completed",
    ]


def test_running_tells_since_when() -> None:
    """And which attempt it is."""
    script = started(make_task("load", retries=1))
    fail_and_start_again(script, "load", 0.0)

    assert why(script, "load")[3:] == [f"  attempt 2 started at {at(1004)} and is running"]


def test_running_without_a_scheduler_is_lost() -> None:
    """The journal has a start without an end; nothing else can be known."""
    assert why(started(make_task("load")), "load", is_live=False) == [
        "load: running",
        f"  attempt 1 started at {at(1001)} and was lost: the scheduler ended before it did",
        "    $ true",
        "  no scheduler is at work on this run; `airexec resume etl` goes on with it",
    ]


def test_an_attempt_that_was_lost_stays_in_the_story() -> None:
    """After a resume the task begins anew."""
    script = started(make_task("load"))
    script.happen(RunResumed())
    script.settle()

    assert why(script, "load") == [
        "load: running",
        f"  attempt 1 started at {at(1001)} and was lost: the scheduler ended before it did",
        "    $ true",
        f"  attempt 2 started at {at(1003)} and is running",
    ]


def test_up_for_retry_tells_when() -> None:
    """About: the delay is measured by another clock."""
    script = started(make_task("load", retries=1))
    script.fail("load", retry_delay=90.0)

    assert why(script, "load") == [
        "load: up_for_retry",
        f"  attempt 1 started at {at(1001)} and failed after 1.0 s: exit code 1; attempt 2 was due 1 m 30 s later",
        "    $ true",
        f"  attempt 2 starts at about {at(1092)}, 1 m 30 s after the last one ended",
    ]


def test_pending_tells_which_upstream_it_waits_for() -> None:
    """With their statuses, also of those that were queued meanwhile."""
    script = started(make_task("find"), make_task("x"), make_task("merge", ["find", "x"]))
    script.complete("find", make_task("p-1"))

    assert why(script, "merge") == [
        "merge: pending",
        "  it waits for 2 of 3 upstream: x running, p-1 running (queued by find)",
        "  trigger rule all_success, upstream: find completed, x running, p-1 running (queued by find)",
    ]


def test_pending_may_wait_for_a_slot() -> None:
    """Who has them is what one wants to know."""
    script = started(make_task("a"), make_task("b"), make_task("c"))

    assert why(script, "c") == ["c: pending", "  it is ready and waits for a slot: 2 of 2 are taken, by a, b"]


def test_pending_may_wait_for_its_pool() -> None:
    """Which may have room, but not enough."""
    a, b = make_task("a", pool="database"), make_task("b", pool="database", pool_slots=2)
    script = started(a, b, pools={"database": 2}, max_active_tasks=8)

    assert why(script, "b") == [
        "b: pending",
        "  it is ready and waits for pool database: 1 of 2 slots are taken, by a; it needs 2",
    ]


def test_a_pool_with_just_enough_room_is_not_what_it_waits_for() -> None:
    """Then it is the slots of the run."""
    a, b, c = make_task("a", pool="database"), make_task("b"), make_task("c", pool="database")
    script = started(a, b, c, pools={"database": 2})

    assert why(script, "c")[1] == "  it is ready and waits for a slot: 2 of 2 are taken, by a, b"


def test_pending_may_be_about_to_change() -> None:
    """Between two turns of the scheduler."""
    fresh = Script(make_plan(make_task("a"), make_task("b", ["a"]), name="etl"))
    decided = started(make_task("a"), make_task("b", ["a"]))
    decided.happen(AttemptFailed("a", 1, 1.0, Reason.EXIT, "exit code 1", 1))

    assert why(fresh, "a") == ["a: pending", "  it is ready and about to start"]
    assert why(decided, "b")[1] == "  it will not run: 1 failed of 1 upstream (a)"


def test_pending_in_a_run_that_stops_is_not_started_any_more() -> None:
    """Though others still run."""
    script = started(make_task("a"), make_task("b", ["a"]))
    script.happen(StopRequested(StopCause.TERMINATE))

    assert why(script, "b")[1] == (
        "  it is not started any more: the run is stopping: airexec was told to terminate (SIGTERM)"
    )


def test_pending_in_a_run_that_nobody_works_on() -> None:
    """It was killed; how to go on is said."""
    script = started(make_task("a"), make_task("b", ["a"]))

    assert why(script, "b", is_live=False)[1] == (
        "  no scheduler is at work on this run; `airexec resume etl` goes on with it"
    )


def test_pending_after_a_reset() -> None:
    """What it did before is still in the journal."""
    script = started(make_task("a"))
    script.complete("a")
    script.happen(reset_event(script.run, ["a"]))

    assert why(script, "a") == [
        "a: pending",
        f"  attempt 1 started at {at(1001)} and completed after 1.0 s",
        "    $ true",
        f"  it was reset at {at(1004)}",
        "  it has not been started since; `airexec resume etl` does",
    ]


def test_cancelled_while_it_ran() -> None:
    """What stopped the run, and when."""
    script = started(make_task("a"))
    script.happen(StopRequested(StopCause.INTERRUPT))
    script.happen(SignalSent("a", 1, "SIGINT", "interrupt"))
    script.happen(AttemptFailed("a", 1, 3.0, Reason.CANCELLED, "cancelled: interrupted (Ctrl-C)", 130))
    script.settle()

    assert why(script, "a") == [
        "a: cancelled",
        f"  attempt 1 started at {at(1001)} and was cancelled after 3.0 s: interrupted (Ctrl-C)",
        "    $ true",
        f"    SIGINT was sent at {at(1003)}: interrupted (Ctrl-C)",
        f"  the run was stopped at {at(1002)}: interrupted (Ctrl-C)",
    ]


def test_cancelled_before_it_started() -> None:
    """By a failure elsewhere."""
    script = started(make_task("a"), make_task("b", ["a"]), make_task("c"), fail_fast=True)
    script.fail("c")
    script.fail("a", reason=Reason.CANCELLED)

    assert why(script, "b") == [
        "b: cancelled",
        f"  it was not started: the run was stopped at {at(1004)}: a task failed and fail_fast is set",
        "  trigger rule all_success, upstream: a cancelled",
    ]


def test_a_queued_task_tells_who_queued_it() -> None:
    """The way up to a task of the file, with the attempts that did it; and what it queued itself."""
    script = started(make_task("crawl", retries=1))
    fail_and_start_again(script, "crawl", 0.0)
    script.complete("crawl", make_task("sub", template="dir"))
    script.complete("sub", *(make_task(f"leaf-{number}") for number in range(6)))

    assert why(script, "leaf-0")[-1] == "  it was queued by sub (attempt 1), which was queued by crawl (attempt 2)"
    assert why(script, "sub")[-2:] == [
        "  it was queued from template dir by crawl (attempt 2)",
        "  it queued 6 tasks: leaf-0, leaf-1, leaf-2, leaf-3, leaf-4 and 1 more",
    ]


def test_a_long_way_up_is_cut_in_the_middle() -> None:
    """A chain may be ten thousand long."""
    script = started(make_task("t0"))
    for number in range(20):
        script.complete(f"t{number}", make_task(f"t{number + 1}"))

    assert why(script, "t20")[-1].split(", which was queued by ")[3:6] == [
        "t16 (attempt 1)",
        "(12 more in between)",
        "t3 (attempt 1)",
    ]


def test_a_rule_without_upstream_is_named() -> None:
    """It decides nothing, which may surprise."""
    script = started(make_task("a", [], "one_failed"))

    assert why(script, "a")[-1] == "  trigger rule one_failed, no upstream"


def test_many_upstream_are_counted() -> None:
    """And of those that it waits for, what runs comes first."""
    names = [f"t{number}" for number in range(15)]
    script = started(*map(make_task, names), make_task("merge", names), max_active_tasks=1)
    script.complete("t0")

    assert why(script, "merge")[1:] == [
        "  it waits for 14 of 15 upstream: t1 running, t2 pending, t3 pending, t4 pending, t5 pending and 9 more",
        "  trigger rule all_success, 15 upstream: 1 completed, 1 running, 13 pending",
    ]


def test_what_runs_is_named_before_what_has_not_started() -> None:
    """Whatever the order of the file."""
    script = started(make_task("a", ["b"]), make_task("b"), make_task("merge", ["a", "b"]))

    assert why(script, "merge")[1] == "  it waits for 2 of 2 upstream: b running, a pending"


def test_an_unknown_task_is_a_mistake_with_a_hint() -> None:
    """Which one was meant, if it can be told."""
    script = started(make_task("extract"))
    with pytest.raises(UsageError) as near:
        why(script, "extrakt")
    with pytest.raises(UsageError) as far:
        why(script, "zzz")

    assert (near.value.headline, near.value.hint) == (
        "run 20260102-030405-0000 has no task 'extrakt'",
        "did you mean 'extract'?",
    )
    assert far.value.hint == "`airexec status` lists its tasks"


def test_the_command_of_an_attempt_is_told_where_it_is_another_than_before() -> None:
    """Rendered: a value that comes from upstream may have changed. A script is what its shell was given."""
    script = Script(make_plan(make_task("load", retries=2), name="etl"))
    for attempt, command in enumerate((("sh", "-e", "-c", "make a\nmake b"),) * 2 + (("ls", "-l", "a b"),), start=1):
        script.happen(AttemptStarted("load", attempt, command))
        script.happen(AttemptFailed("load", attempt, 1.0, Reason.EXIT, "exit code 1", 1, retry_delay=0.0))
        script.happen(RetryReady("load"))

    assert [line for line in why(script, "load") if not line.startswith("  attempt")][1:4] == [
        "    $ make a",
        "      make b",
        "    $ ls -l 'a b'",
    ]


def test_many_tasks_are_explained_in_one_pass() -> None:
    """A template may have thousands of instances: each costs what is told of it, not the whole journal again."""
    script = Script(make_plan(make_task("find", queue=QueuePermission()), name="etl"))
    script.settle()
    script.complete("find", *(make_task(f"p{number}") for number in range(100)))
    for number in range(100):
        script.complete(f"p{number}")
    story = Story(script.run, OnePass(script.records), is_live=False)

    assert story.explain("p7")[-1] == "  it was queued by find (attempt 1)"
    assert [why(script, f"p{number}") for number in range(100)] == [story.explain(f"p{n}") for n in range(100)]


class OnePass(list[Record]):
    """Records that can be gone through once."""

    gone_through = False

    def __iter__(self) -> Iterator[Record]:
        assert not self.gone_through
        self.gone_through = True
        return super().__iter__()


def test_a_queued_task_whose_emitter_is_gone_is_explained_all_the_same() -> None:
    """It was taken out of the file, and the run went on with that."""
    plan = make_plan(make_task("find", queue=QueuePermission()), make_task("other"))
    script = Script(plan)
    script.settle()
    script.complete("find", make_task("q", queue=QueuePermission()))
    script.happen(StopRequested(StopCause.INTERRUPT))
    for task_id in script.with_status(Status.RUNNING):
        script.fail(task_id, reason=Reason.CANCELLED)
    without = plan._replace(tasks={"other": plan.tasks["other"]})
    script.happen(RunResumed(without))

    lines = explain(script.run, script.records, "q")

    assert "find" not in script.run.tasks
    assert "  it was queued by find (attempt 1)" in lines


def test_who_waits_for_its_order_alone_says_so() -> None:
    """With needs that are open too, they are counted together."""
    fmt, gen = make_task("fmt"), make_task("gen")
    script = started(fmt, gen, make_task("lint", after=("fmt",)), make_task("test", ["gen"], after=("fmt",)))

    assert [
        "lint: pending",
        "  it waits for fmt (after)",
        "  trigger rule all_success, upstream: fmt running (after)",
    ] == (why(script, "lint"))
    assert "  it waits for 2 of 2 upstream: gen running, fmt running (after)" == why(script, "test")[1]
