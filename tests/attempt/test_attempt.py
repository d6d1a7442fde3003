"""One attempt from its announcement to its verdict, with a host, an executor and a clock that do what a test says."""

import signal
from pathlib import Path

import pytest

from airexec.attempt.facts import Exited, SpawnError
from airexec.attempt.spec import Files
from airexec.attempt.verdict import Failure, Skip, Verdict
from airexec.scheduler.events import Because
from airexec.scheduler.statuses import Reason, StopCause
from airexec.testing import FakeClock, FakeExecutor
from airexec.workflow.model import QueuePermission
from tests.attempt.stage import FullMachine, Stage


def pass_tenths(stage: Stage, count: int) -> None:
    """Let time pass by tenths of a second, as a loop does that wakes up for each timer."""
    for _ in range(count):
        stage.pass_time(0.1)


# --- its start --------------------------------------------------------------------------------------------------------


def test_an_attempt_is_started_as_its_spec_says() -> None:
    """Not by being made: its host announces it first."""
    stage = Stage()

    assert ([], False) == (stage.executor.specs, stage.attempt.runs)

    stage.begin()

    assert ([stage.spec], True, None) == (stage.executor.specs, stage.attempt.runs, stage.host.verdict)


def test_what_cannot_be_spawned_has_failed() -> None:
    """127 as a shell would say."""
    stage = Stage()
    stage.executor.refuse["a"] = SpawnError("no such program: frobnicate", 127)
    stage.begin()

    assert Verdict(Failure(Reason.SPAWN, "no such program: frobnicate", 127), 0.0) == stage.verdict
    assert not stage.attempt.runs


def test_a_full_machine_is_tried_again_every_tenth_of_a_second() -> None:
    """Until there is room."""
    machine = FullMachine(room_at=0.25)
    stage = Stage(machine).begin()
    pass_tenths(stage, 10)

    assert [0.0, 0.1, 0.2, 0.3] == machine.tries
    assert (True, None) == (stage.attempt.runs, stage.host.verdict)


def test_a_machine_that_stays_full_is_given_up_after_five_seconds() -> None:
    """When nothing else of ours runs, nothing will make room."""
    machine = FullMachine(room_at=1000.0)
    stage = Stage(machine).begin()
    pass_tenths(stage, 49)

    assert (50, None) == (len(machine.tries), stage.host.verdict)

    pass_tenths(stage, 11)

    assert Failure(Reason.SPAWN, "too many open files", 126) == stage.failure
    assert (51, False) == (len(machine.tries), stage.attempt.runs)


def test_a_machine_that_is_full_of_our_own_is_waited_for() -> None:
    """For as long as anything runs whose end makes room."""
    machine = FullMachine(room_at=60.0)
    stage = Stage(machine)
    stage.host.has_others = True
    stage.begin()
    pass_tenths(stage, 610)

    assert stage.attempt.runs


def test_duration_and_timeout_begin_when_there_was_room() -> None:
    """What waited for others has used none of its own time."""
    stage = Stage(FullMachine(room_at=2.0), execution_timeout=5.0).begin()
    pass_tenths(stage, 21)
    stage.pass_time(4.5)

    assert [] == stage.log

    stage.pass_time(1.0)

    assert [("send", "SIGTERM", "timeout")] == stage.log
    assert 5.5 == pytest.approx(stage.exits(-15).duration, abs=0.1)


# --- timeout ----------------------------------------------------------------------------------------------------------


def test_a_timeout_climbs_the_ladder() -> None:
    """TERM at the timeout, KILL after the grace; the reason is the timeout, not the signal."""
    stage = Stage(execution_timeout=5.0).begin()
    stage.pass_time(4.999)

    assert [] == stage.log

    stage.pass_time(0.001)

    assert [("send", "SIGTERM", "timeout")] == stage.log

    stage.pass_time(10.0)

    assert [("send", "SIGTERM", "timeout"), ("send", "SIGKILL", "timeout")] == stage.log
    assert Verdict(Failure(Reason.TIMEOUT, "timed out after 5 s", 137), 15.0) == stage.exits(-9)


