"""The one way to a checked workflow: load the file, look for cycles, complain about everything at once."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from airexec.graph.walks import order_of
from airexec.workflow.diagnostics import Diagnostic, Finding, WorkflowError
from airexec.workflow.find import STDIN, is_stream
from airexec.workflow.gc_pause import gc_paused
from airexec.workflow.load import load
from airexec.workflow.loaded import Loaded
from airexec.workflow.model import Task, Workflow
from airexec.workflow.yaml.places import Places
from airexec.workflow.yaml.source import Source, read_source

if TYPE_CHECKING:
    from airexec.graph.dag import Dag


class Reading(NamedTuple):
    """A good workflow, and the warnings about it by position."""

    workflow: Workflow
    warnings: tuple[Diagnostic, ...]


def read_workflow(path: Path, *, shown_as: str | None = None) -> Workflow:
    """Return the checked workflow of a file; `-` is standard input.

    Raises WorkflowError with all that is wrong, UsageError when the file cannot be read. `shown_as` is how messages
    name the file; default: `path` as it is.
    """
    return read_workflow_with_warnings(path, shown_as=shown_as).workflow


def read_workflow_with_warnings(path: Path, *, shown_as: str | None = None) -> Reading:
    """Return the checked workflow of a file and its warnings; raises as `read_workflow`."""
    return read_source_text(_source(path, shown_as), _place(path))


def read_source_text(source: Source, path: Path) -> Reading:
    """Return the checked workflow of a text that would stand in the file `path`; raises WorkflowError.

    This is how a run reads its file. It asks graphlib first: most files have no cycle, and to find that out by networkx
    would take its import.
    """
    with gc_paused():
        loaded = load(source, path)
        cycles = [] if _is_acyclic(loaded.tasks.tasks) else _into_dag(loaded)[1]
    return _reading(loaded, cycles)


def read_dag(path: Path, *, shown_as: str | None = None) -> "tuple[Reading, Dag]":
    """Return the checked workflow of a file and the graph of its tasks; raises as `read_workflow`.

    For whoever checks or shows a file.
    """
    source = _source(path, shown_as)
    with gc_paused():
        loaded = load(source, _place(path))
        dag, cycles = _into_dag(loaded)
    return _reading(loaded, cycles), dag


def _place(path: Path) -> Path:
    """Return where a workflow lies: one that comes by a pipe, in the current folder."""
    return Path(STDIN) if is_stream(path) else path


def _source(path: Path, shown_as: str | None) -> Source:
    findings: list[Finding] = []
    source = read_source(path, shown_as or str(path), findings)
    if findings:
        raise WorkflowError(source.diagnostics(findings))
    return source


def _is_acyclic(tasks: Mapping[str, Task]) -> bool:
    from graphlib import CycleError, TopologicalSorter

    try:
        TopologicalSorter(order_of(tasks)).prepare()
    except CycleError:
        return False
    return True


def _into_dag(loaded: Loaded) -> "tuple[Dag, list[tuple[str, ...]]]":
    from airexec.graph.dag import dag_of, find_cycles

    dag = dag_of(order_of(loaded.tasks.tasks))
    return dag, find_cycles(dag)


def _reading(loaded: Loaded, cycles: Iterable[tuple[str, ...]]) -> Reading:
    circles = _cycle_findings(loaded, cycles)
    diagnostics = [*loaded.source.diagnostics(loaded.findings + circles), *loaded.inside]
    if loaded.workflow is None or circles:
        raise WorkflowError(diagnostics, loaded.files)
    return Reading(loaded.workflow, tuple(diagnostics))


def _cycle_findings(loaded: Loaded, cycles: Iterable[tuple[str, ...]]) -> list[Finding]:
    if loaded.places is None:
        return []
    groups = {instance: bare for bare, instances in loaded.tasks.groups.items() for instance in instances}
    findings = []
    for cycle in cycles:
        path = [groups.get(task, task) for task in cycle]
        if len(set(path)) > 1 or path[0] != cycle[0]:  # a task that depends on itself is said by the checks
            findings.append(_cycle_finding(path, loaded.places, cycle if len(set(path)) == 1 else path))
    return findings


def _cycle_finding(path: list[str], places: Places, shown: Sequence[str]) -> Finding:
    after = [f"'{id_}' is after '{first}'" for id_, first in pairwise(path) if _only_after(id_, first, places)]
    verb, what = ("wait for", "waits") if after else ("depend on", "dependencies")
    return Finding(
        _dependency_place(path[0], path[1], places),
        f"tasks {verb} each other in a circle: {_spelt(shown)}{f' ({after[0]})' if after else ''}",
        f"take one of these {what} away",
    )


def _only_after(task_id: str, upstream: str, places: Places) -> bool:
    fields = places.data["tasks"][task_id]
    return upstream in _named(fields.get("after", ())) and upstream not in _named(fields.get("dependencies", ()))


def _dependency_place(task_id: str, upstream: str, places: Places) -> int:
    """Return where the file says that a task waits for another; of an instance, where the matrix task stands."""
    fields = places.data["tasks"][task_id]
    for key in ("dependencies", "after"):
        path, written = ("tasks", task_id, key), fields.get(key)
        if isinstance(written, list) and upstream in _named(written):
            return places.value((*path, _named(written).index(upstream)))
        if written == upstream:
            return places.value(path)
    known = [key for key in ("dependencies", "after") if key in fields]  # else it reads what the other one makes
    return places.value(("tasks", task_id, known[0] if known else "sources"))


def _named(written: Any) -> list[str]:
    """Return the bare ids in the `dependencies` of a task, or what stands under `after`."""
    items = [written] if isinstance(written, str) else written
    return [(item["task"] if isinstance(item, dict) else item).partition("[")[0] for item in items]


def _spelt(path: Sequence[str]) -> str:
    shown = path if len(path) <= 12 else [*path[:6], f"… {len(path) - 11} more …", *path[-5:]]
    return " → ".join(shown)
