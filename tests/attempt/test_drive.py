"""One attempt on its own, by a fake executor and by real processes; no run is anywhere near."""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import monotonic, time
from typing import Any

import pytest

from airexec.attempt.drive import drive
from airexec.attempt.facts import (
    CommandLine,
    Exited,
    Fact,
    Interrupted,
    LeftoverSignalled,
    Printed,
    Resumed,
    SpawnBusyError,
    SpawnError,
    WorkDone,
)
from airexec.attempt.prepare import Preparation, surroundings
from airexec.attempt.spec import AttemptSpec
from airexec.attempt.verdict import Failure, Skip, Verdict
from airexec.runner.processes import LocalProcesses
from airexec.scheduler.events import Because
from airexec.scheduler.statuses import Reason
from airexec.secrets.masker import Masker
from airexec.state.layout import RunFolder
from airexec.testing import FakeClock, FakeExecutor, make_plan, make_task
from airexec.workflow.actions.condition import Condition
from airexec.workflow.model import QueuePermission, SpliceMoment, Task
from tests.runner.test_processes import is_alive
from tests.test_house import ROOT, imports_of

RUN_ID = "20260102-030405-0000"
TASK_Q = '{"id": "q", "command": "true"}'


def test_nothing_of_it_knows_a_run() -> None:
    """Whoever has a scheduler needs none of ours. Only preparation can tell what templates see of a run."""
    modules = (ROOT / "airexec" / "attempt").rglob("*.py")

    knowing = {path.name for path in modules if "airexec.scheduler.state" in imports_of(path)}

    assert {"prepare.py"} == knowing


# --- with a fake executor ---------------------------------------------------------------------------------------------


class Plot(FakeExecutor):
    """Hands out one list of facts per wait; with none left it lets time pass, until the attempt is killed."""

    def __init__(self, *turns: Sequence[Fact]) -> None:
        super().__init__(FakeClock())
        self.turns = list(turns)
        self.timeouts: list[float | None] = []

    def wait(self, timeout: float | None) -> Sequence[Fact]:
        self.timeouts.append(timeout)
        if self.turns and not self.facts:
            self.facts += self.turns.pop(0)
        return super().wait(timeout)

    def signal(self, task: str, signum: int) -> None:
        super().signal(task, signum)
        if signum == signal.SIGKILL:
            self.finish(task, -signum)

    def signals(self) -> list[str]:
        return [signal.Signals(entry[2]).name for entry in self.log if entry[0] == "signal"]


def line(verb: str, payload: str, number: int = 1) -> CommandLine:
    return CommandLine("a", 1, verb, payload, number)


def driven(plot: FakeExecutor, grace: float = 10.0, **fields: Any) -> tuple[Verdict, Sequence[Task]]:
    task = make_task("a", **fields)
    at_line = task.queue is not None and task.queue.when is SpliceMoment.LINE
    spec = AttemptSpec("a", 1, ("true",), {}, "/w", "/w/a.log", splices_at_line=at_line)
    return drive(spec, task, make_plan(task).workflow, plot, plot.clock, grace)


END = Exited("a", 1, 0)


def test_an_attempt_is_driven_to_its_verdict() -> None:
    """Whatever else comes in meanwhile."""
    plot = Plot([Printed("a", 1, "stdout", b"hello\n"), line("output", '{"rows": 42}')], [END])

    assert (Verdict(None, 0.0, {"rows": 42}), []) == driven(plot)
    assert [("start", "a", 1)] == plot.log


@pytest.mark.parametrize("when", list(SpliceMoment))
def test_what_it_queued_comes_with_the_verdict(when: SpliceMoment) -> None:
    """In order of the lines."""
    lines = [line("queue", TASK_Q), line("queue", '{"id": "p", "command": "true"}', 2)]
    verdict, queued = driven(Plot([*lines, END]), queue=QueuePermission(when=when))

    assert (None, ["q", "p"]) == (verdict.failure, [task.id for task in queued])


def test_a_failure_queues_nothing() -> None:
    verdict, queued = driven(Plot([line("queue", TASK_Q), Exited("a", 1, 3)]), queue=QueuePermission())

    assert (Failure(Reason.EXIT, "exit code 3", 3), []) == (verdict.failure, queued)


def test_what_cannot_be_spawned_is_a_verdict_at_once() -> None:
    """Nobody waits for what does not run."""
    plot = Plot()
    plot.refuse["a"] = SpawnError("no such program: frobnicate", 127)

    assert (Verdict(Failure(Reason.SPAWN, "no such program: frobnicate", 127), 0.0), []) == driven(plot)
    assert [] == plot.timeouts


def test_a_full_machine_is_given_up_after_five_seconds() -> None:
    """Nothing runs beside it that could make room."""

    class Full(Plot):
        def start(self, spec: AttemptSpec) -> None:
            raise SpawnBusyError("too many open files", 126)

    plot = Full()

    assert Failure(Reason.SPAWN, "too many open files", 126) == driven(plot)[0].failure
    assert 5.0 == pytest.approx(plot.clock.monotonic())