def test_a_timeout_stays_one_whatever_the_task_answers() -> None:
    """Also when it ends well a moment later."""
    stage = Stage(execution_timeout=0.5).begin()
    stage.pass_time(0.5)

    assert Verdict(Failure(Reason.TIMEOUT, "timed out after 0.5 s", 0), 0.5) == stage.exits(0)


def test_what_has_exited_does_not_time_out() -> None:
    """Its output is still read, or what it left is ended: that is not its time."""
    stage = Stage(execution_timeout=5.0).begin()
    stage.executor.running.clear()
    stage.pass_time(60.0)

    assert [] == stage.log


def test_a_timeout_that_comes_after_the_end_does_nothing() -> None:
    """Timers are left to fire."""
    stage = Stage(execution_timeout=5.0).begin()
    stage.exits()
    stage.pass_time(100.0)

    assert [] == stage.log


def test_no_step_of_a_ladder_comes_after_the_end() -> None:
    """The number of the process may be another's by then."""
    stage = Stage(execution_timeout=5.0).begin()
    stage.pass_time(5.0)
    stage.exits(-15)
    stage.pass_time(100.0)

    assert [("send", "SIGTERM", "timeout")] == stage.log


def test_without_a_timeout_an_attempt_may_take_for_ever() -> None:
    stage = Stage().begin()
    stage.pass_time(1e9)

    assert [] == stage.log
    assert 1e9 == stage.exits().duration


# --- stopped from outside ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cause", "signals", "words"),
    [
        (StopCause.INTERRUPT, ["SIGINT", "SIGTERM", "SIGKILL"], "interrupted (Ctrl-C)"),
        (StopCause.TERMINATE, ["SIGTERM", "SIGKILL"], "airexec was told to terminate (SIGTERM)"),
        (StopCause.HANGUP, ["SIGTERM", "SIGKILL"], "the terminal went away (SIGHUP)"),
        (StopCause.FAIL_FAST, ["SIGTERM", "SIGKILL"], "a task failed and fail_fast is set"),
        (StopCause.DAGRUN_TIMEOUT, ["SIGTERM", "SIGKILL"], "dagrun_timeout is over"),
    ],
)
def test_an_attempt_is_stopped_step_by_step_and_says_by_what(cause: StopCause, signals: list[str], words: str) -> None:
    """Each step a grace after the one before, and the last one is the last."""
    stage = Stage().begin()
    stage.attempt.stop(cause)
    sent = [len(stage.log)]
    for _ in range(5):
        stage.pass_time(stage.host.grace)
        sent.append(len(stage.log))

    assert [("send", name, str(cause)) for name in signals] == stage.log
    assert [min(step, len(signals)) for step in range(1, 7)] == sent
    assert Failure(Reason.CANCELLED, f"cancelled: {words}", 137) == stage.fails(-9)


def test_the_steps_of_a_ladder_are_a_grace_apart() -> None:
    stage = Stage().begin()
    stage.host.grace = 3.0
    stage.attempt.stop(StopCause.INTERRUPT)
    stage.pass_time(2.999)

    assert ["SIGINT"] == [name for _, name, _ in stage.log]

    stage.pass_time(0.001)

    assert ["SIGINT", "SIGTERM"] == [name for _, name, _ in stage.log]


def test_a_stop_of_what_is_being_stopped_changes_nothing() -> None:
    """Neither the ladder nor the cause."""
    stage = Stage().begin()
    stage.attempt.stop(StopCause.INTERRUPT)
    stage.attempt.stop(StopCause.INTERRUPT)
    stage.attempt.stop(StopCause.TERMINATE)
    stage.pass_time(10.0)

    assert [("send", "SIGINT", "interrupt"), ("send", "SIGTERM", "interrupt")] == stage.log
    assert "cancelled: interrupted (Ctrl-C)" == stage.fails(-15).message


