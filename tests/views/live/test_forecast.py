"""How long a run will still take."""

import pytest

from airexec.testing import Script, make_plan, make_task
from airexec.views.live.forecast import Forecast


def test_without_history_there_is_no_forecast() -> None:
    """Better none than a wild guess; half of the tasks must be known."""
    tasks = [make_task("a"), make_task("b"), make_task("c")]
    unknown, known = (
        Script(make_plan(*tasks, durations={"a": 5.0})),
        Script(make_plan(*tasks, durations={"a": 5.0, "b": 1.0})),
    )

    assert Forecast(unknown.run).seconds_left(unknown.run, {}) is None
    assert Forecast(known.run).seconds_left(known.run, {}) is not None


def test_work_is_shared_among_the_slots() -> None:
    """Ten tasks of ten seconds, two at a time, two of them four seconds old."""
    names = [f"t{number}" for number in range(10)]
    script = Script(make_plan(*map(make_task, names), durations=dict.fromkeys(names, 10.0)))
    script.settle()

    assert Forecast(script.run).seconds_left(script.run, {"t0": 4.0, "t1": 4.0}) == 46.0


def test_a_chain_takes_as_long_as_its_tasks_together() -> None:
    """Whatever the number of slots."""
    tasks = [make_task("a"), make_task("b", ["a"]), make_task("c", ["b"])]
    script = Script(make_plan(*tasks, durations={"a": 10.0, "b": 20.0, "c": 30.0}, max_active_tasks=8))
    script.settle()

    assert Forecast(script.run).seconds_left(script.run, {"a": 4.0}) == 56.0


def test_a_task_without_history_takes_the_mean() -> None:
    """Queued tasks are expected to be like the others."""
    script = Script(make_plan(make_task("a"), make_task("b"), durations={"a": 10.0, "b": 20.0}, max_active_tasks=1))
    forecast = Forecast(script.run)
    forecast.add(["queued"])

    assert forecast.seconds_left(script.run, {}) == 45.0


@pytest.mark.parametrize("times", [1, 2])
def test_what_is_over_is_no_work_any_more(times: int) -> None:
    """However often it is said."""
    script = Script(make_plan(make_task("a"), make_task("b"), durations={"a": 20.0, "b": 10.0}, max_active_tasks=1))
    script.settle()
    forecast = Forecast(script.run)
    for _ in range(times):
        forecast.remove("a")
    script.complete("a")

    assert forecast.seconds_left(script.run, {"b": 0.0}) == 10.0


def test_a_forecast_is_never_negative() -> None:
    """Some days everything takes longer."""
    script = Script(make_plan(make_task("a"), durations={"a": 10.0}))
    script.settle()

    assert Forecast(script.run).seconds_left(script.run, {"a": 60.0}) == 0.0
