"""`airexec run --dry-run`: the rendered plan in the order in which it would start. Starts nothing, writes nothing."""

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TextIO

from airexec.attempt.prepare import Preparation, Results, surroundings
from airexec.attempt.secret_values import known_values
from airexec.attempt.spec import AttemptSpec
from airexec.errors import AirexecError, UsageError
from airexec.scheduler.apply import apply
from airexec.scheduler.decide import Start, decide
from airexec.scheduler.events import (
    AttemptCompleted,
    AttemptStarted,
    Because,
    Event,
    Record,
    RunStarted,
    TaskSkipped,
    TaskUpstreamFailed,
    TaskUpToDate,
)
from airexec.scheduler.state import Run
from airexec.secrets.plain_data import mask_of
from airexec.state.layout import RunFolder
from airexec.workflow.model import Plan, Task
from airexec.workflow.vars import names_in, names_of_task, with_unknown

if TYPE_CHECKING:
    from airexec.fresh.freshness import Freshness

RUN_ID = "00000000-000000-0000"


def print_plan(plan: Plan, stream: TextIO, *, unnamed: bool = False, freshness: "Freshness | None" = None) -> int:
    """Print each task with its command, in order of start with one slot, as if each completed at once.

    An output that only a real run will know stands there as `<tasks.extract.outputs.rows>`; a task whose `when` needs
    one is said to depend on it. Secrets are no part of it, whether they are there already or not. `unnamed`: the
    command line named no tasks, so it is said which are left out, and why.

    `freshness` knows which tasks have nothing to do. Return how many tasks cannot be rendered: they would fail.
    """
    plan = plan._replace(max_active_tasks=1)
    folder = RunFolder("<run>", RUN_ID)
    run = Run()
    _happen(run, RunStarted(RUN_ID, plan))
    preview = _Preview(plan, folder, run, freshness)
    number = 0
    while (decision := decide(run)) is not None:
        if isinstance(decision, TaskSkipped | TaskUpstreamFailed):
            number += 1
            stream.write(f"{number}. {decision.task}: not run, {decision.because.rule}: {decision.because.detail}\n")
        if not isinstance(decision, Start):
            _happen(run, decision)
            continue
        number += 1
        task = run.tasks[decision.task].task
        _happen(run, *_pretend(preview, task, number, stream))
    if unnamed and (left_out := [task for task in plan.workflow.tasks.values() if task.id not in plan.tasks]):
        why = f"default: {', '.join(plan.workflow.default)}" if plan.workflow.default else "manual"
        stream.write(f"left out ({why}): {', '.join(task.id for task in left_out)}\n")
    stream.write(f"{number} {'task' if number == 1 else 'tasks'}; nothing was started\n")
    return preview.broken


def needs(plan: Plan, freshness: "Freshness | None") -> Iterator[tuple[str, str | None]]:
    """Yield each task that would be asked to run, in order of start with one slot, with why.

    Why is empty for one that is up to date, None for one of a kind that always runs.
    """
    plan = plan._replace(max_active_tasks=1)
    run = Run()
    _happen(run, RunStarted(RUN_ID, plan))
    preview = _Preview(plan, RunFolder("<run>", RUN_ID), run, freshness)
    while (decision := decide(run)) is not None:
        if not isinstance(decision, Start):
            _happen(run, decision)
            continue
        task = run.tasks[decision.task].task
        if (because := preview.skip(task)) is not None:
            _happen(run, TaskSkipped(task.id, because))
            continue
        why = preview.need(task)
        yield task.id, None if why is None else preview.mask(why)
        done: list[Event] = [AttemptStarted(task.id, 1, ()), AttemptCompleted(task.id, 1, 0.0)]
        _happen(run, *([TaskUpToDate(task.id)] if why == "" else done))


