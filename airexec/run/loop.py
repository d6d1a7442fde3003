"""The loop: the one place where clock, processes and journal meet.

One turn: wait for facts (exits, `::` lines, signals to us) or for the next timer; turn them into events; ask
`decide` until it has nothing more; write all events of the turn with one append; only then act (spawn, signal) and
tell the views. So nothing is acted upon that a `kill -9` could forget, and a turn costs one write however much
happened in it.

The loop decides nothing about the graph (`scheduler.decide` does) and knows no files but through its ports.
"""

import signal
from collections.abc import Callable, Sequence
from typing import assert_never

from airexec.attempt.attempt import Live
from airexec.attempt.executor import SpawnBusyError, SpawnError
from airexec.attempt.facts import CommandLine, Exited, Fact, Interrupted, LeftoverSignalled, Printed, Resumed
from airexec.attempt.ladder import CAUSES, TERMINATE, ladder
from airexec.attempt.prepare import Attempts
from airexec.attempt.timers import Timers
from airexec.attempt.verdict import Failure, failure, note, splice_failure
from airexec.errors import AirexecError, JournalError
from airexec.run.listeners import Listeners
from airexec.run.ports import Ports
from airexec.run.snapshots import Snapshots
from airexec.scheduler.apply import apply
from airexec.scheduler.decide import Start, decide, retry_delay
from airexec.scheduler.events import (
    AttemptCompleted,
    AttemptFailed,
    AttemptStarted,
    Event,
    Noticed,
    Record,
    RetryReady,
    RunFinished,
    SignalSent,
    StopRequested,
    TaskSkipped,
)
from airexec.scheduler.splice import SpliceRejectedError, splice
from airexec.scheduler.state import Run, TaskState
from airexec.scheduler.statuses import Reason, Status, StopCause
from airexec.workflow.model import Task

_STATE_CHECK = 1.0
"""Seconds between two looks whether the state folder is still there: a run without one must not go on for hours."""
_BUSY_RETRY = 0.1
"""Seconds between two tries to start a process on a machine that has no room for one."""
_BUSY_TRIES = 50
"""So many while nothing of ours runs that could make room by ending."""
_TOKEN_LOOK = 0.02
"""Seconds between two looks while a task lacks a token: those who have them ring no bell."""
_IDLE = 3600.0
"""Seconds to wait for facts when no time is set for anything."""


