"""What an attempt prints for us, line by line: what it queues and puts out, what it hides, and what it says."""

import pytest

from airexec.attempt.attempt import OUTPUT_BYTES_MAX
from airexec.attempt.facts import CommandLine
from airexec.attempt.verdict import Failure, Verdict
from airexec.scheduler.statuses import Reason
from airexec.workflow.model import QueueLimits, QueuePermission, SpliceMoment
from tests.attempt.stage import Stage

ANYTHING = QueuePermission()
AT_THE_LINE = QueuePermission(when=SpliceMoment.LINE)
TASK_Q = '{"id": "q", "command": "true"}'
TASK_R = '{"id": "r", "command": "true"}'


# --- ::queue ----------------------------------------------------------------------------------------------------------


def test_what_a_good_attempt_queued_is_spliced_at_its_end_as_one_batch() -> None:
    """Not before, and before the verdict."""
    stage = Stage(queue=ANYTHING).begin().says(("queue", TASK_Q), ("queue", TASK_R))

    assert [] == stage.log
    assert Verdict(None, 0.0) == stage.exits()
    assert [("splice", "q", "r")] == stage.log


def test_with_when_line_each_line_is_spliced_as_it_comes() -> None:
    """And no second time at the end."""
    stage = Stage(queue=AT_THE_LINE).begin().says(("queue", TASK_Q))

    assert [("splice", "q")] == stage.log

    stage.says(("queue", f"[{TASK_R}, {TASK_Q}]"), ("queue", "[]"))

    assert Verdict(None, 0.0) == stage.exits()
    assert [("splice", "q"), ("splice", "r", "q")] == stage.log


def test_an_attempt_that_may_queue_need_not() -> None:
    stage = Stage(queue=ANYTHING).begin()

    assert (Verdict(None, 0.0), []) == (stage.exits(), stage.log)


@pytest.mark.parametrize("returncode", [1, -9])
def test_a_failing_attempt_queues_nothing(returncode: int) -> None:
    """All lines are forgotten with it."""
    stage = Stage(queue=ANYTHING).begin().says(("queue", TASK_Q))

    assert Reason.QUEUE != stage.fails(returncode).reason
    assert [] == stage.log


def test_an_attempt_that_times_out_queues_nothing() -> None:
    """Though it ends well after that."""
    stage = Stage(queue=ANYTHING, execution_timeout=5.0).begin().says(("queue", TASK_Q))
    stage.pass_time(5.0)
    stage.exits()

    assert [("send", "SIGTERM", "timeout")] == stage.log


def test_a_queue_line_of_a_task_that_may_not_is_text_and_said_once() -> None:
    """The warning says how to allow it; the task completes."""
    stage = Stage().begin().says(("queue", TASK_Q), ("queue", TASK_R), ("queue", "{"))

    message = (
        "task 'a' printed a ::queue line but may not queue tasks, so it is plain text; "
        "to allow it, add `queue: [TEMPLATE]` or `queue: true` to the task"
    )
    assert [("notice", "warning", message)] == stage.log
    assert Verdict(None, 0.0) == stage.exits()


def test_a_bad_line_fails_the_attempt_and_none_of_its_lines_is_spliced() -> None:
    """Every bad line is named."""
    stage = Stage(queue=ANYTHING).begin().says(("queue", TASK_Q), ("queue", "{"), ("queue", "[1]"), ("queue", TASK_R))
    stage.exits()

    problems = (
        "line 2: not JSON: expecting property name enclosed in double quotes at column 2",
        "line 3: a map is expected here, not the number 1",
    )
    assert Failure(Reason.QUEUE, f"nothing was queued: {problems[0]} (and 1 more)", 0, problems) == stage.failure
    assert [] == stage.log


def test_a_task_that_fails_and_prints_bad_lines_has_failed_by_itself() -> None:
    """Its exit code is what it meant to say."""
    stage = Stage(queue=ANYTHING).begin().says(("queue", "{"), ("output", "{"))

    assert Failure(Reason.EXIT, "exit code 3", 3) == stage.fails(3)


