"""The scopes of the nodes of a workflow in one run: params of a file from those of the file around it."""

from collections.abc import Iterable, Mapping
from typing import Any

from airexec.errors import UsageError
from airexec.workflow.model import Scope, Task, Workflow
from airexec.workflow.params import parse_params
from airexec.workflow.template.problem import TemplateError
from airexec.workflow.template.templates import Templates


def scopes_of(workflow: Workflow, params: Mapping[str, Any], tasks: Iterable[Task]) -> dict[str, Scope]:
    """Return the scope of each node by its name, for these params of the workflow, without vars; `tasks` are those that
    run.

    Raises UsageError for params that a file does not take.
    """
    templates, scopes = Templates(), dict[str, Scope]()
    for name, node in workflow.nodes.items():
        outer = scopes[node.outer].params if node.outer else params
        context = {"params": outer, "matrix": node.matrix}
        try:
            given = {key: templates.value(value, context) for key, value in node.given.items()}
            own = [task._replace(scope="") for task in tasks if task.scope == name]
            values = parse_params(workflow._replace(params=node.params), (), given, own)
        except TemplateError as error:
            raise UsageError(f"params of {name} cannot be worked out: {error.headline}", error.hint) from None
        except UsageError as error:
            raise UsageError(f"{name}: {error.headline}", error.hint) from None
        scopes[name] = Scope(node.path.rpartition("/")[0] or "/", values, {}, node.env, node.cwd)
    return scopes
