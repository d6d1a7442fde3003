"""The graph of a run as it really is: what was queued, by whom, and how each task ended. Draws nothing itself."""

from collections.abc import Iterator

from airexec.graph.picture import (
    EdgeKind,
    Picture,
    PictureEdge,
    PictureNode,
    placeholders,
    task_details,
)
from airexec.scheduler.state import Edge, Run, TaskState
from airexec.scheduler.statuses import Status
from airexec.views.command_text import command_text
from airexec.views.wording import attempts_max, task_name, tasks_text
from airexec.workflow.durations import short_duration


def _upstream(state: TaskState) -> Iterator[tuple[str, EdgeKind]]:
    """Yield upstream tasks with why they are that."""
    by_files = {dependency.task for dependency in state.task.dependencies if dependency.from_files}
    for upstream, edge in state.upstream.items():
        is_files = edge is Edge.DEPENDENCY and upstream in by_files
        yield upstream, EdgeKind.FILES if is_files else EdgeKind(edge.value)


def picture_of_run(run: Run, critical: bool = False) -> Picture:
    """Return all tasks of `run` with their statuses, and a placeholder for what a task may yet queue.

    `critical` asks for the path that took longest; a task that has not run counts as long as it took before, else
    1 second.
    """
    assert run.plan is not None, "a run has a plan from its first event on"
    nodes = [_node(run, state) for state in run.tasks.values()]
    edges = [
        PictureEdge(upstream, task_id, kind)
        for task_id, state in run.tasks.items()
        for upstream, kind in _upstream(state)
    ]
    more_nodes, more_edges = placeholders(
        [state.task for state in run.tasks.values() if _may_grow(state)], run.plan.workflow.templates, edges
    )
    return Picture(
        title=f"{run.plan.workflow.name} · {run.run_id}",
        nodes=(*nodes, *more_nodes),
        edges=(*edges, *more_edges),
        critical=_critical_path(run) if critical else (),
        description=run.plan.workflow.description,
    )


def _may_grow(state: TaskState) -> bool:
    """Return whether a task may queue and has not: what completed without queueing will not do so any more."""
    return state.task.queue is not None and not state.queued_count and state.status is not Status.COMPLETED


def _critical_path(run: Run) -> tuple[str, ...]:
    from airexec.graph.dag import critical_path, dag_of

    assert run.plan is not None
    durations = dict(run.plan.durations)
    durations.update((task_id, state.duration) for task_id, state in run.tasks.items() if state.duration is not None)
    return critical_path(dag_of({task_id: state.upstream for task_id, state in run.tasks.items()}), durations)


def _node(run: Run, state: TaskState) -> PictureNode:
    return PictureNode(
        id=state.task.id,
        label=task_name(state.task),
        status=state.status.value,
        tolerated=state.status is Status.FAILED and run.tolerates(state.task.id),
        up_to_date=state.built is not None,
        queued_by=state.queued_by,
        note=_note(state),
        description=state.task.description,
        details=_details(state),
    )


def _note(state: TaskState) -> str:
    """Return how long it took, and what is worth a glance: a further attempt, an error."""
    parts: list[str] = []
    if state.duration is not None and state.is_terminal:
        parts.append(short_duration(state.duration))
    if state.attempt > 1:
        parts.append(f"attempt {state.attempt}")
    if state.error and state.status in (Status.FAILED, Status.UP_FOR_RETRY):
        parts.append(state.error)
    return ", ".join(parts)


def _details(state: TaskState) -> dict[str, str]:
    known = {
        "attempt": _attempt_text(state),
        "duration": "" if state.duration is None else short_duration(state.duration),
        "error": "\n".join(filter(None, (state.error, *state.details))),
        "because": "" if state.because is None else f"{state.because.rule}: {state.because.detail}",
        "queued by": state.queued_by or "",
        "queued": tasks_text(state.queued_count) if state.queued_count else "",
        "note": state.note,
    }
    rendered = {"command": command_text(state.command)} if state.command else {}
    return {**{name: text for name, text in known.items() if text}, **task_details(state.task), **rendered}


def _attempt_text(state: TaskState) -> str:
    if not state.attempt:
        return ""
    most = attempts_max(state)
    return f"{state.attempt} of up to {most}" if most > 1 else str(state.attempt)
