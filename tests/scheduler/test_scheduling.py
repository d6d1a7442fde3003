"""Transcripts of runs: what ends, and what starts then."""

import pytest

from airexec.scheduler.apply import IllegalTransition, apply
from airexec.scheduler.decide import decide, retry_delay
from airexec.scheduler.events import (
    AttemptCompleted,
    AttemptFailed,
    AttemptSkipped,
    AttemptStarted,
    Because,
    Record,
    RetryReady,
    RunFinished,
    StopRequested,
    TaskSkipped,
)
from airexec.scheduler.state import Run
from airexec.scheduler.statuses import JobState, Reason, Status, StopCause
from airexec.testing import Script, make_plan, make_task
from airexec.workflow.model import Dependency, TriggerRule


def test_a_chain_runs_one_after_the_other() -> None:
    """A task starts when its upstream has completed, and the run ends with the last."""
    script = Script(make_plan(make_task("a"), make_task("b", ["a"]), make_task("c", ["b"])))

    assert script.settle() == ["a"]
    assert script.complete("a") == ["b"]
    assert script.complete("b") == ["c"]
    assert script.complete("c") == []
    assert script.run.state == JobState.COMPLETED


def test_a_task_starts_as_soon_as_its_rule_is_satisfied() -> None:
    """`one_success` does not wait for the upstream that still runs, `one_failed` neither."""
    plan = make_plan(
        make_task("a"),
        make_task("b"),
        make_task("c"),
        make_task("after", ["a", "b", "c"], trigger_rule=TriggerRule.ONE_SUCCESS),
        make_task("alarm", ["a", "b", "c"], trigger_rule=TriggerRule.ONE_FAILED),
        max_active_tasks=10,
    )
    script = Script(plan)

    assert ["a", "b", "c"] == script.settle()
    assert ["after"] == script.complete("b")
    assert ["alarm"] == script.fail("c")


def test_a_task_is_refused_as_soon_as_its_rule_cannot_be_satisfied() -> None:
    script = Script(make_plan(make_task("a"), make_task("b"), make_task("after", ["a", "b"]), fail_fast=False))
    script.settle()
    script.fail("a")

    assert (Status.RUNNING, Status.UPSTREAM_FAILED) == tuple(script.run.tasks[name].status for name in ("b", "after"))


def test_no_more_than_max_active_tasks_run_at_once() -> None:
    """Three ready tasks, two slots."""
    script = Script(make_plan(make_task("a"), make_task("b"), make_task("c"), max_active_tasks=2))

    assert script.settle() == ["a", "b"]
    assert script.complete("b") == ["c"]


def test_ready_tasks_start_by_weight_then_longest_path_then_file_order() -> None:
    """`heavy` has weight, `long` leads to more, `first` and `second` stand in this order."""
    plan = make_plan(
        make_task("first"),
        make_task("second"),
        make_task("long"),
        make_task("heavy", priority_weight=5),
        make_task("after", ["long"]),
        max_active_tasks=10,
    )

    assert Script(plan).settle() == ["heavy", "long", "first", "second"]


def test_known_durations_decide_which_path_is_longest() -> None:
    """History says that `slow` takes a minute."""
    plan = make_plan(make_task("quick"), make_task("slow"), durations={"quick": 1.0, "slow": 60.0})

    assert Script(plan).settle() == ["slow", "quick"]


def test_a_shuffle_seed_orders_equals_and_keeps_weight() -> None:
    """Two seeds give two orders, one seed always the same; weight still comes first."""
    tasks = [make_task(f"t{n}") for n in range(20)] + [make_task("heavy", priority_weight=2)]

    orders = [Script(make_plan(*tasks, max_active_tasks=99, shuffle=seed)).settle() for seed in (1, 1, 2)]

    assert orders[0] == orders[1]
    assert orders[0] != orders[2]
    assert [order[0] for order in orders] == ["heavy", "heavy", "heavy"]


