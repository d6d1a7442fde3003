"""`::queue` in the running graph. The names read as the table of DESIGN §5."""

from typing import Any

import pytest

from airexec.graph.walks import find_cycle
from airexec.scheduler.events import NodesQueued, RunResumed
from airexec.scheduler.reopen import reset_event
from airexec.scheduler.splice import SpliceRejectedError
from airexec.scheduler.statuses import JobState, Reason
from airexec.testing import Script, make_plan, make_task
from airexec.workflow.model import Dependency, QueueLimits, QueuePermission, SpliceMoment, Task

EMITTER = make_task("emit", queue=QueuePermission())
AT_LINE = make_task("emit", queue=QueuePermission(when=SpliceMoment.LINE))


def started(*tasks: Task, **settings: Any) -> Script:
    script = Script(make_plan(*tasks, **{"max_active_tasks": 10, **settings}))
    script.settle()
    return script


def rejection(script: Script, *batch: Task, emitter: str = "emit") -> tuple[str, ...]:
    before = script.statuses()
    with pytest.raises(SpliceRejectedError) as caught:
        script.queue(emitter, *batch)
    assert script.statuses() == before, "a rejected batch changes nothing"
    return caught.value.problems


def test_when__at_the_successful_end_of_the_attempt() -> None:
    """The batch is there, and starts, once the emitter is completed."""
    script = started(EMITTER)

    assert script.complete("emit", make_task("p-1"), make_task("p-2")) == ["p-1", "p-2"]


def test_when_line__queued_tasks_start_while_the_emitter_still_runs() -> None:
    """`when: line` splices at the line."""
    script = started(AT_LINE)

    script.queue("emit", make_task("p-1"))

    assert script.settle() == ["p-1"]
    assert script.statuses() == {"emit": "running", "p-1": "running"}


def test_who_waits__every_downstream_task_waits_for_everything_queued() -> None:
    """merge waits for both nodes of the batch."""
    script = started(EMITTER, make_task("merge", ["emit"]))

    assert script.complete("emit", make_task("p-1"), make_task("p-2")) == ["p-1", "p-2"]
    assert script.complete("p-1") == []
    assert script.complete("p-2") == ["merge"]


def test_who_waits__also_for_what_those_queue_in_turn() -> None:
    """A recursive emitter: merge waits for the leaves."""
    script = started(EMITTER, make_task("merge", ["emit"]))
    deeper = EMITTER._replace(id="deeper")

    assert script.complete("emit", deeper) == ["deeper"]
    assert script.complete("deeper", make_task("leaf")) == ["leaf"]
    assert script.complete("leaf") == ["merge"]


def test_who_waits__siblings_that_depend_on_a_queued_emitter_wait_for_its_tasks() -> None:
    """Downstream inside the batch is downstream as well."""
    script = started(EMITTER)
    deeper = EMITTER._replace(id="deeper")

    assert script.complete("emit", deeper, make_task("after", ["deeper"])) == ["deeper"]
    assert script.complete("deeper", make_task("leaf")) == ["leaf"]
    assert script.complete("leaf") == ["after"]


def test_who_waits__a_failure_of_a_queued_task_fails_downstream() -> None:
    """A queued task is an upstream like any other."""
    script = started(EMITTER, make_task("merge", ["emit"]), make_task("clean", ["emit"], "all_done"))
    script.complete("emit", make_task("p-1"))

    assert script.fail("p-1") == ["clean"]
    assert script.statuses()["merge"] == "upstream_failed"


def test_who_waits__an_edge_that_tolerates_the_emitter_tolerates_what_it_queues() -> None:
    """allow_failure on the edge is inherited."""
    script = started(EMITTER, make_task("merge", [Dependency("emit", allow_failure=True)]))
    script.complete("emit", make_task("p-1"))

    assert script.fail("p-1") == ["merge"]
    script.complete("merge")
    assert script.run.state == JobState.COMPLETED


def test_detached__downstream_does_not_wait_but_the_run_does() -> None:
    """`detached: true` opts one node out."""
    script = started(EMITTER, make_task("merge", ["emit"]))

    assert script.complete("emit", make_task("aside", detached=True)) == ["merge", "aside"]
    script.complete("merge")
    assert not script.run.is_over
    script.complete("aside")
    assert script.run.state == JobState.COMPLETED