class Loop:
    """Drives one run from its present state to its end."""

    def __init__(self, run: Run, ports: Ports, attempts: Attempts) -> None:
        self._run = run
        self._ports = ports
        self._attempts = attempts
        self._timers = Timers()
        self._live: dict[str, Live] = {}
        self._unwritten: list[Record] = []
        self._effects: list[Callable[[], None]] = []
        """What to do once the events that announce it are written."""
        self._listeners = Listeners(ports.listeners)
        self._snapshots = Snapshots(ports.snapshot, ports.clock)
        self._lacks_token = False
        """A task could start, had somebody else not all the tokens."""

    def execute(self, first: Event) -> None:
        """Let the run start or resume by `first`, and go on until nothing is left to do.

        Raises JournalError, after everything that ran has been ended.
        """
        try:
            self._happen(first)
            self._set_first_timers()
            self._advance()
            while not self._run.is_over:
                for fact in self._ports.executor.wait(self._patience()):
                    self._observe(fact)
                self._timers.fire(self._ports.clock.monotonic())
                self._advance()
            self._snapshots.write(self._run)  # and not after an error: it must not tell what the journal does not
        except JournalError:
            self._abandon()
            raise
        finally:
            self._listeners.close(self._run)

    # --- one turn -----------------------------------------------------------------------------------------------------

    def _advance(self) -> None:
        """Decide, write, act, until acting brings nothing new; then let the views breathe."""
        while True:
            self._decide_all()
            records, self._unwritten = self._unwritten, []
            if records:
                self._ports.journal.append(records)
            effects, self._effects = self._effects, []
            for effect in effects:
                effect()
            self._listeners.record(records)
            if not self._unwritten:  # nor are there effects: each has an event that announces it
                break
        now = self._ports.clock.monotonic()
        self._listeners.tick(self._run, now)
        self._snapshots.write_if_due(self._run, now)

    def _decide_all(self) -> None:
        self._lacks_token = False
        while (decision := decide(self._run)) is not None:
            if isinstance(decision, Start):
                if not self._start_with_token(self._run.tasks[decision.task]):
                    self._lacks_token = True
                    return
            elif isinstance(decision, StopRequested):
                self._stop(decision.cause)
            elif isinstance(decision, RunFinished) and (facts := self._ports.executor.end_leftovers()):
                for fact in facts:
                    self._observe(fact)
            else:
                self._happen(decision)

    def _happen(self, event: Event) -> None:
        record = Record(self._run.seq + 1, round(self._ports.clock.wall(), 3), event)
        apply(self._run, record)
        self._unwritten.append(record)

    def _patience(self) -> float:
        """Return how long the loop may sleep: until the next timer, or until the views or the snapshot want a turn."""
        due = min(self._timers.next_due(), self._listeners.due(), self._snapshots.due(self._run))
        longest = _TOKEN_LOOK if self._lacks_token else _IDLE
        return max(0.0, min(due - self._ports.clock.monotonic(), longest))

    # --- timers -------------------------------------------------------------------------------------------------------

    def _set_timer(self, seconds: float, action: Callable[[], None]) -> None:
        self._timers.set(self._ports.clock.monotonic() + seconds, action)

    def _set_first_timers(self) -> None:
        assert self._run.plan is not None
        if (timeout := self._run.plan.workflow.dagrun_timeout) is not None:
            self._set_timer(timeout, lambda: self._stop(StopCause.DAGRUN_TIMEOUT))
        self._set_timer(_STATE_CHECK, self._check_state)

    def _check_state(self) -> None:
        if (problem := self._ports.state_problem()) is not None:
            raise JournalError(problem, hint="everything that ran was ended; if the state is back, resume goes on")
        self._set_timer(_STATE_CHECK, self._check_state)

    def _retry(self, task_id: str) -> None:
        if self._run.tasks[task_id].status is Status.UP_FOR_RETRY and self._run.stopping is None:
            self._happen(RetryReady(task_id))

    # --- starting -----------------------------------------------------------------------------------------------------

    def _start_with_token(self, state: TaskState) -> bool:
        """Start the task if there is a token for it, else do nothing. Every live attempt has a token, nobody else."""
        if not self._ports.tokens.acquire():
            return False
        self._start(state)
        if state.task.id not in self._live:  # skipped, or failed before it came to a process
            self._ports.tokens.release()
        return True

    def _start(self, state: TaskState) -> None:
        """Announce the next attempt, and spawn it once the announcement is written; or skip it by its `when`."""
        task_id, attempt = state.task.id, state.attempt + 1
        try:
            if (because := self._attempts.refusal(self._run, state, attempt)) is not None:
                self._happen(TaskSkipped(task_id, because))
                return
            spec = self._attempts.spec(self._run, state, attempt)
        except AirexecError as error:
            self._happen(AttemptStarted(task_id, attempt, ()))
            message = self._attempts.mask_text(error.headline)
            self._happen(AttemptFailed(task_id, attempt, 0.0, Reason.TEMPLATE, message))
            return
        self._happen(AttemptStarted(task_id, attempt, self._attempts.mask_value(spec.argv)))
        live = self._live[task_id] = self._attempts.live(self._run, state, spec)
        self._effects.append(lambda: self._spawn(live))

    def _spawn(self, live: Live) -> None:
        live.started = self._ports.clock.monotonic()
        if live.cause is not None:
            self._fail(live, Failure(Reason.CANCELLED, "cancelled before it could start"))
            return
        try:
            self._ports.executor.start(live.spec)
        except SpawnBusyError as error:
            self._spawn_later(live, error)
            return
        except SpawnError as error:
            self._fail(live, Failure(Reason.SPAWN, error.error, error.exit_code))
            return
        live.spawned = True
        timeout = self._run.tasks[live.spec.task].task.execution_timeout
        if timeout is not None:
            self._set_timer(timeout, lambda: self._climb(live, Reason.TIMEOUT, TERMINATE))

    def _spawn_later(self, live: Live, error: SpawnBusyError) -> None:
        """The machine is full: wait while anything of ours runs that will make room, else for a few seconds."""
        live.spawn_tries += 1
        if live.spawn_tries > _BUSY_TRIES and not any(other.spawned for other in self._live.values()):
            self._fail(live, Failure(Reason.SPAWN, error.error, error.exit_code))
        else:
            self._set_timer(_BUSY_RETRY, lambda: self._spawn(live))

    # --- what the processes report ------------------------------------------------------------------------------------

    def _observe(self, fact: Fact) -> None:
        match fact:
            case Printed():
                self._listeners.printed(self._run, fact)
            case CommandLine():
                self._take(fact)
            case Exited():
                self._settle(fact)
            case LeftoverSignalled(task=task, attempt=attempt, signal=number):
                self._happen(SignalSent(task, attempt, signal.Signals(number).name, "leftover"))
            case Interrupted(signal=number):
                self._interrupted(signal.Signals(number))
            case Resumed(seconds=seconds):
                self._timers.shift(seconds)
            case _:
                assert_never(fact)

    def _take(self, line: CommandLine) -> None:
        live = self._live[line.task]
        taken = live.take(line)
        if taken.queued and live.at_line:
            self._splice_at_line(live, line.line)
        if taken.progress is not None:
            self._listeners.progress(self._run, line.task, *taken.progress)
        if taken.mask is not None and (problem := self._attempts.hide(live, taken.mask, self._ports.executor)):
            self._notice(live, "warning", f"line {line.line}: ::mask has no effect: {problem}")
        if taken.notice is not None:
            self._notice(live, *taken.notice)

    def _notice(self, live: Live, level: str, message: str) -> None:
        self._happen(Noticed(live.spec.task, live.spec.attempt, level, self._attempts.mask_text(message)))

    def _settle(self, fact: Exited) -> None:
        """An attempt is over: say how it ended, with what it queued spliced first, all in one write."""
        live = self._live[fact.task]
        live.exited(fact)
        for level, message in self._attempts.read_side_channels(live):
            self._notice(live, level, message)
        task = self._run.tasks[fact.task].task
        failed = failure(fact.returncode, live, task.execution_timeout) or self._splice_at_end(live)
        if failed is not None:
            self._fail(live, failed)
            return
        self._forget(live)
        duration = self._duration(live)
        outputs = self._attempts.mask_value(live.outputs)
        self._happen(AttemptCompleted(fact.task, fact.attempt, duration, outputs, note(live)))

    def _fail(self, live: Live, failed: Failure) -> None:
        task_id, attempt = live.spec.task, live.spec.attempt
        self._forget(live)
        state, delay = self._run.tasks[task_id], None
        if self._run.stopping is None:
            delay = retry_delay(state, attempt, failed.reason, failed.exit_code)
        if delay is not None:
            self._set_timer(delay, lambda: self._retry(task_id))
        mask = self._attempts.mask_text
        self._happen(
            AttemptFailed(
                task_id,
                attempt,
                self._duration(live),
                failed.reason,
                mask(failed.message),
                failed.exit_code,
                delay,
                self._attempts.mask_value(live.outputs),
                tuple(map(mask, failed.details)),
                note(live),
            )
        )

    def _forget(self, live: Live) -> None:
        del self._live[live.spec.task]
        self._ports.tokens.release()

    def _duration(self, live: Live) -> float:
        return round(max(0.0, self._ports.clock.monotonic() - live.started), 3)

    # --- splicing -----------------------------------------------------------------------------------------------------

    def _splice_at_end(self, live: Live) -> Failure | None:
        """Splice what a good attempt has queued; return what is wrong with it, in which case nothing was."""
        if live.batch is None or not (batch := live.batch.take()):
            return None
        try:
            self._splice(live, batch)
        except SpliceRejectedError as error:
            return splice_failure(error)
        return None

    def _splice_at_line(self, live: Live, line: int) -> None:
        assert live.batch is not None
        try:
            self._splice(live, live.batch.take())
        except SpliceRejectedError as error:
            for problem in error.problems:
                live.batch.complain(f"line {line}: {problem}")

    def _splice(self, live: Live, batch: Sequence[Task]) -> None:
        self._attempts.check_secrets(batch)
        event = splice(self._run, live.spec.task, live.spec.attempt, batch)
        if event is not None:
            self._happen(event)

    # --- stopping -----------------------------------------------------------------------------------------------------

    def _interrupted(self, number: signal.Signals) -> None:
        """The first signal stops the run in good order; any further one kills what is left, now."""
        cause = CAUSES[number]
        if self._run.stopping is None:
            self._stop(cause)
            return
        for live in list(self._live.values()):
            live.cause = live.cause or cause
            self._send(live, signal.SIGKILL, cause)

    def _stop(self, cause: StopCause) -> None:
        if self._run.stopping is not None or self._run.is_over:
            return
        self._happen(StopRequested(cause))
        for live in list(self._live.values()):
            if live.cause is None:
                self._climb(live, cause, ladder(cause))

    def _climb(self, live: Live, cause: Reason | StopCause, steps: Sequence[signal.Signals]) -> None:
        """Send the first signal of a ladder now, and the rest one by one while the attempt lives."""
        if self._live.get(live.spec.task) is not live or live.cause not in (None, cause):
            return
        live.cause = cause
        self._send(live, steps[0], cause)
        if rest := steps[1:]:
            self._set_timer(self._ports.grace, lambda: self._climb(live, cause, rest))

    def _send(self, live: Live, number: signal.Signals, cause: Reason | StopCause) -> None:
        if not live.spawned:
            return
        task_id = live.spec.task
        self._happen(SignalSent(task_id, live.spec.attempt, number.name, str(cause)))
        self._effects.append(lambda: self._ports.executor.signal(task_id, number))

    def _abandon(self) -> None:
        """The journal is gone, so nothing may go on: end everything, without a word that could not be kept."""
        self._live = {task_id: live for task_id, live in self._live.items() if live.spawned}
        for number in TERMINATE:
            for task_id in self._live:
                self._ports.executor.signal(task_id, number)
            deadline = self._ports.clock.monotonic() + self._ports.grace
            while self._live and (left := deadline - self._ports.clock.monotonic()) > 0:
                for fact in self._ports.executor.wait(left):
                    if isinstance(fact, Exited):
                        self._live.pop(fact.task, None)
