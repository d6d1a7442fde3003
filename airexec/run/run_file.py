"""`airexec run`: a workflow file from the beginning to its exit code."""

import os
import sys
from collections.abc import Callable
from time import time, time_ns
from typing import TYPE_CHECKING

from airexec.attempt.prepare import check_environment
from airexec.errors import StateDamagedError, StateNewerError, UsageError
from airexec.reading.history import newest_run
from airexec.reading.owner import check_owner
from airexec.run.changes import changes_told
from airexec.run.make_jobs import asks_for_a_dry_run
from airexec.run.nesting import enclosing_run
from airexec.run.options import RunOptions
from airexec.run.past_runs import PastRuns
from airexec.run.planning import make_plan, read_workflow, with_durations
from airexec.run.session import (
    Session,
    begun,
    end_orphans,
    listeners_of,
    locked,
    refuse_network_state,
    say,
    secrets_of,
    settings_of,
    with_room,
)
from airexec.run.still import still_path
from airexec.scheduler.events import RunStarted
from airexec.scheduler.statuses import JobState
from airexec.secrets.plain_data import mask_of, masked_plan
from airexec.state.journal import JournalWriter
from airexec.state.layout import JobFolder, address, find_state_dir
from airexec.state.lock import undisturbed
from airexec.state.past_durations import recent_durations
from airexec.state.workflow_cache import WorkflowCache
from airexec.workflow.find import StrPath, find_file
from airexec.workflow.model import Plan, Workflow

if TYPE_CHECKING:
    from airexec.attempt.executor import Executors
    from airexec.fresh.freshness import Freshness
    from airexec.scheduler.state import Run
    from airexec.triggers.start import Start


def run_workflow(options: RunOptions, executors: "Executors | None" = None) -> int:
    """Run a workflow file, or a job that other programs have written, and return the exit code of DESIGN §8.

    `executors`: this machine. Raises AirexecError.
    """
    name, file = options.job, options.workflow
    if name and file is None and (job := ordered_job(name, options.state_dir)) is not None:
        from airexec.run.run_order import run_order

        return run_order(job, options, executors or _this_machine())
    options = options._replace(start=_start_of_manager())
    changes = changes_told(os.environ)
    path = os.fspath(options.workflow or find_file(None))
    still = still_path(path, options)
    workflow, keep = read_workflow(path, options.state_dir, options.job)
    plan = make_plan(workflow, options)
    workflow = plan.workflow
    if options.dry_run or asks_for_a_dry_run(os.environ):
        from airexec.run.dry_run import print_plan

        if options.dry_run and (options.json or options.report_junit is not None):
            raise UsageError("--json and --report-junit tell of a run, and -n starts none", "leave them out, or -n")
        return (
            1
            if print_plan(
                plan, sys.stdout, unnamed=not (options.tasks or options.tags), freshness=preview_of(plan, options)
            )
            else 0
        )
    secrets = secrets_of(plan)  # what is wrong with them is said before anything is written
    mask = mask_of(secrets)
    executors = executors or _this_machine()
    job = JobFolder(options.state_dir or find_state_dir(workflow.path), workflow.name)
    refuse_network_state(job, options)
    check_owner(job, workflow.path)
    # What would be refused is refused here, so that nothing is left behind; by the first log there is a folder.
    settings = settings_of(job)
    check_environment(plan, os.environ)
    listeners = listeners_of(options._replace(default_output=settings.output), job, lambda: folder)
    job.create()
    with locked(job, options, mask, workflow.max_active_runs) as lock:
        check_owner(job, workflow.path)  # another file may have begun while we waited
        if options.start is not None and not _is_claimed(job, options.start):
            say(f"job {job.name} was started for this before: {options.start.cause}")
            return 0
        _mention_unfinished(job, executors, is_asked=changes is None)
        plan = with_room(with_durations(plan, recent_durations(job)), executors, options.max_active_tasks)._replace(
            root=job.root
        )
        written = masked_plan(plan, mask)
        if written.workflow == plan.workflow:
            keep()
        with undisturbed(job):
            folder = job.create_run(time())
        with begun(folder) as run:
            if workflow.has_vars:
                from airexec.run.vars import with_vars

                plan = with_vars(plan, folder, os.environ, mask)
                written = masked_plan(plan, mask)
            listeners.append(PastRuns(job, folder, settings.keep_runs))
            journal = JournalWriter(folder.journal, options.sync)
            slots = options.max_active_tasks
            cause = options.start.cause if options.start else ""
            first = RunStarted(folder.run_id, written, enclosing_run(job, os.environ), cause=mask(cause))
            session = Session(
                job,
                folder,
                lock,
                journal,
                listeners,
                plan,
                secrets,
                executors,
                slots,
                forced=_forced(workflow, options),
                changes=changes,
            )
            code = session.execute(run, first)
            if still is not None and session.freshness is not None:
                _remember_standstill(still, session, run, path, options)
            return code


