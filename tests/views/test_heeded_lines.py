"""Which lines of a task's output people see."""

import pytest

from airexec.views.heeded_lines import for_people


@pytest.mark.parametrize("verb", ["output", "progress", "mask", "notice", "warning", "error"])
@pytest.mark.parametrize("payload", ['{"a": 1}', "[1, 2]", '"text"'])
def test_lines_that_airexec_obeys_are_left_out(verb: str, payload: str) -> None:
    """Whoever prints them."""
    assert ["before", "after"] == list(for_people(["before", f"::{verb} {payload}", "after"], emitter=False))


@pytest.mark.parametrize("payload", ['{"id": "a"}', "[]"])
def test_lines_that_queue_are_left_out_where_the_task_may_queue(payload: str) -> None:
    """Else they are text."""
    line = f"::queue {payload}"

    assert ([], [line]) == (list(for_people([line], emitter=True)), list(for_people([line], emitter=False)))


@pytest.mark.parametrize(
    "line",
    [' ::output {"a": 1}', "::output", "::output plain", "::outputs {}", '::queue "a"', "::group::name", "::", ""],
)
def test_all_else_is_shown(line: str) -> None:
    """Also what only looks like such a line."""
    assert [line] == list(for_people([line], emitter=True))