def test_an_attempt_that_timed_out_before_the_stop_has_timed_out() -> None:
    """Its ladder goes on as it began."""
    stage = Stage(execution_timeout=5.0).begin()
    stage.pass_time(5.0)
    stage.attempt.stop(StopCause.INTERRUPT)
    stage.pass_time(10.0)

    assert [("send", "SIGTERM", "timeout"), ("send", "SIGKILL", "timeout")] == stage.log
    assert Reason.TIMEOUT == stage.fails(-9).reason


def test_an_attempt_that_is_being_stopped_does_not_time_out() -> None:
    stage = Stage(execution_timeout=5.0).begin()
    stage.attempt.stop(StopCause.INTERRUPT)
    stage.pass_time(5.0)

    assert [("send", "SIGINT", "interrupt")] == stage.log
    assert Reason.CANCELLED == stage.fails(-2).reason


def test_what_reads_a_file_that_has_changed_is_ended_to_start_anew() -> None:
    """In good order, and with a reason of its own: it has not failed."""
    stage = Stage().begin()
    stage.attempt.restart("source a.c has changed")
    stage.pass_time(10.0)

    assert [("send", "SIGTERM", "changed"), ("send", "SIGKILL", "changed")] == stage.log
    assert (Reason.CHANGED, "ended: source a.c has changed", 137) == stage.fails(-9)[:3]


def test_what_is_ended_for_its_files_ends_for_them_whatever_it_answers() -> None:
    """Exit code 0 is good manners; what it has made is of the file as it was."""
    stage = Stage().begin()
    stage.attempt.restart("source a.c has changed")

    assert Reason.CHANGED == stage.fails(0).reason


@pytest.mark.parametrize("first", ["stop", "exit", "timeout"])
def test_what_is_ending_already_does_not_start_anew(first: str) -> None:
    """It is told once why it ends, and what has exited is judged by what it did."""
    stage = Stage(execution_timeout=5.0).begin()
    if first == "stop":
        stage.attempt.stop(StopCause.INTERRUPT)
    elif first == "timeout":
        stage.pass_time(5.0)
    else:
        stage.executor.finish("a")
    signals = list(stage.log)

    stage.attempt.restart("source a.c has changed")

    assert signals == stage.log
    if first == "exit":
        assert stage.exits(0).failure is None


def test_a_kill_leaves_no_grace_and_the_cause_as_it_was() -> None:
    """The second Ctrl-C: it is still the first that the attempt was stopped for."""
    stage = Stage().begin()
    stage.attempt.stop(StopCause.INTERRUPT)
    stage.attempt.kill(StopCause.TERMINATE)

    assert [("send", "SIGINT", "interrupt"), ("send", "SIGKILL", "terminate")] == stage.log
    assert Failure(Reason.CANCELLED, "cancelled: interrupted (Ctrl-C)", 137) == stage.fails(-9)


def test_what_is_killed_without_having_been_stopped_is_cancelled_too() -> None:
    stage = Stage().begin()
    stage.attempt.kill(StopCause.HANGUP)

    assert Failure(Reason.CANCELLED, "cancelled: the terminal went away (SIGHUP)", 137) == stage.fails(-9)


def test_a_killed_attempt_that_timed_out_has_timed_out() -> None:
    stage = Stage(execution_timeout=5.0).begin()
    stage.pass_time(5.0)
    stage.attempt.kill(StopCause.INTERRUPT)

    assert [("send", "SIGTERM", "timeout"), ("send", "SIGKILL", "interrupt")] == stage.log
    assert Reason.TIMEOUT == stage.fails(-9).reason


@pytest.mark.parametrize("order", ["stop", "kill"])
def test_what_was_announced_only_never_starts_once_it_is_cancelled(order: str) -> None:
    """Nobody is there to be sent a signal."""
    stage = Stage()
    getattr(stage.attempt, order)(StopCause.TERMINATE)
    stage.begin()

    assert ([], []) == (stage.log, stage.executor.log)
    assert Verdict(Failure(Reason.CANCELLED, "cancelled before it could start"), 0.0) == stage.verdict