def ordered_job(name: str, state_dir: StrPath | None) -> JobFolder | None:
    """Return the job of this name if other programs write it; None when it is that of a file, or not there.

    Raises UsageError for what cannot be a name, StateUnwritableError for a folder that is not safe.
    """
    job = JobFolder(state_dir or find_state_dir("-"), name)
    if not os.path.isdir(job.path):
        return None
    from airexec.orders.order import is_ordered

    job.check()
    return job if is_ordered(job) else None


def _remember_standstill(still: str, session: Session, run: "Run", path: str, options: RunOptions) -> None:
    """Let the next run need not begin, if this one had nothing to do."""
    is_still = run.state is JobState.COMPLETED and run.up_to_date == len(run.tasks)
    asks_commands = session.plan.workflow.has_vars and _asks_commands(session.plan)
    has_env_files = session.plan.workflow.env_file or any(task.env_file for task in session.plan.tasks.values())
    if session.freshness is None or not is_still or has_env_files or asks_commands:
        return
    if WorkflowCache(options.state_dir or find_state_dir(path), path).read().warnings:
        return  # which are to be said each time
    from airexec.fresh.standstill import key_of, remember, with_files

    found = session.freshness.standstill(run.run_id)
    if found is not None and (files := session.plan.workflow.files):
        found = with_files(found, files, time_ns())
    if found is not None:
        from airexec.workflow.globs import matching

        axes = session.plan.workflow.axes  # a file that comes is a task more
        more = tuple((axis.folder, axis.globs, tuple(matching(axis.globs, axis.folder))) for axis in axes)
        found = found._replace(globs=(*found.globs, *more))
        remember(still, key_of(options.tasks, options.params, os.environ), found)


def _asks_commands(plan: Plan) -> bool:
    from airexec.workflow.vars import ask_commands

    return ask_commands(plan)


def preview_of(plan: Plan, options: RunOptions) -> "Freshness | None":
    """Return what tells of a run that is not to begin which tasks have something to do."""
    if not any(task.says_what for task in plan.tasks.values()):
        return None
    from airexec.fresh.freshness import Freshness

    job = JobFolder(options.state_dir or find_state_dir(plan.workflow.path), plan.workflow.name)
    values: tuple[str, ...] = ()
    if plan.secret_names():
        from airexec.attempt.secret_values import known_values

        values = known_values(plan, os.environ)
    forced = _forced(plan.workflow, options)
    freshness = Freshness(job, mask_of(values), forced, has_secrets=bool(plan.secret_names()), only_looks=True)
    if plan.workflow.axes:
        from airexec.run.cleaning import vanished

        freshness.leave_out(vanished(plan.workflow, job.root, freshness))
    return freshness


def _forced(workflow: Workflow, options: RunOptions) -> Callable[[str], bool]:
    """Return what says whether a task runs though nothing has changed: with -B those that are named, else all."""
    if not options.force:
        return lambda task: False
    from airexec.graph.select import ids_named, tagged

    named = {id_ for name in options.tasks for id_ in ids_named(workflow, name)}
    named.update(task.id for task in tagged(workflow, options.tags))
    return lambda task: not (options.tasks or options.tags) or task in named


def _start_of_manager() -> "Start | None":
    """Return what a job manager has started us for, if it has."""
    if not os.environ.get("AIREXEC_START"):
        return None
    from airexec.triggers.start import handed_over

    return handed_over(os.environ, sys.stdin)


def _is_claimed(job: JobFolder, start: "Start") -> bool:
    """Take a start for ourselves, before the run begins; False when there has been a run for it."""
    from airexec.triggers.record import RecordFile, claim

    return RecordFile(job.state_dir, job.name).change(lambda record: claim(record, start)) is not None


def _this_machine() -> "Executors":
    from airexec.runner.local import ThisMachine

    return ThisMachine()


def _mention_unfinished(job: JobFolder, executors: "Executors", *, is_asked: bool) -> None:
    """A new run always starts anew; whoever wanted to go on should learn how, unless nobody has asked for this run.

    Raises StateNewerError.
    """
    try:
        last = newest_run(job, is_idle=True)
    except StateNewerError:
        raise
    except StateDamagedError as error:
        say(f"the last run of {job.name} cannot be read and is left alone: {error.headline}")
        return
    if last is None or last.state is JobState.COMPLETED:
        return
    if last.state is JobState.WORKING:
        end_orphans(job, executors)
    if not is_asked:
        return
    again = f"airexec resume {address(job)} --run {last.run_id}"  # the new one may not be completed either
    how = "was not finished" if last.state in (JobState.WORKING, JobState.WAITING) else f"ended as {last.state}"
    say(f"run {last.run_id} of {job.name} {how}; this is a new run (to continue that one: {again})")
