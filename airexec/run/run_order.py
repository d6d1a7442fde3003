"""`airexec run --job NAME` for a job that other programs write: what they have ordered, and what they add to it."""

import os
import sys
from time import time
from typing import TYPE_CHECKING

from airexec.attempt.prepare import check_environment
from airexec.errors import UsageError
from airexec.orders.order import Order, read_order, tasks_of, workflow_of
from airexec.orders.order_files import OrderFiles
from airexec.orders.recover import recover
from airexec.run.nesting import enclosing_run
from airexec.run.options import RunOptions
from airexec.run.past_runs import PastRuns
from airexec.run.planning import slots, with_durations
from airexec.run.session import (
    Session,
    begun,
    end_orphans,
    listeners_of,
    locked,
    refuse_network_state,
    say,
    settings_of,
    with_room,
)
from airexec.scheduler.admit import admit
from airexec.scheduler.events import RunResumed, RunStarted
from airexec.scheduler.state import Run
from airexec.scheduler.statuses import JobState
from airexec.state.journal import JournalWriter, load_run, open_for_resume, replayed
from airexec.state.layout import JobFolder
from airexec.state.lock import JobLock
from airexec.state.past_durations import recent_durations
from airexec.state.settings import Settings, read_settings
from airexec.state.view_files import show_logs_of
from airexec.workflow.model import Plan

if TYPE_CHECKING:
    from airexec.attempt.executor import Executors


def run_order(job: JobFolder, options: RunOptions, executors: "Executors") -> int:
    """Carry out what the folder of a job asks for, until it asks for nothing more, and return the exit code of the last
    run. Raises AirexecError; WorkflowError for an order that cannot be carried out, whose files stay as they are."""
    _refuse_what_has_no_meaning(options)
    refuse_network_state(job, options)
    settings = settings_of(job)
    options = options._replace(default_output=settings.output)
    if options.dry_run:
        return _print_plan(job, options, settings)
    job.create()
    with locked(job, options) as lock:
        newest = job.latest_run()
        recover(job, load_run(newest.journal).run if newest else None)
        worker = _Worker(job, options, settings, executors, lock)
        code = None
        while (ended := worker.work()) is not None:
            code = ended
            if code > 1:
                break  # interrupted, or what went wrong was not a task
        if code is None:
            say(f"job {job.name} asks for nothing that is not done")
        return code or 0


def order_files(job: JobFolder, run: Run, order: Order | None = None, settings: Settings | None = None) -> OrderFiles:
    """Return the files of the order that a run carries out, as they are now."""
    settings = settings or read_settings(job.state_dir)
    files = OrderFiles(job, workflow_of(job, defaults_of(settings), settings.max_active_tasks))
    files.begin(run, order or read_order(job))
    return files


def defaults_of(settings: Settings) -> dict[str, object]:
    """Return what tasks of orders get by the settings, in the keys of a workflow file."""
    return {"execution_timeout": settings.task_timeout}


