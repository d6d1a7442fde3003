"""Workflows as nodes of others: the tasks of a whole file under the name of the node, in a scope of their own.

Works on workflows that have been read and checked; reads no file.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from airexec.errors import AirexecError
from airexec.workflow.build import Fields, dependencies, texts
from airexec.workflow.expand import Expanded, with_groups_resolved
from airexec.workflow.matrix import combinations, instance_id, is_too_large, matching_id
from airexec.workflow.model import (
    Argument,
    Node,
    QueuePermission,
    Scope,
    Task,
    TriggerRule,
    Workflow,
    default_ids,
)
from airexec.workflow.template.templates import Templates


class Composed(NamedTuple):
    """What a file says, with its nodes in it."""

    tasks: Expanded
    nodes: dict[str, Node]
    """By the name of its scope, outer ones first."""
    templates: dict[str, Task]
    """Those of the nodes, by full name."""
    arguments: dict[str, Mapping[str, Argument]]
    pools: dict[str, int]


def compose(own: Expanded, fields: Fields, inner: Mapping[str, Workflow]) -> Composed:
    """Return the tasks `own` of a file with those of its nodes among them, in order of the file.

    `fields` are its `tasks` as data, `inner` the workflows of those that are nodes, by id.
    """
    result = Composed(Expanded({}, dict(own.groups)), {}, {}, {}, {})
    tasks, groups = result.tasks.tasks, dict(own.groups)
    for task_id, data in fields.items():
        if task_id not in inner:
            ids = groups.get(task_id, (task_id,))
            tasks.update((one, own.tasks[one]) for one in ids if one in own.tasks)
            continue
        taken: list[str] = []
        for name, matrix in _instances(task_id, data):
            part = _part(name, matrix, data, inner[task_id], result)
            tasks.update(part.tasks)
            groups.update(part.groups)
            taken += part.groups[name]
        groups[task_id] = tuple(taken)
    return result._replace(tasks=with_groups_resolved(Expanded(tasks, groups)))


def clashes(own: Iterable[str], fields: Fields, inner: Mapping[str, Workflow]) -> Iterator[tuple[str, str]]:
    """Yield (node, id) for each task or node of a node whose id is that of something else; `own` are the ids of tasks
    that are none."""
    seen = {*own, *(name for name in fields if name in inner)}
    for task_id, workflow in inner.items():
        for name, _ in _instances(task_id, fields[task_id]):
            for id_ in (*workflow.tasks, *workflow.nodes):
                if (full := f"{name}.{id_}") in seen:
                    yield task_id, full
                seen.add(full)


def default_scopes(nodes: Mapping[str, Node], params: Mapping[str, Any]) -> dict[str, Scope]:
    """Return the scopes of nodes by name, as far as the defaults of params tell them."""
    templates, scopes = Templates(), dict[str, Scope]()
    for name, node in nodes.items():
        context = {"params": scopes[node.outer].params if node.outer else params, "matrix": node.matrix}
        values = {param: schema["default"] for param, schema in node.params.items() if "default" in schema}
        for param, value in node.given.items():
            with suppress(AirexecError):
                values[param] = templates.value(value, context)
        scopes[name] = Scope(node.path.rpartition("/")[0] or "/", values, cwd=node.cwd)
    return scopes


def _instances(task_id: str, data: Fields) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """Return the names of the scopes of a node, each with the values of its matrix."""
    if "matrix" not in data:
        return [(task_id, {})]
    matrix = data["matrix"]
    return [] if is_too_large(matrix) else [(instance_id(task_id, matrix, it), it) for it in combinations(matrix)]


def _part(name: str, matrix: Mapping[str, Any], data: Fields, inner: Workflow, result: Composed) -> Expanded:
    """Return the tasks of one node, and put what else it brings into `result`."""
    result.nodes[name] = Node(
        path=inner.path,
        outer="",
        given=dict(data.get("params", {})),
        matrix=matrix,
        when=_when(data.get("when")),
        params=inner.params,
        vars=inner.vars,
        env=(inner.env_file, inner.env, inner.default_env),
        cwd=inner.cwd,
        secrets=inner.secrets,
        default_args=inner.default_args,
    )
    for scope, node in inner.nodes.items():
        result.nodes[f"{name}.{scope}"] = node._replace(outer=f"{name}.{node.outer}" if node.outer else name)
    for pool, slots in inner.pools.items():
        result.pools[pool] = min(slots, result.pools.get(pool, slots))
    for template in inner.templates.values():
        full = f"{name}.{template.id}"
        result.templates[full] = _renamed(template, name, inner)
        if template.id in inner.arguments:
            result.arguments[full] = inner.arguments[template.id]
    return Expanded(*_tasks(name, matrix, data, inner))


def _when(value: Any) -> str | None:
    """Return an expression; a map is none, which has been said."""
    if value is None or isinstance(value, Mapping):
        return None
    return value if isinstance(value, str) else str(value).lower()


def _tasks(
    name: str, matrix: Mapping[str, Any], data: Fields, inner: Workflow
) -> tuple[dict[str, Task], dict[str, tuple[str, ...]]]:
    before = tuple(
        it._replace(task=matching_id(it.task, matrix)) if "{{" in it.task else it
        for it in dependencies(data.get("dependencies", ()))
    )
    after = texts(data.get("after", ()))
    rule = TriggerRule(data.get("trigger_rule", TriggerRule.ALL_SUCCESS))
    chosen = _taken(inner)
    tasks = {}
    for task in inner.tasks.values():
        renamed = _renamed(task, name, inner)
        if not task.dependencies:
            renamed = renamed._replace(after=(*after, *renamed.after))
            if before:
                renamed = renamed._replace(dependencies=before, trigger_rule=rule)
        is_manual = task.id not in chosen or data.get("manual", False)
        of_node = data.get("tags", ()) if task.id in chosen else ()
        tags = tuple(dict.fromkeys((*of_node, *task.tags)))
        tasks[renamed.id] = renamed._replace(manual=is_manual, tags=tags)
    groups = {f"{name}.{bare}": tuple(f"{name}.{one}" for one in ids) for bare, ids in inner.groups.items()}
    groups[name] = tuple(f"{name}.{one}" for one in inner.tasks if one in chosen)
    return tasks, groups


def _taken(inner: Workflow) -> frozenset[str]:
    """Return the tasks that a run of the file by itself would take, when it names none."""
    wanted = list(default_ids(inner) or (task.id for task in inner.tasks.values() if not task.manual))
    taken: set[str] = set()
    while wanted:
        task_id = wanted.pop()
        if task_id not in taken and task_id in inner.tasks:
            taken.add(task_id)
            wanted += [dependency.task for dependency in inner.tasks[task_id].dependencies]
    return frozenset(taken)


def _renamed(task: Task, name: str, inner: Workflow) -> Task:
    """Return a task of a file as one of a node: its names are below that of the node, and it knows its file."""

    def full(own: str) -> str:
        return f"{name}.{own}"

    queue = task.queue
    if queue is not None and queue.templates is not None:
        queue = QueuePermission(tuple(map(full, queue.templates)), queue.when)
    place = task.location
    return task._replace(
        id=full(task.id),
        dependencies=tuple(it._replace(task=full(it.task)) for it in task.dependencies),
        after=tuple(map(full, task.after)),
        queue=queue,
        template=None if task.template is None else full(task.template),
        secrets=task.secrets if task.scope else tuple(dict.fromkeys((*inner.secrets, *task.secrets))),
        scope=full(task.scope) if task.scope else name,
        location=place._replace(file=inner.path) if place is not None and not place.file else place,
    )
