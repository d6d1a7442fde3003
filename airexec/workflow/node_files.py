"""Reads the files that are nodes of another, each once, and says what is wrong in them and with how they are called."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from airexec.errors import UsageError
from airexec.workflow.arguments import declared, missing, unknown, wrong_values
from airexec.workflow.build import Fields
from airexec.workflow.diagnostics import Diagnostic, Finding
from airexec.workflow.find import absolute, find_workflow
from airexec.workflow.included import included
from airexec.workflow.loaded import Loaded
from airexec.workflow.matrix import INSTANCES_MAX, size
from airexec.workflow.model import IncludedFile, Task, Workflow
from airexec.workflow.wording import did_you_mean, quoted
from airexec.workflow.yaml.places import Places
from airexec.workflow.yaml.source import Source, read_source

TASKS_MAX = 100_000


class Step(NamedTuple):
    """A place that leads from one file to another."""

    file: str
    """Absolute."""
    shown: str
    """`file:line:col` of the place."""


Way = tuple[Step, ...]
Load = Callable[[Source, Path, Way], Loaded]


class Inner(NamedTuple):
    """The files that are nodes of another."""

    workflows: dict[str, Workflow]
    """By the id of the node, of those that are good."""
    diagnostics: tuple[Diagnostic, ...]
    files: tuple[IncludedFile, ...]


def has_nodes(data: Fields) -> bool:
    """Return whether a file has another one as a node."""
    return any("workflow" in fields for fields in data.get("tasks", {}).values())


def read_nodes(data: Fields, places: Places, path: Path, way: Way, findings: list[Finding], load: Load) -> Inner:
    """Return what the nodes of a file are made of; what is wrong with a call is put into `findings`."""
    reader = _Reader(places, path, way, findings, load)
    tasks = {name: fields for name, fields in data.get("tasks", {}).items() if "workflow" in fields}
    workflows = {name: found for name, fields in tasks.items() if (found := reader.node(name, fields)) is not None}
    count = sum(len(inner.tasks) * _instances(tasks[name]) for name, inner in workflows.items())
    if count > TASKS_MAX:
        first = next(iter(workflows))
        findings.append(Finding(places.key(("tasks", first)), f"a workflow may have {TASKS_MAX} tasks; here {count}"))
        return Inner({}, (), ())
    return Inner(workflows, tuple(reader.diagnostics), tuple(dict.fromkeys(reader.files)))


def _instances(fields: Fields) -> int:
    return min(size(fields["matrix"]), INSTANCES_MAX) if "matrix" in fields else 1


class _Reader:
    def __init__(self, places: Places, path: Path, way: Way, findings: list[Finding], load: Load) -> None:
        self._places = places
        self._own = absolute(path)
        self._way = way
        self._findings = findings
        self._load = load
        self._known: dict[str, Workflow | None] = {}
        self.diagnostics: list[Diagnostic] = []
        self.files: list[IncludedFile] = []

    def node(self, name: str, fields: Fields) -> Workflow | None:
        """Return the workflow of a node; None when it cannot be had, which is said."""
        place = ("tasks", name, "workflow")
        written = fields["workflow"]
        shown = os.path.normpath(os.path.join(os.path.dirname(self._places.source.shown_as), written))
        file = os.path.normpath(os.path.join(os.path.dirname(self._own), written))
        try:
            if os.path.isdir(file):
                found = os.path.basename(find_workflow(file))
                file, shown = f"{file}/{found}", f"{shown}/{found}"
            if file not in self._known:
                self._known[file] = None
                self._known[file] = self._read(file, shown, self._places.shown(place))
        except UsageError as error:
            self._findings.append(Finding(self._places.value(place), error.headline, error.hint))
            return None
        workflow = self._known[file]
        if workflow is not None:
            self._findings += self._call(name, fields, workflow)
        return workflow

    def _read(self, file: str, shown: str, where: str) -> Workflow | None:
        """Return the workflow of a file, None when it is wrong. Raises UsageError."""
        way = (*self._way, Step(self._own, where))
        if any(os.path.realpath(step.file) == os.path.realpath(file) for step in way):
            circle = " → ".join(os.path.basename(one) for one in (*(step.file for step in way), file))
            raise UsageError(f"files are nodes of each other in a circle: {circle}")
        findings: list[Finding] = []
        source = read_source(Path(file), shown, findings)
        if findings:
            self._say(source.diagnostics(findings), way)
            return None
        loaded = self._load(source, Path(file), way)
        circles = _circles(loaded)
        self._say(loaded.source.diagnostics([*loaded.findings, *circles]), way)
        self.diagnostics += loaded.inside
        self.files += [included(file), *loaded.files]
        if loaded.workflow is None or circles:
            return None
        return loaded.workflow

    def _say(self, diagnostics: list[Diagnostic], way: Way) -> None:
        steps = tuple(step.shown for step in reversed(way))
        self.diagnostics += [one._replace(way=steps) for one in diagnostics]

    def _call(self, name: str, fields: Fields, inner: Workflow) -> Iterator[Finding]:
        """Yield what is wrong with the params that a node gives its file."""
        if isinstance(fields.get("when"), Mapping):
            message, hint = "the 'when' of a file is an expression", "ask a command in a task of that file"
            yield Finding(self._places.value(("tasks", name, "when")), message, hint)
        given: Mapping[str, Any] = fields.get("params", {})
        axes = [axis for task in inner.unexpanded.values() for axis in task.matrix.values() if isinstance(axis, str)]
        for param in given:
            if any(re.search(rf"\b{param}\b", axis) for axis in axes):
                message = f"param {quoted(param)} makes a matrix in {fields['workflow']}, so a node cannot set it"
                hint = "the matrix is that of its default; queue the tasks, or give the node a matrix"
                yield Finding(self._places.key(("tasks", name, "params", param)), message, hint)
        of_tasks = {param: schema for task in inner.tasks.values() for param, schema in task.params.items()}
        known = {
            **{param: one._replace(is_required=False) for param, one in declared(of_tasks).items()},
            **declared(inner.params),
        }
        place = ("tasks", name, "params")
        for param in unknown(given, known):
            hint = did_you_mean(param, known) or (f"it has {', '.join(known)}" if known else "it has no params")
            message = f"{fields['workflow']} has no param {quoted(param)}"
            yield Finding(self._places.key((*place, param)), message, hint)
        if lacking := missing(given, known):
            at = place if "params" in fields else ("tasks", name, "workflow")
            message = f"{fields['workflow']} needs {', '.join(map(quoted, lacking))}"
            hint = f"such as  params: {{{', '.join(f'{one}: …' for one in lacking)}}}"
            yield Finding(self._places.key(at), message, hint)
        for param, problem in wrong_values(given, known, are_written=True):
            yield Finding(self._places.value((*place, param)), problem)


def _circles(loaded: Loaded) -> list[Finding]:
    from graphlib import CycleError, TopologicalSorter

    tasks: Mapping[str, Task] = loaded.tasks.tasks
    bare = {one: name for name, several in loaded.tasks.groups.items() for one in several}
    try:
        TopologicalSorter({name: [it.task for it in task.dependencies] for name, task in tasks.items()}).prepare()
    except CycleError as error:
        names = list(dict.fromkeys(bare.get(name, name) for name in reversed(error.args[1])))
        assert loaded.places is not None
        message = f"tasks depend on each other in a circle: {' → '.join([*names, names[0]])}"
        return [Finding(loaded.places.key(("tasks", names[0])), message, "take one of these dependencies away")]
    return []
