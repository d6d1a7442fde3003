"""What is to be done in the folder of a job: a new run, more of one, or nothing. Reads the files of an order once."""

import os
from collections.abc import Mapping
from contextlib import suppress
from time import monotonic, sleep
from typing import Any, NamedTuple

from airexec.errors import UsageError
from airexec.orders.incoming import Incoming
from airexec.orders.shared_file import read_file
from airexec.orders.texts import Entry, OrderState, UnreadableTextError, decoded, read_entries, read_state, read_task
from airexec.scheduler.admit import admit
from airexec.scheduler.state import Run
from airexec.scheduler.statuses import JobState
from airexec.state.layout import JobFolder
from airexec.workflow.diagnostics import Diagnostic, Finding, WorkflowError
from airexec.workflow.model import Plan, Task, Workflow
from airexec.workflow.yaml.source import Source

LOOK_SECONDS = 0.05
BROKEN_SECONDS = 3.0
"""So long may a file be half of one before it is called broken."""


class Order(NamedTuple):
    """What is asked for in a folder by now."""

    state: OrderState | None
    """What `state.json` says; None: there is none."""
    entries: tuple[Entry, ...]
    text: str
    """Of `tasks.json`."""

    def is_new(self, present: str) -> bool:
        """Return whether this is another order than `present`, the id of the one that was carried out last."""
        return self.state is not None and is_order(self.state, present)


def is_ordered(job: JobFolder) -> bool:
    """Return whether the job is one that other programs write: its newest run carries out an order, or there is one."""
    from airexec.state.journal import load_run

    newest = job.latest_run()
    if newest is not None:
        return bool(load_run(newest.journal).run.order)
    return os.path.exists(job.state_file) or os.path.exists(job.tasks_file)


def read_order(job: JobFolder, patience: float = BROKEN_SECONDS) -> Order:
    """Return what the files of a job say, waiting so many seconds for files that look like half of one.

    Raises WorkflowError for what is no order, UsageError for a file that cannot be read.
    """
    deadline = monotonic() + patience
    while True:
        try:
            return _read_once(job)
        except _UnreadableError as error:
            if not error.may_be_cut or monotonic() >= deadline:
                raise WorkflowError([error.diagnostic]) from None
        sleep(LOOK_SECONDS)


def tasks_of(job: JobFolder, order: Order, workflow: Workflow) -> dict[str, Task]:
    """Return the tasks that a new order wants done, by id, with those that were dropped for it meanwhile.

    Raises WorkflowError with all that is wrong with the order; what was dropped harms nobody.
    """
    done = frozenset(entry.id for entry in order.entries if entry.has_ended_well)
    source = Source(order.text, job.tasks_file)
    findings: list[Finding] = []
    tasks: list[Task] = []
    for entry in order.entries:
        if entry.is_pending:
            try:
                tasks.append(read_task(entry, workflow, done - {entry.id}))
            except ValueError as error:
                findings.append(Finding(entry.offset, str(error)))
    nothing = Run()
    nothing.plan = Plan(workflow=workflow, tasks={}, params={}, max_active_tasks=1)
    admission = admit(nothing, (*tasks, *Incoming(job, workflow).look(nothing).tasks))
    places = {entry.id: entry.offset for entry in order.entries if entry.is_pending}
    findings += [Finding(places[id_], problem) for id_, problem in admission.problems.items() if id_ in places]
    if findings:
        raise WorkflowError([source.diagnostic(finding) for finding in sorted(findings, key=lambda it: it.start)])
    return {task.id: task for task in admission.tasks}


def workflow_of(job: JobFolder, defaults: Mapping[str, Any], max_active_tasks: int | None) -> Workflow:
    """Return the workflow of a job that has no file, without its tasks: they run where the state folder lies."""
    up = os.path.relpath(job.root, job.path)
    return Workflow(
        name=job.name,
        path=job.tasks_file,
        tasks={},
        cwd=up,
        max_active_tasks=max_active_tasks,
        default_args=dict(defaults),
    )


class WaitingOrder(NamedTuple):
    """An order that nobody carries out yet."""

    id: str
    entries: tuple[Entry, ...]
    problems: tuple[str, ...]
    """Why it cannot be carried out, one sentence each with file and place."""

    def counts(self) -> dict[str, int]:
        """Return how many tasks there are, by what they say of their status."""
        counts: dict[str, int] = {}
        for entry in self.entries:
            status = entry.status
            counts[status] = counts.get(status, 0) + 1
        return counts

    def content(self) -> dict[str, Any]:
        """Return what `status --json` says of it, beside the job."""
        return {"counts": self.counts(), "problems": self.problems, "tasks": [entry.raw for entry in self.entries]}


def waiting_order(job: JobFolder) -> WaitingOrder | None:
    """Return the order that waits in the folder of a job; None where none does. Raises AirexecError of a journal.

    What cannot be read is a problem of the order, for as long as it is so.
    """
    newest = job.latest_run()
    try:
        state = read_state(_text(job.state_file) or "")
    except UnreadableTextError:
        state = None
    if newest is not None:
        from airexec.state.journal import load_run

        if state is None or state.is_ours or not is_order(state, load_run(newest.journal).run.order):
            return None
    try:
        order = read_order(job, patience=0.0)
        if order.state is None or not order.is_new(""):
            return None
        tasks_of(job, order, workflow_of(job, {}, None))
    except WorkflowError as error:
        found = tuple(f"{it.file}:{it.line}:{it.column}: {it.message}" for it in error.diagnostics)
        return WaitingOrder(state.id if state else "?", (), found)
    except UsageError as error:
        return WaitingOrder(state.id if state else "?", (), (error.headline,))
    return WaitingOrder(order.state.id, order.entries, ())


def is_order(state: OrderState, present: str) -> bool:
    """Return whether a state asks for a run that is not that of the order `present`."""
    return state.state is JobState.WAITING and not state.is_ours and state.id != present


class _UnreadableError(Exception):
    def __init__(self, diagnostic: Diagnostic, *, may_be_cut: bool) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic
        self.may_be_cut = may_be_cut


def _read_once(job: JobFolder) -> Order:
    state_text, tasks_text = _text(job.state_file), _text(job.tasks_file)
    state = None if state_text is None else _parsed(job.state_file, state_text, read_state)
    entries = () if tasks_text is None else tuple(_parsed(job.tasks_file, tasks_text, read_entries))
    return Order(state, entries, tasks_text or "")


def _parsed(path: str, text: str, parse: Any) -> Any:
    try:
        return parse(text)
    except UnreadableTextError as error:
        source = Source(text, path)
        finding = Finding(error.offset, error.message)
        raise _UnreadableError(source.diagnostic(finding), may_be_cut=error.may_be_cut) from None


def _text(path: str) -> str | None:
    try:
        content = read_file(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    with suppress(UnreadableTextError):
        return decoded(content)
    return content.decode("utf-8", "replace")  # which is not JSON, at the right place