def test_upstream__the_emitter_and_its_own_dependencies_in_any_order() -> None:
    """p-1 depends on a sibling that stands later and on an existing task."""
    script = started(EMITTER, make_task("slow"))

    assert script.complete("emit", make_task("p-1", ["p-2", "slow"]), make_task("p-2")) == ["p-2"]
    assert script.complete("p-2") == []
    assert script.complete("slow") == ["p-1"]
    assert list(script.run.tasks["p-1"].upstream) == ["emit", "p-2", "slow"]


def test_identity__the_same_definition_again_is_a_no_op() -> None:
    """A retry of the emitter may print the same lines."""
    script = started(AT_LINE)
    script.queue("emit", make_task("p-1"))

    assert script.queue("emit", make_task("p-1")) is None
    assert script.statuses() == {"emit": "running", "p-1": "pending"}


def test_identity__a_second_emitter_of_the_same_task_makes_its_downstream_wait_too() -> None:
    """Nothing is added, but what is downstream of the second emitter needs the result as well."""
    other = EMITTER._replace(id="other")
    script = started(EMITTER, other, make_task("after", ["other"]))
    script.complete("emit", make_task("p-1"))

    event = script.queue("other", make_task("p-1"))

    assert event == NodesQueued("other", 1, (), ("p-1",))
    assert script.complete("other") == []
    assert script.complete("p-1") == ["after"]


def test_identity__a_task_that_has_ended_already_counts_at_once_for_a_second_emitter() -> None:
    """Its downstream has nothing to wait for any more."""
    other = EMITTER._replace(id="other")
    script = started(EMITTER, other, make_task("after", ["other"]))
    script.complete("emit", make_task("p-1"))
    script.complete("p-1")

    script.queue("other", make_task("p-1"))

    assert script.complete("other") == ["after"]


def test_identity__another_definition_is_rejected() -> None:
    """Ids are global."""
    script = started(AT_LINE)
    script.queue("emit", make_task("p-1"))

    problems = rejection(script, make_task("p-1", retries=3))

    assert problems == ("task 'p-1' exists with another definition",)


def test_rules__an_unknown_dependency_is_rejected() -> None:
    """Neither an existing task nor a sibling."""
    problems = rejection(started(EMITTER), make_task("p-1", ["ghost"]))

    assert problems == ("task 'p-1' depends on 'ghost', which does not exist",)


def test_rules__a_cycle_among_siblings_is_rejected_with_its_path() -> None:
    """b -> a -> b."""
    problems = rejection(started(EMITTER), make_task("a", ["b"]), make_task("b", ["a"]))

    assert problems == ("the batch makes a cycle: a -> b -> a",)


def test_rules__a_queued_task_cannot_depend_on_what_waits_for_it() -> None:
    """merge waits for p-1, so p-1 cannot wait for merge."""
    script = started(EMITTER, make_task("merge", ["emit"]), make_task("report", ["merge"]))

    problems = rejection(script, make_task("p-1", ["report"]))

    assert problems == ("the batch makes a cycle: p-1 -> merge -> report -> p-1",)


def test_rules__what_waits_cannot_be_made_to_wait_for_what_is_below_it() -> None:
    """report is there already, below merge; queued once more, merge would have to wait for it."""
    script = started(EMITTER, make_task("merge", ["emit"]), make_task("report", ["merge"]))

    problems = rejection(script, make_task("report", ["merge"]))

    assert problems == ("the batch makes a cycle: report -> merge -> report",)


def test_rules__a_detached_task_may_depend_on_what_is_downstream() -> None:
    """Nobody waits for it, so there is no cycle."""
    script = started(EMITTER, make_task("merge", ["emit"]))

    assert script.complete("emit", make_task("p-1", ["merge"], detached=True)) == ["merge"]
    assert script.complete("merge") == ["p-1"]


def test_rules__a_task_that_has_started_gets_no_new_edge() -> None:
    """`eager` did not wait for the emitter, so it waits for nothing that it queues."""
    script = started(EMITTER, make_task("eager", ["emit"], "always"))

    script.complete("emit", make_task("p-1"))

    assert list(script.run.tasks["eager"].upstream) == ["emit"]