def test_a_pool_limits_its_tasks_and_nobody_else() -> None:
    """Two tasks share a pool of one slot; the third has none."""
    plan = make_plan(
        make_task("a", pool="db"), make_task("b", pool="db"), make_task("c"), pools={"db": 1}, max_active_tasks=9
    )
    script = Script(plan)

    assert script.settle() == ["a", "c"]
    assert script.complete("a") == ["b"]


def test_a_task_takes_as_many_slots_as_it_says() -> None:
    """`big` needs all three slots, so it waits for both small ones, and they are not overtaken for ever."""
    plan = make_plan(
        make_task("small", pool="db"),
        make_task("big", pool="db", pool_slots=3),
        make_task("later", pool="db"),
        pools={"db": 3},
        max_active_tasks=9,
    )
    script = Script(plan)

    assert script.settle() == ["small"]
    assert script.complete("small") == ["big"]
    assert script.complete("big") == ["later"]


def test_a_failure_reaches_everything_downstream() -> None:
    """upstream_failed cascades, and the run has failed."""
    script = Script(make_plan(make_task("a"), make_task("b", ["a"]), make_task("c", ["b"])))
    script.settle()

    script.fail("a")

    assert script.statuses() == {"a": "failed", "b": "upstream_failed", "c": "upstream_failed"}
    assert script.run.state == JobState.FAILED


def test_a_skip_cascades_through_all_success() -> None:
    """As in Airflow: the skipped task is no success."""
    script = Script(make_plan(make_task("a"), make_task("b", ["a"]), make_task("c", ["b"])))

    script.happen(TaskSkipped("a", Because("when", "false")))
    script.settle()

    assert script.statuses() == {"a": "skipped", "b": "skipped", "c": "skipped"}
    assert script.run.state == JobState.COMPLETED


def test_a_refused_task_knows_which_upstream_decided() -> None:
    """The counts and the culprits stand in the event."""
    script = Script(make_plan(make_task("a"), make_task("b"), make_task("c", ["a", "b"])))
    script.settle()

    script.complete("a")
    script.fail("b")

    assert script.run.tasks["c"].because == Because("all_success", "1 completed, 1 failed of 2 upstream", ("b",))


def test_the_run_fails_even_when_its_last_task_cleaned_up() -> None:
    """An all_done leaf does not hide a failure."""
    script = Script(make_plan(make_task("work"), make_task("clean", ["work"], "all_done")))
    script.settle()

    assert script.fail("work") == ["clean"]
    script.complete("clean")
    assert script.run.state == JobState.FAILED


def test_allow_failure_on_the_task_counts_as_success_downstream_and_for_the_run() -> None:
    """The task is failed, the run is not."""
    script = Script(make_plan(make_task("lint", allow_failure=True), make_task("build", ["lint"])))
    script.settle()

    assert script.fail("lint") == ["build"]
    script.complete("build")
    assert script.statuses() == {"lint": "failed", "build": "completed"}
    assert script.run.state == JobState.COMPLETED


@pytest.mark.parametrize(
    ("reason", "exit_code", "state"),
    [
        (Reason.EXIT, 1, "completed"),
        (Reason.EXIT, 3, "completed"),
        (Reason.EXIT, 2, "failed"),
        (Reason.SIGNAL, 1, "failed"),
        (Reason.TIMEOUT, 1, "failed"),
        (Reason.QUEUE, 0, "failed"),
    ],
)
def test_of_allowed_exit_codes_the_last_one_counts(reason: Reason, exit_code: int, state: str) -> None:
    """Signals and timeouts are other failures, whatever exit code a shell would make of them."""
    script = Script(make_plan(make_task("lint", allow_failure=(1, 3), retries=1), make_task("build", ["lint"])))
    script.settle()
    script.happen(AttemptFailed("lint", 1, 1.0, Reason.EXIT, "exit code 7", 7, 0.0))
    script.happen(RetryReady("lint"))
    script.settle()
    script.happen(AttemptFailed("lint", 2, 1.0, reason, "bad", exit_code))
    if script.settle():
        script.complete("build")

    assert state == script.run.state
    assert (state == "completed") == (script.statuses()["build"] == "completed")


