"""What is asked before an attempt does its work: step by step, with a host, an executor and a clock of a test."""

import signal
from typing import Any

import pytest

from airexec.attempt.facts import Exited, SpawnBusyError, SpawnError
from airexec.attempt.spec import AttemptSpec, ConditionSpec
from airexec.attempt.verdict import Failure, Skip, Verdict
from airexec.scheduler.events import Because
from airexec.scheduler.statuses import Reason, StopCause
from airexec.testing import FakeClock, FakeExecutor
from airexec.workflow.model import QueuePermission
from tests.attempt.stage import Stage

WHEN = ConditionSpec(("git", "diff"), "git diff", is_when=True, timeout=60.0)
UNLESS = WHEN._replace(negate=True, text="! git diff")
KEY = ConditionSpec(("test", "-f", "key.pem"), "test -f key.pem", message="run `make key` first", timeout=60.0)
PLAIN = KEY._replace(message="")


def staged(*conditions: ConditionSpec, **fields: Any) -> Stage:
    return Stage(conditions=conditions, **fields).begin()


def argvs(stage: Stage) -> list[tuple[str, ...]]:
    """Return what was started, in order."""
    return [spec.argv for spec in stage.executor.specs]


def answer(stage: Stage, returncode: int) -> None:
    """Let the step that runs exit."""
    del stage.executor.running["a"]
    stage.attempt.exited(Exited("a", 1, returncode))


def test_conditions_are_asked_one_after_the_other_and_the_work_comes_last() -> None:
    """Each is over before the next one starts."""
    stage = staged(WHEN, KEY)

    assert [("git", "diff")] == argvs(stage)

    answer(stage, 0)

    assert [("git", "diff"), ("test", "-f", "key.pem")] == argvs(stage)

    answer(stage, 0)

    assert [("git", "diff"), ("test", "-f", "key.pem"), ("true",)] == argvs(stage)
    assert stage.host.verdict is None
    answer(stage, 0)
    assert Verdict(None, 0.0) == stage.verdict


def test_without_conditions_the_spec_is_started_as_it_is() -> None:
    stage = staged()

    assert stage.spec is stage.executor.specs[0]


def test_a_condition_cannot_talk_to_airexec() -> None:
    """No lines, no side files; nothing of it stays, and its part of the log has a head."""
    side_files = {"AIREXEC_QUEUE": "/q", "AIREXEC_OUTPUT": "/o", "A": "b"}
    spec = AttemptSpec(
        "a", 1, ("true",), side_files, "/w", "/w/a.log", True, "/q", "/o", True, conditions=(UNLESS, KEY)
    )

    first, second, work = (spec.step(number) for number in range(3))

    assert ({"A": "b"}, None, False, "", "", False) == (
        first.env, first.listener, first.background, first.queue_file, first.output_file, first.splices_at_line
    )  # fmt: skip
    assert [("# when: ! git diff", False), ("# precondition: test -f key.pem", True), ("# command", True)] == [
        (step.heading, step.continues) for step in (first, second, work)
    ]
    assert spec._replace(conditions=(), heading="# command", continues=True) == work


@pytest.mark.parametrize(("condition", "returncode"), [(WHEN, 1), (WHEN, 129), (UNLESS, 0)])
def test_a_when_that_is_false_skips_the_task(condition: ConditionSpec, returncode: int) -> None:
    """Any exit code but 0 is false; what was negated is the other way round."""
    stage = staged(condition, KEY)
    stage.pass_time(1.5)
    answer(stage, returncode)

    because = Because("when", f"{condition.text} (exit code {returncode})")
    assert Verdict(None, 1.5, skip=Skip(because)) == stage.verdict
    assert [condition.argv] == argvs(stage)


@pytest.mark.parametrize(("condition", "returncode"), [(WHEN, 0), (UNLESS, 1)])
def test_a_when_that_is_true_lets_it_go_on(condition: ConditionSpec, returncode: int) -> None:
    stage = staged(condition)
    answer(stage, returncode)

    assert ("true",) == argvs(stage)[-1]


