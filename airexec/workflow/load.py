"""A workflow file into a Workflow: read, validate, check, build. Reports every mistake at once.

Cycles are not seen here: that takes a graph, and `airexec.graph.read` does both.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airexec.workflow.arguments import Arguments, with_defaults
from airexec.workflow.axes import Axes, written_out
from airexec.workflow.build import build_params, settings, task_defaults
from airexec.workflow.diagnostics import Finding
from airexec.workflow.expand import Expanded, as_written, expand_written
from airexec.workflow.find import FILE_NAMES, STDIN, absolute, project_root
from airexec.workflow.loaded import Loaded
from airexec.workflow.model import Node, Task, Workflow
from airexec.workflow.node_files import Inner, Way, has_nodes, read_nodes
from airexec.workflow.numbers import OF_WORKFLOWS, templates_in
from airexec.workflow.open_axes import defaults_of
from airexec.workflow.schema.failure import Failure
from airexec.workflow.schema.published import failures
from airexec.workflow.yaml.nodes import Document, read_yaml
from airexec.workflow.yaml.places import Places
from airexec.workflow.yaml.source import Source

if TYPE_CHECKING:
    from airexec.workflow.compose import Composed
    from airexec.workflow.schema.words import Problem

_EXAMPLE = "the smallest workflow is  tasks: {hello: {command: echo hello}}"


def load(source: Source, path: Path, way: Way = ()) -> Loaded:
    """Return the workflow that a file's text describes, with all that is to be said about it; `way` leads to it."""
    findings: list[Finding] = []
    document = read_yaml(source.text, findings)
    if document is None:
        if not findings:
            findings.append(Finding(0, "the file is empty", _EXAMPLE, end=1))
        return Loaded(None, findings, None, Expanded({}, {}), source)
    if isinstance(document.value, dict) and "include" in document.value:
        return _load_several(document, source, path, findings, way)
    places = Places(document, source)
    broken = _broken(document, places, findings)
    if not isinstance(document.value, dict):
        return Loaded(None, findings, None, Expanded({}, {}), source)
    return _load(_without(document.value, broken) if broken else document.value, places, path, findings, way)


def _load_several(document: Document, source: Source, path: Path, findings: list[Finding], way: Way) -> Loaded:
    """Return the workflow that a file and what it includes describe together."""
    from airexec.workflow.include import defined_twice, is_missing_names, is_of_include, merged, with_included

    whole = with_included(document, source, path, findings)
    broken = [_broken(one, Places(one, whole.source), findings) for one in whole.documents]
    findings += defined_twice(whole.documents)
    together = merged(whole.documents)
    places = Places(together, whole.source)
    if not whole.is_whole or any(map(is_missing_names, broken[:-1])) or any(map(is_of_include, broken[-1])):
        return Loaded(None, findings, places, Expanded({}, {}), whole.source, (), whole.files)
    if "tasks" not in together.value:
        findings.append(Finding(places.value(()), "there is no task, here or in what is included", "add tasks:"))
    data = together.value
    if any(broken):
        checked = [
            one._replace(value=_without(one.value, its) if its else one.value)
            for one, its in zip(whole.documents, broken, strict=True)
        ]
        data = merged(checked).value
    loaded = _load(data, places, path, findings, way)
    files = (*whole.files, *loaded.files)
    workflow = loaded.workflow and loaded.workflow._replace(files=files)
    return loaded._replace(workflow=workflow, files=files)


def _broken(document: Document, places: Places, findings: list[Finding]) -> list[Failure]:
    """Return which rules of the schema a document breaks, and say it in `findings`."""
    broken = failures("workflow", document.value)
    unreadable = {found.start for found in findings}
    findings += [found for found in _located(broken, places) if found.start not in unreadable]
    return broken


