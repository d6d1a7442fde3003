"""A workflow file into a Workflow: read, validate, check, build. Reports every mistake at once.

Cycles are not seen here: that takes a graph, and `airexec.graph.read` does both.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from airexec.workflow.arguments import Arguments, with_defaults
from airexec.workflow.build import build_params, settings, task_defaults, texts
from airexec.workflow.diagnostics import Finding
from airexec.workflow.expand import Expanded, expand
from airexec.workflow.find import FILE_NAMES, STDIN, absolute, project_root
from airexec.workflow.model import FileAxis, IncludedFile, Workflow
from airexec.workflow.schema.failure import Failure
from airexec.workflow.schema.published import failures
from airexec.workflow.yaml.nodes import Document, read_yaml
from airexec.workflow.yaml.places import Places
from airexec.workflow.yaml.source import Source

if TYPE_CHECKING:
    from airexec.workflow.schema.words import Problem

_EXAMPLE = "the smallest workflow is  tasks: {hello: {command: echo hello}}"


class Loaded(NamedTuple):
    """What came of a file: no `workflow` when `findings` has an error, no `places` when it is not even a YAML map."""

    workflow: Workflow | None
    findings: list[Finding]
    places: Places | None
    tasks: Expanded
    """The tasks as far as they can be told, for further checks; tasks with mistakes lack what is wrong."""
    source: Source
    """What the findings are places in: the text of the file, or of several."""
    files: tuple[IncludedFile, ...] = ()
    """What the file includes, whether it could be read or not."""


def load(source: Source, path: Path) -> Loaded:
    """Return the workflow that a file's text describes, with all that is to be said about it."""
    findings: list[Finding] = []
    document = read_yaml(source.text, findings)
    if document is None:
        if not findings:
            findings.append(Finding(0, "the file is empty", _EXAMPLE, end=1))
        return Loaded(None, findings, None, Expanded({}, {}), source)
    if isinstance(document.value, dict) and "include" in document.value:
        return _load_several(document, source, path, findings)
    places = Places(document, source)
    broken = _broken(document, places, findings)
    if not isinstance(document.value, dict):
        return Loaded(None, findings, None, Expanded({}, {}), source)
    return _load(_without(document.value, broken) if broken else document.value, places, path, findings)


def _load_several(document: Document, source: Source, path: Path, findings: list[Finding]) -> Loaded:
    """Return the workflow that a file and what it includes describe together."""
    from airexec.workflow.include import defined_twice, is_missing_names, is_of_include, merged, with_included

    whole = with_included(document, source, path, findings)
    broken = [_broken(one, Places(one, whole.source), findings) for one in whole.documents]
    findings += defined_twice(whole.documents)
    together = merged(whole.documents)
    places = Places(together, whole.source)
    if not whole.is_whole or any(map(is_missing_names, broken[:-1])) or any(map(is_of_include, broken[-1])):
        return Loaded(None, findings, places, Expanded({}, {}), whole.source, whole.files)
    if "tasks" not in together.value:
        findings.append(Finding(places.value(()), "there is no task, here or in what is included", "add tasks:"))
    data = together.value
    if any(broken):
        checked = [
            one._replace(value=_without(one.value, its) if its else one.value)
            for one, its in zip(whole.documents, broken, strict=True)
        ]
        data = merged(checked).value
    loaded = _load(data, places, path, findings)
    workflow = loaded.workflow and loaded.workflow._replace(files=whole.files)
    return loaded._replace(workflow=workflow, files=whole.files)


def _broken(document: Document, places: Places, findings: list[Finding]) -> list[Failure]:
    """Return which rules of the schema a document breaks, and say it in `findings`."""
    broken = failures("workflow", document.value)
    unreadable = {found.start for found in findings}
    findings += [found for found in _located(broken, places) if found.start not in unreadable]
    return broken