@pytest.mark.parametrize("condition", [WHEN, UNLESS])
@pytest.mark.parametrize(
    ("returncode", "reason", "words"),
    [
        (127, Reason.SPAWN, "exit code 127 (command not found)"),
        (126, Reason.SPAWN, "exit code 126 (found, but cannot be executed)"),
        (-signal.SIGSEGV, Reason.SIGNAL, "killed by signal 11 (SIGSEGV), not by airexec"),
    ],
)
def test_a_when_that_comes_to_no_answer_is_a_failure(
    condition: ConditionSpec, returncode: int, reason: Reason, words: str
) -> None:
    """Neither true nor false, negated or not; and no exit code of the task, whose command never ran."""
    stage = staged(condition, allow_failure=(127, 126, 139), skip_on_exit_code=(127,))
    answer(stage, returncode)

    assert Failure(reason, f"when: {condition.text}: {words}") == stage.failure


def test_a_precondition_that_does_not_hold_fails_the_task_with_its_message() -> None:
    """What was asked and what came of it stand below."""
    stage = staged(PLAIN, KEY, WHEN)
    answer(stage, 0)
    answer(stage, 1)

    details = ("precondition: test -f key.pem", "exit code 1")
    assert Failure(Reason.PRECONDITION, "run `make key` first", None, details) == stage.failure
    assert 2 == len(stage.executor.specs)


@pytest.mark.parametrize(
    ("returncode", "words"),
    [
        (2, "exit code 2"),
        (127, "exit code 127 (command not found)"),
        (-signal.SIGTERM, "killed by signal 15 (SIGTERM), not by airexec"),
    ],
)
def test_without_a_message_the_command_says_it(returncode: int, words: str) -> None:
    stage = staged(PLAIN)
    answer(stage, returncode)

    assert Failure(Reason.PRECONDITION, f"test -f key.pem: {words}") == stage.failure


def test_what_cannot_be_started_holds_not() -> None:
    """An argv has no shell to say 127."""
    failures = []
    for condition in (PLAIN, KEY, WHEN):
        stage = Stage(conditions=(condition,))
        stage.executor.refuse["a"] = SpawnError("no such program: git", 127)
        stage.begin()
        failures.append(stage.failure)

    assert [
        Failure(Reason.PRECONDITION, "test -f key.pem: no such program: git"),
        Failure(
            Reason.PRECONDITION,
            "run `make key` first",
            None,
            ("precondition: test -f key.pem", "no such program: git"),
        ),
        Failure(Reason.SPAWN, "when: git diff: no such program: git"),
    ] == failures


# --- time -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "failure"),
    [
        (WHEN, Failure(Reason.TIMEOUT, "when: git diff: timed out after 60 s")),
        (PLAIN, Failure(Reason.PRECONDITION, "test -f key.pem: timed out after 60 s")),
    ],
)
def test_a_condition_that_takes_too_long_is_ended(condition: ConditionSpec, failure: Failure) -> None:
    """By the ladder, and for what it is, whatever it answers then."""
    stage = staged(condition)
    stage.pass_time(60.0)
    stage.pass_time(10.0)

    assert [("send", "SIGTERM", "precondition"), ("send", "SIGKILL", "precondition")] == stage.log
    answer(stage, 0)
    assert failure == stage.failure


def test_the_time_of_a_condition_is_not_that_of_the_next_step() -> None:
    """Timers are left to fire."""
    stage = staged(WHEN._replace(timeout=5.0))
    answer(stage, 0)
    stage.pass_time(100.0)

    assert [] == stage.log


def test_a_condition_without_a_timeout_may_take_as_long_as_its_task() -> None:
    stage = staged(PLAIN._replace(timeout=None), execution_timeout=500.0)
    stage.pass_time(499.0)

    assert [] == stage.log

    stage.pass_time(1.0)
    answer(stage, -15)

    assert Failure(Reason.TIMEOUT, "timed out after 500 s, asking test -f key.pem") == stage.failure


