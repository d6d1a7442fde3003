"""What `airexec graph` draws, as plain values: nodes, edges, a title. Knows neither runs nor formats.

A picture of a workflow shows what was written, a picture of a run (`airexec.views.inspect.run_picture`) what became
of it; the formats draw both without knowing which it is.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from airexec.workflow.actions.condition import Condition
from airexec.workflow.durations import short_duration
from airexec.workflow.model import Dependency, SpliceMoment, Task, TriggerRule, Workflow, default_ids

TIMES = "\N{MULTIPLICATION SIGN}"


class NodeKind(StrEnum):
    TASK = "task"
    TEMPLATE = "template"
    """A placeholder for tasks that a `queue` permission allows and that are not there (yet): "may grow"."""


class EdgeKind(StrEnum):
    """Why downstream waits for upstream; the words of `airexec.scheduler.state.Edge`, `files` and `may_grow`."""

    DEPENDENCY = "dependency"
    TOLERANT = "tolerant"
    """As written with `allow_failure: true`: downstream does not mind a failure."""
    FILES = "files"
    """Downstream reads what upstream makes."""
    QUEUED = "queued"
    """Upstream was queued by a task that downstream depends on."""
    EMITTER = "emitter"
    """Upstream queued downstream."""
    EMITTED = "emitted"
    """Upstream queued downstream while it still ran."""
    AFTER = "after"
    """Order without need: downstream comes after upstream where both are in the run."""
    MAY_GROW = "may_grow"
    """To or from a placeholder."""


class PictureNode(NamedTuple):
    id: str
    label: str
    status: str | None = None
    """One of `airexec.scheduler.statuses.Status`; None when the picture is not that of a run."""
    tolerated: bool = False
    """It failed, and was allowed to."""
    up_to_date: bool = False
    """It completed without an attempt, since nothing had changed."""
    kind: NodeKind = NodeKind.TASK
    queued_by: str | None = None
    note: str = ""
    """A few words to stand beside the label, such as a duration or an error."""
    description: str = ""
    details: Mapping[str, str] = {}
    """What a reader may want to know on a closer look, in the order to show it: `command`, `pool`, `error`, …"""
    members: tuple[str, ...] = ()
    """The ids of the nodes that it stands for; empty: it stands for itself. See `airexec.graph.fold`."""
    counts: Mapping[str, int] = {}
    """How many of them look how, worst first."""

    @property
    def look(self) -> str | None:
        """What it looks like: its status, `tolerated` or `up_to_date`."""
        return "tolerated" if self.tolerated else "up_to_date" if self.up_to_date else self.status


class PictureEdge(NamedTuple):
    upstream: str
    downstream: str
    kind: EdgeKind = EdgeKind.DEPENDENCY


class Picture(NamedTuple):
    """Nodes in order of the file, then of the splices; edges by downstream node, placeholders last. Acyclic."""

    title: str
    nodes: tuple[PictureNode, ...]
    edges: tuple[PictureEdge, ...] = ()
    critical: tuple[str, ...] = ()
    """The ids on the critical path, first to last; empty when it was not asked for."""
    description: str = ""

    @property
    def looks(self) -> dict[str, int]:
        """How many tasks look how, where they have a status."""
        counts: dict[str, int] = {}
        for node in self.nodes:
            for look, count in (node.counts or ({node.look: 1} if node.look else {})).items():
                counts[look] = counts.get(look, 0) + count
        return counts


def picture_of_workflow(
    workflow: Workflow, critical: tuple[str, ...] = (), durations: Mapping[str, float] | None = None
) -> Picture:
    """Return the graph as written, with a placeholder for whatever its tasks may queue.

    `critical` is the critical path, where it is to be marked; `durations` are the seconds that tasks took before, shown
    beside their labels.
    """
    seconds, default = durations or {}, default_ids(workflow)
    nodes = [
        PictureNode(
            id=task.id,
            label=f"{task.id} ({task.label})" if task.label else task.id,
            note=", ".join(_notes(task, default, seconds.get(task.id))),
            description=task.description,
            details=task_details(task),
        )
        for task in workflow.tasks.values()
    ]
    edges = [
        PictureEdge(upstream, task.id, kind)
        for task in workflow.tasks.values()
        for upstream, kind in _upstream(task).items()
        if upstream in workflow.tasks
    ]
    growing = [task for task in workflow.tasks.values() if task.queue]
    more_nodes, more_edges = placeholders(growing, workflow.templates, edges)
    return Picture(
        title=workflow.name,
        nodes=(*nodes, *more_nodes),
        edges=(*edges, *more_edges),
        critical=critical,
        description=workflow.description,
    )


def _notes(task: Task, default: Container[str], seconds: float | None) -> Iterator[str]:
    if task.id in default:
        yield "default"
    if task.manual:
        yield "manual"
    if seconds is not None:
        yield f"~{short_duration(seconds)}"


def _upstream(task: Task) -> dict[str, EdgeKind]:
    needed = {dependency.task: edge_kind(dependency) for dependency in task.dependencies}
    return {**needed, **{id_: EdgeKind.AFTER for id_ in task.after if id_ not in needed}} if task.after else needed


def edge_kind(dependency: Dependency) -> EdgeKind:
    if dependency.allow_failure:
        return EdgeKind.TOLERANT
    return EdgeKind.FILES if dependency.from_files else EdgeKind.DEPENDENCY


def placeholders(
    emitters: Sequence[Task], templates: Mapping[str, Task], edges: Sequence[PictureEdge]
) -> tuple[list[PictureNode], list[PictureEdge]]:
    """Return a placeholder for each template that each emitter may queue, between it and all that is downstream of it.

    A template that may queue others leads to placeholders of its own, each template once per emitter.
    """
    downstream: dict[str, list[str]] = {task.id: [] for task in emitters}
    for edge in edges:
        if edge.upstream in downstream:
            downstream[edge.upstream].append(edge.downstream)
    nodes: list[PictureNode] = []
    grown: list[PictureEdge] = []
    for emitter in emitters:
        for above, template in _queueable(emitter, templates):
            node = _placeholder(emitter, template, templates)
            nodes.append(node)
            origin = above.id if above is emitter else _placeholder_id(emitter, above.id)
            grown.append(PictureEdge(origin, node.id, EdgeKind.MAY_GROW))
            grown += [PictureEdge(node.id, below, EdgeKind.MAY_GROW) for below in downstream[emitter.id]]
    return nodes, grown


def _queueable(emitter: Task, templates: Mapping[str, Task]) -> Iterator[tuple[Task, str | None]]:
    """Yield (who queues, template) breadth first, each template once; None stands for any task at all."""
    seen: set[str | None] = set()
    emitters = [emitter]
    for task in emitters:
        assert task.queue is not None
        for name in (None,) if task.queue.templates is None else task.queue.templates:
            if name in seen:
                continue
            seen.add(name)
            yield task, name
            template = templates.get(name) if name else None
            if template and template.queue:
                emitters.append(template)


def _placeholder_id(emitter: Task, template: str | None) -> str:
    # Only in its brackets can an id hold a space, and then it ends in one: this clashes with none.
    return f"{emitter.id} + {template or '*'}"


def _placeholder(emitter: Task, name: str | None, templates: Mapping[str, Task]) -> PictureNode:
    template = templates.get(name) if name else None
    return PictureNode(
        id=_placeholder_id(emitter, name),
        label=f"{name or 'any task'} {TIMES} n",
        kind=NodeKind.TEMPLATE,
        queued_by=emitter.id,
        note="may grow, recursively" if template and _may_queue(template, template.id) else "may grow",
        description=template.description if template else "",
        details=task_details(template) if template else {},
    )


def _may_queue(task: Task, template: str) -> bool:
    return task.queue is not None and (task.queue.templates is None or template in task.queue.templates)


def task_details(task: Task) -> dict[str, str]:
    """Return what a task says beyond its id and dependencies, as texts; what is left at its default is left out."""
    details = {
        "command": task.action.as_typed(),
        "trigger rule": "" if task.trigger_rule is TriggerRule.ALL_SUCCESS else str(task.trigger_rule),
        "when": task.when.as_typed() if isinstance(task.when, Condition) else task.when or "",
        "preconditions": ", ".join(one.as_typed() for one in task.preconditions),
        "pool": f"{task.pool} ({task.pool_slots} slots)" if task.pool and task.pool_slots > 1 else task.pool or "",
        "retries": _retries_text(task),
        "timeout": short_duration(task.execution_timeout) if task.execution_timeout else "",
        "priority": str(task.priority_weight) if task.priority_weight != 1 else "",
        "failure": _allowed_text(task),
        "may queue": _permission_text(task),
        "matrix": _pairs(task.matrix),
        "template": task.template or "",
        "with": _pairs(task.with_),
        "working directory": task.cwd or "",
        "tags": ", ".join(task.tags),
    }
    details.update((_DETAIL_OF.get(key, key), text) for key, text in task.numbers.items() if key in _DETAIL_OF)
    return {name: text for name, text in details.items() if text}


_DETAIL_OF = {"retries": "retries", "execution_timeout": "timeout"}
"""What of the numbers that only a run knows is told as it is written."""


def _retries_text(task: Task) -> str:
    if not task.retries:
        return ""
    return f"{task.retries}, {short_duration(task.retry_delay)} apart" if task.retry_delay else str(task.retries)


def _allowed_text(task: Task) -> str:
    if isinstance(task.allow_failure, bool):
        return "allowed" if task.allow_failure else ""
    return f"allowed with exit code {', '.join(map(str, task.allow_failure))}"


def _permission_text(task: Task) -> str:
    if task.queue is None:
        return ""
    what = "any task" if task.queue.templates is None else ", ".join(task.queue.templates)
    return f"{what} (while it runs)" if task.queue.when is SpliceMoment.LINE else what


def _pairs(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())