class _Preview:
    """What each attempt would be, as far as that can be known."""

    def __init__(self, plan: Plan, folder: RunFolder, run: Run, freshness: "Freshness | None") -> None:
        self.mask = mask_of(known_values(plan, os.environ))
        plan = with_unknown(plan, os.environ)
        self._unknown_vars = {
            scope: [name for name, value in plan.scope(scope).vars.items() if "\u2039vars." in value]
            for scope in ("", *plan.scopes)
        }
        self.plan = plan
        self._preparation = Preparation(plan, folder, os.environ, self.mask)
        self._surroundings = surroundings(RUN_ID, run.created_at, Results(run, lambda state: _Unknown(state.task.id)))
        self._run = run
        self._freshness = freshness
        self._would_run: dict[str, bool] = {}
        """By task that would run, whether that says what it makes."""
        self.broken = 0
        """How many tasks could not be rendered."""

    def refusal(self, task: Task) -> Because | None:
        if isinstance(task.when, str) and names_in(task.when, self._unknown_vars[task.scope]):
            raise UsageError(f"only a run can tell whether {task.when}")
        return self._preparation.refusal(task, 1, self._surroundings)

    def skip(self, task: Task) -> Because | None:
        """As `refusal`; None also where only a run can tell."""
        try:
            return self.refusal(task)
        except AirexecError:
            return None

    def command_lines(self, task: Task) -> list[str]:
        """Return what would be asked before it, and the command."""
        try:
            spec = self._preparation.spec(task, 1, self._surroundings)
            asked = [f"{'when' if one.is_when else 'precondition'}: {one.text}" for one in spec.conditions]
            return [*asked, *task.action.as_lines(spec.argv)]
        except AirexecError as error:
            if names_of_task(task, self._unknown_vars[task.scope]):  # a run knows more
                return task.action.as_lines(task.action.argv())
            self.broken += 1
            return [f"cannot be rendered: {error.headline}"]

    def need(self, task: Task) -> str | None:
        """Return why a task would run; empty when it would not, None when it is of a kind that always does."""
        why: str | None = None
        if task.says_what and (asked := names_of_task(task, self._unknown_vars[task.scope])):
            self._would_run[task.id] = bool(task.generates)
            return f"perhaps: vars.{asked[0]} is worked out when a run begins"
        if self._freshness is not None and task.says_what:
            try:
                why = self._need(task, self._preparation.spec(task, 1, self._surroundings), self._freshness)
            except AirexecError:
                why = None  # which is said where it is rendered
        if why != "":
            self._would_run[task.id] = bool(task.generates)
        return why

    def _need(self, task: Task, spec: AttemptSpec, freshness: "Freshness") -> str:
        asked = [it for it in task.dependencies if not it.order_only]
        before = [it.task for it in asked if it.task in self._would_run]
        others = [it.task for it in asked if it.task not in self._would_run and not it.from_files]
        if why := freshness.preview(spec, others):
            return why
        if silent := next((id_ for id_ in before if not self._would_run[id_]), None):
            return f"task {silent} runs, and says nothing of what it makes"
        return f"perhaps: if task {before[0]} makes something else" if before else ""


def _happen(run: Run, *events: Event) -> None:
    for event in events:
        apply(run, Record(run.seq + 1, 0.0, event))


def _pretend(preview: _Preview, task: Task, number: int, stream: TextIO) -> list[Event]:
    """Print one task and return the events of its success, or of its skip."""
    notes = _notes(preview.plan, task)
    try:
        because = preview.refusal(task)
    except AirexecError:
        because = None
        notes.append(f"when: {task.when}")
    if because is not None:
        stream.write(preview.mask(f"{number}. {task.id}: skipped, when {because.detail} is false\n"))
        return [TaskSkipped(task.id, because)]
    why = preview.need(task)
    if why == "":
        stream.write(preview.mask(f"{number}. {task.id}: up to date\n"))
        return [TaskUpToDate(task.id)]
    stream.write(preview.mask(f"{number}. {task.id}" + (f" ({', '.join(notes)})\n" if notes else "\n")))
    if why:
        stream.write(preview.mask(f"     # {why}\n"))
    for line in preview.command_lines(task):
        stream.write(preview.mask(f"     {line}\n"))
    return [AttemptStarted(task.id, 1, ()), AttemptCompleted(task.id, 1, 0.0)]


def _notes(plan: Plan, task: Task) -> list[str]:
    notes = ["manual"] if task.manual else []
    if task.dependencies:
        notes.append("after " + ", ".join(dependency.task for dependency in task.dependencies))
    if first := [id_ for id_ in task.after if id_ in plan.tasks]:
        notes.append("not before " + ", ".join(first))
    if task.trigger_rule != "all_success":
        notes.append(str(task.trigger_rule))
    if task.queue is not None:
        notes.append("may queue tasks")
    return notes


class _Unknown(Mapping[str, Any]):
    """Outputs that nobody has yet: every name there is, each standing for itself."""

    def __init__(self, task_id: str) -> None:
        self._task_id = task_id

    def __getitem__(self, name: str) -> str:
        return f"<tasks.{self._task_id}.outputs.{name}>"

    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 0