def test_without_a_timer_it_waits_for_ever() -> None:
    """And with one until it is due, which time spent stopped (Ctrl-Z) puts off."""
    plot, timed = Plot([END]), Plot([Resumed(3.0)], [END])
    driven(plot)
    driven(timed, execution_timeout=5.0)

    assert ([None], [5.0, 8.0]) == (plot.timeouts, timed.timeouts)


def test_a_timeout_climbs_the_ladder() -> None:
    """With the grace that was asked for."""
    plot = Plot()
    verdict, _ = driven(plot, grace=2.0, execution_timeout=5.0)

    assert ["SIGTERM", "SIGKILL"] == plot.signals()
    assert Verdict(Failure(Reason.TIMEOUT, "timed out after 5 s", 137), 7.0) == verdict


@pytest.mark.parametrize(
    ("number", "first", "words"),
    [
        (signal.SIGINT, "SIGINT", "interrupted (Ctrl-C)"),
        (signal.SIGTERM, "SIGTERM", "airexec was told to terminate (SIGTERM)"),
        (signal.SIGHUP, "SIGTERM", "the terminal went away (SIGHUP)"),
    ],
)
def test_a_signal_to_ourselves_stops_it_in_good_order(number: int, first: str, words: str) -> None:
    plot = Plot([Interrupted(number)])
    verdict, _ = driven(plot)

    assert (first, "SIGKILL") == (plot.signals()[0], plot.signals()[-1])
    assert Failure(Reason.CANCELLED, f"cancelled: {words}", 137) == verdict.failure
    assert 10.0 * (len(plot.signals()) - 1) == plot.clock.monotonic()


def test_a_second_one_kills_it() -> None:
    plot = Plot([Interrupted(signal.SIGINT)], [Interrupted(signal.SIGINT)])
    verdict, _ = driven(plot)

    assert (["SIGINT", "SIGKILL"], 0.0) == (plot.signals(), plot.clock.monotonic())
    assert Failure(Reason.CANCELLED, "cancelled: interrupted (Ctrl-C)", 137) == verdict.failure


def test_work_that_was_done_beside_it_is_gone_on_with() -> None:
    seen: list[str] = []
    driven(Plot([WorkDone(lambda: seen.append("then"))], [END]))

    assert ["then"] == seen


def test_what_the_user_should_know_is_handed_on() -> None:
    """By its level; a task that may not queue is told how to."""
    heard: list[tuple[str, str]] = []
    plot = Plot([line("warning", '"disk is full"'), line("progress", '{"done": 1, "total": 2}'), END])
    task = make_task("a")
    spec = AttemptSpec("a", 1, ("true",), {}, "/w", "/w/a.log")
    drive(
        spec,
        task,
        make_plan(task).workflow,
        plot,
        plot.clock,
        notice=lambda level, message: heard.append((level, message)),
    )

    assert [("warning", "disk is full")] == heard


def test_a_value_to_mask_goes_to_the_executor() -> None:
    plot = Plot([line("mask", '"s3cret"'), END])
    driven(plot)

    assert [("start", "a", 1), ("mask", "s3cret")] == plot.log


def test_it_is_not_over_before_what_it_left_is_ended() -> None:
    """Though the verdict is known by then."""

    class Leaving(Plot):
        looks = 3

        def end_leftovers(self) -> Sequence[Fact]:
            self.looks -= 1
            return [LeftoverSignalled("a", 1, signal.SIGTERM)] if self.looks else []

    plot = Leaving([END, LeftoverSignalled("a", 1, signal.SIGTERM)])
    driven(plot)

    assert 0 == plot.looks


# --- with real processes ----------------------------------------------------------------------------------------------

Drive = Callable[..., tuple[Verdict, Sequence[Task]]]


class RealClock:
    def monotonic(self) -> float:
        return monotonic()

    def wall(self) -> float:
        return time()


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[LocalProcesses]:
    """The executor of this machine, for tasks that belong to a folder of a run which has no run."""
    folder = RunFolder(str(tmp_path), RUN_ID)
    for path in (folder.side, folder.logs):
        os.makedirs(path)
    with LocalProcesses(Masker(), run_dir=folder.path) as processes:
        yield processes


@pytest.fixture
def really(tmp_path: Path, processes: LocalProcesses) -> Drive:
    """Prepare and drive a task as an engine with a scheduler of its own would."""

    def run(command: str, grace: float = 10.0, **fields: Any) -> tuple[Verdict, Sequence[Task]]:
        plan = make_plan(make_task("a", command=command, **fields), path=f"{tmp_path}/job.yml")
        preparation = Preparation(plan, RunFolder(str(tmp_path), RUN_ID), dict(os.environ))
        spec = preparation.spec(plan.tasks["a"], 1, surroundings(RUN_ID, 0.0, {}))
        return drive(spec, plan.tasks["a"], plan.workflow, processes, RealClock(), grace)

    return run


