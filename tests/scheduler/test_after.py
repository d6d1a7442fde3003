"""`after`: order without need. It decides when a task is judged, and never how."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airexec.graph.walks import order_of, remaining_path, upstream_of
from airexec.scheduler.decide import Start, decide
from airexec.scheduler.events import (
    AttemptStarted,
    Because,
    RetryReady,
    RunResumed,
    StopRequested,
    TaskSkipped,
    TaskUpToDate,
)
from airexec.scheduler.reopen import reset_event
from airexec.scheduler.splice import SpliceRejectedError
from airexec.scheduler.state import Edge
from airexec.scheduler.statuses import JobState, Reason, Status, StopCause
from airexec.testing import Script, make_plan, make_task
from airexec.workflow.model import Dependency, Plan, QueuePermission, Task, TriggerRule

FMT, LINT = make_task("fmt"), make_task("lint", after=("fmt",))


def test_a_task_waits_for_what_it_comes_after() -> None:
    script = Script(make_plan(FMT, LINT))

    assert ["fmt"] == script.settle()
    assert ["lint"] == script.complete("fmt")


def test_what_is_not_in_the_run_means_nothing() -> None:
    """The plan has `lint` alone."""
    script = Script(make_plan(LINT))

    assert ["lint"] == script.settle()
    assert {} == script.run.tasks["lint"].upstream


def test_however_that_ended() -> None:
    """A failure neither refuses `lint` nor is tolerated by it."""
    script = Script(make_plan(FMT, LINT))
    script.settle()

    assert ["lint"] == script.fail("fmt")
    script.complete("lint")
    assert JobState.FAILED is script.run.state


def test_who_comes_after_has_no_say_in_what_is_tolerated() -> None:
    """All that depends on `fmt` allows its failure."""
    check = make_task("check", [Dependency("fmt", allow_failure=True)])
    script = Script(make_plan(FMT, LINT, check))
    script.settle()
    script.fail("fmt")
    script.complete("lint")
    script.complete("check")

    assert JobState.COMPLETED is script.run.state


def test_a_skip_is_not_handed_on() -> None:
    script = Script(make_plan(FMT, LINT))
    script.happen(TaskSkipped("fmt", Because("when", "false")))

    assert ["lint"] == script.settle()


def test_upstream_failed_is_not_handed_on() -> None:
    script = Script(make_plan(make_task("gen"), make_task("fmt", ["gen"]), LINT))
    script.settle()

    assert ["lint"] == script.fail("gen")
    assert "upstream_failed" == script.statuses()["fmt"]


def test_what_is_up_to_date_has_ended() -> None:
    script = Script(make_plan(FMT, LINT))
    script.happen(TaskUpToDate("fmt", {}, "20260101-030405-0000", 1))

    assert ["lint"] == script.settle()


def test_a_retry_is_no_end() -> None:
    script = Script(make_plan(make_task("fmt", retries=1), LINT))
    script.settle()

    assert [] == script.fail("fmt", retry_delay=1.0)
    script.happen(RetryReady("fmt"))
    assert ["fmt"] == script.settle()
    assert ["lint"] == script.complete("fmt")


def test_after_a_resume_what_was_cancelled_is_waited_for_again() -> None:
    script = Script(make_plan(FMT, LINT))
    script.settle()
    script.happen(StopRequested(StopCause.INTERRUPT))
    script.fail("fmt", reason=Reason.CANCELLED)
    assert {"fmt": "cancelled", "lint": "cancelled"} == script.statuses()
    script.happen(RunResumed())

    assert ["fmt"] == script.settle()
    assert ["lint"] == script.complete("fmt")


def test_a_reset_leaves_who_only_came_after() -> None:
    """`lint` is not built on what `fmt` did."""
    script = Script(make_plan(FMT, LINT))
    script.settle()
    script.complete("fmt")
    script.complete("lint")
    script.happen(reset_event(script.run, ["fmt"]))

    assert {"fmt": "pending", "lint": "completed"} == script.statuses()


def test_a_refusal_waits_as_well() -> None:
    """Else what is downstream of `lint` could start before `fmt` has ended."""
    build = make_task("build")
    lint = make_task("lint", ["build"], after=("fmt",))
    script = Script(make_plan(build, FMT, lint, make_task("all", ["lint"], rule="all_done")))
    script.settle()

    assert [] == script.fail("build")
    assert "pending" == script.statuses()["lint"]
    assert ["all"] == script.complete("fmt")
    assert "upstream_failed" == script.statuses()["lint"]


def test_what_it_queues_is_waited_for_and_counts_as_little() -> None:
    """`part` fails, `lint` runs."""
    script = Script(make_plan(make_task("fmt", queue=QueuePermission()), LINT))
    script.settle()

    assert ["part"] == script.complete("fmt", make_task("part"))
    assert {"fmt": Edge.AFTER, "part": Edge.AFTER} == script.run.tasks["lint"].upstream
    assert ["lint"] == script.fail("part")


def test_what_it_queues_that_has_ended_before_holds_up_nobody() -> None:
    """`part` is a task of the file, and done."""
    script = Script(make_plan(make_task("part"), make_task("fmt", queue=QueuePermission()), LINT))
    script.settle()
    script.complete("part")

    assert ["lint"] == script.complete("fmt", make_task("part"))


def test_a_need_that_comes_by_a_splice_is_more_than_order() -> None:
    """`lint` comes after `fmt`, which queues `part`; `gen`, on which it depends, queues the same."""
    fmt, gen = (make_task(name, queue=QueuePermission()) for name in ("fmt", "gen"))
    script = Script(make_plan(fmt, gen, make_task("lint", ["gen"], after=("fmt",)), max_active_tasks=3))
    script.settle()
    script.complete("fmt", make_task("part"))
    script.complete("gen", make_task("part"))

    assert {"gen": Edge.DEPENDENCY, "fmt": Edge.AFTER, "part": Edge.QUEUED} == script.run.tasks["lint"].upstream
    script.fail("part")
    assert "upstream_failed" == script.statuses()["lint"]


def test_a_need_that_takes_the_place_of_the_last_gate_lets_the_rule_speak() -> None:
    """`one_success` is content with `gen` as soon as nothing but needs is left."""
    fmt, gen = (make_task(name, queue=QueuePermission()) for name in ("fmt", "gen"))
    base, lint = make_task("base"), make_task("lint", ["base", "gen"], rule="one_success", after=("fmt",))
    script = Script(make_plan(base, fmt, gen, lint, max_active_tasks=9))
    script.settle()
    script.complete("fmt", make_task("part"))
    script.complete("base")
    assert "pending" == script.statuses()["lint"]
    script.queue("gen", make_task("part"))

    assert ["lint"] == script.settle()


def test_a_queued_task_cannot_depend_on_who_waits_for_it() -> None:
    """Order alone makes a circle, too."""
    script = Script(make_plan(make_task("fmt", queue=QueuePermission()), LINT))
    script.settle()

    with pytest.raises(SpliceRejectedError, match="the batch makes a cycle: part -> lint -> part"):
        script.queue("fmt", make_task("part", ["lint"]))


def test_a_dependency_is_one_though_after_names_it_too() -> None:
    script = Script(make_plan(FMT, make_task("lint", ["fmt"], after=("fmt",))))
    script.settle()
    script.fail("fmt")

    assert {"fmt": Edge.DEPENDENCY} == script.run.tasks["lint"].upstream
    assert "upstream_failed" == script.statuses()["lint"]


def test_the_longest_path_goes_along_order_too() -> None:
    tasks = {task.id: task for task in (FMT, LINT)}

    assert {"fmt": 2.0, "lint": 1.0} == remaining_path(tasks, {})
    assert ({"fmt": [], "lint": ["fmt"]}, {"fmt": [], "lint": []}) == (order_of(tasks), upstream_of(tasks))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Tasks with any rules, each with needs and with an order among those before it; some may queue."""
    tasks: list[Task] = []
    for number in range(draw(st.integers(1, 8))):
        before = [task.id for task in tasks]
        some = st.lists(st.sampled_from(before), max_size=3, unique=True) if before else st.just([])
        tasks.append(
            make_task(
                f"t{number}",
                [Dependency(id_, draw(st.booleans())) for id_ in draw(some)],
                rule=draw(st.sampled_from(TriggerRule)),
                after=tuple(draw(some)),
                queue=QueuePermission() if draw(st.booleans()) else None,
            )
        )
    return make_plan(*tasks, max_active_tasks=draw(st.integers(1, 3)))


def _outcomes(plan: Plan, bad: frozenset[str]) -> dict[str, str]:
    """Return how each task ends when those in `bad` fail, and who may queue adds one task."""
    script = Script(plan)
    run = script.run
    while not run.is_over:
        while (decision := decide(run)) is not None:
            if isinstance(decision, Start):
                script.happen(AttemptStarted(decision.task, 1, ()))
            else:
                script.happen(decision)
        for task_id in script.with_status(Status.RUNNING)[:1]:
            if task_id in bad:
                script.fail(task_id)
            elif run.tasks[task_id].task.queue is not None:
                script.complete(task_id, make_task(f"of-{task_id}"))
            else:
                script.complete(task_id)
    return script.statuses()


@settings(max_examples=300, deadline=None)
@given(plans(), st.frozensets(st.sampled_from([f"{of}t{n}" for n in range(8) for of in ("", "of-")])))
def test_no_outcome_depends_on_after(plan: Plan, bad: frozenset[str]) -> None:
    """The same tasks end in the same way with and without it."""
    without = make_plan(
        *(task._replace(after=()) for task in plan.tasks.values()), max_active_tasks=plan.max_active_tasks
    )

    assert _outcomes(without, bad) == _outcomes(plan, bad)
