"""The scopes of the nodes of a workflow in one run: params of a file from those of the file around it."""

import os
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from airexec.errors import UsageError
from airexec.workflow.model import Scope, Task, Workflow
from airexec.workflow.params import parse_params
from airexec.workflow.template.problem import TemplateError
from airexec.workflow.template.templates import Templates


def scopes_of(workflow: Workflow, params: Mapping[str, Any], tasks: Collection[Task]) -> dict[str, Scope]:
    """Return the scope of each node by its name, for these params of the workflow, without vars; `tasks` are those that
    run.

    Raises UsageError for params that a file does not take.
    """
    templates, scopes = Templates(), dict[str, Scope]()
    needed = {name for task in tasks if task.scope for name in _chain(workflow, task.scope)}
    for name, node in workflow.nodes.items():
        if name not in needed:
            continue
        outer = scopes[node.outer].params if node.outer else params
        context = {"params": outer, "matrix": node.matrix}
        try:
            given = {key: templates.value(value, context) for key, value in node.given.items()}
            own = [task._replace(scope="") for task in tasks if task.scope == name]
            values = parse_params(workflow._replace(params=node.params), (), given, own)
        except TemplateError as error:
            raise UsageError(f"params of {name} cannot be worked out: {error.headline}", error.hint) from None
        except UsageError as error:
            headline = re.sub(r": -p \w+=…", "", error.headline)  # which gives those of the outermost file
            hint = f"`params` of node '{name}' give it to {os.path.basename(node.path)}"
            raise UsageError(f"{name}: {headline}", hint) from None
        scopes[name] = Scope(node.path.rpartition("/")[0] or "/", values, {}, node.env, node.cwd)
    return scopes


def _chain(workflow: Workflow, scope: str) -> Iterator[str]:
    """Yield a scope and those around it."""
    while scope:
        yield scope
        scope = workflow.nodes[scope].outer