def test_rules__all_or_nothing() -> None:
    """One bad task, and its good siblings are not queued either."""
    problems = rejection(started(EMITTER), make_task("good"), make_task("bad", ["ghost"]))

    assert problems == ("task 'bad' depends on 'ghost', which does not exist",)


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        (QueueLimits(per_task=1), "a task may queue 1 tasks (queue_limits.per_task)"),
        (QueueLimits(per_run=1), "a run may have 1 queued tasks (queue_limits.per_run)"),
    ],
)
def test_limits__beyond_them_the_batch_is_rejected_with_one_message(limits: QueueLimits, problem: str) -> None:
    """queue_limits of the workflow."""
    script = started(EMITTER, queue_limits=limits)

    assert rejection(script, make_task("p-1"), make_task("p-2")) == (problem,)


def test_limits__count_all_that_a_task_has_queued() -> None:
    """Two lines of one task each are as good as one line of two."""
    script = started(AT_LINE, queue_limits=QueueLimits(per_task=2))
    script.queue("emit", make_task("p-1"))
    script.queue("emit", make_task("p-2"))

    problems = rejection(script, make_task("p-3"))

    assert problems == ("a task may queue 2 tasks (queue_limits.per_task)",)


def test_limits__depth() -> None:
    """emit -> deeper is one level, a second is too many."""
    script = started(EMITTER, queue_limits=QueueLimits(depth=1))
    script.complete("emit", EMITTER._replace(id="deeper"))

    problems = rejection(script, make_task("leaf"), emitter="deeper")

    assert problems == ("a chain of queued tasks may be 1 long (queue_limits.depth)",)


def test_retry__nodes_of_an_earlier_attempt_are_kept_with_when_line() -> None:
    """They are not duplicated when the next attempt prints them again."""
    script = started(AT_LINE._replace(retries=1), make_task("merge", ["emit"]))
    script.queue("emit", make_task("p-1"))
    script.settle()

    script.fail("emit", retry_delay=0.0)
    script.complete("p-1")

    assert script.statuses() == {"emit": "up_for_retry", "merge": "pending", "p-1": "completed"}


def test_resume__rebuilds_the_grown_graph_without_running_the_emitter_again() -> None:
    """The emitter is completed and stays so; the failed node runs again, then merge."""
    script = started(EMITTER, make_task("merge", ["emit"]))
    script.complete("emit", make_task("p-1"), make_task("p-2"))
    script.complete("p-1")
    script.fail("p-2")

    script.happen(RunResumed())

    assert script.settle() == ["p-2"]
    assert script.complete("p-2") == ["merge"]


def test_resume__an_attempt_without_an_end_is_lost_and_runs_again() -> None:
    """A crash in the middle: pending with reason lost, and the lost attempt costs no retry."""
    script = started(make_task("a", retries=0))

    script.happen(RunResumed())

    state = script.run.tasks["a"]
    assert (str(state.status), state.reason, state.attempts_forgiven) == ("pending", Reason.LOST, 1)
    assert script.settle() == ["a"]
    assert state.attempt == 2


def test_reset__of_the_emitter_removes_what_it_queued_transitively() -> None:
    """And what was built on it is pending again."""
    script = started(EMITTER, make_task("merge", ["emit"]), make_task("other"))
    script.complete("emit", EMITTER._replace(id="deeper"))
    script.complete("deeper", make_task("leaf"))
    script.complete("leaf")
    script.complete("merge")
    script.complete("other")

    script.happen(reset_event(script.run, ["emit"]))

    assert script.statuses() == {"emit": "pending", "merge": "pending", "other": "completed"}
    script.happen(RunResumed())
    assert script.settle() == ["emit"]


def test_a_search_for_cycles_looks_at_each_task_once() -> None:
    """Forty layers of two have 2 ** 39 paths."""
    upstream = {f"{layer}{side}": [f"{layer - 1}a", f"{layer - 1}b"] for layer in range(1, 40) for side in "ab"}
    looked_at: list[str] = []

    def of(task_id: str) -> list[str]:
        assert task_id not in looked_at
        looked_at.append(task_id)
        return upstream.get(task_id, [])

    assert find_cycle(["39a", "39b"], of) == []
    assert len(looked_at) == 80
