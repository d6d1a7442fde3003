"""`airexec run` and `airexec resume`: put the pieces together, run the loop, return the exit code."""

import gc
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic, time
from typing import TYPE_CHECKING, NamedTuple

from airexec.attempt.prepare import Attempts
from airexec.errors import JournalError, StateDamagedError, StateNewerError, UsageError
from airexec.reading.history import newest_run
from airexec.run.choose_views import choose_views
from airexec.run.empty_logs import EmptyLogs
from airexec.run.loop import Loop
from airexec.run.make_jobs import asks_for_a_dry_run, shared_slots
from airexec.run.options import RunOptions
from airexec.run.planning import changed_tasks, make_plan, resumed_plan
from airexec.run.ports import Ports
from airexec.runner.descriptors import attempts_max
from airexec.scheduler.events import Record, RunResumed, RunStarted
from airexec.scheduler.state import Run
from airexec.scheduler.statuses import JobState, StopCause
from airexec.secrets.names import Secrets, collect_secrets
from airexec.secrets.plain_data import Mask, mask_of, masked_plan
from airexec.state.codec import record_to_line
from airexec.state.journal import JournalWriter, open_for_resume, replayed
from airexec.state.layout import JobFolder, RunFolder, StrPath, find_state_dir
from airexec.state.lock import JobLock, acquire, wait_for
from airexec.state.network import refuse_network
from airexec.state.past_durations import recent_durations, remember_durations
from airexec.state.prune import prune
from airexec.state.view_files import write_views
from airexec.state.workflow_cache import Checked, WorkflowCache
from airexec.views.live.view import Listener
from airexec.workflow.model import Plan, Workflow

if TYPE_CHECKING:
    from airexec.runner.guardian import Guardian


class SystemClock:
    """The machine's clocks."""

    monotonic = staticmethod(monotonic)
    wall = staticmethod(time)


def run_workflow(options: RunOptions) -> int:
    """Run a workflow file from the beginning and return the exit code of DESIGN §8. Raises AirexecError."""
    workflow, keep = _read(options)
    if options.dry_run or asks_for_a_dry_run(os.environ):
        from airexec.run.dry_run import print_plan

        print_plan(make_plan(workflow, options), sys.stdout)
        return 0
    # Complain about params, tasks and secrets before anything is written.
    secrets = collect_secrets(make_plan(workflow, options), os.environ)
    mask = mask_of(secrets)
    job = JobFolder(options.state_dir or find_state_dir(workflow.path), workflow.name)
    _refuse_network(job, options)
    job.create()
    with _locked(job, options, mask) as lock:
        _mention_unfinished(job)
        plan = _with_room(make_plan(workflow, options, recent_durations(job)))
        written = masked_plan(plan, mask)
        if written.workflow == plan.workflow:
            keep()
        # A report that cannot be written is refused before there is a run; by the first log there is a folder.
        views = _views(options, lambda: folder)
        keep_runs = _keep_runs(job)
        folder = job.create_run(time())
        prune(job, keep_runs)
        journal = JournalWriter(folder.journal, options.sync)
        session = Session(job, folder, lock, journal, views, plan, secrets, options.max_active_tasks)
        return _execute(Run(), RunStarted(folder.run_id, written), session)


