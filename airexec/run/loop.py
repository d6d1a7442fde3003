"""The loop: the one place where clock, executor and journal meet.

One turn:

* wait for facts (exits, `::` lines, signals to us), or for the next timer;
* turn them into events, each of which is applied to the run at once;
* ask `decide` what follows, until it has nothing more to say;
* write all events of the turn with one append;
* only then act on them (start, signal), and tell the views.

So nothing is acted upon that a `kill -9` could forget, and a turn costs one write however much happened in it. The loop
decides nothing about the graph (`scheduler.decide` does), nothing about how an attempt goes (`attempt.attempt` does),
and knows no files but through its ports.

There is one thread and one place that waits. What would take long is done by others (processes, the thread that syncs)
and comes back as a fact: `Executor.post` takes one from any thread. A thread or a coroutine for each attempt was not
wanted: in which order things happen is what the journal is about, so it is decided here, in one place, where a
simulation can own it.

A run in memory may be ahead of its journal within a turn, never at its end. When the journal cannot be written, the
turn is lost with all that was to follow from it, as if we had been killed before (`_abandon`).
"""

import signal
from collections.abc import Callable, Sequence
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
from airexec.attempt.ladder import CAUSES, TERMINATE
from airexec.attempt.prepare import Preparation, surroundings_of
from airexec.attempt.spec import AttemptSpec
from airexec.attempt.timers import Timers
from airexec.attempt.verdict import Verdict
from airexec.errors import AirexecError, JournalError
from airexec.run.listeners import Listeners
from airexec.run.ports import Additions, Ports
from airexec.run.snapshots import Snapshots
from airexec.scheduler.apply import apply
from airexec.scheduler.decide import Start, decide, retry_delay
from airexec.scheduler.events import (
    AdditionsRefused,
    AttemptCompleted,
    AttemptFailed,
    AttemptSkipped,
    AttemptStarted,
    Event,
    NodesAdded,
    Noticed,
    Record,
    RetryReady,
    RunFinished,
    SignalSent,
    StopRequested,
    TaskSkipped,
)
from airexec.scheduler.readiness import next_unasked
from airexec.scheduler.splice import SpliceRejectedError, splice
from airexec.scheduler.state import Run, TaskState
from airexec.scheduler.statuses import Reason, Status, StopCause
from airexec.secrets.plain_data import Masking
from airexec.workflow.model import Plan, Task

if TYPE_CHECKING:
    from airexec.run.asking import Asking

_STATE_CHECK = 1.0
"""Seconds between two looks whether the state folder is still there: a run without one must not go on for hours."""
_TOKEN_LOOK = 0.02
"""Seconds between two looks while a task lacks a token: those who have them ring no bell."""
_ADDITIONS_LOOK = 0.25
"""Seconds between two looks for what others have added."""
_IDLE = 3600.0
"""Seconds to wait for facts when no time is set for anything."""


