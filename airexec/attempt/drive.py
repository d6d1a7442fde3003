"""One attempt on its own, from start to verdict, with any executor and without a run around it.

It is what an engine calls that has a scheduler of its own and wants a task of ours done: spec in, verdict out.
"""

import signal
from collections.abc import Callable, Sequence
from math import inf
from typing import TYPE_CHECKING, assert_never

from airexec.attempt.attempt import Attempt
from airexec.attempt.facts import (
    CommandLine,
    Exited,
    Fact,
    Interrupted,
    LeftoverSignalled,
    Printed,
    Resumed,
    WorkDone,
)
from airexec.attempt.ladder import CAUSES, GRACE
from airexec.attempt.spec import AttemptSpec
from airexec.attempt.timers import Timers
from airexec.attempt.verdict import Verdict
from airexec.workflow.model import Task, Workflow

if TYPE_CHECKING:
    from airexec.attempt.executor import Clock, Executor

Notice = Callable[[str, str], None]
"""Hears (level, message) of what the user should be told."""


def drive(
    spec: AttemptSpec,
    task: Task,
    workflow: Workflow,
    executor: "Executor",
    clock: "Clock",
    grace: float = GRACE,
    notice: Notice = lambda level, message: None,
) -> tuple[Verdict, Sequence[Task]]:
    """Return how the attempt ended, and the tasks that it queued.

    A signal to ourselves stops it in good order, a second one kills it. What it leaves behind is ended, too.
    """
    host = _Alone(executor, clock, grace, notice)
    attempt = Attempt(spec, task, workflow, host)
    attempt.begin()
    while host.verdict is None:
        for fact in executor.wait(host.patience()):
            host.observe(attempt, fact)
        host.timers.fire(clock.monotonic())
    while executor.end_leftovers():
        pass
    return host.verdict, host.queued


class _Alone:
    """The host of an attempt that nothing runs beside."""

    def __init__(self, executor: "Executor", clock: "Clock", grace: float, notice: Notice) -> None:
        self.executor = executor
        self.clock = clock
        self.grace = grace
        self.timers = Timers()
        self.verdict: Verdict | None = None
        self.queued: list[Task] = []
        self._notice = notice
        self._is_stopping = False

    def patience(self) -> float | None:
        due = self.timers.next_due()
        return None if due == inf else max(0.0, due - self.clock.monotonic())

    def observe(self, attempt: Attempt, fact: Fact) -> None:
        match fact:
            case CommandLine():
                attempt.take(fact)
            case Exited():
                attempt.exited(fact)
            case Interrupted(signal=number):
                self._interrupted(attempt, signal.Signals(number))
            case Resumed(seconds=seconds):
                self.timers.shift(seconds)
            case WorkDone(then=then):
                then()
            case Printed() | LeftoverSignalled():
                pass  # its output is in its log, and signals to what it left behind are for a journal
            case _:
                assert_never(fact)

    def _interrupted(self, attempt: Attempt, number: signal.Signals) -> None:
        if self._is_stopping:
            attempt.kill(CAUSES[number])
        self._is_stopping = True
        attempt.stop(CAUSES[number])

    # --- what an attempt asks -----------------------------------------------------------------------------------------

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        self.timers.set(self.clock.monotonic() + seconds, action)

    def others_run(self) -> bool:
        return False

    def send(self, spec: AttemptSpec, number: signal.Signals, cause: str) -> None:
        self.executor.signal(spec.task, number)

    def splice(self, spec: AttemptSpec, batch: Sequence[Task]) -> None:
        self.queued += batch

    def mask(self, secret: str) -> str | None:
        return self.executor.mask(secret)

    def progress(self, spec: AttemptSpec, done: float, total: float) -> None:
        """Nobody looks on."""

    def notice(self, spec: AttemptSpec, level: str, message: str) -> None:
        self._notice(level, message)

    def end(self, spec: AttemptSpec, verdict: Verdict) -> None:
        self.verdict = verdict