def test_a_real_command_puts_out_and_queues(really: Drive, tmp_path: Path) -> None:
    """By lines and by side files; its output is in its log."""
    verdict, queued = really(
        """
        echo hello
        echo '::output {"rows": 42}'
        echo '{"cols": 2}' > "$AIREXEC_OUTPUT"
        echo '::queue {"id": "p", "command": "true"}'
        echo '{"id": "q", "command": "true"}' > "$AIREXEC_QUEUE"
        """,
        queue=QueuePermission(),
    )

    assert (None, {"rows": 42, "cols": 2}, ["p", "q"]) == (
        verdict.failure,
        verdict.outputs,
        [task.id for task in queued],
    )
    log = tmp_path / RUN_ID / "logs" / "a.1.log"
    assert b"hello\n" == log.read_bytes()[:6]
    assert [] == os.listdir(tmp_path / RUN_ID / "side")


def test_real_conditions_are_asked_before(really: Drive, tmp_path: Path) -> None:
    """Whoever drives an attempt need not know of them."""
    here = Condition(f"test -d {tmp_path}")
    made = really("touch made", when=here, preconditions=(Condition(("true",)),))
    skipped, _ = really("touch never", when=here._replace(negate=True))
    failed, _ = really("touch never", preconditions=(Condition("sleep 30", message="no answer", timeout=0.1),))

    assert (None, None) == (made[0].failure, made[0].skip)
    assert Skip(Because("when", f"! test -d {tmp_path} (exit code 0)")) == skipped.skip
    details = ("precondition: sleep 30", "timed out after 0.1 s")
    assert Failure(Reason.PRECONDITION, "no answer", None, details) == failed.failure
    assert (True, False) == ((tmp_path / "made").exists(), (tmp_path / "never").exists())


def test_a_real_command_fails(really: Drive) -> None:
    verdict, queued = really('echo \'::queue {"id": "p", "command": "true"}\'; exit 3', queue=QueuePermission())

    assert (Failure(Reason.EXIT, "exit code 3", 3), []) == (verdict.failure, queued)


def test_a_real_command_that_is_not_there_cannot_be_spawned(really: Drive) -> None:
    verdict, _ = really("frobnicate-it", args=())

    assert verdict.failure is not None
    assert (Reason.SPAWN, 127) == (verdict.failure.reason, verdict.failure.exit_code)


def test_a_real_command_that_will_not_end_is_killed_after_its_timeout(really: Drive) -> None:
    """It ignores TERM, so only KILL is left."""
    verdict, _ = really("trap '' TERM; while :; do sleep 0.05 || :; done", grace=0.2, execution_timeout=0.2)

    assert Failure(Reason.TIMEOUT, "timed out after 0.2 s", 137) == verdict.failure
    assert 0.4 <= verdict.duration


def test_a_signal_to_ourselves_stops_a_real_command(really: Drive) -> None:
    """It has the chance to clean up, and says so."""
    script = (
        "trap 'echo ::output {\\\"clean\\\": true}; exit 1' INT; kill -INT $PPID; while :; do sleep 0.05 || :; done"
    )
    verdict, _ = really(script)

    assert Failure(Reason.CANCELLED, "cancelled: interrupted (Ctrl-C)", 1) == verdict.failure
    assert {"clean": True} == verdict.outputs


def test_a_second_signal_kills_a_real_command(really: Drive) -> None:
    """Without waiting for the grace, which is ten minutes here."""
    script = "trap 'kill -TERM $PPID' INT; trap '' TERM; kill -INT $PPID; while :; do sleep 0.05 || :; done"
    verdict, _ = really(script, grace=600.0)

    assert Failure(Reason.CANCELLED, "cancelled: interrupted (Ctrl-C)", 137) == verdict.failure


def test_what_a_real_command_leaves_behind_is_ended(really: Drive, tmp_path: Path) -> None:
    """Also what has left its group."""
    script = f"""
        {sys.executable} -c 'import os, time
        os.setsid()
        open("pid", "w").write(str(os.getpid()))
        time.sleep(600)' &
        while [ ! -s pid ]; do sleep 0.01; done
    """.replace("\n        ", "\n")
    verdict, _ = really(script)

    assert None is verdict.failure
    assert not is_alive(int((tmp_path / "pid").read_text()))


def test_a_real_command_queues_while_it_runs(really: Drive, processes: LocalProcesses, tmp_path: Path) -> None:
    """With `when: line` what is in its side file is taken before it ends: it waits for that."""
    seen = tmp_path / "seen"
    take = processes.wait

    def wait(timeout: float | None) -> Sequence[Fact]:
        facts = take(timeout)
        if any(isinstance(fact, CommandLine) for fact in facts):
            seen.touch()
        return facts

    processes.wait = wait  # type: ignore[method-assign]
    script = f"echo '{TASK_Q}' >> \"$AIREXEC_QUEUE\"; while [ ! -e seen ]; do sleep 0.01; done"
    verdict, queued = really(script, queue=QueuePermission(when=SpliceMoment.LINE), execution_timeout=20.0)

    assert (None, ["q"]) == (verdict.failure, [task.id for task in queued])
