"""`airexec clean`: removes what tasks generate, after it has shown it."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from airexec.cli.console import agrees
from airexec.cli.operands import split_arguments, workflow_file
from airexec.errors import UsageError
from airexec.graph.select import ids_named
from airexec.run.cleaning import products, remove
from airexec.run.options import RunOptions
from airexec.run.planning import make_plan, read_workflow
from airexec.state.layout import JobFolder, find_state_dir
from airexec.state.lock import acquire
from airexec.workflow.diagnostics import counted
from airexec.workflow.model import Workflow
from airexec.workflow.wording import did_you_mean


def clean(arguments: Sequence[str], params: Sequence[str], state_dir: Path | None, *, is_sure: bool) -> int:
    """Remove what `[WORKFLOW] [TASK]...` generate, with no TASK all of them. Return 1 when nobody wants it.

    Raises AirexecError, JobLockedError while the job runs.
    """
    named, names = split_arguments(arguments)
    path = workflow_file(named)
    workflow, _ = read_workflow(path, state_dir, None)
    job = JobFolder(state_dir or find_state_dir(workflow.path), workflow.name)
    workflow = _asking_for_little(workflow, params, _ids(workflow, names) if names else ())
    plan = make_plan(workflow, RunOptions(params=tuple(params), tasks=("*",)))
    ids = _ids(plan.workflow, names)
    found = products(plan, job, ids, os.environ)
    to_remove = [product.path for product in found if not product.why_not]
    for product in found:
        left = f"  left alone: {product.why_not}" if product.why_not else ""
        print(f"{os.path.relpath(product.path)}{left}")
    if not to_remove:
        print("airexec: there is nothing to remove", file=sys.stderr)
        return 0
    if not is_sure and not _agrees(len(to_remove)):
        print("airexec: nothing was removed", file=sys.stderr)
        return 1
    job.create()
    lock = acquire(job, ["airexec", *sys.argv[1:]], 0.0)
    try:
        for file in to_remove:
            try:
                remove(file)
            except OSError as error:
                raise UsageError(f"cannot remove {file}: {error.strerror}") from None
    finally:
        lock.release()
    print(f"removed {counted(len(to_remove), 'file')}")
    return 0


def _asking_for_little(workflow: Workflow, params: Sequence[str], named: Sequence[str]) -> Workflow:
    """Return the workflow in which tasks that nobody names ask for no params of their own. What those have made is told
    by their records."""
    given = {text.partition("=")[0] for text in params}
    tasks = {
        id_: task._replace(params={name: it for name, it in task.params.items() if "default" in it or name in given})
        if task.params and id_ not in named
        else task
        for id_, task in workflow.tasks.items()
    }
    return workflow._replace(tasks=tasks)


def _ids(workflow: Workflow, names: Sequence[str]) -> list[str]:
    unknown = [name for name in names if not ids_named(workflow, name)]
    if unknown:
        raise UsageError(f"there is no task '{unknown[0]}'", did_you_mean(unknown[0], workflow.tasks))
    chosen = {id_ for name in names for id_ in ids_named(workflow, name)}
    return [id_ for id_ in workflow.tasks if id_ in chosen or not names]


def _agrees(count: int) -> bool:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("there is nobody to ask whether these files are to be removed", hint="say so: -y")
    return agrees(f"Remove {counted(count, 'file')}?")