def _load(data: dict[str, Any], places: Places, path: Path, findings: list[Finding], way: Way) -> Loaded:
    """Return the workflow of data without what breaks the schema; `places` are those of all data."""
    source = places.source
    axes = written_out(data, places, path)
    data = axes.data
    findings += axes.findings
    from airexec.workflow.check.arguments import arguments_of
    from airexec.workflow.check.check import check
    from airexec.workflow.check.matrices import too_large_graph

    if (too_big := too_large_graph(data, places)) is not None:
        return Loaded(None, [*findings, too_big], places, Expanded({}, {}), source)
    arguments = arguments_of(data) if "templates" in data else {}
    inner = read_nodes(data, places, path, way, findings, load) if has_nodes(data) else Inner({}, (), ())
    names = {name: (*workflow.tasks, *workflow.groups) for name, workflow in inner.workflows.items()}
    findings += check(data, places.data, places, data.get("name", job_name(path)), arguments, names)
    written = _as_written(data, places, arguments)
    tasks = expand_written(written)
    composed = None
    if inner.workflows:
        from airexec.workflow.compose import clashes, compose

        for node, id_ in clashes(tasks.tasks, data["tasks"], inner.workflows):
            message = f"'{id_}' in this node is the id of another task, too"
            findings.append(Finding(places.key(("tasks", node)), message, "give one of them another id"))
        composed = compose(tasks, data["tasks"], inner.workflows)
        tasks = composed.tasks
    if any(task.generates for task in tasks.tasks.values()):
        nodes = composed.nodes if composed else {}
        tasks = _with_files(tasks, data, places, path, findings, nodes)
    if templates_in(data, OF_WORKFLOWS) or any(task.numbers for task in tasks.tasks.values()):
        from airexec.workflow.check.numbers import check_numbers

        findings += check_numbers(data, tasks, places)
    severities = {*(found.severity for found in findings), *(found.severity for found in inner.diagnostics)}
    if "error" in severities:
        return Loaded(None, findings, places, tasks, source, inner.diagnostics, inner.files)
    workflow = _workflow(data, tasks, places, path)._replace(
        axes=axes.files, unexpanded=_open(written, axes), arguments=arguments
    )
    if composed is not None:
        workflow = _with_nodes(workflow, composed, inner)
    return Loaded(workflow, findings, places, tasks, source, inner.diagnostics, inner.files)


def _with_nodes(workflow: Workflow, composed: "Composed", inner: Inner) -> Workflow:
    """Return the workflow with what its nodes bring besides their tasks."""
    axes = [axis for one in inner.workflows.values() for axis in one.axes]
    return workflow._replace(
        nodes=composed.nodes,
        templates={**workflow.templates, **composed.templates},
        arguments={**workflow.arguments, **composed.arguments},
        pools={**composed.pools, **workflow.pools},
        axes=(*workflow.axes, *axes),
        files=inner.files,
    )


def _with_files(
    tasks: Expanded,
    data: dict[str, Any],
    places: Places,
    path: Path,
    findings: list[Finding],
    nodes: Mapping[str, Node],
) -> Expanded:
    """Return the tasks with the edges that follow from files."""
    from airexec.workflow.file_edges import with_file_edges

    params = defaults_of(build_params(data.get("params", {})))
    folder = os.path.dirname(absolute(path))
    scopes = {}
    if nodes:
        from airexec.workflow.compose import default_scopes

        scopes = default_scopes(nodes, params)
    linked, clashes = with_file_edges(tasks.tasks, params, folder, data.get("cwd", "."), scopes)
    bare = {instance: name for name, several in tasks.groups.items() for instance in several}
    seen: set[tuple[str, str]] = set()
    for clash in clashes:
        first, second = bare.get(clash.first, clash.first), bare.get(clash.second, clash.second)
        if (first, second) in seen:
            continue
        seen.add((first, second))
        who = f"task '{second}' generates {clash.path}"
        if first == second:
            message, hint = f"{who} in more than one of its instances", "let a value of its matrix be in the path"
        else:
            message = f"{who}, and so does '{first}' ({places.shown(('tasks', first))})"
            hint = "nobody could say whose it is"
        findings.append(Finding(places.value(("tasks", second, "generates")), message, hint))
    return tasks._replace(tasks=linked)


