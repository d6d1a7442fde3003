"""What may be added to a run from outside, and why the rest may not."""

from collections.abc import Sequence

import pytest

from airexec.scheduler.events import RunResumed, StopRequested
from airexec.scheduler.statuses import JobState, Reason, Status, StopCause
from airexec.testing import Script, make_plan, make_task
from airexec.workflow.model import Dependency, QueueLimits, Task


def working(*failing: str) -> Script:
    """Return a run of `a` that has ended, well or not, and of `b`, which runs."""
    script = Script(make_plan(make_task("a"), make_task("b"), max_active_tasks=4))
    script.settle()
    (script.fail if "a" in failing else script.complete)("a")
    return script


def test_what_is_added_runs_beside_what_runs() -> None:
    script = working()

    assert {} == script.add(make_task("c"), make_task("d", ["c"]))

    assert ["c"] == script.settle()
    assert ["d"] == script.complete("c")


def test_it_may_depend_on_whatever_is_there_however_that_went() -> None:
    """On what has ended, what runs, and what comes with it in any order."""
    script = working("a")

    script.add(make_task("e", ["d"]), make_task("d"), make_task("c", ["b"]), make_task("never", ["a"]))

    assert ["d"] == script.settle()
    assert "upstream_failed" == script.statuses()["never"]
    assert ["c"] == script.complete("b")


@pytest.mark.parametrize(
    ("added", "problems"),
    [
        ([make_task("c", ["bb"])], ["task 'c' depends on 'bb', which is not there"]),
        ([make_task("a", command="other")], ["task 'a' is there already, with another definition"]),
        ([make_task("c"), make_task("c", command="other")], ["task 'c' is there already, with another definition"]),
        (
            [make_task("c", ["d"]), make_task("d", ["c"])],
            ["task 'c' is in a cycle: c -> d -> c", "task 'd' is in a cycle: c -> d -> c"],
        ),
        ([make_task("c", ["c"])], ["task 'c' is in a cycle: c -> c"]),
        (
            [make_task("e", ["d"]), make_task("d", ["c"]), make_task("c", ["zzz"])],
            [
                "task 'e' depends on 'd', which cannot be taken",
                "task 'd' depends on 'c', which cannot be taken",
                "task 'c' depends on 'zzz', which is not there",
            ],
        ),
    ],
)
def test_what_cannot_be_taken_has_a_reason(added: Sequence[Task], problems: list[str]) -> None:
    assert problems == list(working().add(*added).values())


def test_what_is_wrong_harms_no_other() -> None:
    script = working()

    problems = script.add(make_task("bad", ["zzz"]), make_task("good"), make_task("loop", ["loop"]))

    assert ["bad", "loop"] == list(problems)
    assert ["good"] == script.settle()


def test_it_may_be_taken_once_that_has_come_on_which_it_depends() -> None:
    script = working()
    late = make_task("late", ["c"])
    assert ["late"] == list(script.add(late))

    assert {} == script.add(late, make_task("c"))

    assert {"late", "c"} <= script.run.tasks.keys()


def test_what_is_there_already_is_nothing_new() -> None:
    script = working()
    script.add(make_task("c"))
    records = len(script.records)

    assert {} == script.add(make_task("c"), make_task("a"))
    assert records == len(script.records)


def test_a_run_takes_no_more_than_its_limit() -> None:
    """Upstream first, so that what is taken can run."""
    script = Script(make_plan(make_task("a"), queue_limits=QueueLimits(per_run=2)))

    problems = script.add(make_task("d", ["c"]), make_task("c"), make_task("e", ["d"]))

    assert {"e": "a run may have 2 tasks that were queued or added (queue_limits.per_run)"} == problems


def test_nothing_can_wait_for_what_was_cancelled() -> None:
    """Whoever is to wait for it would wait for ever."""
    script = working()
    script.happen(StopRequested(StopCause.INTERRUPT))
    script.fail("b", reason=Reason.CANCELLED)
    script.happen(RunResumed(continued=True))

    problems = script.add(make_task("c", ["b"]), make_task("d", ["a"]))

    assert {"c": "task 'c' depends on 'b', which was cancelled"} == problems
    assert ["d"] == script.settle()


def test_a_run_that_goes_on_for_what_was_added_leaves_the_rest_as_it_is() -> None:
    """A failed deploy must not be tried again because somebody has added something."""
    script = working("a")
    script.complete("b")
    assert JobState.FAILED is script.run.state

    script.happen(RunResumed(continued=True))
    script.add(make_task("c"))
    assert ["c"] == script.settle()
    script.complete("c")

    assert {"a": "failed", "b": "completed", "c": "completed"} == script.statuses()
    assert JobState.FAILED is script.run.state


def test_who_depends_on_a_failed_task_decides_whether_the_run_is_good() -> None:
    """As everywhere: a failure that all its downstream tolerates is tolerated."""
    script = working("a")
    assert 1 == script.run.untolerated

    script.add(make_task("c", [Dependency("a", allow_failure=True)]))
    assert 0 == script.run.untolerated
    script.add(make_task("d", ["a"]))
    assert 1 == script.run.untolerated


def test_a_crash_opens_again_what_was_running_and_nothing_that_has_failed() -> None:
    script = working("a")

    script.happen(RunResumed(continued=True))

    assert {"a": "failed", "b": "pending"} == script.statuses()
    assert 1 == script.run.counts[Status.FAILED]
