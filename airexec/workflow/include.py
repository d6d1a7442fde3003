"""The files that a workflow file includes: which they are, and what all of them say together.

They are merged as data, each value with its place in its own file, so that all that comes after a file is read (checks,
expansion, the model) knows of one workflow only. Nobody but this module and `yaml.joined` knows of several.

A file comes after those that it includes, and each comes once: where it is first reached. The later one wins.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from airexec.errors import UsageError
from airexec.workflow.diagnostics import Finding
from airexec.workflow.digest import content_digest
from airexec.workflow.find import STDIN, absolute
from airexec.workflow.model import IncludedFile
from airexec.workflow.schema.failure import Failure
from airexec.workflow.schema.published import schema
from airexec.workflow.wording import nearest, quoted
from airexec.workflow.yaml.at import At, ListAt, MapAt, start_of
from airexec.workflow.yaml.joined import JoinedSource, Part, moved, moved_at
from airexec.workflow.yaml.nodes import Document, read_yaml
from airexec.workflow.yaml.source import Source, decode_source, read_bytes

MERGED = ("vars", "params", "env", "templates", "pools", "default_args", "tasks")
"""The keys that an included file gives to the workflow."""
_SILENT = ("name", "description")
"""What may stand in it all the same: it may be a workflow of its own, or say what it is for."""

DEPTH_MAX = 50
"""So many files may include each other in a row."""


class Included(NamedTuple):
    """A workflow file with all that it includes."""

    source: JoinedSource
    documents: tuple[Document, ...]
    """In the order of merging, places as offsets in `source`; the last is the workflow file itself."""
    files: tuple[IncludedFile, ...]
    """What was included, or would have been: a file that is not there has no digest."""
    is_whole: bool
    """Whether all could be read; if not, nobody knows what is missing."""


def with_included(document: Document, source: Source, path: Path, findings: list[Finding]) -> Included:
    """Return a workflow file with all that it includes, directly or not. What is wrong is said in `findings`."""
    reader = _Reader(source, findings)
    own, shown_as = absolute(path), STDIN if str(path) == STDIN else source.shown_as
    reader.follow(document, (_Step(own, os.path.realpath(own), shown_as),))
    documents = (*reader.documents, document)
    return Included(JoinedSource(reader.parts), documents, tuple(reader.files.values()), reader.is_whole)


def merged(documents: Sequence[Document]) -> Document:
    """Return what documents say together, where the later one wins; of other keys, what the last one says."""
    maps = list(_maps(documents))
    own, own_at = maps[-1]
    values, at = dict(own), MapAt(own_at.start, dict(own_at.keys), dict(own_at.values))
    for key in MERGED:
        holders = [
            (section, section_at, its.keys[key])
            for its_values, its in maps
            if isinstance(section := its_values.get(key), dict) and isinstance(section_at := its.values[key], MapAt)
        ]
        if holders:
            values[key] = {name: value for section, _, _ in holders for name, value in section.items()}
            _, last_at, at.keys[key] = holders[-1]
            at.values[key] = MapAt(
                last_at.start,
                {name: start for _, section, _ in holders for name, start in section.keys.items()},
                {name: place for _, section, _ in holders for name, place in section.values.items()},
            )
    return Document(values, at)


def _maps(documents: Sequence[Document]) -> Iterator[tuple[dict[str, Any], MapAt]]:
    for document in documents:
        if isinstance(document.at, MapAt):
            yield document.value, document.at


def defined_twice(documents: Sequence[Document]) -> Iterator[Finding]:
    """Yield an error for each task whose id is taken by another file."""
    first: dict[str, int] = {}
    for _, its in _maps(documents):
        tasks = its.values.get("tasks")
        for task_id, at in tasks.keys.items() if isinstance(tasks, MapAt) else ():
            if task_id in first:
                message = f"task {quoted(task_id)} is defined in two files"
                yield Finding(at, message, "give one of them another id", related=(first[task_id], "first defined"))
            first.setdefault(task_id, at)


def is_missing_names(broken: Sequence[Failure]) -> bool:
    """Return whether an included file breaks the schema so that nobody can tell which names it gives."""
    return any((len(it.path) < 2 and it.keyword != "propertyNames") or is_of_include(it) for it in broken)


def is_of_include(broken: Failure) -> bool:
    """Return whether what is to be included breaks the schema."""
    return broken.path[:1] == ("include",)


class _Step(NamedTuple):
    """A file on the way to another."""

    path: str
    """Absolute."""
    real: str
    """Its path without symbolic links: what tells that two are the same."""
    shown_as: str


class _Reader:
    """Reads files and what they include, each once."""

    def __init__(self, source: Source, findings: list[Finding]) -> None:
        self.parts = [Part(source, "", 0)]
        self.documents: list[Document] = []
        self.files: dict[str, IncludedFile] = {}
        """By path without symbolic links."""
        self.is_whole = True
        self._findings = findings

    def follow(self, document: Document, way: tuple[_Step, ...]) -> None:
        """Read what a document includes. `way`: the files by which it came to be read, its own the last."""
        for text, at in _written(document):
            if "{{" in text:
                why = "what is included is read before anything is known"
                self._refuse(at, f"a template is not filled here: {why}", "write the path itself")
                continue
            try:
                self._include(text, at, way)
            except (UsageError, ValueError) as error:
                message = error.headline if isinstance(error, UsageError) else f"cannot read {quoted(text)}: {error}"
                self._refuse(at, message, _meant(text, way))

    def _include(self, text: str, at: int, way: tuple[_Step, ...]) -> None:
        """Raises UsageError, ValueError for what cannot be read."""
        path, shown_as = beside(way[-1].path, text), beside(way[-1].shown_as, text)
        step = _Step(path, os.path.realpath(path), shown_as)
        if (circle := [one.shown_as for one in _from(step.real, way)]) != []:
            spelt = " → ".join([*circle, circle[0]])
            self._findings.append(Finding(at, f"files include each other in a circle: {spelt}", _CIRCLE_HINT))
            return
        if step.real in self.files:
            return
        if len(way) > DEPTH_MAX:
            raise UsageError(f"more than {DEPTH_MAX} files include each other in a row")
        self.files[step.real] = IncludedFile(path)
        if os.path.exists(path) and not os.path.isfile(path):
            raise UsageError(f"cannot read {shown_as}: it is not a file")  # a pipe could be read only once
        data = read_bytes(Path(path), shown_as)
        self.files[step.real] = IncludedFile(path, content_digest(data))
        self._take(data, at, (*way, step))

    def _take(self, data: bytes, at: int, way: tuple[_Step, ...]) -> None:
        found: list[Finding] = []
        part = Part(decode_source(data, way[-1].shown_as, found), way[-1].path, self.parts[-1].end, at)
        self.parts.append(part)
        document = read_yaml(part.source.text, found) if not found else None
        if document is None and not found:
            found.append(Finding(0, "the file is empty, so including it has no effect", severity="warning", end=1))
        else:
            self.is_whole = self.is_whole and document is not None
        self._findings += [moved(one, part.start) for one in found]
        if document is not None:
            places = moved_at(document.at, part.start)
            value = self._effective(document.value, places) if isinstance(places, MapAt) else document.value
            document = Document(value, places)
            self.follow(document, way)
            self.documents.append(document)

    def _effective(self, own: Mapping[str, Any], at: MapAt) -> dict[str, Any]:
        """Return what a file says that is heeded where it is included, and warn about the rest."""
        known = schema("workflow")["properties"]
        values = {"include": [], **own}  # the schema asks for `tasks` where nothing is included
        for key in own:
            if key in _SILENT:
                del values[key]
            elif key in known and key not in (*MERGED, "include"):
                del values[key]
                message = f"{quoted(key)} has no effect in an included file"
                hint = "write it in the workflow file itself"
                self._findings.append(Finding(at.keys[key], message, hint, "warning"))
        return values

    def _refuse(self, at: int, message: str, hint: str) -> None:
        self.is_whole = False
        self._findings.append(Finding(at, message, hint))


_CIRCLE_HINT = "take one of these includes away"


def beside(path: str, text: str) -> str:
    """Return where a path leads that is written in the file `path`, without `..` where that is safe."""
    joined = os.path.join(os.path.dirname(path), text)
    short = os.path.normpath(joined)
    return short if os.path.realpath(short) == os.path.realpath(joined) else joined


def _written(document: Document) -> Iterator[tuple[str, int]]:
    """Yield the paths that a document includes, with their places; what is of a wrong type is for the schema."""
    if not isinstance(document.at, MapAt) or "include" not in document.at.values:
        return
    value, at = document.value["include"], document.at.values["include"]
    items: Iterable[tuple[Any, At]] = zip(value, at.items, strict=True) if isinstance(at, ListAt) else [(value, at)]
    for item, place in items:
        if isinstance(item, str) and item:
            yield item, start_of(place)


def _from(real: str, way: tuple[_Step, ...]) -> tuple[_Step, ...]:
    """Return the way from a file on; nothing where it is not on it."""
    return next((way[place:] for place, step in enumerate(way) if step.real == real), ())


def _meant(text: str, way: tuple[_Step, ...]) -> str:
    """Return a hint with the file that was probably meant: another one than those that lead here."""
    folder, name = os.path.split(text)
    place = os.path.join(os.path.dirname(way[-1].path), folder)
    known = {step.real for step in way}
    try:
        near = nearest(name, [it for it in os.listdir(place) if os.path.realpath(os.path.join(place, it)) not in known])
    except (OSError, ValueError):
        return ""
    return f"did you mean '{os.path.join(folder, near)}'?" if near and near != name else ""
