"""Several files as one text, so that a place in any of them is one number: what is said of it names the right file."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from airexec.workflow.diagnostics import Diagnostic, Finding, Inclusion, Related
from airexec.workflow.yaml.at import At, ListAt, MapAt
from airexec.workflow.yaml.extents import Extent
from airexec.workflow.yaml.source import Source


class Part(NamedTuple):
    """One file of several."""

    source: Source
    path: str
    """Absolute; empty: the workflow's own file."""
    start: int
    """Where it begins in the whole."""
    included_at: int | None = None
    """Where in the whole it is included; None: it is the workflow's own file."""

    @property
    def end(self) -> int:
        """Where the next one begins: a line end stands between them."""
        return self.start + len(self.source.text) + 1


class JoinedSource(Source):
    """The texts of several files, one after the other; the first is the workflow's own."""

    def __init__(self, parts: Sequence[Part]) -> None:
        super().__init__("\n".join(part.source.text for part in parts), parts[0].source.shown_as)
        self._parts = parts
        self._starts = [part.start for part in parts]

    def line_column(self, offset: int) -> tuple[int, int]:
        """Return the 1-based line and column of an offset in its file."""
        part = self._part(offset)
        return part.source.line_column(offset - part.start)

    def file(self, offset: int) -> str:
        """Return the absolute path of the file of an offset; empty: the workflow's own."""
        return self._part(offset).path

    def shown(self, offset: int) -> str:
        """Return an offset as `file:line:col`."""
        part = self._part(offset)
        return part.source.shown(offset - part.start)

    def extent(self, offset: int) -> Extent:
        """Return the scalar that starts at `offset`; a single character when none does."""
        part = self._part(offset)
        start, end, style = part.source.extent(offset - part.start)
        return Extent(start + part.start, end + part.start, style)

    def diagnostic(self, found: Finding) -> Diagnostic:
        """Return the finding with its place in its file, and the way by which that came to be read."""
        part = self._part(found.start)
        own = part.source.diagnostic(moved(found._replace(related=None), -part.start))
        return own._replace(related=self._related(found), included_by=self._inclusions(part))

    def _related(self, found: Finding) -> Related | None:
        if found.related is None:
            return None
        offset, label = found.related
        part = self._part(offset)
        file = "" if part is self._part(found.start) else part.source.shown_as
        return Related(*self.line_column(offset), label, file)

    def _inclusions(self, part: Part) -> tuple[Inclusion, ...]:
        way = []
        while part.included_at is not None:
            at, part = part.included_at, self._part(part.included_at)
            way.append(Inclusion(part.source.shown_as, *self.line_column(at)))
        return tuple(way)

    def _part(self, offset: int) -> Part:
        return self._parts[bisect_right(self._starts, offset) - 1]


def moved(found: Finding, by: int) -> Finding:
    """Return a finding as it is where its text begins so many characters later."""
    end = None if found.end is None else found.end + by
    related = None if found.related is None else (found.related[0] + by, found.related[1])
    return found._replace(start=found.start + by, end=end, related=related)


def moved_at(at: At, by: int) -> At:
    """Return places as they are where their text begins so many characters later."""
    known: dict[int, At] = {}  # what several aliases stand for is one value, and may be in many places

    def of(at: At) -> At:
        if isinstance(at, int):
            return at + by
        if id(at) not in known:
            known[id(at)] = (
                ListAt(at.start + by, [of(item) for item in at.items])
                if isinstance(at, ListAt)
                else MapAt(
                    at.start + by,
                    {key: start + by for key, start in at.keys.items()},
                    {key: of(value) for key, value in at.values.items()},
                )
            )
        return known[id(at)]

    return of(at)
