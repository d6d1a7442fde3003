"""A run from the lock of its job to its exit code: what one scheduler holds while it drives a run.

A plan may come from a file, from a journal, or from anywhere else; who carries out its attempts is an argument.
"""

import gc
import os
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from time import monotonic, time
from typing import TYPE_CHECKING

from airexec.attempt.prepare import Preparation
from airexec.errors import ReportUnwritableError, UsageError
from airexec.run.changes import Changes
from airexec.run.choose_views import choose_views
from airexec.run.empty_logs import EmptyLogs
from airexec.run.loop import Loop
from airexec.run.make_jobs import is_left_out, shared_slots
from airexec.run.nesting import refuse_own_ancestor
from airexec.run.options import RunOptions
from airexec.run.ports import Ports
from airexec.scheduler.events import RunResumed, RunStarted
from airexec.scheduler.state import Run
from airexec.scheduler.statuses import JobState, StopCause
from airexec.secrets.masker import Masker
from airexec.secrets.plain_data import Mask, Masking, mask_of
from airexec.state.codec import record_to_line
from airexec.state.flocks import is_held
from airexec.state.journal import JournalWriter, LinesAfter
from airexec.state.layout import JOURNAL, JobFolder, RunFolder, address
from airexec.state.lock import JobLock, acquire, wait_for
from airexec.state.network import refuse_network
from airexec.state.origin import mark_own
from airexec.state.past_durations import remember_durations
from airexec.state.prune import remove_unbegun
from airexec.state.settings import Settings, read_settings, read_settings_file
from airexec.state.view_files import write_views
from airexec.views.live.view import Listener
from airexec.workflow.model import Plan

if TYPE_CHECKING:
    from airexec.attempt.executor import Executor, Executors
    from airexec.fresh.freshness import Freshness
    from airexec.orders.order_files import OrderFiles


class SystemClock:
    """The machine's clocks."""

    monotonic = staticmethod(monotonic)
    wall = staticmethod(time)


class Session:
    """What one scheduler holds while it drives a run."""

    def __init__(
        self,
        job: JobFolder,
        folder: RunFolder,
        lock: JobLock,
        journal: JournalWriter,
        listeners: Sequence[Listener],
        plan: Plan,
        secrets: Collection[str],
        executors: "Executors",
        slots: int | None = None,
        files: "OrderFiles | None" = None,
        forced: Callable[[str], bool] = lambda task: False,
        changes: Changes | None = None,
    ) -> None:
        self.job = job
        self.folder = folder
        self.lock = lock
        self.journal = journal
        self.listeners = listeners
        self.plan = plan
        """As the user wrote it; what is written down has its secrets masked."""
        self.secrets = secrets
        """The values that must not be seen, as far as they are known before the run."""
        self.executors = executors
        self.slots = slots
        """What -j says."""
        self.files = files
        """Of an order that others may add to; None: nobody else writes the views."""
        self.forced = forced
        """Whether a task runs though nothing has changed."""
        self.changes = changes
        """Tells of files that change while we run; None: nobody watches them."""
        self.freshness: Freshness | None = None
        """What knew which tasks had nothing to do, after the run."""

    def execute(self, run: Run, first: RunStarted | RunResumed) -> int:
        """Drive the run from `first` to its end and return its exit code. Closes the journal."""
        try:
            self._drive(run, first)
        finally:
            for listener in self.listeners:  # only now do signals mean again what they mean to any program
                listener.wait()
        failed = any(listener.has_failed for listener in self.listeners)
        return exit_code(run) or (ReportUnwritableError.exit_code if failed else 0)

    def _drive(self, run: Run, first: RunStarted | RunResumed) -> None:
        masker = Masker(self.secrets)
        with (
            shared_slots(os.environ, self.slots, say) as (tokens, env),
            self.executors.open(self.folder.path, masker) as executor,
        ):
            ports = Ports(
                clock=SystemClock(),
                executor=executor,
                journal=self.journal,
                snapshot=self.files.write if self.files else lambda run: write_views(self.job, run),
                listeners=self.listeners,
                state_problem=lambda: self.lock.problem() or self.journal.problem(),
                tokens=tokens,
                additions=self.files,
                follow_changes=self.changes.follow if self.changes else None,
            )
            masking = Masking(executor.mask_text, is_needed=bool(self.secrets))
            hide = partial(_hide, masking, executor)
            preparation = Preparation(self.plan, self.folder, env, executor.mask_text, hide)
            if freshness := self._freshness(executor.mask_text):
                ports.freshness = self.freshness = freshness
            gc.freeze()  # the plan and all modules are here to stay, and need not be looked at again and again
            try:
                Loop(run, self.plan, ports, preparation, masking).execute(first)
            finally:
                if freshness:
                    freshness.close(is_stopped=run.stopping is not None)
        self.journal.close()
        if self.files:
            self.files.close(run)
        remember_durations(self.job, run)

    def _freshness(self, mask: Mask) -> "Freshness | None":
        """Return what knows which tasks have nothing to do; None where none says what it reads and makes."""
        tasks = (*self.plan.tasks.values(), *self.plan.workflow.templates.values())
        if self.files is not None or not any(task.says_what for task in tasks):
            return None
        from airexec.fresh.freshness import Freshness

        freshness = Freshness(self.job, mask, self.forced, has_secrets=bool(self.plan.secret_names()))
        if self.plan.workflow.axes:
            from airexec.run.cleaning import remove_vanished

            for line in remove_vanished(self.plan.workflow, self.job.root, freshness):
                say(line)
        return freshness