def test_the_time_of_an_attempt_goes_on_from_its_first_condition() -> None:
    """It is that of all steps together, and so is the duration."""
    stage = staged(WHEN, KEY, execution_timeout=30.0)
    for _ in range(2):
        stage.pass_time(10.0)
        answer(stage, 0)
    stage.pass_time(10.0)

    assert [("send", "SIGTERM", "timeout")] == stage.log
    assert Verdict(Failure(Reason.TIMEOUT, "timed out after 30 s", 143), 30.0) == stage.exits(-15)


def test_what_times_out_between_two_steps_does_not_begin_the_next() -> None:
    """The condition has exited, but what it left behind is still being ended."""
    stage = staged(WHEN, execution_timeout=5.0)
    del stage.executor.running["a"]
    stage.pass_time(5.0)
    stage.attempt.exited(Exited("a", 1, 0))

    assert Failure(Reason.TIMEOUT, "timed out after 5 s, asking git diff") == stage.failure
    assert [WHEN.argv] == argvs(stage)


def test_the_first_of_two_timeouts_is_the_reason() -> None:
    stage = staged(WHEN._replace(timeout=5.0), execution_timeout=6.0)
    stage.pass_time(5.0)
    stage.pass_time(1.0)
    answer(stage, -15)

    assert [("send", "SIGTERM", "precondition")] == stage.log
    assert Failure(Reason.TIMEOUT, "when: git diff: timed out after 5 s") == stage.failure


# --- stopped ----------------------------------------------------------------------------------------------------------


def test_a_stop_ends_a_condition_as_it_ends_the_work() -> None:
    """And nothing comes after it, though it says that all is well."""
    stage = staged(WHEN)
    stage.attempt.stop(StopCause.INTERRUPT)
    answer(stage, 0)

    assert [("send", "SIGINT", "interrupt")] == stage.log
    assert Failure(Reason.CANCELLED, "cancelled: interrupted (Ctrl-C)") == stage.failure
    assert [WHEN.argv] == argvs(stage)


def test_what_changes_while_a_condition_is_asked_starts_the_attempt_anew() -> None:
    stage = staged(WHEN)
    stage.attempt.restart("source a.c has changed")
    answer(stage, 1)

    assert Failure(Reason.CHANGED, "ended: source a.c has changed") == stage.failure


class FullForTheSecond(FakeExecutor):
    """There is no room for the second step before a time."""

    room_at = 0.35

    def start(self, spec: AttemptSpec) -> None:
        if spec.continues and self.clock.monotonic() < self.room_at:
            raise SpawnBusyError("too many open files", 126)
        super().start(spec)


def test_a_step_that_has_no_room_waits_for_it() -> None:
    """The condition is not asked again, and the time that it took counts."""
    stage = Stage(FullForTheSecond(FakeClock()), conditions=(WHEN,)).begin()
    stage.pass_time(0.05)
    answer(stage, 0)
    runs = []
    for _ in range(3):
        stage.pass_time(0.1)
        runs.append(stage.attempt.runs)

    assert ([False, False, True], [WHEN.argv, ("true",)]) == (runs, argvs(stage))
    assert 0.35 == stage.exits(0).duration


@pytest.mark.parametrize("end", ["stop", "timeout"])
def test_what_waits_for_room_for_its_next_step_can_be_ended(end: str) -> None:
    executor = FullForTheSecond(FakeClock())
    executor.room_at = 100.0
    stage = Stage(executor, conditions=(WHEN,), execution_timeout=0.3).begin()
    answer(stage, 0)
    if end == "stop":
        stage.attempt.stop(StopCause.TERMINATE)
    for _ in range(4):
        stage.pass_time(0.1)

    assert {
        "stop": Failure(Reason.CANCELLED, "cancelled before it could start"),
        "timeout": Failure(Reason.TIMEOUT, "timed out after 0.3 s"),
    }[end] == stage.failure
    assert ([], [WHEN.argv]) == (stage.log, argvs(stage))


def test_nothing_of_a_condition_comes_into_the_batch_of_the_work() -> None:
    """The work itself may queue, as ever."""
    stage = staged(WHEN, queue=QueuePermission())
    answer(stage, 0)
    stage.says(("queue", '{"id": "q", "command": "true"}'))
    stage.exits(0)

    assert [("splice", "q")] == stage.log
