"""One attempt from its announcement to its verdict: started, listened to, ended when it must be, judged.

Its work may be preceded by conditions. Each of them is a step, which the executor starts as it starts the work, so
timeouts, signals, leftover processes and masks need to know nothing of conditions.

It knows an executor and a clock, no run: what is to be said or decided about it goes to its `Host`, which is the loop
of a run, or `drive` for an attempt on its own.
"""

import signal
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airexec.attempt.facts import CommandLine, Exited, SpawnBusyError, SpawnError
from airexec.attempt.kinds import kind_of
from airexec.attempt.ladder import TERMINATE, ladder
from airexec.attempt.lines import message_in, progress_in, secret_in
from airexec.attempt.spec import AttemptSpec, ConditionSpec
from airexec.attempt.verdict import (
    Failure,
    Skip,
    Verdict,
    bad_lines,
    exit_code_of,
    note_of,
    put_in_place,
    remove_half_made,
    skip_of,
    splice_failure,
)
from airexec.scheduler.splice import SpliceRejectedError
from airexec.scheduler.statuses import STOP_WORDS, Reason, StopCause
from airexec.workflow.json_value import JsonError, parse_json
from airexec.workflow.model import Task, Workflow

if TYPE_CHECKING:
    from airexec.attempt.host import Host
    from airexec.workflow.queue_line import QueueBatch

OUTPUT_BYTES_MAX = 1024 * 1024
"""All `::output` values of one task, as printed."""

NOTICES_MAX = 100
NOTICE_BYTES_MAX = 64 * 1024
"""All that an attempt may have said by `::notice`, `::warning` and `::error`."""

_PROBLEMS_MAX = 100
_BUSY_RETRY = 0.1
"""Seconds between two tries to start a process on a machine that has no room for one."""
_BUSY_TRIES = 50
"""So many while nothing of ours runs that could make room by ending."""


