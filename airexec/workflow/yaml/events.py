"""The events of ruamel's parser: the C one where there is one, else the pure one. Only YamlFatalError comes out.

The C parser refuses some flow collections that YAML allows: `[http://x/]`, `[8080:80]`, `{command: test $? = 0}`. So
where it stumbles over one, the pure parser, which is ten times slower, has the last word.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from airexec.workflow.diagnostics import Finding

DEPTH_MAX = 100
"""Lists and maps in each other. The parser takes time in the square of the depth, and walks over data take stack."""

DIRECTIVES_MAX = 100
"""The parser takes time in the square of their number."""


PURE_CHARACTERS_MAX = 1_000_000
"""Of a text that the pure parser is asked about: it takes a second for them."""

_DOUBTFUL = (
    "found unexpected ':'",
    "did not find expected ',' or",
    "cannot start any token",
    "did not find expected key",
)
"""What the C parser also says of good flow collections."""


class YamlFatalError(Exception):
    """The text cannot be read any further."""

    def __init__(self, finding: Finding, is_doubtful: bool = False) -> None:
        """`is_doubtful`: the pure parser may see it otherwise."""
        super().__init__(finding.message)
        self.finding = finding
        self.is_doubtful = is_doubtful


class Events:
    """The classes of events, and `advance`, which gives the next one; None or a stream end after the last."""

    def __init__(self, text: str, pure: bool = False) -> None:
        """Raise YamlFatalError for a text that would keep the parser busy for minutes."""
        from ruamel.yaml import events

        if text.count("\n%TAG") > DIRECTIVES_MAX:
            start = text.index("\n%TAG") + 1
            raise YamlFatalError(Finding(start, f"there are more than {DIRECTIVES_MAX} directives here", end=start + 4))

        self.alias = events.AliasEvent
        self.scalar = events.ScalarEvent
        self.mapping_start = events.MappingStartEvent
        self.mapping_end = events.MappingEndEvent
        self.sequence_start = events.SequenceStartEvent
        self.sequence_end = events.SequenceEndEvent
        self._end = (events.StreamEndEvent, type(None))
        self.advance = _event_source(text, pure)

    def is_end(self, event: Any) -> bool:
        """Return whether this is the end of the stream."""
        return isinstance(event, self._end)

    def depth_change(self, event: Any) -> int:
        """Return 1 for the start of a list or map, -1 for the end of one."""
        kind = event.__class__
        if kind is self.mapping_start or kind is self.sequence_start:
            return 1
        return -1 if kind is self.mapping_end or kind is self.sequence_end else 0


@contextmanager
def parser_errors(text: str) -> Iterator[None]:
    """Turn what the parser raises about `text` into YamlFatalError."""
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        yield
    except MarkedYAMLError as error:
        from airexec.workflow.yaml.syntax_errors import syntax_finding

        is_doubtful = len(text) <= PURE_CHARACTERS_MAX and any(it in (error.problem or "") for it in _DOUBTFUL)
        raise YamlFatalError(syntax_finding(text, error), is_doubtful) from None
    except YAMLError as error:
        raise YamlFatalError(Finding(0, f"this is not YAML: {error}".splitlines()[0])) from None


def _event_source(text: str, pure: bool) -> Callable[[], Any]:
    from ruamel.yaml import YAML, main

    c_parser: Any = getattr(main, "CParser", None)
    if c_parser is not None and not pure:
        advance: Callable[[], Any] = c_parser(text).get_event
        return advance
    events = YAML(typ="safe", pure=True).parse(text)  # "rt" marks folds inside of texts
    return lambda: next(events, None)