def resume_job(options: RunOptions) -> int:
    """Continue the last run of a job where it stopped, and return the exit code. Raises AirexecError."""
    from airexec.reading.finding import find_job

    job = find_job(os.getcwd(), options.job, options.state_dir)
    _refuse_network(job, options)
    with _locked(job, options) as lock:
        folder = job.latest_run()
        if folder is None:
            raise UsageError(f"job '{job.name}' has no run to resume", hint="`airexec run` makes the first")
        journal, records, torn_bytes = open_for_resume(folder.journal, options.sync)
        if torn_bytes:
            _say(f"{torn_bytes} bytes of a torn line were cut from the end of {folder.journal} and kept beside it")
        run = _replayed(records, folder)
        if run.state is JobState.COMPLETED:
            write_views(job, run)  # perhaps the last ones did not come to be
            _say(f"run {run.run_id} of {job.name} is completed; there is nothing to resume")
            return 0
        if run.state is JobState.WORKING:
            _end_orphans(job)
        assert run.plan is not None
        plan = _with_room(_accepted_plan(run.plan, options))
        secrets = collect_secrets(plan, os.environ)
        written = masked_plan(plan, mask_of(secrets))
        job.link_logs(folder)
        views = _views(options, lambda: folder)
        session = Session(job, folder, lock, journal, views, plan, secrets, options.max_active_tasks)
        return _execute(run, RunResumed(written if written != run.plan else None), session)


# --- the pieces -------------------------------------------------------------------------------------------------------


class Session(NamedTuple):
    """What one scheduler holds while it drives a run."""

    job: JobFolder
    folder: RunFolder
    lock: JobLock
    journal: JournalWriter
    views: Sequence[Listener]
    plan: Plan
    """As the user wrote it; what is written down has its secrets masked."""
    secrets: Mapping[str, str]
    slots: int | None
    """What -j says."""


def _execute(run: Run, first: RunStarted | RunResumed, session: Session) -> int:
    """Drive the run from `first` to its end and return its exit code. Closes the journal."""
    from airexec.runner.guardian import Guardian
    from airexec.runner.processes import LocalProcesses

    job, folder, lock, journal, views, plan, secrets, slots = session
    with (
        shared_slots(os.environ, slots, _say) as (tokens, env),
        LocalProcesses(secrets.values(), run_dir=folder.path) as processes,
    ):
        attempts = Attempts(plan, folder, env, Secrets(secrets, processes.mask_text))
        ports = Ports(
            clock=SystemClock(),
            executor=processes,
            journal=journal,
            snapshot=lambda run: write_views(job, run),
            listeners=views,
            state_problem=lambda: lock.problem() or journal.problem(),
            tokens=tokens,
        )
        guardian = Guardian(folder.path)
        guardian.start()
        gc.freeze()  # the plan and all modules are here to stay, and need not be looked at again and again
        with _dismissing(guardian):
            Loop(run, ports, attempts).execute(first)
    journal.close()
    remember_durations(job, run)
    return exit_code(run)


def _views(options: RunOptions, folder: Callable[[], RunFolder | None]) -> list[Listener]:
    def log_path(task: str, attempt: int) -> str:
        run_folder = folder()
        assert run_folder is not None, "a log before its run"
        return run_folder.log(task, attempt)

    return [EmptyLogs(log_path), *choose_views(options, os.environ, sys.stdout, log_path, record_to_line)]


@contextmanager
def _dismissing(guardian: "Guardian") -> Iterator[None]:
    """Dismiss the guardian when the loop has ended what it started; after a bug of ours, let it do its work."""
    try:
        yield
    except JournalError:
        guardian.dismiss()
        raise
    guardian.dismiss()


def exit_code(run: Run) -> int:
    """Return the exit code for a run that is over."""
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


def _read(options: RunOptions) -> tuple[Workflow, Callable[[], None]]:
    """Return the checked workflow, under the name that --job gives it, and how to keep it for the next time.

    Its warnings are said. To be kept it needs a state folder, which is not made before the run is sure to begin.
    """
    path = options.workflow or _found()
    cache = WorkflowCache(options.state_dir or find_state_dir(path), path)
    known = cache.load()
    checked = known or _checked(path)
    sys.stderr.write(checked.warnings)
    workflow = checked.workflow if options.job is None else checked.workflow._replace(name=options.job)
    return workflow, lambda: None if known else cache.store(checked)


def _found() -> str:
    from airexec.workflow.find import find_workflow

    return find_workflow("")