def _hide(masking: Masking, executor: "Executor", secret: str) -> str | None:
    """Have a value hidden from here on; return why that cannot be."""
    masking.is_needed = True
    return executor.mask(secret)


def exit_code(run: Run) -> int:
    """Return the exit code of DESIGN §8 for a run that is over."""
    if run.state is JobState.COMPLETED:
        return 0
    assert run.state is not JobState.WORKING
    return _EXIT_CODES.get(run.stopping, 1) if run.stopping is not None else 1


_EXIT_CODES = {
    StopCause.INTERRUPT: 130,
    StopCause.TERMINATE: 143,
    StopCause.HANGUP: 129,
    StopCause.DAGRUN_TIMEOUT: 124,
}


def secrets_of(plan: Plan) -> tuple[str, ...]:
    """Return the values of all secrets that a plan names, as far as they are known by now. Raises UsageError."""
    if not plan.secret_names():
        return ()
    from airexec.attempt.secret_values import secret_values

    secrets = secret_values(plan, os.environ)
    if plan.workflow.unexpanded:
        _refuse_secret_ids(plan, mask_of(secrets))
    return secrets


def _refuse_secret_ids(plan: Plan, mask: Mask) -> None:
    """Raise UsageError if a param would make a secret part of the id of a task, which is shown and written as it is."""
    for task in plan.tasks.values():
        if any(mask(text) != text for text in map(str, task.matrix.values())):
            bare = task.id.partition("[")[0]
            raise UsageError(f"the matrix of task '{bare}' has a secret among its values, and ids of tasks are shown")


def settings_of(job: JobFolder) -> Settings:
    """Return the settings of the job manager that has started us, else those of the state folder.

    Raises WorkflowError with all mistakes of the file, UsageError.
    """
    path = os.environ.pop("AIREXEC_CONFIG", "")  # it is no business of the tasks
    return read_settings_file(path) if path else read_settings(job.state_dir)


@contextmanager
def locked(job: JobFolder, options: RunOptions, mask: Mask = str, runs: int = 1) -> Iterator[JobLock]:
    """Hold the job, beside at most `runs` - 1 others. The lock dies with the process; releasing it here only empties
    the file for its readers."""
    refuse_own_ancestor(job, os.environ, runs)
    command = ["airexec", *map(mask, sys.argv[1:])]
    if options.wait is None:
        lock = acquire(job, command, time(), runs)
    else:
        lock = wait_for(job, command, time, options.wait, say, runs)
    try:
        yield lock
    finally:
        lock.release()


def listeners_of(options: RunOptions, job: JobFolder, folder: Callable[[], RunFolder]) -> list[Listener]:
    """Return who is told of the run; by the first log there is a folder."""

    def log_path(task: str, attempt: int) -> str:
        return folder().log(task, attempt)

    lines_after = LinesAfter(lambda: folder().journal)
    views = choose_views(options, os.environ, sys.stdout, log_path, address(job), record_to_line, lines_after)
    return [EmptyLogs(log_path), *views]


def with_room(plan: Plan, executors: "Executors", slots: int | None) -> Plan:
    """Return the plan with no more tasks at once than there is room for; `slots` is what -j says."""
    if is_left_out(os.environ, slots):
        plan = plan._replace(max_active_tasks=1)  # which is said where the jobserver is looked for
    limit = executors.room_for_attempts()
    if limit is None or plan.max_active_tasks <= limit[0]:
        return plan
    room, why = limit
    say(f"{room} instead of {plan.max_active_tasks} tasks at once: {why}")
    return plan._replace(max_active_tasks=room)


def refuse_network_state(job: JobFolder, options: RunOptions) -> None:
    """Raise StateUnwritableError for a state folder on a network file system, unless that was allowed."""
    if not options.allow_network_state:
        refuse_network(job.state_dir)


@contextmanager
def begun(folder: RunFolder) -> Iterator[Run]:
    """Hold a run that is about to begin in this folder, which goes again when not even its first event happens."""
    run = Run()
    try:
        mark_own(folder)
        yield run
    except BaseException:
        if run.seq < 0:
            remove_unbegun(folder)
        raise


def end_orphans(job: JobFolder, executors: "Executors", own: RunFolder | None = None) -> None:
    """End what schedulers that died have left running. `own` is a run that we hold and have not begun to work on."""
    own_path = own.path if own else ""

    def is_spared(run_dir: str) -> bool:
        return run_dir != own_path and is_held(f"{run_dir}/{JOURNAL}")

    if killed := executors.end_orphans(job.runs, is_spared):
        say(f"ended {killed} {'process' if killed == 1 else 'processes'} of a run that was killed")


def say(message: str) -> None:
    print(f"airexec: {message}", file=sys.stderr)
