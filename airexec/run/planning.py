"""From a checked workflow and the options of the command line to the plan of a run. Starts and writes nothing."""

import os
import sys
from collections.abc import Callable, Collection, Container, Iterable, Mapping

from airexec.errors import UsageError
from airexec.run.options import RunOptions
from airexec.state.layout import find_state_dir
from airexec.state.workflow_cache import WorkflowCache
from airexec.workflow.find import StrPath
from airexec.workflow.model import Plan, Scope, Task, Workflow, params_of


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
    if workflow.unexpanded:
        little = _asking_for_little(workflow.tasks, options.params)
        workflow = _expanded(workflow, _params(workflow, little, options))
    tasks = workflow.tasks
    names = options.tasks or (() if options.tags else unnamed(workflow))
    if names or options.tags:
        from airexec.graph.select import select_tasks

        tasks = select_tasks(workflow, names, for_show=options.dry_run, tags=options.tags)
    params = _params(workflow, tasks, options)
    scopes = _scopes(workflow, tasks, params)
    workflow, tasks = _with_numbers(workflow, tasks, params, scopes)
    return Plan(
        workflow=workflow,
        tasks=tasks,
        params=params,
        scopes=scopes,
        max_active_tasks=slots(workflow, options),
        args=_args(workflow, tasks, options),
        fail_fast=workflow.fail_fast and not options.keep_going,
        shuffle=options.shuffle,
    )


def _expanded(workflow: Workflow, params: Mapping[str, object]) -> Workflow:
    """Return the workflow with the tasks that it has for these params."""
    from airexec.workflow.open_axes import expanded_for
    from airexec.workflow.vars import texts_alone

    of_file = {name: params[name] for name in workflow.params}
    return expanded_for(workflow, {"params": of_file, "vars": texts_alone(workflow.vars, of_file)})


def _asking_for_little(tasks: Mapping[str, Task], pairs: Iterable[str]) -> dict[str, Task]:
    """Return tasks that ask for no param of their own that has no value: nobody knows yet which of them will run."""
    given = {text.partition("=")[0] for text in pairs}
    return {
        id_: task._replace(params={name: it for name, it in task.params.items() if "default" in it or name in given})
        for id_, task in tasks.items()
        if task.params
    }


def _scopes(workflow: Workflow, tasks: Mapping[str, Task], params: Mapping[str, object]) -> Mapping[str, Scope]:
    if not workflow.nodes:
        return {}
    from airexec.workflow.scopes import scopes_of

    return scopes_of(workflow, params, tasks.values())


def _with_numbers(
    workflow: Workflow, tasks: Mapping[str, Task], params: Mapping[str, object], scopes: Mapping[str, Scope]
) -> tuple[Workflow, Mapping[str, Task]]:
    """Return a workflow and the tasks of a plan with the numbers that they say by templates."""
    if not workflow.numbers and not any(task.numbers for task in tasks.values()):
        return workflow, tasks
    from airexec.workflow.numbers import with_numbers

    return with_numbers(workflow, tasks, {"": params, **{name: scope.params for name, scope in scopes.items()}})


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


def _params(workflow: Workflow, tasks: Mapping[str, Task], options: RunOptions) -> Mapping[str, object]:
    has_params = bool(workflow.params) or any(task.params for task in tasks.values())
    if not has_params and not options.params and options.params_file is None and options.start is None:
        return {}
    from airexec.workflow.params import parse_params, read_params_file

    given = {} if options.params_file is None else read_params_file(options.params_file)
    if options.start is not None:
        given |= options.start.params
    return parse_params(workflow, options.params, given, tasks.values())


def _args(workflow: Workflow, tasks: Mapping[str, Task], options: RunOptions) -> tuple[str, ...]:
    """Return the words behind `--`. Raises UsageError where nobody takes them."""
    if not options.args:
        return ()
    from shlex import join

    from airexec.workflow.args import takers

    if takers(workflow, tasks.values()):
        return options.args
    if (first := options.args[0]) in workflow.tasks or first in workflow.groups:
        hint = f"what is to run stands in front of `--`: airexec run {first}"
    elif others := takers(workflow, workflow.tasks.values()):
        hint = f"task '{others[0]}' does: airexec run {others[0]} -- {join(options.args)}"
    else:
        hint = "write {{ args }} in the command that is to get it"
    raise UsageError(f"no task of this run takes what stands behind `--`: {join(options.args)}", hint)


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
        f"`{name}` has changed" for name in _SETTINGS if _said(before.workflow, name) != _said(now.workflow, name)
    ]
    return lines


