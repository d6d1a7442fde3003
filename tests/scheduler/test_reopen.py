"""What a resume opens again, with the plan that the run has and with a changed one; and what a reset forgets."""

from airexec.scheduler.events import Because, RunResumed, TaskSkipped, TasksReset
from airexec.scheduler.reopen import reset_event
from airexec.scheduler.statuses import JobState, Status
from airexec.testing import Script, make_plan, make_task
from airexec.workflow.model import Plan, QueuePermission, SpliceMoment


def ended(*tasks: str, plan: Plan) -> Script:
    """Return a run that is over: `tasks` failed, all others that could run completed."""
    script = Script(plan)
    script.settle()
    while not script.run.is_over:
        for task_id in script.with_status(Status.RUNNING):
            (script.fail if task_id in tasks else script.complete)(task_id)
    return script


CHAIN = make_plan(make_task("a"), make_task("b", ["a"]), make_task("c", ["b"]), max_active_tasks=1)


def test_failed_tasks_and_what_waited_for_them_are_pending_again() -> None:
    """What completed stays."""
    script = ended("b", plan=CHAIN)

    script.happen(RunResumed())

    assert script.statuses() == {"a": "completed", "b": "pending", "c": "pending"}
    assert script.run.state == JobState.WORKING
    assert script.settle() == ["b"]


def test_a_task_skipped_because_of_a_reopened_one_is_asked_again() -> None:
    """The handler of a failure was skipped below a success that is now to be made again."""
    plan = make_plan(make_task("a"), make_task("on-failure", ["a"], "one_failed"), make_task("b", ["a"]))
    script = ended("b", plan=plan)
    script.happen(reset_event(script.run, ["b"]))
    assert script.statuses()["on-failure"] == "skipped"

    script.happen(RunResumed())
    assert script.statuses()["on-failure"] == "skipped", "nothing above it was reopened"

    other = ended("a", plan=make_plan(make_task("a"), make_task("on-success", ["a"], "all_skipped")))
    assert other.statuses() == {"a": "failed", "on-success": "skipped"}
    other.happen(RunResumed())
    assert other.statuses() == {"a": "pending", "on-success": "pending"}


def test_a_task_skipped_by_its_own_condition_stays_skipped() -> None:
    """`when` was false; nothing above has changed."""
    script = Script(make_plan(make_task("a"), make_task("b")))
    script.happen(TaskSkipped("a", Because("when", "1 > 2")))
    script.settle()
    script.fail("b")

    script.happen(RunResumed())

    assert script.statuses() == {"a": "skipped", "b": "pending"}


def test_attempts_before_a_resume_do_not_use_up_the_retries() -> None:
    """The count starts anew, the numbers go on."""
    script = ended("a", plan=make_plan(make_task("a", retries=1)))

    script.happen(RunResumed())
    script.settle()

    state = script.run.tasks["a"]
    assert (state.attempt, state.attempts_forgiven) == (2, 1)


def test_with_a_changed_plan_a_changed_task_runs_again_though_it_had_completed() -> None:
    """Unchanged finished tasks are kept."""
    script = ended("c", plan=CHAIN)
    changed = make_plan(
        make_task("a", command="other"), make_task("b", ["a"]), make_task("c", ["b"]), max_active_tasks=1
    )

    script.happen(RunResumed(changed))

    assert script.statuses() == {"a": "pending", "b": "completed", "c": "pending"}
    assert script.run.tasks["a"].task.action.command == "other"
    assert script.settle() == ["a"]


def test_with_a_changed_plan_tasks_come_and_go() -> None:
    """`b` is gone, `d` is new, and `c` now waits for `d`."""
    script = ended("c", plan=CHAIN)
    changed = make_plan(make_task("a"), make_task("d"), make_task("c", ["a", "d"]), max_active_tasks=1)

    script.happen(RunResumed(changed))

    assert script.statuses() == {"a": "completed", "d": "pending", "c": "pending"}
    assert script.settle() == ["d"]
    assert script.complete("d") == ["c"]


def test_with_a_changed_plan_queued_tasks_stay() -> None:
    """The grown graph is not forgotten: `merge` still waits for what was queued."""
    emit = make_task("emit", queue=QueuePermission())
    script = Script(make_plan(emit, make_task("merge", ["emit"])))
    script.settle()
    script.complete("emit", make_task("q"))
    script.fail("q")

    script.happen(RunResumed(make_plan(emit, make_task("merge", ["emit"], command="other"))))

    assert script.statuses() == {"emit": "completed", "merge": "pending", "q": "pending"}
    assert script.settle() == ["q"]
    assert script.complete("q") == ["merge"]


def test_with_a_changed_plan_tasks_start_in_its_order() -> None:
    """Among equals the file decides, as it is now."""
    script = ended("a", "b", plan=make_plan(make_task("a"), make_task("b"), max_active_tasks=1))

    script.happen(RunResumed(make_plan(make_task("b"), make_task("a"), max_active_tasks=1)))

    assert script.settle() == ["b"]


def test_with_a_changed_plan_a_dependency_that_is_gone_is_not_waited_for() -> None:
    """Only edges that a splice has made outlive the definitions."""
    script = ended("b", plan=CHAIN)

    script.happen(RunResumed(make_plan(make_task("a"), make_task("b", ["a"]), make_task("c"), max_active_tasks=2)))

    assert script.settle() == ["b", "c"]


def test_with_a_changed_plan_a_queued_task_does_not_wait_for_one_that_is_gone() -> None:
    """It has depended on a task of the file, which nobody will run any more."""
    emit = make_task("emit", queue=QueuePermission())
    script = Script(make_plan(emit, make_task("d")))
    script.settle()
    script.complete("emit", make_task("q", ["d"]))
    script.fail("d")
    assert script.statuses()["q"] == "upstream_failed"

    script.happen(RunResumed(make_plan(emit)))

    assert script.statuses() == {"emit": "completed", "q": "pending"}
    assert list(script.run.tasks["q"].upstream) == ["emit"]
    assert script.settle() == ["q"]


def test_a_reset_takes_along_what_was_built_on_the_task() -> None:
    """Downstream results came from the old one."""
    script = ended(plan=CHAIN)

    assert reset_event(script.run, ["b"]) == TasksReset(("b", "c"))
    assert reset_event(script.run) == TasksReset(("a", "b", "c"))


def test_a_reset_removes_also_what_queued_tasks_have_queued_at_the_line() -> None:
    """Those wait for nobody, and yet there is nobody left who would have queued them."""
    at_line = QueuePermission(when=SpliceMoment.LINE)
    script = Script(make_plan(make_task("emit", queue=at_line), make_task("other"), max_active_tasks=9))
    script.settle()
    script.queue("emit", make_task("q", queue=at_line))
    script.settle()
    script.queue("q", make_task("r"))

    assert reset_event(script.run, ["emit"]) == TasksReset(("emit",), ("q", "r"))


def test_a_reset_task_is_as_if_it_had_never_run_but_for_the_number_of_its_attempts() -> None:
    """Its logs are still there."""
    script = ended("c", plan=CHAIN)

    script.happen(reset_event(script.run, ["c"]))

    state = script.run.tasks["c"]
    assert (state.attempt, state.error, state.exit_code, state.completed_at, state.outputs) == (1, None, None, None, {})
    assert script.run.state == JobState.WAITING