def test_an_attempt_that_skips_its_task_is_no_failure_and_its_skip_goes_on() -> None:
    """It gives its slot and its place in the pool back; retries have nothing to do with it."""
    plan = make_plan(
        make_task("a", pool="db", retries=3), make_task("b", ["a"]), make_task("c", ["a"], "all_done"), pools={"db": 1}
    )
    script = Script(plan)
    script.settle()
    script.happen(AttemptSkipped("a", 1, 1.5, Because("skip_on_exit_code", "exit code 99"), 99))
    started = script.settle()
    script.complete("c")

    assert (["c"], {"a": "skipped", "b": "skipped", "c": "completed"}) == (started, script.statuses())
    assert ("completed", 0, 99) == (script.run.state, script.run.pool_used["db"], script.run.tasks["a"].exit_code)


def test_allow_failure_on_an_edge_counts_as_success_on_that_edge() -> None:
    """Everything downstream tolerates it, so the run is good."""
    script = Script(make_plan(make_task("lint"), make_task("build", [Dependency("lint", allow_failure=True)])))
    script.settle()

    assert script.fail("lint") == ["build"]
    script.complete("build")
    assert script.run.state == JobState.COMPLETED


def test_an_edge_that_does_not_tolerate_the_failure_fails_the_run() -> None:
    """One of two dependents could not run, and the run says so."""
    script = Script(
        make_plan(
            make_task("lint"),
            make_task("build", [Dependency("lint", allow_failure=True)]),
            make_task("publish", ["lint"]),
        )
    )
    script.settle()

    script.fail("lint")
    script.complete("build")

    assert script.statuses() == {"lint": "failed", "build": "completed", "publish": "upstream_failed"}
    assert script.run.state == JobState.FAILED


def test_fail_fast_stops_everything_at_the_first_failure() -> None:
    """What runs is being ended, nothing starts any more, what is left is cancelled."""
    script = Script(make_plan(make_task("a"), make_task("b"), make_task("c"), fail_fast=True, max_active_tasks=2))
    script.settle()

    assert script.fail("a") == []
    assert script.run.stopping == StopCause.FAIL_FAST
    script.fail("b", reason=Reason.CANCELLED)

    assert script.statuses() == {"a": "failed", "b": "cancelled", "c": "cancelled"}
    assert script.run.state == JobState.FAILED


def test_fail_fast_does_not_mind_a_failure_that_is_tolerated() -> None:
    """allow_failure means it."""
    script = Script(make_plan(make_task("a", allow_failure=True), make_task("b"), fail_fast=True, max_active_tasks=1))
    script.settle()

    assert script.fail("a") == ["b"]


def test_a_retry_holds_no_slot_and_starts_when_its_delay_is_over() -> None:
    """The other task takes the slot meanwhile."""
    script = Script(make_plan(make_task("a", retries=1), make_task("b"), max_active_tasks=1))
    script.settle()

    assert script.fail("a", retry_delay=5.0) == ["b"]
    assert script.statuses()["a"] == "up_for_retry"
    script.happen(RetryReady("a"))
    assert script.settle() == []
    assert script.complete("b") == ["a"]
    assert script.run.tasks["a"].attempt == 2


def test_who_was_ended_for_its_files_starts_anew_at_once_and_keeps_its_retries() -> None:
    """However often: somebody saves a file while it runs."""
    script = Script(make_plan(make_task("a", retries=1, retry_delay=5.0)))
    script.settle()
    for attempt in (1, 2, 3):
        assert 0.0 == retry_delay(script.run.tasks["a"], attempt, Reason.CHANGED, 143)
        script.fail("a", retry_delay=0.0, reason=Reason.CHANGED)
        script.happen(RetryReady("a"))
        assert ["a"] == script.settle()

    assert 5.0 == retry_delay(script.run.tasks["a"], 4, Reason.EXIT, 1)
    script.fail("a", retry_delay=5.0)
    script.happen(RetryReady("a"))
    script.settle()
    assert retry_delay(script.run.tasks["a"], 5, Reason.EXIT, 1) is None