def test_what_waits_for_room_never_starts_once_it_is_cancelled() -> None:
    """With the next try it is over."""
    machine = FullMachine(room_at=60.0)
    stage = Stage(machine).begin()
    stage.attempt.stop(StopCause.INTERRUPT)
    stage.pass_time(0.1)

    assert ([], [0.0]) == (stage.log, machine.tries)
    assert Verdict(Failure(Reason.CANCELLED, "cancelled before it could start"), 0.0) == stage.verdict


# --- skip_on_exit_code ------------------------------------------------------------------------------------------------


def test_an_exit_code_of_skip_on_exit_code_skips_the_task() -> None:
    """It queues nothing and hands nothing on: nothing was to be done."""
    stage = Stage(skip_on_exit_code=(99, 100), queue=QueuePermission(), execution_timeout=9.0).begin()
    stage.says(("queue", '{"id": "q", "command": "true"}'), ("output", '{"rows": 1}'))
    stage.pass_time(2.0)

    skip = Skip(Because("skip_on_exit_code", "exit code 100"), 100)
    assert Verdict(None, 2.0, skip=skip) == stage.exits(100)
    assert [] == stage.log


@pytest.mark.parametrize(
    ("returncode", "reason"),
    [(98, Reason.EXIT), (-9, Reason.SIGNAL)],
)
def test_any_other_end_does_not(returncode: int, reason: Reason) -> None:
    """A signal is none, though a shell would call it 137."""
    stage = Stage(skip_on_exit_code=(99, 137)).begin()

    assert reason == stage.fails(returncode).reason
    assert stage.verdict.skip is None


def test_what_was_told_to_stop_is_not_skipped_whatever_it_answers() -> None:
    timed_out, stopped = (Stage(skip_on_exit_code=(99,), execution_timeout=5.0).begin() for _ in range(2))
    timed_out.pass_time(5.0)
    stopped.attempt.stop(StopCause.INTERRUPT)

    assert [Reason.TIMEOUT, Reason.CANCELLED] == [timed_out.fails(99).reason, stopped.fails(99).reason]


def test_what_was_written_for_a_product_goes_with_the_skip(tmp_path: Path) -> None:
    """A product is what a success has made."""
    written, product = tmp_path / ".x.airexec", tmp_path / "x"
    stage = Stage(skip_on_exit_code=(99,), files=Files((), ("x",), "", "", {}, {}, (str(written), str(product))))
    stage.begin()
    written.write_text("half")
    stage.exits(99)

    assert stage.verdict.skip is not None
    assert [] == list(tmp_path.iterdir())


# --- its end ----------------------------------------------------------------------------------------------------------


def test_the_end_tells_how_long_it_took_in_milliseconds() -> None:
    stage = Stage().begin()
    stage.pass_time(1.23456)

    assert Verdict(None, 1.235) == stage.exits()


def test_the_duration_is_that_of_the_monotonic_clock() -> None:
    """Somebody sets the wall clock back meanwhile."""
    stage = Stage().begin()
    stage.pass_time(2.0)
    stage.executor.clock.jump(-1e6)

    assert 2.0 == stage.exits().duration


def test_a_duration_is_never_negative() -> None:
    """Some virtual machines let even a monotonic clock go back."""
    stage = Stage(FakeExecutor(FakeClock(monotonic=100.0))).begin()
    stage.executor.clock._monotonic = 99.0

    assert 0.0 == stage.exits().duration


def test_what_the_executor_noticed_at_the_end_is_a_note() -> None:
    """It changes nothing about the verdict."""
    stage = Stage().begin()
    stage.attempt.exited(Exited("a", 1, 0, leftover=1))

    assert Verdict(None, 0.0, note="1 process left behind ended") == stage.verdict


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_is_not_ours_is_a_failure_of_the_task(number: int) -> None:
    """Nobody has stopped it."""
    assert Reason.SIGNAL == Stage().begin().fails(-number).reason
