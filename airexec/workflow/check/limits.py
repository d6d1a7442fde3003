"""How large a graph a file may describe, counted before any matrix is written out: three lines can stand for millions
of tasks. What a single matrix may make is checked beside its other rules, in `matrices`.
"""

from collections.abc import Mapping
from typing import Any

from airexec.workflow.build import Fields
from airexec.workflow.check.names import upstream_names
from airexec.workflow.diagnostics import Finding
from airexec.workflow.matrix import INSTANCES_MAX, size
from airexec.workflow.yaml.places import Places

TASKS_MAX = 200_000
DEPENDENCIES_MAX = 2_000_000


def beyond_limits(data: Fields, places: Places) -> Finding | None:
    """Return the finding at the first task that makes the graph too large, None when there is none."""
    tasks: Mapping[str, Any] = data.get("tasks", {})
    sizes = {name: _instances(fields) for name, fields in tasks.items()}
    count = dependencies = 0
    for name, fields in tasks.items():
        count += sizes[name]
        dependencies += sizes[name] * sum(sizes.get(one, 1) for one in upstream_names(fields))
        if count > TASKS_MAX:
            return _finding(name, f"a workflow may have {TASKS_MAX} tasks; here they become more", places)
        if dependencies > DEPENDENCIES_MAX:
            message = f"a workflow may have {DEPENDENCIES_MAX} dependencies; here they become more"
            return _finding(name, message, places)
    return None


def _instances(fields: Fields) -> int:
    return min(size(fields["matrix"]), INSTANCES_MAX) if "matrix" in fields else 1


def _finding(name: str, message: str, places: Places) -> Finding:
    hint = "split it into several workflows, or let a task queue them with ::queue lines"
    return Finding(places.key(("tasks", name)), message, hint)