def test_who_was_to_start_anew_when_the_run_stops_is_cancelled() -> None:
    """It has not failed, and its downstream is not judged."""
    script = Script(make_plan(make_task("a"), make_task("b", ["a"])))
    script.settle()
    script.happen(StopRequested(StopCause.INTERRUPT))
    script.fail("a", reason=Reason.CHANGED)

    assert {"a": "cancelled", "b": "cancelled"} == script.statuses()
    assert JobState.CANCELLED == script.run.state


def test_a_run_waits_for_a_retry() -> None:
    """Nothing runs, nothing is ready, and yet the run is not over."""
    script = Script(make_plan(make_task("a", retries=1)))
    script.settle()

    script.fail("a", retry_delay=5.0)

    assert decide(script.run) is None
    assert script.run.state == JobState.WORKING


def test_after_a_stop_nothing_starts_and_the_rest_is_cancelled() -> None:
    """Ctrl-C: the running task may still end well."""
    script = Script(make_plan(make_task("a"), make_task("b", ["a"])))
    script.settle()
    script.happen(StopRequested(StopCause.INTERRUPT))

    assert script.complete("a") == []
    assert script.statuses() == {"a": "completed", "b": "cancelled"}
    assert script.run.state == JobState.CANCELLED
    assert script.records[-1].event == RunFinished(JobState.CANCELLED, {Status.COMPLETED: 1, Status.CANCELLED: 1})


def test_an_always_task_waits_for_nobody() -> None:
    """Trigger rule `always`."""
    script = Script(make_plan(make_task("a"), make_task("b", ["a"], "always")))

    assert script.settle() == ["a", "b"]


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (AttemptStarted("nope", 1, ()), "there is no task 'nope'"),
        (AttemptCompleted("a", 1, 1.0), "task 'a' is pending, not running"),
        (RetryReady("a"), "task 'a' is pending, not up_for_retry"),
    ],
)
def test_an_event_that_cannot_follow_is_refused(event: object, why: str) -> None:
    """A foreign or damaged journal is noticed, not guessed at."""
    script = Script(make_plan(make_task("a")))

    with pytest.raises(IllegalTransition) as caught:
        script.happen(event)  # type: ignore[arg-type]

    assert caught.value.why == why


def test_a_gap_in_the_numbers_is_refused() -> None:
    """Record 5 cannot follow record -1."""
    with pytest.raises(IllegalTransition, match="follows event -1"):
        apply(Run(), Record(5, 0.0, RetryReady("a")))


def test_an_ended_task_tells_when_and_how() -> None:
    """Times are those of the journal, the duration that of the monotonic clock."""
    script = Script(make_plan(make_task("a"), make_task("b")))
    script.settle()

    script.happen(AttemptCompleted("a", 1, 2.5, {"rows": 1}, "a note"))
    script.happen(AttemptFailed("b", 1, 1.5, Reason.EXIT, "exit code 3", 3, None, {}, ("detail",)))

    a, b = script.run.tasks["a"], script.run.tasks["b"]
    assert (a.started_at, a.completed_at, a.duration) == (1_001.0, 1_003.0, 2.5)
    assert (a.exit_code, a.error, a.note, a.outputs) == (0, None, "a note", {"rows": 1})
    assert (b.completed_at, b.duration, b.exit_code, b.error) == (1_004.0, 1.5, 3, "exit code 3")
    assert (b.reason, b.details) == (Reason.EXIT, ("detail",))


def test_a_new_attempt_leaves_the_failure_of_the_last_one_behind() -> None:
    """What a task shows is about its latest attempt; the journal has the others."""
    script = Script(make_plan(make_task("a", retries=1)))
    script.settle()
    script.fail("a", retry_delay=0.0)

    script.happen(RetryReady("a"))
    script.settle()

    state = script.run.tasks["a"]
    assert (state.exit_code, state.reason, state.error, state.retry_delay) == (None, None, None, None)
    assert (state.completed_at, state.duration) == (None, None)
