"""Which files matter to a workflow: what its tasks read, the workflow file itself and what it includes. Asks the file
system.

What tasks read is known from the file, from what they did when they last succeeded (headers of a depfile, tasks that
were queued), and stays known when they fail. What a task generates is never a reason to run.
"""

import os
from collections.abc import Iterable, Mapping
from glob import has_magic
from typing import NamedTuple

from airexec.attempt.prepare import Preparation, surroundings
from airexec.attempt.spec import AttemptSpec
from airexec.errors import AirexecError
from airexec.fresh.files import Facts, Seen, facts_in, facts_of
from airexec.fresh.record_file import RecordFile
from airexec.state.layout import JobFolder, RunFolder
from airexec.watch.events import Folder
from airexec.workflow.globs import files, matching
from airexec.workflow.model import Plan
from airexec.workflow.vars import with_unknown

_RUN_ID = "00000000-000000-0000"
Globs = tuple[str, tuple[str, ...]]
"""A folder and patterns, as `matching` takes them."""


_UNLIKE = Seen(Facts(0, 0, 0, 0), "", 0)
"""A file that two tasks have read, and not the same of it."""


class Interest(NamedTuple):
    """What to look at. All paths are absolute."""

    folder: str
    """That of the workflow file."""
    state_dir: str
    files: frozenset[str]
    """The workflow file, what it includes and what it is read with."""
    sources: frozenset[Globs]
    headers: frozenset[str]
    """What tasks have read besides, by name."""
    named: frozenset[str]
    """Sources without a wildcard: they matter to whoever wrote them, whatever else is said of them."""
    generates: frozenset[Globs]
    made: frozenset[str]
    """What tasks have been seen to make."""
    read: Mapping[str, Seen]
    """What tasks have read when they last succeeded, by path."""
    reads_anything: tuple[str, ...]
    """Tasks that say nothing of what they read."""

    def folders(self, found: Iterable[str]) -> list[Folder]:
        """Return the folders in which something may change that matters, sorted: that of the workflow and of patterns
        with all below, else the folder alone. Where one is not there, it is the nearest above that is; where a link is
        on the way, also what it leads to. `found`: the files that a look has found."""
        deep, flat = {self.folder}, {os.path.dirname(path) for path in (*self.files, *self.headers)}
        for cwd, patterns in self.sources:
            for pattern in patterns:
                base, is_deep = _base(cwd, pattern.removeprefix("!"))
                (deep if is_deep else flat).add(base)
        links = (path for path in (*found, *self.files) if os.path.islink(path))
        flat.update(os.path.dirname(os.path.realpath(path)) for path in links)
        watched: dict[str, bool] = {}
        for folder, is_deep in (*((it, True) for it in deep), *((it, False) for it in flat)):
            for one in {os.path.normpath(folder), os.path.realpath(folder)}:
                there = _there(one)
                watched[there] = watched.get(there, False) or (is_deep and there == one)
        tops = [folder for folder, is_deep in watched.items() if is_deep]
        return sorted(
            (folder, is_deep)
            for folder, is_deep in watched.items()
            if not any(folder != top and f"{folder}/".startswith(f"{top.rstrip('/')}/") for top in tops)
        )

    def look(self) -> dict[str, Facts]:
        """Return the facts of all files that tasks read, as they are now, without what tasks generate."""
        products = self.products()
        found = {path: facts for path in (*self.files, *self.headers) if (facts := facts_of(path)) is not None}
        for cwd, patterns in self.sources:
            found.update((path, facts_in(info)) for path, info in files(patterns, cwd).items())
        return {path: facts for path, facts in found.items() if path not in products}

    def products(self) -> set[str]:
        """Return what tasks generate and have made."""
        made = set(self.made)
        for cwd, patterns in self.generates:
            made.update(matching(patterns, cwd))
        return made - self.files


def interest_of(plan: Plan, job: JobFolder, files: Iterable[str], environ: Mapping[str, str]) -> Interest:
    """Return what matters to the tasks of a plan. `files`: what the workflow is read from."""
    preparation = Preparation(with_unknown(plan, environ), RunFolder("<run>", _RUN_ID), environ)
    around = surroundings(_RUN_ID, 0.0, {})
    records = RecordFile(job)
    calls: set[Globs] = set()
    generates: set[Globs] = set()
    read: dict[str, Seen] = {}
    made: set[str] = set()
    for task in plan.tasks.values():
        try:
            spec = preparation.spec(task, 1, around)
        except AirexecError:
            continue  # only a run can tell, and then its record does
        if spec.files is not None:
            _enter(spec, calls, generates, made)
    for success in records.successes().values():
        cwd = os.path.normpath(os.path.join(job.root, success.call.cwd))
        calls.add((cwd, success.call.sources))
        generates.add((cwd, success.call.generates))
        for path, seen in (*success.sources.items(), *success.headers.items()):
            whole = os.path.join(job.root, path)
            read[whole] = seen if read.get(whole, seen).facts == seen.facts else _UNLIKE
        made.update(os.path.join(job.root, path) for path in success.products)
        if success.call.depfile:
            made.add(os.path.join(job.root, success.call.depfile))
    axes = ((axis.folder, tuple(axis.globs)) for axis in plan.workflow.axes)
    return Interest(
        folder=os.path.dirname(os.path.abspath(plan.workflow.path)),
        state_dir=os.path.abspath(job.state_dir),
        files=frozenset(map(os.path.abspath, files)),
        sources=frozenset((*calls, *axes)),
        headers=frozenset(read),
        named=frozenset(_named(calls)),
        generates=frozenset(generates),
        made=frozenset(made),
        read=read,
        reads_anything=tuple(task.id for task in plan.tasks.values() if not task.says_what),
    )


def joined(before: Interest, now: Interest) -> Interest:
    """Return what matters now, with the headers that mattered before: a task that fails has none to tell of."""
    return now._replace(headers=before.headers | now.headers)


def _enter(spec: AttemptSpec, calls: set[Globs], generates: set[Globs], made: set[str]) -> None:
    assert spec.files is not None
    calls.add((spec.cwd, spec.files.sources))
    generates.add((spec.cwd, spec.files.generates))
    if spec.files.depfile:
        made.add(spec.files.depfile)


def _named(calls: Iterable[Globs]) -> Iterable[str]:
    for cwd, patterns in calls:
        for pattern in patterns:
            if not has_magic(pattern) and not pattern.startswith("!"):
                yield os.path.normpath(os.path.join(cwd, pattern))


def _base(cwd: str, pattern: str) -> tuple[str, bool]:
    """Return the folder in which everything is that a pattern matches, and whether it may be below a folder in it."""
    path = os.path.join(cwd, pattern)
    if not has_magic(path):
        return (path, True) if os.path.isdir(path) else (os.path.dirname(path), False)
    while has_magic(path):
        path = os.path.dirname(path)
    return path, True


def _there(folder: str) -> str:
    """Return the folder, or the nearest one above that is there."""
    while not os.path.isdir(folder) and folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
    return folder
