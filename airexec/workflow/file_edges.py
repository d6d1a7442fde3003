"""Who makes what whom reads: edges that follow from files, as far as they can be told before anything runs.

A pattern with a template counts with the defaults of the params and the values of its matrix; one that needs more (an
output, a variable) is not known before the task starts, and makes no edge. Two globs that could mean the same file make
one, since nobody can know which files there will be.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from glob import has_magic
from typing import Any, NamedTuple

from airexec.errors import AirexecError
from airexec.workflow.model import Dependency, Scope, Task


class Clash(NamedTuple):
    """Two tasks that make the same file."""

    path: str
    first: str
    second: str


def with_file_edges(
    tasks: Mapping[str, Task], params: Mapping[str, Any], folder: str, cwd: str, scopes: Mapping[str, Scope] = {}
) -> tuple[dict[str, Task], list[Clash]]:
    """Return the tasks, each depending on whoever makes what it reads, and who makes what another one makes, too.

    `params` are defaults by name, `folder` that of the workflow file, `cwd` that of the workflow in it; `scopes` are
    those of further files, by name. Nothing is asked of the file system.
    """
    files = _Files({"": Scope(folder, params, cwd=cwd), **scopes})
    products = _Products()
    clashes = []
    for task in tasks.values():
        for path in files.paths(task, task.generates):
            if (first := products.add(path, task.id)) != task.id:
                clashes.append(Clash(os.path.relpath(path, folder), first, task.id))
    found = {}
    for task in tasks.values():
        read = (id_ for path in files.paths(task, task.sources) for id_ in products.made(path))
        upstream = dict.fromkeys(id_ for id_ in read if id_ != task.id)
        if upstream:
            written = [it._replace(from_files=True) if it.task in upstream else it for it in task.dependencies]
            known = {it.task for it in written}
            more = [Dependency(id_, from_files=True) for id_ in upstream if id_ not in known]
            task = task._replace(dependencies=(*written, *more))
        found[task.id] = task
    return found, clashes


class _Products:
    """What tasks make, by paths, folders and globs."""

    def __init__(self) -> None:
        self._makers: dict[str, str] = {}
        """By path without a wildcard: the task that makes it, or what is in it if it is a folder."""
        self._below: dict[str, list[str]] = {}
        """By folder the paths in `_makers` below it."""
        self._globs: dict[str, str] = {}

    def add(self, path: str, task: str) -> str:
        """Add a product, and return who makes it: the first that said so."""
        if has_magic(path):
            return self._globs.setdefault(path, task)
        if path not in self._makers:
            self._makers[path] = task
            for folder in _above(path):
                self._below.setdefault(folder, []).append(path)
        return self._makers[path]

    def made(self, source: str) -> Iterator[str]:
        """Yield who makes what a source may mean."""
        if not has_magic(source):
            yield from self._of([source, *_above(source)])
            yield from self._of(self._below.get(source, ()))
            meant = [source, f"{source}/**"]
        else:
            folder = os.path.dirname(source)
            while has_magic(folder):
                folder = os.path.dirname(folder)
            near = self._below.get(folder, ())
            yield from self._of(path for path in near if overlap(source, path) or _may_be_in(path, source))
            yield from self._of([folder, *_above(folder)])
            meant = [source]
        for pattern, task in self._globs.items():
            if any(overlap(pattern, one) for one in meant):
                yield task

    def _of(self, paths: Iterable[str]) -> Iterator[str]:
        return (self._makers[path] for path in paths if path in self._makers)


class _Files:
    """Renders patterns, as far as that can be done now."""

    def __init__(self, scopes: Mapping[str, Scope]) -> None:
        self._scopes = scopes
        self._templates: Any = None

    def paths(self, task: Task, patterns: tuple[str, ...]) -> Iterator[str]:
        """Yield the patterns of a task that are known now, absolute."""
        if not patterns:
            return
        scope = self._scopes[task.scope]
        cwd = self._rendered(task, scope.cwd), self._rendered(task, task.cwd or "")
        for pattern in patterns:
            text = None if None in cwd else self._rendered(task, pattern)
            if text and not text.startswith("!"):
                yield os.path.normpath(os.path.join(scope.folder, *map(str, cwd), text))

    def _rendered(self, task: Task, text: str) -> str | None:
        if task.literal or "{" not in text:
            return text
        if self._templates is None:
            from airexec.workflow.template.templates import Templates

            self._templates = Templates()
        params = self._scopes[task.scope].params
        if task.params:
            params = {**params, **{name: it["default"] for name, it in task.params.items() if "default" in it}}
        context = {"params": params, "matrix": task.matrix, "task": {"id": task.id}}
        if task.with_ and text not in task.with_.values():
            given = {name: self._rendered(task, it) if isinstance(it, str) else it for name, it in task.with_.items()}
            context["with"] = {name: value for name, value in given.items() if value is not None}
        try:
            return str(self._templates.render(text, context))
        except AirexecError:
            return None


def _may_be_in(product: str, source: str) -> bool:
    """Return whether a product may be a folder in which a glob finds something. What has a suffix is a file."""
    return "." not in os.path.basename(product) and overlap(source, f"{product}/**")


def _above(path: str) -> Iterator[str]:
    """Yield the folders that a path lies in, from the nearest on."""
    while (folder := os.path.dirname(path)) != path:
        yield folder
        path = folder


def overlap(first: str, second: str) -> bool:
    """Return whether two globs, or a glob and a path, may mean the same file; in doubt they do."""
    return _overlap(tuple(first.split("/")), tuple(second.split("/")))


@lru_cache(maxsize=4096)
def _overlap(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    if not first or not second:
        return all(part == "**" for part in (*first, *second))
    if first[0] == "**":
        return _overlap(first[1:], second) or _overlap(first, second[1:])
    if second[0] == "**":
        return _overlap(second, first)
    return _parts_overlap(first[0], second[0]) and _overlap(first[1:], second[1:])


def _parts_overlap(first: str, second: str) -> bool:
    if not has_magic(first) or not has_magic(second):
        return fnmatchcase(first, second) or fnmatchcase(second, first)
    (begin, end), (other_begin, other_end) = _ends(first), _ends(second)
    return (begin.startswith(other_begin) or other_begin.startswith(begin)) and (
        end.endswith(other_end) or other_end.endswith(end)
    )


def _ends(part: str) -> tuple[str, str]:
    """Return what stands before the first wildcard of a part and behind its last one."""
    places = [at for at, sign in enumerate(part) if sign in "*?[]"]
    return part[: places[0]], part[places[-1] + 1 :]
