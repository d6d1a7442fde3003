"""Names on the command line to the tasks that they mean, with all that those need. Knows no run."""

import re
from collections.abc import Iterable, Mapping, Sequence

from airexec.errors import UsageError
from airexec.graph.walks import reached, upstream_of
from airexec.workflow.model import Task, Workflow


def select_tasks(
    workflow: Workflow, names: Sequence[str], for_show: bool = False, tags: Sequence[str] = ()
) -> dict[str, Task]:
    """Return the tasks that `names` mean or that have one of these `tags`, and everything upstream of them, in order of
    the file; neither: all tasks.

    `for_show`: nobody waits for a start, so the graph is asked; else it is walked, see `_by_walking`.

    A name is a task id, the bare id of a matrix (all its instances), or a pattern in which `*` stands for any
    characters and `?` for one (brackets stand for themselves: they belong to the ids of matrix instances).
    Raises UsageError that lists all names, or tags, which mean nothing.
    """
    if not names and not tags:
        return dict(workflow.tasks)
    wanted = {task.id for task in tagged(workflow, tags)} if tags else set()
    unknown: list[str] = []
    for name in dict.fromkeys(names):
        ids = ids_named(workflow, name)
        wanted.update(ids)
        if not ids:
            unknown.append(name)
    if unknown:
        raise _unknown_names(workflow, unknown)
    needed = (_by_graph if for_show else _by_walking)(workflow.tasks, wanted)
    return {task_id: task for task_id, task in workflow.tasks.items() if task_id in needed}


def tagged(workflow: Workflow, tags: Sequence[str]) -> list[Task]:
    """Return the tasks with one of these tags, in order of the file. Raises UsageError for tags that none has."""
    known = dict.fromkeys(tag for task in workflow.tasks.values() for tag in task.tags)
    if unknown := [tag for tag in dict.fromkeys(tags) if tag not in known]:
        raise _unknown_tags(workflow, unknown, list(known))
    return [task for task in workflow.tasks.values() if not set(tags).isdisjoint(task.tags)]


def _unknown_tags(workflow: Workflow, unknown: Sequence[str], known: Sequence[str]) -> UsageError:
    from airexec.workflow.wording import did_you_mean

    listed = ", ".join(f"'{tag}'" for tag in unknown)
    headline = f"no task has the {'tag' if len(unknown) == 1 else 'tags'} {listed} in {workflow.path}"
    meant = next((hint for tag in unknown if (hint := did_you_mean(tag, known))), "")
    return UsageError(headline, meant or (f"its tags are {', '.join(known[:8])}" if known else "it has no tags"))


def ids_named(workflow: Workflow, name: str) -> Sequence[str]:
    if name in workflow.tasks:
        return (name,)
    if name in workflow.groups:
        return workflow.groups[name]
    if "*" not in name and "?" not in name:
        return ()
    matches = re.compile(re.escape(name).replace(r"\*", ".*").replace(r"\?", ".")).fullmatch
    return [task_id for task_id in workflow.tasks if matches(task_id)]


def _by_graph(tasks: Mapping[str, Task], wanted: Iterable[str]) -> set[str]:
    from airexec.graph.dag import dag_of, needed

    return needed(dag_of(upstream_of(tasks)), wanted)


def _by_walking(tasks: Mapping[str, Task], wanted: Iterable[str]) -> set[str]:
    """As `_by_graph`: `run TASK` selects on its way to the first start, where the import of networkx would cost more
    than all the rest. A property test holds the two to the same answer."""
    return reached(wanted, lambda task_id: [one.task for one in tasks[task_id].dependencies if one.task in tasks])


def _unknown_names(workflow: Workflow, unknown: Sequence[str]) -> UsageError:
    listed = ", ".join(f"'{name}'" for name in unknown)
    headline = f"no {'task is' if len(unknown) == 1 else 'tasks are'} named {listed} in {workflow.path}"
    if given := [name for name in unknown if re.match(r"[A-Za-z_]\w*=", name)]:
        return UsageError(headline, f"to set a param, write -p {given[0]}")
    if any(_is_duration(name) for name in unknown):
        return UsageError(headline, "how long to wait is written with an equals sign: --wait=30s")
    return UsageError(headline, "; ".join(_advice(workflow, unknown)) or _list_of_tasks(workflow))


def _is_duration(name: str) -> bool:
    from airexec.workflow.durations import seconds

    try:
        return name[:1].isdigit() and not name.isdigit() and seconds(name) > 0
    except ValueError:
        return False


def _advice(workflow: Workflow, unknown: Sequence[str]) -> Iterable[str]:
    from airexec.workflow.wording import nearest  # only needed when something is wrong

    known = [*workflow.groups, *workflow.tasks]  # a matrix rather than one of its instances
    for name in unknown:
        if name in workflow.templates:
            yield f"'{name}' is a template: its tasks exist once a task has queued them"
        elif (near := nearest(name, known)) is not None:
            yield f"did you mean '{near}'{f' instead of {name!r}' if len(unknown) > 1 else ''}?"


def _list_of_tasks(workflow: Workflow) -> str:
    shown = list(workflow.groups) + [
        task_id for task_id in workflow.tasks if task_id.partition("[")[0] not in workflow.groups
    ]
    if not shown:
        return "the workflow has no tasks"
    more = f" and {len(shown) - 8} more (see `airexec list`)" if len(shown) > 8 else ""
    return f"its tasks are {', '.join(shown[:8])}{more}"