def _checked(path: StrPath) -> Checked:
    from pathlib import Path

    from airexec.graph.read import read_workflow_with_warnings
    from airexec.workflow.diagnostics import render_diagnostics

    workflow, warnings = read_workflow_with_warnings(Path(path))
    return Checked(workflow, render_diagnostics(warnings) if warnings else "")


@contextmanager
def _locked(job: JobFolder, options: RunOptions, mask: Mask = str) -> Iterator[JobLock]:
    """Hold the job. The lock dies with the process; releasing it here only empties the file for its readers."""
    command = ["airexec", *map(mask, sys.argv[1:])]
    lock = acquire(job, command, time()) if options.wait is None else wait_for(job, command, time, options.wait, _say)
    try:
        yield lock
    finally:
        lock.release()


def _refuse_network(job: JobFolder, options: RunOptions) -> None:
    if not options.allow_network_state:
        refuse_network(job.state_dir)


def _with_room(plan: Plan) -> Plan:
    """Return the plan with no more tasks at once than the limit on open files leaves room for."""
    room = attempts_max()
    if room is None or plan.max_active_tasks <= room:
        return plan
    _say(
        f"{room} instead of {plan.max_active_tasks} tasks at once: more do not fit the limit on open files (ulimit -n)"
    )
    return plan._replace(max_active_tasks=room)


def _keep_runs(job: JobFolder) -> int:
    from airexec.state.settings import read_settings

    return read_settings(job.state_dir).keep_runs


def _mention_unfinished(job: JobFolder) -> None:
    """A new run always starts anew; whoever wanted to go on should learn how. Raises StateNewerError."""
    try:
        last = newest_run(job)
    except StateNewerError:
        raise
    except StateDamagedError as error:
        _say(f"the last run of {job.name} cannot be read and is left alone: {error.headline}")
        return
    if last is None or last.state is JobState.COMPLETED:
        return
    if last.state is JobState.WORKING:
        _end_orphans(job)
    how = "was not finished" if last.state is JobState.WORKING else f"ended as {last.state}"
    _say(f"run {last.run_id} of {job.name} {how}; this is a new run (to continue that one: airexec resume {job.name})")


def _end_orphans(job: JobFolder) -> None:
    """Kill what a scheduler that died has left running. We hold the lock, so nobody else may run tasks of this job."""
    from airexec.runner.sweep import marker, sweep

    if killed := sweep(marker(job.runs, whole=False)):
        _say(f"ended {killed} {'process' if killed == 1 else 'processes'} of a run that was killed")


def _replayed(records: Sequence[Record], folder: RunFolder) -> Run:
    if not records:
        raise UsageError(f"run {folder.run_id} had not begun", hint="start anew with `airexec run`")
    return replayed(folder.journal, records)


def _accepted_plan(before: Plan, options: RunOptions) -> Plan:
    """Return the plan to go on with. Raises UsageError for changes that nobody has accepted: finished tasks would have
    been made by another workflow than the rest."""
    slots = options.max_active_tasks or before.max_active_tasks
    if not os.path.exists(before.workflow.path):
        _say(f"{before.workflow.path} is gone; going on with the plan that the run began with")
        return before._replace(max_active_tasks=slots)
    workflow, _ = _read(options._replace(workflow=before.workflow.path, job=before.workflow.name))
    now = resumed_plan(before, workflow, options)
    written = masked_plan(now, mask_of(collect_secrets(now, os.environ)))
    changes = changed_tasks(before, written)
    if changes and not options.accept_changes:
        raise UsageError(
            "\n".join(["the workflow has changed since the run began:", *changes]),
            hint="go on with it as it is now: airexec resume --accept-changes; or start anew: airexec run",
        )
    if changes:
        return now
    known = before if written == now else now  # what holds a secret is not in the journal
    return known._replace(max_active_tasks=slots, fail_fast=before.fail_fast and not options.keep_going)


def _say(message: str) -> None:
    print(f"airexec: {message}", file=sys.stderr)