@pytest.mark.parametrize(
    ("source", "problem"),
    [("", "line 7: longer than 64 KiB"), ("queue file", "queue file line 7: longer than 1 MiB")],
)
def test_an_overlong_queue_line_says_how_long_it_may_be(source: str, problem: str) -> None:
    stage = Stage(queue=ANYTHING).begin().says_too_much("queue", 7, source)
    stage.exits()

    assert Failure(Reason.QUEUE, f"nothing was queued: {problem}", 0, (problem,)) == stage.failure


def test_of_very_many_bad_lines_a_hundred_are_shown() -> None:
    """And the rest is counted."""
    stage = Stage(queue=ANYTHING).begin().says(*[("queue", "nope")] * 250)
    stage.exits()

    assert "nothing was queued: line 1: not JSON: expecting value at column 1 (and 249 more)" == stage.failure.message
    assert (101, "and 150 more") == (len(stage.failure.details), stage.failure.details[-1])


def test_a_batch_that_the_graph_refuses_fails_the_attempt() -> None:
    """With all that is wrong with it."""
    stage = Stage(queue=ANYTHING).begin().says(("queue", TASK_Q))
    stage.host.rejects = ("task 'q' would wait for itself", "task 'r' is there already")
    stage.exits()

    message = "nothing was queued: task 'q' would wait for itself (and 1 more)"
    assert Failure(Reason.QUEUE, message, 0, tuple(stage.host.rejects)) == stage.failure


def test_a_line_that_the_graph_refuses_is_told_at_the_end_with_its_number() -> None:
    """What came before it stays, and nothing after it is spliced."""
    stage = Stage(queue=AT_THE_LINE).begin().says(("queue", TASK_Q))
    stage.host.rejects = ("one thing", "another")
    stage.attempt.take(CommandLine("a", 1, "queue", TASK_R, 5, source="queue file"))
    stage.host.rejects = ()
    stage.attempt.take(CommandLine("a", 1, "queue", '{"id": "s", "command": "true"}', 6))
    stage.exits()

    problems = ("queue file line 5: one thing", "queue file line 5: another")
    assert Failure(Reason.QUEUE, f"nothing was queued: {problems[0]} (and 1 more)", 0, problems) == stage.failure
    assert [("splice", "q")] == stage.log


def test_the_limits_of_the_workflow_hold_for_an_attempt() -> None:
    stage = (
        Stage(queue=ANYTHING, queue_limits=QueueLimits(per_task=1)).begin().says(("queue", TASK_Q), ("queue", TASK_R))
    )
    stage.exits()

    problem = "line 2: a task may queue 1 tasks (queue_limits.per_task); the rest was not read"
    assert (problem,) == stage.failure.details


# --- ::output ---------------------------------------------------------------------------------------------------------


def test_outputs_are_merged_key_by_key() -> None:
    """The last value of a key wins, as a whole."""
    lines = [("output", '{"rows": 1, "files": {"a": 1}}'), ("output", '{"files": {"b": 2}, "ok": null}')]

    assert Verdict(None, 0.0, {"rows": 1, "files": {"b": 2}, "ok": None}) == Stage().begin().says(*lines).exits()


def test_a_failing_attempt_has_its_outputs_too() -> None:
    """They may say why it failed."""
    assert {"seen": 3} == Stage().begin().says(("output", '{"seen": 3}')).exits(1).outputs


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        ('{"n":1,"n":2}', "::output: key 'n' stands there twice"),
        ("", "::output: not JSON: expecting value at column 1"),
        ("[1]", '::output takes a JSON object, e.g. {"rows": 42}'),
        ("null", '::output takes a JSON object, e.g. {"rows": 42}'),
    ],
)
def test_an_output_of_another_shape_fails_the_attempt(payload: str, problem: str) -> None:
    """A value that went lost silently would be missed much later. Good lines count all the same."""
    stage = Stage().begin().says(("output", '{"rows": 1}'), ("output", payload), source="output file")
    verdict = stage.exits()

    problem = f"output file line 2: {problem}"
    assert Verdict(Failure(Reason.QUEUE, problem, 0, (problem,)), 0.0, {"rows": 1}) == verdict


