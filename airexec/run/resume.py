"""`airexec resume`: a run of a job, continued where it stopped."""

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from airexec.errors import JobLockedError, UsageError
from airexec.reading.finding import find_job
from airexec.reading.named import run_folder
from airexec.run.options import RunOptions
from airexec.run.planning import changed_tasks, read_workflow, resumed_plan
from airexec.run.session import (
    Session,
    end_orphans,
    listeners_of,
    locked,
    refuse_network_state,
    say,
    secrets_of,
    settings_of,
    with_room,
)
from airexec.scheduler.events import Record, RunResumed
from airexec.scheduler.state import Run
from airexec.scheduler.statuses import JobState
from airexec.secrets.plain_data import mask_of, masked_plan
from airexec.state.journal import is_at_work, load_run, open_for_resume, replayed
from airexec.state.layout import JobFolder, RunFolder
from airexec.state.lock import has_slots
from airexec.state.origin import foreign, mark_own
from airexec.state.view_files import show_logs_of, write_views
from airexec.workflow.find import STDIN
from airexec.workflow.model import Plan

if TYPE_CHECKING:
    from airexec.attempt.executor import Executors
    from airexec.orders.order_files import OrderFiles


def resume_job(options: RunOptions, executors: "Executors | None" = None) -> int:
    """Continue the newest run of a job that is not completed, or the one that is named, and return the exit code.

    `executors`: this machine. Raises AirexecError.
    """
    from airexec.runner.local import ThisMachine

    executors = executors or ThisMachine()
    job = find_job("", options.job, options.state_dir)
    refuse_network_state(job, options)
    with locked(job, options, runs=_runs_at_once(job, options.run_id)) as lock:
        folder = _run_to_resume(job, options.run_id)
        journal, records, torn_bytes = open_for_resume(folder.journal, options.sync)
        if torn_bytes:
            say(f"{torn_bytes} bytes of a torn line were cut from the end of {folder.journal} and kept beside it")
        run = _replayed(records, folder)
        if run.state is JobState.COMPLETED:
            if not run.order:  # whose files are not ours alone
                write_views(job, run)  # perhaps the last ones did not come to be
            say(f"run {run.run_id} of {job.name} is completed; there is nothing to resume")
            return 0
        if run.state is JobState.WORKING:
            end_orphans(job, executors, folder)
        _refuse_foreign(folder, job, options)
        assert run.plan is not None
        plan_of = _plan_of_order if run.order else _accepted_plan
        plan = with_room(plan_of(run.plan, options, job.root), executors, options.max_active_tasks)
        secrets = secrets_of(plan)
        mask = mask_of(secrets)
        if plan.workflow.has_vars:
            from airexec.run.vars import with_vars

            plan = with_vars(_without_secret_vars(plan), folder, os.environ, mask)
        written = masked_plan(plan, mask)
        show_logs_of(job, folder)
        options = options._replace(default_output=settings_of(job).output)
        listeners, slots = listeners_of(options, job, lambda: folder), options.max_active_tasks
        files = _files_of(job, run)
        session = Session(job, folder, lock, journal, listeners, plan, secrets, executors, slots, files)
        return session.execute(run, RunResumed(written if written != run.plan else None))


def _run_to_resume(job: JobFolder, run_id: str | None, say: Callable[[str], object] = say) -> RunFolder:
    """Return the run that is named; else the newest that is not completed, or the newest where all are.

    Raises UsageError, and StateDamagedError for a journal that would have to be passed over to tell.
    """
    if run_id is not None:
        folder = run_folder(job, run_id)
        if is_at_work(folder):
            raise JobLockedError(
                f"run {folder.run_id} of {job.name} is at work", hint="only a run that was interrupted can be resumed"
            )
        return folder
    newest = job.latest_run()
    if newest is None:
        raise UsageError(f"job '{job.name}' has no run to resume", hint="`airexec run` makes the first")
    for known in job.run_ids():
        folder = job.run(known)
        if not is_at_work(folder) and not _is_completed(folder):
            if known != newest.run_id:
                how = "at work" if is_at_work(newest) else "completed"
                say(f"run {newest.run_id} of {job.name} is {how}; going on with run {known}, the newest that is not")
            return folder
    return newest


