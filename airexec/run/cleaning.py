"""What `airexec clean` removes: what tasks generate, and nothing that anybody might have written by hand.

That is what a task says it generates and, where it has succeeded, what it was seen to make. Left alone is what lies
outside of the folder of the workflow file or behind a link, and what is a source of a task, unless some task names it
without a wildcard as its product.
"""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from glob import has_magic
from typing import NamedTuple

from airexec.attempt.prepare import Preparation, surroundings
from airexec.attempt.spec import AttemptSpec
from airexec.errors import AirexecError
from airexec.fresh.files import digest_of, facts_of
from airexec.fresh.freshness import Freshness
from airexec.fresh.record_file import RecordFile
from airexec.state.layout import JobFolder, RunFolder
from airexec.workflow.globs import matching
from airexec.workflow.model import Plan, Task, Workflow
from airexec.workflow.vars import with_unknown

_RUN_ID = "00000000-000000-0000"


class Product(NamedTuple):
    """A file that a task generates, and why it is left alone; empty: it is not."""

    path: str
    """Absolute."""
    why_not: str = ""


def products(plan: Plan, job: JobFolder, ids: Iterable[str], environ: Mapping[str, str]) -> list[Product]:
    """Return the files that these tasks have generated and that are there, sorted by path. Removes nothing.

    `plan` has all tasks of the workflow, whose sources count.
    """
    preparation = Preparation(with_unknown(plan, environ), RunFolder("<run>", _RUN_ID), environ)
    around = surroundings(_RUN_ID, 0.0, {})
    specs = {task.id: spec for task in plan.tasks.values() if (spec := _spec(preparation, task, around)) is not None}
    named = {path for spec in specs.values() for path in _named(spec)}
    readers = {path: id_ for id_, spec in specs.items() for path in _files(spec, "sources")}
    records = RecordFile(job)
    found: dict[str, None] = {}
    for id_ in ids:
        found.update(dict.fromkeys(_files(specs[id_], "generates") if id_ in specs else ()))
        if (success := records.get(id_)) is not None:
            found.update(dict.fromkeys(os.path.join(job.root, path) for path in success.products))
    folder = os.path.dirname(plan.workflow.path)
    return [
        Product(path, _why_not(path, folder, "" if path in named else readers.get(path, "")))
        for path in sorted(found)
        if os.path.lexists(path)
    ]


def remove(path: str) -> None:
    """Remove a product, and no folder. Raises OSError."""
    os.unlink(path)


def vanished(workflow: Workflow, root: str, freshness: Freshness) -> dict[str, str]:
    """Return what tasks have made that a matrix of files has no more, since their file is gone, with the task, by path
    as records have it. A pattern such as `*.o` would go on taking it for something that is made.

    Only what is still as it was made, and is nobody's product or source by name. `root`: what records are relative to.
    """
    ids, groups = workflow.tasks, workflow.groups
    folder = os.path.dirname(workflow.path)
    gone = freshness.vanished(lambda id_: id_ not in ids and id_.partition("[")[0] in groups)
    found = {}
    for id_, success in gone.items():
        for path, seen in success.products.items():
            whole = os.path.join(root, path)
            is_as_made = bool(seen.digest) and facts_of(whole) is not None and digest_of(whole) == seen.digest
            if is_as_made and not _why_not(whole, folder, "") and not _is_named(whole, workflow, folder):
                found[path] = id_
    return found


def remove_vanished(workflow: Workflow, root: str, freshness: Freshness) -> list[str]:
    """Remove what has `vanished`, and return a line on each."""
    lines = []
    for path, id_ in vanished(workflow, root, freshness).items():
        with suppress(OSError):
            remove(os.path.join(root, path))
            lines.append(f"removed {path}: {id_} has made it, and its file is gone")
    return lines


def _is_named(path: str, workflow: Workflow, folder: str) -> bool:
    """Return whether a task has this very path among its sources or products, as far as it holds no template."""
    return any(
        os.path.normpath(os.path.join(folder, workflow.cwd or "", task.cwd or "", pattern)) == path
        for task in workflow.tasks.values()
        for pattern in (*task.sources, *task.generates)
        if not has_magic(pattern)
    )


def _spec(preparation: Preparation, task: Task, around: Mapping[str, object]) -> AttemptSpec | None:
    """Return the task as it would be started, None where only a run can tell."""
    if not task.says_what:
        return None
    try:
        return preparation.spec(task, 1, around)
    except AirexecError:
        return None


def _named(spec: AttemptSpec) -> list[str]:
    assert spec.files is not None
    patterns = (pattern for pattern in spec.files.generates if not has_magic(pattern))
    return [os.path.normpath(os.path.join(spec.cwd, pattern)) for pattern in patterns]


def _files(spec: AttemptSpec, key: str) -> list[str]:
    assert spec.files is not None
    return matching(spec.files.sources if key == "sources" else spec.files.generates, spec.cwd)


def _why_not(path: str, folder: str, reader: str) -> str:
    if not path.startswith(f"{folder}/"):
        return f"it is outside of {folder}"
    inside = os.path.dirname(path)[len(folder) :]
    if os.path.realpath(os.path.dirname(path)) != os.path.realpath(folder) + inside:
        return "it is behind a symbolic link"
    return f"it is a source of {reader}" if reader else ""