def _load(data: dict[str, Any], places: Places, path: Path, findings: list[Finding]) -> Loaded:
    """Return the workflow of data without what breaks the schema; `places` are those of all data."""
    source = places.source
    axes = _file_axes(data, places, path, findings)
    from airexec.workflow.check.arguments import arguments_of
    from airexec.workflow.check.check import check
    from airexec.workflow.check.matrices import too_large_graph

    if (too_big := too_large_graph(data, places)) is not None:
        return Loaded(None, [*findings, too_big], places, Expanded({}, {}), source)
    arguments = arguments_of(data) if "templates" in data else {}
    findings += check(data, places.data, places, data.get("name", job_name(path)), arguments)
    tasks = _expanded(data, places, arguments)
    if any(task.generates for task in tasks.tasks.values()):
        tasks = _with_files(tasks, data, places, path, findings)
    is_good = not any(found.severity == "error" for found in findings)
    workflow = _workflow(data, tasks, places, path)._replace(axes=axes, arguments=arguments) if is_good else None
    return Loaded(workflow, findings, places, tasks, source)


def _file_axes(data: dict[str, Any], places: Places, path: Path, findings: list[Finding]) -> tuple[FileAxis, ...]:
    """Put the files into `data` for which the matrices of tasks ask, and return what they are."""
    axes = []
    for section in ("tasks", "templates"):
        for task_id, fields in data.get(section, {}).items():
            matrix = fields.get("matrix", {})
            for key, values in matrix.items():
                if key not in ("include", "exclude") and isinstance(values, dict):
                    axes.append(_file_axis(path, data.get("cwd", "."), fields.get("cwd", "."), values["files"]))
                    fields["matrix"] = {**fields["matrix"], key: list(axes[-1].files)}
                    findings += _missing(axes[-1], places.value((section, task_id, "matrix", key)))
                    if not axes[-1].files:
                        message = f"no file matches {', '.join(axes[-1].globs)} in {axes[-1].folder}"
                        findings.append(Finding(places.value((section, task_id, "matrix", key)), message))
    return tuple(axes)


def _missing(axis: FileAxis, at: int) -> Iterator[Finding]:
    """Yield an error for each file that an axis names, and that is not there, while others are."""
    from glob import has_magic

    from airexec.workflow.check.file_patterns import BRACES

    for glob in axis.globs if axis.files else ():
        if glob.startswith("!") or os.path.exists(os.path.join(axis.folder, glob)):
            continue
        if BRACES.search(glob):
            yield Finding(at, f"braces mean nothing in {glob}", "write a pattern for each of what they list")
        elif not has_magic(glob):
            yield Finding(at, f"no file {glob} is in {axis.folder}")


def _file_axis(path: Path, cwd: str, of_task: str, globs: str | list[str]) -> FileAxis:
    from airexec.workflow.globs import matching_below

    literal = [part for part in (cwd, of_task) if "{{" not in part]
    folder = os.path.normpath(os.path.join(os.path.dirname(absolute(path)), *literal))
    patterns = texts(globs)
    return FileAxis(folder, patterns, tuple(matching_below(patterns, folder)))


def _with_files(tasks: Expanded, data: dict[str, Any], places: Places, path: Path, findings: list[Finding]) -> Expanded:
    """Return the tasks with the edges that follow from files."""
    from airexec.workflow.file_edges import with_file_edges

    params = {name: it["default"] for name, it in build_params(data.get("params", {})).items() if "default" in it}
    folder = os.path.dirname(absolute(path))
    linked, clashes = with_file_edges(tasks.tasks, params, folder, data.get("cwd", "."))
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
    templates = expand(
        data.get("templates", {}), defaults, lambda name: places.location(("templates", name)), tasks.groups
    )
    return Workflow(
        name=data.get("name", job_name(path)),
        path=absolute(path),
        tasks=tasks.tasks,
        templates=templates.tasks,
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


def _expanded(data: dict[str, Any], places: Places, arguments: Mapping[str, Arguments]) -> Expanded:
    defaults = task_defaults(data)
    templates = expand(data.get("templates", {}), defaults, lambda name: places.location(("templates", name)))
    found = expand(
        data.get("tasks", {}),
        defaults,
        lambda task_id: places.location(("tasks", task_id)),
        templates=templates.tasks,
    )
    called = {
        task.id: task._replace(with_=with_defaults(task.with_, arguments.get(task.template)))
        for task in found.tasks.values()
        if task.template is not None
    }
    return found._replace(tasks={**found.tasks, **called}) if called else found


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
        if failure.keyword == "propertyNames" or (failure.keyword in ("required", "oneOf") and len(failure.path) <= 2):
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
