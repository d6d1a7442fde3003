"""From a checked workflow and the options of the command line to the plan of a run. Starts and writes nothing."""

import os
import sys
from collections.abc import Callable, Container, Mapping

from airexec.errors import UsageError
from airexec.run.options import RunOptions
from airexec.state.layout import find_state_dir
from airexec.state.workflow_cache import WorkflowCache
from airexec.workflow.find import StrPath
from airexec.workflow.model import Plan, Workflow


def read_workflow(path: str, state_dir: StrPath | None, name: str | None) -> tuple[Workflow, Callable[[], None]]:
    """Return the checked workflow, under another name if one is given, and how to keep it for the next time.

    Its warnings are said. To be kept it needs a state folder, which is not made before the run is sure to begin.
    Raises UsageError, WorkflowError.
    """
    cache = WorkflowCache(state_dir or find_state_dir(path), path)
    checked = cache.read()
    sys.stderr.write(checked.warnings)
    workflow = checked.workflow if name is None else checked.workflow._replace(name=name)
    return workflow, lambda: cache.keep(checked)


def make_plan(workflow: Workflow, options: RunOptions) -> Plan:
    """Return the plan of a new run. Raises UsageError for params and tasks that do not fit the workflow."""
    workflow = _expanded(workflow, lambda: _params(workflow, options))
    tasks = workflow.tasks
    if names := options.tasks or unnamed(workflow):
        from airexec.graph.select import select_tasks

        tasks = select_tasks(workflow, names, for_show=options.dry_run)
    return Plan(
        workflow=workflow,
        tasks=tasks,
        params=_params(workflow, options),
        max_active_tasks=slots(workflow, options),
        fail_fast=workflow.fail_fast and not options.keep_going,
        shuffle=options.shuffle,
    )


def _expanded(workflow: Workflow, params: Callable[[], Mapping[str, object]]) -> Workflow:
    """Return the workflow with the tasks that it has for these params."""
    if not workflow.unexpanded:
        return workflow
    from airexec.workflow.open_axes import expanded_for

    return expanded_for(workflow, {"params": params()})


def unnamed(workflow: Workflow) -> tuple[str, ...]:
    """Return the names that a command line without any stands for: `default`, else every task that is not manual; none
    where that means all. Raises UsageError when it means no task at all."""
    if workflow.default:
        return workflow.default
    names = tuple(task.id for task in workflow.tasks.values() if not task.manual)
    if not names:
        shown = ", ".join([*workflow.tasks][:10])
        raise UsageError(
            f"every task of {workflow.path} is manual, so a run that names none has nothing to do",
            hint=f"name one, such as `airexec run {next(iter(workflow.tasks))}`, or set `default` (tasks: {shown})",
        )
    return names if len(names) < len(workflow.tasks) else ()


def with_durations(plan: Plan, durations: Mapping[str, float]) -> Plan:
    """Return the plan with what is known of its tasks from earlier runs."""
    known = {task_id: seconds for task_id, seconds in durations.items() if task_id in plan.tasks}
    return plan._replace(durations=known)


def slots(workflow: Workflow, options: RunOptions) -> int:
    """Return how many tasks may run at once: -j, else the workflow's `max_active_tasks`, else the CPUs we may use."""
    return options.max_active_tasks or workflow.max_active_tasks or _cpus()


def _cpus() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _params(workflow: Workflow, options: RunOptions) -> Mapping[str, object]:
    if not workflow.params and not options.params and options.params_file is None and options.start is None:
        return {}
    from airexec.workflow.params import parse_params, read_params_file

    given = {} if options.params_file is None else read_params_file(options.params_file)
    if options.start is not None:
        given |= options.start.params
    return parse_params(workflow, options.params, given)


def changed_tasks(before: Plan, now: Plan, on_purpose: Container[str] = ()) -> list[str]:
    """Return one line per difference between the plan of a run and what the workflow file says by now; params that were
    set `on_purpose` are none."""
    from airexec.workflow.model import same_definition

    lines = [f"task '{id_}' is gone" for id_ in before.tasks if id_ not in now.tasks]
    lines += [f"task '{id_}' is new" for id_ in now.tasks if id_ not in before.tasks]
    lines += [
        f"task '{id_}' is defined otherwise"
        for id_, task in now.tasks.items()
        if id_ in before.tasks and not same_definition(before.tasks[id_], task)
    ]
    lines += [
        f"param '{name}' has another default"
        for name, value in now.params.items()
        if name in before.params and before.params[name] != value and name not in on_purpose
    ]
    lines += [
        f"`{name}` has changed" for name in _SETTINGS if getattr(before.workflow, name) != getattr(now.workflow, name)
    ]
    return lines


_SETTINGS = ("templates", "env", "default_env", "env_file", "secrets", "cwd", "pools", "queue_limits", "dagrun_timeout")
"""What of a workflow changes what its tasks do; texts for people and the settings of a single run do not."""


def resumed_plan(before: Plan, workflow: Workflow, options: RunOptions) -> Plan:
    """Return the plan of a run for what the workflow file says by now: same params, same selection where it holds."""
    params: Mapping[str, object] = _resumed_params(before, workflow)
    if options.params:
        from airexec.workflow.params import parse_params

        params = parse_params(workflow, options.params, params)
    workflow = _expanded(workflow, lambda: params)
    if set(before.tasks) == set(before.workflow.tasks):
        tasks = workflow.tasks
    else:
        from airexec.graph.select import select_tasks

        wanted = [task_id for task_id in before.tasks if task_id in workflow.tasks]
        tasks = select_tasks(workflow, wanted) if wanted else {}
    if not tasks:
        raise UsageError("none of the tasks of the run is in the workflow file any more", hint="start anew with `run`")
    return before._replace(
        workflow=workflow,
        tasks=tasks,
        params=params,
        max_active_tasks=options.max_active_tasks or before.max_active_tasks,
        fail_fast=workflow.fail_fast and not options.keep_going,
    )


def _resumed_params(before: Plan, workflow: Workflow) -> dict[str, object]:
    """Return the params of a run; for those that are new, or were left at a default that is another by now, defaults.

    Raises UsageError for one that was a secret.
    """
    mask_sign = "***" if before.secret_names() else None
    params = {name: schema["default"] for name, schema in workflow.params.items() if "default" in schema}
    for name, value in before.params.items():
        default = before.workflow.params.get(name, {}).get("default")
        if name not in workflow.params or (value == default and "default" in workflow.params[name]):
            continue
        if mask_sign is None or mask_sign not in str(value):
            params[name] = value
        else:
            raise UsageError(
                f"param '{name}' held a secret, which the journal does not keep",
                hint="start anew with `airexec run`, and give secrets by `secrets:` rather than by params",
            )
    return params
