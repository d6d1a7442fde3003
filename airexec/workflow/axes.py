"""Axes of a matrix that are not written out become lists: the files that match a glob, the numbers of a range, and what
the params that an axis names hold by default."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from airexec.workflow.build import Fields, build_params, build_vars, texts
from airexec.workflow.check.names import names_of
from airexec.workflow.diagnostics import Finding
from airexec.workflow.diagnostics import Path as Place
from airexec.workflow.find import absolute
from airexec.workflow.matrix import INSTANCES_MAX
from airexec.workflow.model import FileAxis
from airexec.workflow.open_axes import KNOWN, AxisError, defaults_of, values_of
from airexec.workflow.template.problem import Names, TemplateError
from airexec.workflow.template.templates import Templates
from airexec.workflow.vars import names_in, texts_alone
from airexec.workflow.wording import quoted
from airexec.workflow.yaml.places import Places


class Axes(NamedTuple):
    """What became of the axes of a file."""

    data: dict[str, Any]
    """The file, every axis a list; an axis that is wrong has no values."""
    files: tuple[FileAxis, ...]
    open: dict[str, Mapping[str, Any]]
    """By task, each matrix with an axis that a param says, which is a text there."""
    findings: list[Finding]


def written_out(data: dict[str, Any], places: Places, path: Path) -> Axes:
    """Return the data of a workflow file with a list for each axis of its matrices."""
    filler = _Filler(data, places, path)
    tasks = {task_id: filler.task(task_id, fields) for task_id, fields in data.get("tasks", {}).items()}
    filled = {**data, "tasks": tasks} if filler.has_filled else data
    return Axes(filled, tuple(filler.files), filler.open, filler.findings)


class _Filler:
    def __init__(self, data: Fields, places: Places, path: Path) -> None:
        self._data = data
        self._places = places
        self._path = path
        self.has_filled = False
        self.files: list[FileAxis] = []
        self.open: dict[str, Mapping[str, Any]] = {}
        self.findings: list[Finding] = []

    def task(self, task_id: str, fields: Fields) -> Fields:
        """Return the fields of a task with a list for each axis of its matrix."""
        matrix = fields.get("matrix", {})
        if all(isinstance(axis, list) for axis in matrix.values()):
            return fields
        self.has_filled = True
        at: Place = ("tasks", task_id, "matrix")
        written = {
            key: axis if isinstance(axis, list | str) else self._axis(axis, (*at, key), fields)
            for key, axis in matrix.items()
        }
        opened = {key: self._opened(axis, (*at, key)) for key, axis in written.items() if isinstance(axis, str)}
        if opened and "workflow" in fields:
            message = "the matrix of a file that is a node cannot be made of params"
            self.findings.append(Finding(self._places.value((*at, next(iter(opened)))), message, "write a list"))
        elif opened:
            self.open[task_id] = written
        return {**fields, "matrix": {**written, **opened}}

    def _opened(self, axis: str, place: Place) -> list[Any]:
        """Return the values of an axis that a param says, by default."""
        from airexec.workflow.template.checker import Checker

        params = build_params(self._data.get("params", {}))
        variables = build_vars(self._data.get("vars", {}))
        names = Names(
            names_of(self._places.data, "params"),
            vars=frozenset(variables),
            roots=KNOWN,
            why="only 'params' and 'vars' can be used",
        )
        if problems := Checker().expression(axis, names):
            self.findings += (Finding(self._places.in_text(place, it.offset), it.message, it.hint) for it in problems)
            return []
        defaults = defaults_of(params)
        try:
            return values_of(axis, {"params": defaults, "vars": texts_alone(variables, defaults)}, Templates())
        except AxisError as error:
            self.findings.append(Finding(self._places.value(place), str(error), "a param's default is what is listed"))
        except TemplateError as error:
            missing = [name for name in params if name not in defaults and re.search(rf"\b{name}\b", axis)]
            message, hint = error.headline, error.hint
            late = [name for name in names_in(axis, variables) if name not in texts_alone(variables, defaults)]
            if late:
                message = f"var {quoted(late[0])} is worked out when a run begins, and a matrix is made before"
                hint = "make it of params alone, or let a task queue the others with ::queue lines"
            if missing:
                message = f"param {quoted(missing[0])} has no default, and a matrix is made of it"
                hint = f"give it one, such as  {missing[0]}: {{type: array, default: [a, b]}}"
            self.findings.append(Finding(self._places.value(place), message, hint))
        return []

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