def _workflow(data: dict[str, Any], tasks: Expanded, places: Places, path: Path) -> Workflow:
    defaults = task_defaults(data)
    return Workflow(
        name=data.get("name", job_name(path)),
        path=absolute(path),
        tasks=tasks.tasks,
        templates=_templates(data, places),
        default_env=dict(data.get("default_args", {}).get("env", {})),
        default_args=defaults,
        groups=tasks.groups,
        **settings(data),
    )


def job_name(path: Path) -> str:
    """Return the name of a job whose file does not say one: the file's stem, `etl` for `etl.airexec.yml`.

    A file that is found by its name, such as `airexec.yml`, says little with it: below the root of the project its job
    is called as its folder.
    """
    import re

    stem = path.name if path.name != STDIN else "stdin"
    if stem in FILE_NAMES and (folder := os.path.dirname(os.path.abspath(path))) != project_root(path):
        stem = os.path.basename(folder)
    for ending in (".yml", ".yaml", ".json", ".airexec"):
        stem = stem.removesuffix(ending)
    return re.sub(r"[^A-Za-z0-9_.-]", "_", stem).lstrip(".-")[:128] or "workflow"


def _templates(data: dict[str, Any], places: Places) -> dict[str, Task]:
    """Return the templates of a file; their `params` are no params of tasks."""
    fields = {
        name: {key: value for key, value in fields.items() if key != "params"}
        for name, fields in data.get("templates", {}).items()
    }
    return as_written(fields, task_defaults(data), lambda name: places.location(("templates", name)))


def _as_written(data: dict[str, Any], places: Places, arguments: Mapping[str, Arguments]) -> dict[str, Task]:
    written = as_written(
        {task_id: fields for task_id, fields in data.get("tasks", {}).items() if "workflow" not in fields},
        task_defaults(data),
        lambda task_id: places.location(("tasks", task_id)),
        _templates(data, places),
    )
    called = {
        task.id: task._replace(with_=with_defaults(task.with_, arguments.get(task.template)))
        for task in written.values()
        if task.template is not None
    }
    return {**written, **called} if called else written


def _open(written: dict[str, Task], axes: Axes) -> dict[str, Task]:
    """Return the tasks as they are written, open axes included; none where there is no such axis."""
    if not axes.open:
        return {}
    return {task_id: task._replace(matrix=axes.open.get(task_id, task.matrix)) for task_id, task in written.items()}


def _located(broken: list[Failure], places: Places) -> Iterable[Finding]:
    if not broken:
        return []
    from airexec.workflow.check.check import MISTAKES_MAX
    from airexec.workflow.schema.words import explain

    return [_finding(problem, places) for problem in explain(broken[:MISTAKES_MAX], places.written)]


def _finding(problem: "Problem", places: Places) -> Finding:
    start = places.key(problem.path) if problem.at_key else places.value(problem.path)
    return Finding(start, problem.message, problem.hint, related=places.borrowed(problem.path))


def _without(data: dict[str, Any], broken: list[Failure]) -> dict[str, Any]:
    """Return the data without what breaks the schema, so that the rest can be checked and nothing is said twice."""
    from copy import deepcopy

    rest: dict[str, Any] = deepcopy(data)
    for failure in broken:
        of_task = len(failure.path) == 2 and failure.path[0] in _NAMED
        is_lack = failure.keyword in ("required", "oneOf")
        if failure.keyword == "propertyNames" or (is_lack and (of_task or not failure.path)):
            continue  # a task of a bad name, or without a command, can still be checked for all else
        _drop(rest, failure.path)
    return rest


_NAMED = ("tasks", "templates")
_TABLES = ("pools", "params", "env", "default_args")


def _drop(data: dict[str, Any], path: tuple[str | int, ...]) -> None:
    top = path[0] if path else ""
    if top in _NAMED and len(path) == 2:
        data[str(top)][path[1]] = {}  # the name stays known
        return
    depth = 3 if top in _NAMED else 2 if top in _TABLES else 1
    *parents, last = path[:depth]
    parent: Any = data
    for part in parents:
        parent = parent.get(part, {})
    parent.pop(last, None)