class Loop:
    """Drives one run from its present state to its end. It is the `Host` of its attempts."""

    def __init__(self, run: Run, plan: Plan, ports: Ports, preparation: Preparation, masking: Masking) -> None:
        """`plan` is what the user wrote, while that of the run has its secrets masked."""
        self.executor = ports.executor
        self.clock = ports.clock
        self.grace = ports.grace
        self._run = run
        self._workflow = plan.workflow
        self._params = plan.params
        self._ports = ports
        self._preparation = preparation
        self._masking = masking
        self._surroundings = surroundings_of(run)
        self._timers = Timers()
        self._attempts: dict[str, Attempt] = {}
        """By task, from their announcement to their verdict."""
        self._unwritten: list[Record] = []
        self._effects: list[Callable[[], None]] = []
        """What to do once the events that announce it are written."""
        self._asking = self._asking_of(ports)
        self._listeners = Listeners(ports.listeners)
        self._snapshots = Snapshots(ports.snapshot, ports.clock)
        self._lacks_token = False
        """A task could start, had somebody else not all the tokens."""

    def _asking_of(self, ports: Ports) -> "Asking | None":
        if ports.freshness is None:
            return None
        from airexec.run.asking import Asking  # for those workflows only that ask

        return Asking(self._run, ports.freshness, ports.executor, self._happen)

    def execute(self, first: Event) -> None:
        """Let the run start or resume by `first`, and go on until nothing is left to do.

        Raises JournalError, after everything that ran has been ended.
        """
        try:
            self._happen(first)
            self._surroundings = surroundings_of(self._run)  # only now has a new run an id and a time
            self._set_first_timers()
            if (follow := self._ports.follow_changes) is not None:
                follow(lambda: self.executor.post(WorkDone(self._start_anew)))
            self._advance()
            while not self._run.is_over:
                for fact in self.executor.wait(self._patience()):
                    self._observe(fact)
                self._timers.fire(self.clock.monotonic())
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
                effect()  # which may bring events: what cannot be started has failed
            self._listeners.record(records)  # after the effects, so that no start waits for a view
            if not self._unwritten:  # nor are there effects: each has an event that announces it
                break
        now = self.clock.monotonic()
        self._listeners.tick(self._run, now)
        self._snapshots.write_if_due(self._run, now)

    def _decide_all(self) -> None:
        """Ask until there is nothing more to do now. An answer must change the run, or it would be given for ever.

        Two may leave it as it is: a start without a token, which ends the asking, and the end of the run while attempts
        have left something behind, whose facts are taken before the question is asked again.
        """
        self._decide()
        while self._ask_one_that_waits():
            self._decide()

    def _ask_one_that_waits(self) -> bool:
        """Ask of those that wait for a slot who has nothing to do, until one has; return whether one had."""
        if self._asking is None or self._run.stopping is not None:
            return False
        while (state := next_unasked(self._run)) is not None:
            if self._asking.may_be_up_to_date(state.task.id) and self._needs_no_start(state, self._asking):
                return True
        return False

    def _needs_no_start(self, state: TaskState, asking: "Asking") -> bool:
        task, number = state.task, state.attempt + 1
        try:
            if (because := self._preparation.refusal(task, number, self._surroundings)) is not None:
                self._happen(TaskSkipped(task.id, because))
                return True
            return asking.settles(state, self._preparation.spec(task, number, self._surroundings))
        except AirexecError:
            return False  # which is told when it is to start

    def _decide(self) -> None:
        self._lacks_token = False
        while (decision := decide(self._run)) is not None:
            if isinstance(decision, Start):
                if not self._start_with_token(self._run.tasks[decision.task]):
                    self._lacks_token = True
                    return
            elif isinstance(decision, StopRequested):
                self._stop(decision.cause)
            elif isinstance(decision, RunFinished) and (facts := self.executor.end_leftovers()):
                for fact in facts:
                    self._observe(fact)
            elif isinstance(decision, RunFinished) and self._ports.additions is not None:
                before = self._run.seq
                if self._take_additions(self._ports.additions):
                    return
                if self._run.seq == before:
                    self._happen(decision)
            else:
                self._happen(decision)

    def _happen(self, event: Event) -> None:
        """Apply an event at once, since the next decision needs it, and keep it for the write of this turn."""
        record = Record(self._run.seq + 1, round(self.clock.wall(), 3), event)
        apply(self._run, record)
        self._unwritten.append(record)

    def _patience(self) -> float:
        """Return how long the loop may sleep: until the next timer, or until the views or the snapshot want a turn."""
        due = min(self._timers.next_due(), self._listeners.due(), self._snapshots.due(self._run))
        longest = _TOKEN_LOOK if self._lacks_token else _IDLE
        return max(0.0, min(due - self.clock.monotonic(), longest))

    def _observe(self, fact: Fact) -> None:
        """Take a fact. None about an attempt comes after its `Exited`, but for signals to what it has left behind."""
        match fact:
            case Printed():
                self._listeners.printed(self._run, fact)
            case CommandLine():
                self._attempts[fact.task].take(fact)
            case Exited():
                self._attempts[fact.task].exited(fact)
            case LeftoverSignalled(task=task, attempt=attempt, signal=number):
                self._happen(SignalSent(task, attempt, signal.Signals(number).name, "leftover"))
            case Interrupted(signal=number):
                self._interrupted(CAUSES[signal.Signals(number)])
            case Resumed(seconds=seconds):
                self._timers.shift(seconds)
            case WorkDone(then=then):
                then()
            case _:
                assert_never(fact)

    # --- timers -------------------------------------------------------------------------------------------------------

    def _set_first_timers(self) -> None:
        assert self._run.plan is not None
        if (timeout := self._run.plan.workflow.dagrun_timeout) is not None:
            self.later(timeout, lambda: self._stop(StopCause.DAGRUN_TIMEOUT))
        self.later(_STATE_CHECK, self._check_state)
        if self._ports.additions is not None:
            self._look_for_additions(self._ports.additions)

    def _look_for_additions(self, additions: Additions) -> None:
        self._take_additions(additions)
        self.later(_ADDITIONS_LOOK, lambda: self._look_for_additions(additions))

    def _take_additions(self, additions: Additions) -> bool:
        """Take in what others have added. Return whether somebody is about to add more, so that the run may not end."""
        if self._run.stopping is not None or self._run.is_over:
            return False
        found = additions.look(self._run)
        if found.is_settling:
            return True
        from airexec.scheduler.admit import admit  # few runs need it

        secret = {task.id: problem for task in found.tasks if (problem := "; ".join(self._masking.problems([task])))}
        admission = admit(self._run, [task for task in found.tasks if task.id not in secret])
        if admission.tasks:
            self._happen(NodesAdded("outside", admission.tasks))
        refused = {**secret, **admission.problems}
        problems = (*found.problems, *(f"{found.places[id_]}: {problem}" for id_, problem in refused.items()))
        if problems != self._run.refused_additions:
            self._happen(AdditionsRefused(problems))
        self._effects.append(lambda: additions.taken(self._run))
        return False

    def _check_state(self) -> None:
        """Look whether the state is still there: an open journal takes what is written long after it was deleted."""
        if (problem := self._ports.state_problem()) is not None:
            raise JournalError(problem, hint="everything that ran was ended; if the state is back, resume goes on")
        self.later(_STATE_CHECK, self._check_state)

    def _retry(self, task_id: str) -> None:
        """The delay is over. Timers are never taken back, so the run may be stopping by now."""
        if self._run.tasks[task_id].status is Status.UP_FOR_RETRY and self._run.stopping is None:
            self._happen(RetryReady(task_id))

    # --- starting -----------------------------------------------------------------------------------------------------

    def _start_with_token(self, state: TaskState) -> bool:
        """Start the task if there is a token for it, else do nothing. Every attempt has a token, nobody else."""
        if not self._ports.tokens.acquire():
            return False
        self._start(state)
        if state.task.id not in self._attempts:  # skipped, or failed before it came to a process
            self._ports.tokens.release()
        return True

    def _start(self, state: TaskState) -> None:
        """Announce the next attempt, and begin it once the announcement is written; or skip it by its `when`."""
        task, number = state.task, state.attempt + 1
        try:
            if (because := self._preparation.refusal(task, number, self._surroundings)) is not None:
                self._happen(TaskSkipped(task.id, because))
                return
            spec = self._preparation.spec(
                task, number, self._surroundings
            )  # before its announcement, which has the argv
        except AirexecError as error:  # an attempt all the same: it has a number, a reason, and `why` finds it
            self._happen(AttemptStarted(task.id, number, ()))
            self._happen(AttemptFailed(task.id, number, 0.0, Reason.TEMPLATE, self._masking.text(error.headline)))
            return
        why = ""
        if spec.files is not None and self._asking is not None:
            if self._asking.settles(state, spec):
                return
            why, missing = self._asking.begin(state, spec)
            if missing:
                self._effects.append(lambda: self.notice(spec, "warning", f"no source {', '.join(missing)} is there"))
        self._happen(AttemptStarted(task.id, number, self._masking.value(spec.argv), why))
        attempt = self._attempts[task.id] = Attempt(spec, task, self._workflow, self, self._params)
        self._effects.append(attempt.begin)

    def _start_anew(self) -> None:
        """End those whose files have changed since they began, so that they start anew; nothing else is disturbed."""
        if (asking := self._asking) is None:
            return
        for attempt in list(self._attempts.values()):
            if attempt.spec.files is not None and attempt.runs and (changed := asking.changed(attempt.spec)):
                attempt.restart(changed)

    # --- stopping -----------------------------------------------------------------------------------------------------

    def _interrupted(self, cause: StopCause) -> None:
        """The first signal stops the run in good order; any further one kills what is left, now."""
        if self._run.stopping is None:
            self._stop(cause)
            return
        for attempt in list(self._attempts.values()):
            attempt.kill(cause)

    def _stop(self, cause: StopCause) -> None:
        """Say it first: from here on nothing is started or retried, and the journal has it before the signals."""
        if self._run.stopping is not None or self._run.is_over:
            return
        self._happen(StopRequested(cause))
        for attempt in list(self._attempts.values()):
            attempt.stop(cause)

    def _abandon(self) -> None:
        """The journal is gone, so nothing may go on: end everything, without a word that could not be kept."""
        left = {task_id for task_id, attempt in self._attempts.items() if attempt.runs}
        for number in TERMINATE:
            for task_id in left:
                self.executor.signal(task_id, number)
            deadline = self.clock.monotonic() + self.grace
            while left and (seconds := deadline - self.clock.monotonic()) > 0:
                left -= {fact.task for fact in self.executor.wait(seconds) if isinstance(fact, Exited)}

    # --- what an attempt asks of its host -----------------------------------------------------------------------------

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        self._timers.set(self.clock.monotonic() + seconds, action)

    def others_run(self) -> bool:
        return any(other.runs for other in self._attempts.values())

    def send(self, spec: AttemptSpec, number: signal.Signals, cause: str) -> None:
        """Say that the attempt gets this signal, and send it once that is written."""
        task_id = spec.task
        self._happen(SignalSent(task_id, spec.attempt, number.name, cause))
        self._effects.append(lambda: self.executor.signal(task_id, number))

    def splice(self, spec: AttemptSpec, batch: Sequence[Task]) -> None:
        """Take a batch into the graph. Its definitions go into the journal as they are, so they may hold no secret."""
        if problems := self._masking.problems(batch):
            raise SpliceRejectedError(problems)
        event = splice(self._run, spec.task, spec.attempt, batch)
        if self._asking is not None:
            self._asking.queued(spec, batch)
        if event is not None:
            self._happen(event)

    def mask(self, secret: str) -> str | None:
        self._masking.is_needed = True
        return self.executor.mask(secret)

    def progress(self, spec: AttemptSpec, done: float, total: float) -> None:
        self._listeners.progress(self._run, spec.task, done, total)

    def notice(self, spec: AttemptSpec, level: str, message: str) -> None:
        self._happen(Noticed(spec.task, spec.attempt, level, self._masking.text(message)))

    def end(self, spec: AttemptSpec, verdict: Verdict) -> None:
        """Say how it ended, in the same write as what it queued; and when it is tried again."""
        task_id, number, outputs = spec.task, spec.attempt, self._masking.value(verdict.outputs)
        del self._attempts[task_id]
        self._ports.tokens.release()  # a retry takes one anew: its delay must not hold what others could use
        if (skip := verdict.skip) is not None:
            because = self._masking.value(skip.because)
            self._happen(AttemptSkipped(task_id, number, verdict.duration, because, skip.exit_code, verdict.note))
            return
        if (failure := verdict.failure) is None:
            self._happen(AttemptCompleted(task_id, number, verdict.duration, outputs, verdict.note))
            asked = None if spec.files is None else self._asking
            if asked is not None and (problem := asked.succeeded(spec, outputs)):
                self.notice(spec, "warning", problem)
            return
        delay, text = None, self._masking.text
        if self._run.stopping is None:
            delay = retry_delay(self._run.tasks[task_id], number, failure.reason, failure.exit_code)
        if delay is not None:
            self.later(delay, lambda: self._retry(task_id))
        reason, message, exit_code, details = failure
        self._happen(
            AttemptFailed(
                *(task_id, number, verdict.duration, reason, text(message), exit_code, delay, outputs),
                details=tuple(map(text, details)),
                note=verdict.note,
            )
        )
