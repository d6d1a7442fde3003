"""Axes of a matrix that are not written out become lists: the files that match a glob, the numbers of a range."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from airexec.workflow.build import Fields, texts
from airexec.workflow.diagnostics import Finding
from airexec.workflow.diagnostics import Path as Place
from airexec.workflow.find import absolute
from airexec.workflow.matrix import INSTANCES_MAX
from airexec.workflow.model import FileAxis
from airexec.workflow.yaml.places import Places

_LISTS = ("include", "exclude")
"""The keys of a matrix that are no axes."""


class Axes(NamedTuple):
    """What became of the axes of a file."""

    data: dict[str, Any]
    """The file, every axis a list; an axis that is wrong has no values."""
    files: tuple[FileAxis, ...]
    findings: list[Finding]


def written_out(data: dict[str, Any], places: Places, path: Path) -> Axes:
    """Return the data of a workflow file with a list for each axis of its matrices."""
    filler = _Filler(data, places, path)
    tasks = {task_id: filler.task(task_id, fields) for task_id, fields in data.get("tasks", {}).items()}
    return Axes({**data, "tasks": tasks} if filler.has_filled else data, tuple(filler.files), filler.findings)


class _Filler:
    def __init__(self, data: Fields, places: Places, path: Path) -> None:
        self._data = data
        self._places = places
        self._path = path
        self.has_filled = False
        self.files: list[FileAxis] = []
        self.findings: list[Finding] = []

    def task(self, task_id: str, fields: Fields) -> Fields:
        """Return the fields of a task with a list for each axis of its matrix."""
        matrix = fields.get("matrix", {})
        if all(isinstance(axis, list) for axis in matrix.values()):
            return fields
        self.has_filled = True
        at: Place = ("tasks", task_id, "matrix")
        filled = {
            key: axis if key in _LISTS or isinstance(axis, list) else self._axis(axis, (*at, key), fields)
            for key, axis in matrix.items()
        }
        return {**fields, "matrix": filled}

    def _axis(self, axis: Mapping[str, Any], place: Place, fields: Fields) -> list[Any]:
        at = self._places.value(place)
        if "range" in axis:
            try:
                return numbers(axis["range"])
            except RangeError as error:
                self.findings.append(Finding(at, str(error), error.hint))
                return []
        found = _file_axis(self._path, self._data.get("cwd", "."), fields.get("cwd", "."), axis["files"])
        self.files.append(found)
        self.findings += _missing(found, at)
        if not found.files and not any("{{" in glob for glob in found.globs):  # which the checks tell
            self.findings.append(Finding(at, f"no file matches {', '.join(found.globs)} in {found.folder}"))
        return list(found.files)


class RangeError(ValueError):
    """A range that has no values, or too many."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def numbers(bounds: list[float]) -> list[int]:
    """Return the whole numbers from the first bound to the second, both included; the third is the step.

    Raises RangeError.
    """
    first, last, step = (*map(int, bounds), 1)[:3]
    if step == 0:
        raise RangeError("a step of 0 leads nowhere", f"leave it out: {{range: [{first}, {last}]}}")
    count = (last - first) // step + 1
    if count < 1:
        message = f"no number is in the range from {first} to {last}{f' by steps of {step}' if step != 1 else ''}"
        raise RangeError(message, f"write [{first}, {last}, {-step}]")
    if count > INSTANCES_MAX:
        raise RangeError(f"this range has {count} numbers; at most {INSTANCES_MAX} are allowed")
    return list(range(first, first + count * step, step))


def _missing(axis: FileAxis, at: int) -> Iterator[Finding]:
    """Yield an error for each file that an axis names, and that is not there, while others are."""
    from glob import has_magic

    from airexec.workflow.check.file_patterns import BRACES

    for glob in axis.globs if axis.files else ():
        if glob.startswith("!") or os.path.exists(os.path.join(axis.folder, glob)):
            continue
        if BRACES.search(glob):
            yield Finding(at, f"braces mean nothing in {glob}", "write a pattern for each of what they list")
        elif not has_magic(glob):
            yield Finding(at, f"no file {glob} is in {axis.folder}")


def _file_axis(path: Path, cwd: str, of_task: str, globs: str | list[str]) -> FileAxis:
    from airexec.workflow.globs import matching_below

    literal = [part for part in (cwd, of_task) if "{{" not in part]
    folder = os.path.normpath(os.path.join(os.path.dirname(absolute(path)), *literal))
    patterns = texts(globs)
    return FileAxis(folder, patterns, tuple(matching_below(patterns, folder)))