class _Worker:
    """Works off one job whose lock is held, run by run."""

    def __init__(
        self, job: JobFolder, options: RunOptions, settings: Settings, executors: "Executors", lock: JobLock
    ) -> None:
        self._job = job
        self._options = options
        self._settings = settings
        self._executors = executors
        self._lock = lock

    def work(self) -> int | None:
        """Do the next thing that the folder asks for and return the exit code of the run; None when there is none."""
        order = read_order(self._job)
        newest = self._job.latest_run()
        last = load_run(newest.journal).run if newest else None
        if last is not None and last.plan is not None and not last.order:
            raise UsageError(
                f"job '{self._job.name}' belongs to {last.plan.file}, so nobody can order it",
                hint="give the order another name",
            )
        if last is not None and not last.is_over:
            return self._go_on(order)
        if order.is_new(last.order if last else ""):
            return self._start(order)
        return self._go_on(order) if last is not None and self._has_news(last, order) else None

    def _start(self, order: Order) -> int | None:
        """Start a run of what is ordered; None while the order has no tasks that are to be done."""
        job, options, executors = self._job, self._options, self._executors
        assert order.state is not None
        plan = plan_of(job, order, options, self._settings)
        if not plan.tasks:
            return None
        check_environment(plan, os.environ)
        listeners = listeners_of(options, job, lambda: folder)
        durations = recent_durations(job)
        plan = with_room(with_durations(plan, durations), executors, options.max_active_tasks)._replace(root=job.root)
        folder = job.create_run(time())
        with begun(folder) as run:
            listeners.append(PastRuns(job, folder, self._settings.keep_runs))
            files = OrderFiles(job, plan.workflow)
            first = RunStarted(folder.run_id, plan, enclosing_run(job, os.environ), order.state.id)
            files.begin(_about_to_begin(first), order)
            journal = JournalWriter(folder.journal, options.sync)
            slots = options.max_active_tasks
            session = Session(job, folder, self._lock, journal, listeners, plan, (), executors, slots, files)
            return session.execute(run, first)

    def _go_on(self, order: Order) -> int:
        """Continue the newest run: its scheduler was killed, or something was added to it."""
        job, options, executors = self._job, self._options, self._executors
        folder = job.latest_run()
        assert folder is not None
        journal, records, torn_bytes = open_for_resume(folder.journal, options.sync)
        if torn_bytes:
            say(f"{torn_bytes} bytes of a torn line were cut from the end of {folder.journal} and kept beside it")
        run = replayed(folder.journal, records)
        if run.state is JobState.WORKING:
            end_orphans(job, executors, folder)
        assert run.plan is not None
        plan = with_room(run.plan.moved_to(job.root), executors, options.max_active_tasks)
        show_logs_of(job, folder)
        listeners, slots = listeners_of(options, job, lambda: folder), options.max_active_tasks
        files = order_files(job, run, order, self._settings)
        session = Session(job, folder, self._lock, journal, listeners, plan, (), executors, slots, files)
        return session.execute(run, RunResumed(plan if plan != run.plan else None, continued=True))

    def _has_news(self, last: Run, order: Order) -> bool:
        """Return whether a run that is over could take something, or has to say of something else why it cannot."""
        found = order_files(self._job, last, order, self._settings).wanted(last)
        admission = admit(last, found.tasks)
        problems = {f"{found.places[id_]}: {problem}" for id_, problem in admission.problems.items()}
        return bool(admission.tasks) or {*found.problems, *problems} != {*last.refused_additions}


def plan_of(job: JobFolder, order: Order, options: RunOptions, settings: Settings) -> Plan:
    """Return the plan of a new order. Raises WorkflowError for tasks that are none."""
    workflow = workflow_of(job, defaults_of(settings), settings.max_active_tasks)
    workflow = workflow._replace(tasks=tasks_of(job, order, workflow))
    return Plan(
        workflow=workflow,
        tasks=workflow.tasks,
        params={},
        max_active_tasks=slots(workflow, options),
        shuffle=options.shuffle,
    )


def _about_to_begin(first: RunStarted) -> Run:
    """Return what the files need to know of a run before its first event: its tasks, and whose it is."""
    from airexec.scheduler.apply import replay
    from airexec.scheduler.events import Record

    return replay([Record(0, 0.0, first)])


def _print_plan(job: JobFolder, options: RunOptions, settings: Settings) -> int:
    from airexec.run.dry_run import print_plan

    return 1 if print_plan(plan_of(job, read_order(job), options, settings), sys.stdout) else 0


def _refuse_what_has_no_meaning(options: RunOptions) -> None:
    if options.params or options.params_file:
        raise UsageError("an order has no params", hint="leave out -p and --params-file")
    if options.args:
        raise UsageError("an order takes no words behind `--`", hint="leave them out")
    if options.tasks:
        raise UsageError(
            f"an order is run as a whole, not '{options.tasks[0]}' alone", hint="name no tasks beside --job"
        )