class Attempt:
    """The state of one attempt. Obeys `begin`, `stop` and `kill`, and hears the facts about itself."""

    def __init__(
        self, spec: AttemptSpec, task: Task, workflow: Workflow, host: "Host", params: Mapping[str, Any] = {}
    ) -> None:
        """`params`: the values that the run has, for what it may queue."""
        self.spec = spec
        self.runs = False
        """Whether the executor has started it, or its present step."""
        self._host = host
        self._task = task
        self._is_over = False
        self._spawn_tries = 0
        self._steps_done = 0
        """How many conditions have been asked, so that it may go on."""
        self._started = 0.0
        """Monotonic seconds."""
        self._cause: Reason | StopCause | None = None
        """Why we are ending it; None while we are not."""
        self._changed = ""
        """What of what it reads has changed, in words."""
        self._batch = None if task.queue is None else _new_batch(task, workflow, params)
        self._outputs: dict[str, Any] = {}
        self._output_bytes = 0
        self._output_problems: list[str] = []
        """What is wrong with its `::output` lines, one sentence each."""
        self._told_mask = False
        """Whether the user knows that this attempt asks to mask what cannot be masked."""
        self._told_queue = False
        self._notices_left = NOTICES_MAX + 1
        self._notice_bytes_left = NOTICE_BYTES_MAX

    # --- its start ----------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Have it started; the host knows of it by now."""
        self._started = self._host.clock.monotonic()
        if self.spec.files is not None and self.spec.files.atomic is not None:
            remove_half_made(self.spec.files.atomic[0])
        self._begin_step()
        if self.runs and (timeout := self._task.execution_timeout) is not None:
            self._host.later(timeout, self._time_out)

    def _begin_step(self) -> None:
        """Have its next step started: a condition, or the work itself."""
        if self._cause is not None:
            never = Failure(Reason.CANCELLED, "cancelled before it could start")
            self._end(never if isinstance(self._cause, StopCause) else self._ended_by_us(None))
            return
        try:
            self._host.executor.start(self.spec.step(self._steps_done))
        except SpawnBusyError as error:
            self._begin_later(error)
            return
        except SpawnError as error:
            self._end(self._not_started(error))
            return
        self.runs = True
        if (condition := self._condition) is not None and condition.timeout is not None:
            step = self._steps_done
            self._host.later(condition.timeout, lambda: self._time_out_condition(step))

    @property
    def _condition(self) -> ConditionSpec | None:
        """The condition that is asked now; None when all have been."""
        conditions = self.spec.conditions
        return conditions[self._steps_done] if self._steps_done < len(conditions) else None

    def _time_out(self) -> None:
        """The time is over, and it counts what the attempt has used: not that its output is still read or its leftovers
        are ended, nor that nobody looked, for example since we were stopped."""
        if self._is_over or self._cause is not None:
            return
        if self.runs and not self._host.executor.has_exited(self.spec.task):
            self._climb(Reason.TIMEOUT, TERMINATE)
        elif self._condition is not None or not self.runs:
            self._cause = Reason.TIMEOUT  # it is between two steps, and the next one is not begun

    def _time_out_condition(self, step: int) -> None:
        """A condition has taken as long as it may, which is less than all of its attempt may take."""
        if self._steps_done == step and self.runs and not self._host.executor.has_exited(self.spec.task):
            self._climb(Reason.PRECONDITION, TERMINATE)

    def _begin_later(self, error: SpawnBusyError) -> None:
        """The machine is full: wait while anything of ours runs that will make room, else for a few seconds."""
        self._spawn_tries += 1
        if self._spawn_tries > _BUSY_TRIES and not self._host.others_run():
            self._end(self._not_started(error))
        else:
            self._host.later(_BUSY_RETRY, self._begin_step if self._steps_done else self.begin)

    def _not_started(self, error: SpawnError) -> Failure:
        failure = Failure(Reason.SPAWN, error.error, error.exit_code)
        if (condition := self._condition) is None:
            return failure
        from airexec.attempt.conditions import no_answer

        return no_answer(condition, failure)

    # --- what it prints for us ----------------------------------------------------------------------------------------

    def take(self, line: CommandLine) -> None:
        """Take one `::verb JSON` line. What is no JSON of the right shape is ordinary output, but for queue, output."""
        match line.verb:
            case "queue":
                self._queue(line)
            case "output":
                self._output(line)
            case "progress":
                if (progress := progress_in(line.payload)) is not None:
                    self._host.progress(self.spec, *progress)
            case "mask" if line.overlong:
                self._tell_mask(line, "longer than 64 KiB")
            case "mask":
                if (secret := secret_in(line.payload)) is not None:
                    self._mask(line, secret)
            case level:
                if (message := message_in(line.payload)) is not None:
                    self._notice(level, message)

    def _queue(self, line: CommandLine) -> None:
        """Read one `::queue` value; without permission it is plain text, and the user is told once how to allow it."""
        if self._batch is None:
            self._refuse_queue()
        elif line.overlong:
            self._batch.complain(f"{line.where}: longer than {'1 MiB' if line.source else '64 KiB'}")
        else:
            self._batch.read(line.where, line.payload)
            if self.spec.splices_at_line:
                self._splice_at_line(self._batch, line)

    def _refuse_queue(self) -> None:
        if self._told_queue:
            return
        self._told_queue = True
        message = (
            f"task '{self.spec.task}' printed a ::queue line but may not queue tasks, so it is plain text; "
            "to allow it, add `queue: [TEMPLATE]` or `queue: true` to the task"
        )
        self._host.notice(self.spec, "warning", message)

    def _splice_at_line(self, batch: "QueueBatch", line: CommandLine) -> None:
        if not (tasks := batch.take()):  # an empty list, a bad line, or any line after that
            return
        try:
            self._host.splice(self.spec, tasks)
        except SpliceRejectedError as error:
            for problem in error.problems:
                batch.complain(f"{line.where}: {problem}")

    def _output(self, line: CommandLine) -> None:
        """Merge one `::output` object into the outputs of the attempt."""
        self._output_bytes += len(line.payload.encode("utf-8", "surrogateescape"))
        if line.overlong or self._output_bytes > OUTPUT_BYTES_MAX:
            self._complain(f"{line.where}: the outputs of a task may have {OUTPUT_BYTES_MAX} bytes")
            return
        try:
            value = parse_json(line.payload)
        except JsonError as error:
            self._complain(f"{line.where}: ::output: {error}")
            return
        if isinstance(value, dict):
            self._outputs.update(value)
        else:
            self._complain(f'{line.where}: ::output takes a JSON object, e.g. {{"rows": 42}}')

    def _complain(self, problem: str) -> None:
        if len(self._output_problems) < _PROBLEMS_MAX:
            self._output_problems.append(problem)

    def _mask(self, line: CommandLine, secret: str) -> None:
        """Hide a value from here on; say why that cannot be, the first time only."""
        if (problem := self._host.mask(secret)) is not None:
            self._tell_mask(line, problem)

    def _tell_mask(self, line: CommandLine, problem: str) -> None:
        if not self._told_mask:
            self._told_mask = True
            self._host.notice(self.spec, "warning", f"{line.where}: ::mask has no effect: {problem}")

    def _notice(self, level: str, message: str) -> None:
        """Pass on what the task wants said, up to a bound: each is an event, and a journal is no log."""
        if self._notices_left <= 0:
            return
        self._notices_left -= 1
        self._notice_bytes_left -= len(message.encode("utf-8", "surrogateescape"))
        if self._notices_left and self._notice_bytes_left >= 0:
            self._host.notice(self.spec, level, message)
            return
        self._notices_left = 0
        self._host.notice(self.spec, "warning", "it has more to say: further messages are in its log only")

    # --- its end ------------------------------------------------------------------------------------------------------

    def stop(self, cause: StopCause) -> None:
        """End it in good order, unless it is being ended already."""
        if self._cause is None:
            self._climb(cause, ladder(cause))

    def restart(self, changed: str) -> None:
        """End it in good order so that it can start anew, unless it is being ended already or is about to be judged.

        `changed`: what has changed of what it reads, in words.
        """
        if self._cause is None and self.runs and not self._host.executor.has_exited(self.spec.task):
            self._changed = changed
            self._climb(Reason.CHANGED, ladder(Reason.CHANGED))

    def kill(self, cause: StopCause) -> None:
        """End it now: the user has lost patience."""
        self._cause = self._cause or cause
        self._send(signal.SIGKILL, cause)

    def exited(self, fact: Exited) -> None:
        """A step is over, and all that it printed for us has been taken. After the last one judge the attempt, what it
        queued included."""
        if (condition := self._condition) is not None:
            self._answered(condition, fact)
            return
        failure = self._failure(fact.returncode)
        if self.spec.files is not None and self.spec.files.atomic is not None:
            failure = put_in_place(*self.spec.files.atomic, failure)
        if failure is not None and (skip := skip_of(failure, self._task.skip_on_exit_code)) is not None:
            self._end(None, note_of(fact), skip)
        else:
            self._end(failure or self._splice(), note_of(fact))

    def _answered(self, condition: ConditionSpec, fact: Exited) -> None:
        """A condition is over: go on with the next step, unless the attempt ends here."""
        from airexec.attempt.conditions import answer  # for the few that have any

        self.runs = False
        outcome = self._ended_by_us(None) or answer(condition, fact.returncode)
        note = note_of(fact._replace(ignored_lines=0))  # none of its lines counts, and nobody has promised that
        if outcome is None:
            self._steps_done += 1
            self._begin_step()
        elif isinstance(outcome, Skip):
            self._end(None, note, outcome)
        else:
            self._end(outcome, note)

    def _climb(self, cause: Reason | StopCause, steps: Sequence[signal.Signals]) -> None:
        """Send the first signal of a ladder now, and the rest one by one while the attempt lives."""
        if self._is_over or self._cause not in (None, cause):
            return
        self._cause = cause
        self._send(steps[0], cause)
        if rest := steps[1:]:
            self._host.later(self._host.grace, lambda: self._climb(cause, rest))

    def _send(self, number: signal.Signals, cause: Reason | StopCause) -> None:
        if self.runs:
            self._host.send(self.spec, number, str(cause))

    def _failure(self, returncode: int) -> Failure | None:
        """Return what is wrong with an attempt that exited so, or None. `returncode` is -n for signal n.

        A timeout stays one whatever the task answers to SIGTERM. Nor is a task completed that was told to stop: exit
        code 0 is the good manners of its trap, and nobody knows how much of its work is done.
        """
        failure = self._ended_by_us(exit_code_of(returncode)) or kind_of(self._task.action).verdict(returncode)
        return failure or bad_lines(self._batch, self._output_problems)

    def _ended_by_us(self, exit_code: int | None) -> Failure | None:
        """Return why the attempt has failed if we have told it to end, else None."""
        condition = self._condition
        if self._cause is Reason.TIMEOUT:
            asking = "" if condition is None else f", asking {condition.text}"
            return Failure(Reason.TIMEOUT, f"timed out after {self._task.execution_timeout:g} s{asking}", exit_code)
        if self._cause is Reason.CHANGED:
            return Failure(Reason.CHANGED, f"ended: {self._changed}", exit_code)
        if isinstance(self._cause, StopCause):
            return Failure(Reason.CANCELLED, f"cancelled: {STOP_WORDS[self._cause]}", exit_code)
        if self._cause is Reason.PRECONDITION and condition is not None:
            from airexec.attempt.conditions import timed_out

            return timed_out(condition)
        return None

    def _splice(self) -> Failure | None:
        """Splice what a good attempt has queued; return what is wrong with it, in which case nothing was."""
        if self._batch is None or not (batch := self._batch.take()):
            return None
        try:
            self._host.splice(self.spec, batch)
        except SpliceRejectedError as error:
            return splice_failure(error)
        return None

    def _end(self, failure: Failure | None, note: str = "", skip: Skip | None = None) -> None:
        self._is_over = True
        duration = round(max(0.0, self._host.clock.monotonic() - self._started), 3)
        self._host.end(self.spec, Verdict(failure, duration, {} if skip else self._outputs, note, skip))


def _new_batch(task: Task, workflow: Workflow, params: Mapping[str, Any]) -> "QueueBatch":
    from airexec.workflow.queue_line import QueueBatch  # hashes and schemas, for the few that queue

    assert task.queue is not None
    return QueueBatch(task.queue, workflow, params, task.scope)
