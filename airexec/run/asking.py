"""What the loop asks about tasks that say what they read and make: have they anything to do, and what has come of it?

Files of which much has to be read are read in a thread; the task is held meanwhile, and asked again.
"""

from collections.abc import Callable, Mapping, Sequence
from threading import Thread
from typing import TYPE_CHECKING, Any

from airexec.attempt.facts import WorkDone
from airexec.attempt.spec import AttemptSpec
from airexec.scheduler.events import Event, TaskUpToDate
from airexec.scheduler.readiness import hold, let_go
from airexec.scheduler.splice import SpliceRejectedError, splice
from airexec.scheduler.state import Edge, Run, TaskState
from airexec.scheduler.statuses import Reason
from airexec.state.plan_codec import task_from_json, task_to_json
from airexec.workflow.model import Task

if TYPE_CHECKING:
    from airexec.attempt.executor import Executor
    from airexec.fresh.freshness import Freshness
    from airexec.fresh.record import Success


_NO_REASON = frozenset({Edge.EMITTER, Edge.EMITTED, Edge.AFTER})
"""Why a task waits for another one, and it is no reason to run that the other one has run."""


class Asking:
    """Asks for the tasks of one run, and says by events which of them are up to date."""

    def __init__(self, run: Run, freshness: "Freshness", executor: "Executor", happen: Callable[[Event], None]) -> None:
        self._run = run
        self._freshness = freshness
        self._executor = executor
        self._happen = happen
        self._looked: set[str] = set()
        """Tasks whose files have been read beside, and who are to be asked again."""
        self._why: dict[str, str] = {}
        """By task that has something to do, what that is."""
        self._queued: dict[str, list[Task]] = {}
        """What running tasks have queued, by their ids."""

    def may_be_up_to_date(self, task_id: str) -> bool:
        """Return whether it is worth to ask, by what needs no look at a file."""
        return self._freshness.has_success(task_id)

    def settles(self, state: TaskState, spec: AttemptSpec) -> bool:
        """Return whether a task that could start is not to start now: it is up to date, which has been said then, or
        its files are being read."""
        task_id = state.task.id
        if task_id not in self._looked and self._freshness.has_much_to_read(spec):
            self._look_beside(state, spec)
            return True
        self._looked.discard(task_id)
        success, why = self._freshness.judge(spec, self._upstream_of(state))
        if success is not None and self._keep(state, success):
            return True
        self._why[task_id] = why or "what it had queued cannot be queued any more"
        return False

    def begin(self, state: TaskState, spec: AttemptSpec) -> tuple[str, list[str]]:
        """Note that a task is about to start, and return why, and which of its sources are not there."""
        self._freshness.begin(spec)
        why = self._why.pop(state.task.id)
        if state.reason is Reason.CHANGED:  # what it had to go by is forgotten since it was started the first time
            why = str(state.error).removeprefix("ended: ")
        return why, self._freshness.missing(spec)

    def changed(self, spec: AttemptSpec) -> str:
        """Return what has changed since a task began of what it reads, in words; empty: nothing."""
        return self._freshness.changed(spec)

    def queued(self, spec: AttemptSpec, batch: Sequence[Task]) -> None:
        """Note what a task has queued: it is queued again when the task is up to date."""
        self._queued.setdefault(spec.task, []).extend(batch)

    def succeeded(self, spec: AttemptSpec, outputs: Mapping[str, Any]) -> str:
        """Let a success be one to go by the next time. Return what is wrong with that, or nothing."""
        queued = [task_to_json(task) for task in self._queued.pop(spec.task, [])]
        return self._freshness.succeeded(spec, self._run.run_id, self._run.updated_at, outputs, queued)

    def _look_beside(self, state: TaskState, spec: AttemptSpec) -> None:
        """Have the files of a task read in a thread, and ask again when that is done. Other tasks go on."""
        task_id = state.task.id
        hold(self._run, state)

        def go_on() -> None:
            self._looked.add(task_id)
            let_go(self._run, self._run.tasks[task_id])

        def look() -> None:
            try:
                self._freshness.look(spec)
            finally:  # else everybody would wait for ever
                self._executor.post(WorkDone(go_on))

        Thread(target=look, daemon=True).start()

    def _upstream_of(self, state: TaskState) -> dict[str, tuple[str, int]]:
        """Return by upstream task, as far as what it did is a reason to run, the attempt that did it.

        What a task reads of the products of another one is asked by its sources. Who queued the task does not count:
        what that makes is the task itself; nor does who only had to end before.
        """
        written = {dependency.task: dependency for dependency in state.task.dependencies}
        found = {}
        for id_, edge in state.upstream.items():
            upstream, dependency = self._run.tasks[id_], written.get(id_)
            is_asked = dependency is None or not (dependency.order_only or dependency.from_files)
            if is_asked and edge not in _NO_REASON and (upstream.attempt or upstream.built):
                found[id_] = upstream.built or (self._run.run_id, upstream.attempt)
        return found

    def _keep(self, state: TaskState, success: "Success") -> bool:
        """Take the last success of a task for this one, and what it had queued with it; False when that cannot be."""
        if success.queued:
            batch = [task_from_json(dict(task)) for task in success.queued]
            try:
                if (event := splice(self._run, state.task.id, 0, batch)) is not None:
                    self._happen(event)
            except SpliceRejectedError:
                return False
        self._happen(TaskUpToDate(state.task.id, success.outputs, success.run_id, success.attempt))
        return True