def _runs_at_once(job: JobFolder, run_id: str | None) -> int:
    """Return beside how many runs, itself among them, the run that is to be resumed may be at work."""
    if not has_slots(job):
        return 1  # no run of it ever could, and nothing needs to be read
    plan = load_run((run_folder(job, run_id) if run_id else _run_to_resume(job, None, say=str)).journal).run.plan
    return plan.workflow.max_active_runs if plan else 1


def _is_completed(folder: RunFolder) -> bool:
    return load_run(folder.journal).run.state is JobState.COMPLETED


def _refuse_foreign(folder: RunFolder, job: JobFolder, options: RunOptions) -> None:
    """Raise UsageError for a run of somebody else's, unless it was asked for; from then on it is this user's."""
    if (why := foreign(folder)) is None:
        return
    if options.accept_foreign_state:
        mark_own(folder)
        return
    raise UsageError(
        f"run {folder.run_id} of {job.name} may not be yours: {why}",
        hint="see what it would run (`airexec status`, `airexec graph --run latest`), then go on with "
        "`airexec resume --accept-foreign-state`, or start anew with `airexec run`",
    )


def _without_secret_vars(plan: Plan) -> Plan:
    """Raise UsageError for vars that held a secret, which the journal does not keep."""
    values = [plan.vars, *(scope.vars for scope in plan.scopes.values())] if plan.secret_names() else []
    hidden = [name for one in values for name, value in one.items() if "***" in value]
    if hidden:
        raise UsageError(
            f"var '{hidden[0]}' held a secret, which the journal does not keep",
            hint="start anew with `airexec run`, and let tasks take secrets from their environment",
        )
    return plan


def _replayed(records: Sequence[Record], folder: RunFolder) -> Run:
    if not records:
        raise UsageError(f"run {folder.run_id} had not begun", hint="start anew with `airexec run`")
    return replayed(folder.journal, records)


def _plan_of_order(before: Plan, options: RunOptions, root: str) -> Plan:
    """Return the plan of an order, which no file says anew, where the project now lies. Raises UsageError."""
    if options.params:
        raise UsageError("an order has no params", hint="leave out -p")
    plan = before.moved_to(root)
    return plan._replace(max_active_tasks=options.max_active_tasks or plan.max_active_tasks)


def _files_of(job: JobFolder, run: Run) -> "OrderFiles | None":
    """Return the files that others may write while the run goes on, if it carries out an order."""
    if not run.order:
        return None
    from airexec.orders.recover import recover
    from airexec.run.run_order import order_files

    recover(job, run)
    return order_files(job, run)


def _accepted_plan(before: Plan, options: RunOptions, root: str) -> Plan:
    """Return the plan to go on with, where the project now lies. Raises UsageError for changes that nobody has
    accepted: finished tasks would have been made by another workflow than the rest."""
    if before != (moved := before.moved_to(root)) and not os.path.exists(moved.workflow.path):
        raise UsageError(
            f"{moved.workflow.path} is not there; when the run began, the project lay in {before.root}",
            hint="put the file back, or start anew with `airexec run`",
        )
    before = moved
    slots = options.max_active_tasks or before.max_active_tasks
    if not os.path.exists(before.workflow.path):
        if options.params:
            raise UsageError(f"{before.workflow.path} is gone, so its params cannot be set")
        gone = os.path.basename(before.workflow.path) == STDIN
        why = "standard input cannot be read again" if gone else f"{before.workflow.path} is gone"
        say(f"{why}; going on with the plan that the run began with")
        return before._replace(max_active_tasks=slots)
    workflow, _ = read_workflow(before.workflow.path, options.state_dir, before.workflow.name)
    now = resumed_plan(before, workflow, options)
    mask = mask_of(secrets_of(now))
    written = compared = masked_plan(now, mask)
    if options.params and written.tasks.keys() == before.tasks.keys():  # numbers that follow from them are no change
        compared = masked_plan(resumed_plan(before, workflow, options._replace(params=())), mask)
    changes = changed_tasks(before, compared, {text.partition("=")[0] for text in options.params})
    if changes and not options.accept_changes:
        is_by_params = bool(options.params and now.workflow.unexpanded)
        what = "these params make other tasks than when" if is_by_params else "the workflow has changed since"
        raise UsageError(
            "\n".join([f"{what} the run began:", *changes]),
            hint="go on with it as it is now: airexec resume --accept-changes; or start anew: airexec run",
        )
    if changes or options.params:
        return now
    known = before if written == now else now  # what holds a secret is not in the journal
    return known._replace(max_active_tasks=slots, fail_fast=before.fail_fast and not options.keep_going)