def test_outputs_have_a_limit_in_bytes_together() -> None:
    """What is beyond is an error and never a cut value."""
    half = '{"k": "' + "ü" * (OUTPUT_BYTES_MAX // 4 - 5) + ' "}'

    assert OUTPUT_BYTES_MAX == 2 * len(half.encode())
    assert None is Stage().begin().says(("output", half), ("output", half)).exits().failure

    stage = Stage().begin().says(("output", half), ("output", half), ("output", "{}"))
    stage.exits()

    problem = "line 3: the outputs of a task may have 1048576 bytes"
    assert Failure(Reason.QUEUE, problem, 0, (problem,)) == stage.failure


def test_an_overlong_output_is_an_error() -> None:
    stage = Stage().begin().says_too_much("output", 2)

    assert ({}, "line 2: the outputs of a task may have 1048576 bytes") == (
        stage.exits().outputs,
        stage.failure.message,
    )


def test_a_hundred_bad_outputs_are_kept() -> None:
    stage = Stage().begin().says(*[("output", "nope")] * 250)
    stage.exits()

    assert [f"line {number}: ::output: not JSON: expecting value at column 1" for number in range(1, 101)] == [
        *stage.failure.details
    ]


def test_what_an_attempt_with_a_bad_output_queued_is_not_spliced() -> None:
    """Half of what it meant is not good enough."""
    stage = Stage(queue=ANYTHING).begin().says(("queue", TASK_Q), ("output", "nope"))
    stage.exits()

    assert ([], "line 2: ::output: not JSON: expecting value at column 1") == (stage.log, stage.failure.message)


def test_bad_outputs_and_bad_queue_lines_are_told_together() -> None:
    stage = Stage(queue=ANYTHING).begin().says(("queue", "nope"), ("output", "nope"))
    stage.exits()

    problems = (
        "line 2: ::output: not JSON: expecting value at column 1",
        "line 1: not JSON: expecting value at column 1",
    )
    assert Failure(Reason.QUEUE, f"nothing was queued: {problems[0]} (and 1 more)", 0, problems) == stage.failure


# --- progress, masks, notices -----------------------------------------------------------------------------------------


def test_progress_goes_to_the_host() -> None:
    """What is of another shape is ordinary output."""
    stage = Stage().begin().says(("progress", '{"done": 3, "total": 10}'), ("progress", "[3, 10]"), ("progress", "{"))

    assert [("progress", 3.0, 10.0)] == stage.log
    assert Verdict(None, 0.0) == stage.exits()


@pytest.mark.parametrize("level", ["notice", "warning", "error"])
def test_a_notice_goes_to_the_host_with_its_level(level: str) -> None:
    """An `::error` does not fail the attempt: its exit code does."""
    stage = Stage().begin().says((level, '"disk is full"'), (level, '{"message": "again"}'), (level, "7"))

    assert [("notice", level, "disk is full"), ("notice", level, "again")] == stage.log
    assert Verdict(None, 0.0) == stage.exits()


def test_a_value_to_mask_goes_to_the_executor() -> None:
    """It is where output is masked. What is no text is ordinary output."""
    stage = Stage().begin().says(("mask", '"s3cret"'), ("mask", "7"))

    assert [("start", "a", 1), ("mask", "s3cret")] == stage.executor.log
    assert [] == stage.log


def test_why_a_value_cannot_be_masked_is_said_once() -> None:
    """By the line of the first such value."""
    stage = Stage().begin().says(("mask", '"s3cret"'))
    stage.executor.mask_problem = "a secret must have at least 6 bytes to be masked"
    stage.says(("mask", '"abc"'), ("mask", '"def"'))

    message = "line 1: ::mask has no effect: a secret must have at least 6 bytes to be masked"
    assert [("notice", "warning", message)] == stage.log