def _said(workflow: Workflow, name: str) -> object:
    """Return what a workflow says under a key, wherever it stands in its file."""
    if name == "templates":
        return {id_: template._replace(location=None) for id_, template in workflow.templates.items()}
    return getattr(workflow, name)


_SETTINGS = (
    "templates",
    "vars",
    "env",
    "default_env",
    "env_file",
    "secrets",
    "cwd",
    "pools",
    "queue_limits",
    "dagrun_timeout",
    "nodes",
)
"""What of a workflow changes what its tasks do; texts for people and the settings of a single run do not."""


def resumed_plan(before: Plan, workflow: Workflow, options: RunOptions) -> Plan:
    """Return the plan of a run for what the workflow file says by now: same params, same selection where it holds."""
    if workflow.unexpanded:
        little = _asking_for_little(workflow.tasks, options.params)
        workflow = _expanded(workflow, _resumed_with(before, workflow, little, options))
    if set(before.tasks) == set(before.workflow.tasks):
        tasks = workflow.tasks
    else:
        from airexec.graph.select import select_tasks

        wanted = [task_id for task_id in before.tasks if task_id in workflow.tasks]
        tasks = select_tasks(workflow, wanted) if wanted else {}
    if not tasks:
        raise UsageError("none of the tasks of the run is in the workflow file any more", hint="start anew with `run`")
    if before.secret_names() and any("***" in word for word in before.args):
        raise UsageError(
            "the words behind `--` held a secret, which the journal does not keep",
            hint="start anew with `airexec run`, and give secrets by `secrets:`",
        )
    params = _resumed_with(before, workflow, tasks, options)
    changed = {name for name, value in params.items() if before.params.get(name, value) != value}
    scopes = _scopes(workflow, tasks, params)
    workflow, tasks = _with_numbers(workflow, tasks, params, scopes)
    return before._replace(
        workflow=workflow,
        tasks=tasks,
        params=params,
        vars=_known_vars(before, workflow, "", changed),
        scopes={
            name: scope._replace(vars=_known_vars(before, workflow, name, changed)) for name, scope in scopes.items()
        },
        max_active_tasks=options.max_active_tasks or before.max_active_tasks,
        fail_fast=workflow.fail_fast and not options.keep_going,
    )


def _known_vars(before: Plan, workflow: Workflow, scope: str, changed: Collection[str]) -> dict[str, str]:
    """Return the vars of a scope that are still defined as they were when they were worked out, and made of no param
    that has `changed`."""
    if (scope and scope not in before.scopes) or not workflow.vars_of(scope):
        return {}
    from airexec.workflow.vars import made_of_params

    now, then = workflow.vars_of(scope), before.workflow.vars_of(scope)
    stale = made_of_params(now) if changed else frozenset()
    known = before.scope(scope).vars
    return {name: it for name, it in known.items() if name in now and name not in stale and now[name] == then.get(name)}


def _resumed_with(
    before: Plan, workflow: Workflow, tasks: Mapping[str, Task], options: RunOptions
) -> Mapping[str, object]:
    """Return the params of a run that is resumed, with those that are set anew."""
    params = _resumed_params(before, workflow, tasks)
    if not options.params:
        return params
    from airexec.workflow.params import parse_params

    return parse_params(workflow, options.params, params, tasks.values())


def _resumed_params(before: Plan, workflow: Workflow, tasks: Mapping[str, Task]) -> dict[str, object]:
    """Return the params of a run; for those that are new, or were left at a default that is another by now, defaults.

    Raises UsageError for one that was a secret.
    """
    mask_sign = "***" if before.secret_names() else None
    known = params_of(before.workflow, before.tasks.values())
    now = params_of(workflow, tasks.values())
    params = {name: schema["default"] for name, schema in now.items() if "default" in schema}
    for name, value in before.params.items():
        default = known.get(name, {}).get("default")
        if name not in now or (value == default and "default" in now[name]):
            continue
        if mask_sign is None or mask_sign not in str(value):
            params[name] = value
        else:
            raise UsageError(
                f"param '{name}' held a secret, which the journal does not keep",
                hint="start anew with `airexec run`, and give secrets by `secrets:` rather than by params",
            )
    return params
