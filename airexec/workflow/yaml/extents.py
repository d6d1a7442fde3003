"""Where every scalar of a text starts and ends. Only a text with something wrong is read a second time for this."""

from typing import NamedTuple

from airexec.workflow.yaml.events import DEPTH_MAX, Events, YamlFatalError, parser_errors


class Extent(NamedTuple):
    """A scalar as it stands in the text: from `start` up to, not including, `end`."""

    start: int
    end: int
    style: str
    """`'`, `"`, `|`, `>`, or empty for a plain scalar."""


def scalar_extents(text: str) -> dict[int, Extent]:
    """Return every scalar of a text by its start, up to the first place that is not YAML or is nested too deeply."""
    extents: dict[int, Extent] = {}
    depth = 0
    try:
        with parser_errors(text):
            events = Events(text)
            while not events.is_end(event := events.advance()) and depth <= DEPTH_MAX:
                depth += events.depth_change(event)
                if event.__class__ is events.scalar:
                    start, end = event.start_mark.index, event.end_mark.index
                    extents[start] = Extent(start, len(text[start:end].rstrip()) + start, event.style or "")
    except YamlFatalError:
        pass
    return extents
