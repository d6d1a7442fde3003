"""YAML 1.2 text into plain data, together with the place of every key and value. Knows nothing of workflows.

The constructor works on the events of ruamel's parser (the C one where there is one), because that is six times
faster than `YAML().load`, gives offsets, and lets the guards look at every node before it is built:

- depth: at most DEPTH_MAX, so that no walk over the data can exhaust the stack;
- aliases and merge keys: what they add counts as if it were written out, and the sum is limited;
- an alias inside its own anchor, a second document, tags, duplicate keys: refused.

Keys are always strings, as written. Values follow the core schema of YAML 1.2.2 §10.3.2: `yes`, `no`, `on`, `off`
and dates are strings.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from airexec.workflow.source import Extent, Finding

DEPTH_MAX = 100
ALIAS_NODES_FREE = 100_000
ALIAS_NODES_PER_NODE = 20
"""Aliases may add ALIAS_NODES_FREE nodes, and as many more for each node that is written."""

CORE_TAG = "tag:yaml.org,2002:"
_FIRST_OF_TYPED = frozenset("-+.0123456789~nNtTfF")
_WORDS: Mapping[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INTEGER = re.compile(r"[-+]?[0-9]+")
_PREFIXED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_DIGITS_MAX = 300


class MapAt(NamedTuple):
    """Places of a mapping: its start, and per key the start of the key and the place of the value."""

    start: int
    keys: dict[str, int]
    values: dict[str, "At"]


class ListAt(NamedTuple):
    """Places of a list: its start and the place of each item."""

    start: int
    items: list["At"]


At = int | MapAt | ListAt
"""The place of a value: an offset for a scalar."""


class Document(NamedTuple):
    """A file's data with the places of all its parts."""

    value: Any
    at: At


class YamlFatalError(Exception):
    """The text cannot be read any further."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def read_yaml(text: str, findings: list[Finding]) -> Document | None:
    """Return the data of a YAML document, None for an empty one or when it cannot be read.

    Mistakes are appended to `findings`. After some of them reading goes on (duplicate keys, unquoted `{{ }}`), so
    that one round shows them all.
    """
    import gc

    collecting = gc.isenabled()
    gc.disable()  # nothing here is garbage, and half the time would go into looking for it
    try:
        return _Constructor(text, findings).document()
    except YamlFatalError as error:
        findings.append(error.finding)
        return None
    finally:
        if collecting:
            gc.enable()


def start_of(at: At) -> int:
    """Return the offset where a value starts."""
    return at if isinstance(at, int) else at.start


def scalar_extents(text: str) -> dict[int, Extent]:
    """Return every scalar of a text by its start, up to the first place that is not YAML."""
    events = _Events(text)
    extents: dict[int, Extent] = {}
    try:
        while not events.is_end(event := events.next()):
            style = getattr(event, "style", None)
            if getattr(event, "value", None) is not None:
                start, end = event.start_mark.index, event.end_mark.index
                extents[start] = Extent(start, len(text[start:end].rstrip()) + start, style or "")
    except YamlFatalError:
        pass
    return extents


def resolve_plain(text: str) -> Any:
    """Return the value of a plain scalar by the core schema; a number without JSON form is left a string."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > _DIGITS_MAX:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _PREFIXED.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return text if number in (float("inf"), float("-inf")) else number
    return text


class _Events:
    """The parser's events; whatever it raises becomes YamlFatalError."""

    def __init__(self, text: str) -> None:
        from ruamel.yaml import events

        self.text = text
        self.alias = events.AliasEvent
        self.scalar = events.ScalarEvent
        self.mapping_start = events.MappingStartEvent
        self.mapping_end = events.MappingEndEvent
        self.sequence_start = events.SequenceStartEvent
        self.sequence_end = events.SequenceEndEvent
        self._end = (events.StreamEndEvent, type(None))
        self._next = _event_source(text)

    def is_end(self, event: Any) -> bool:
        return isinstance(event, self._end)

    def next(self) -> Any:
        from ruamel.yaml.error import MarkedYAMLError, YAMLError

        try:
            return self._next()
        except MarkedYAMLError as error:
            from airexec.workflow.yaml_complaints import syntax_finding

            raise YamlFatalError(syntax_finding(self.text, error)) from None
        except YAMLError as error:
            raise YamlFatalError(Finding(0, f"this is not YAML: {error}".splitlines()[0])) from None


def _event_source(text: str) -> Any:
    """Return a function that gives the next event: of the C parser, or of the pure one where it is missing."""
    try:
        from ruamel.yaml import CParser
    except ImportError:
        from ruamel.yaml import YAML

        events = YAML(typ="rt", pure=True).parse(text)
        return lambda: next(events, None)
    return CParser(text).get_event


class _Anchor(NamedTuple):
    value: Any
    at: At
    nodes: int
    height: int


class _Constructor:
    """Builds one document. A value is built by `_node(event, depth)`, which gives (value, place)."""

    def __init__(self, text: str, findings: list[Finding]) -> None:
        self._text = text
        self._findings = findings
        self._events = _Events(text)
        self._anchors: dict[str, _Anchor | None] = {}
        """None while the anchored node is being built."""
        self._nodes = 0
        self._nodes_by_alias = 0
        self._deepest = 0

    def document(self) -> Document | None:
        events = self._events
        events.next()  # stream start
        if events.is_end(events.next()):  # else: document start
            return None
        value, at = self._node(events.next(), 0)
        events.next()  # document end
        after = events.next()
        if not events.is_end(after):
            place = after.start_mark.index
            raise YamlFatalError(Finding(
                place, "a second document starts here; a file holds one workflow",
                "delete this line, or move what follows into a file of its own", end=place + 3,
            ))  # fmt: skip
        return Document(value, at)

    def _node(self, event: Any, depth: int) -> tuple[Any, At]:
        kind = event.__class__
        if kind is self._events.scalar:
            return self._scalar(event)
        if kind is self._events.alias:
            return self._alias(event, depth)
        return self._collection(event, depth)

    def _scalar(self, event: Any) -> tuple[Any, int]:
        self._nodes += 1
        text, at = event.value, event.start_mark.index
        if event.tag is not None:
            value = self._tagged(event)
        elif event.implicit[0] and (not text or text[0] in _FIRST_OF_TYPED):
            value = resolve_plain(text)
            if value is text and _NOT_FINITE.fullmatch(text):
                self._report(at, f"'{text}' is not a number that JSON can hold", f'for the text write "{text}"')
        else:
            value = text
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchor(value, at, 1, 0)
        return value, at

    def _collection(self, event: Any, depth: int) -> tuple[Any, At]:
        at = event.start_mark.index
        if depth >= DEPTH_MAX:
            raise YamlFatalError(Finding(at, f"nested deeper than {DEPTH_MAX} levels", end=at + 1))
        self._deepest = max(self._deepest, depth)
        if event.tag is not None and event.tag not in (f"{CORE_TAG}map", f"{CORE_TAG}seq"):
            self._refuse_tag(event)
        build = self._mapping if event.__class__ is self._events.mapping_start else self._sequence
        return build(event, depth) if event.anchor is None else self._anchored(event, depth, build)

    def _anchored(self, event: Any, depth: int, build: Any) -> tuple[Any, At]:
        nodes, deepest = self._nodes, self._deepest
        self._anchors[event.anchor] = None
        self._deepest = depth
        value, at = build(event, depth)
        self._anchors[event.anchor] = _Anchor(value, at, self._nodes - nodes, self._deepest - depth)
        self._deepest = max(deepest, self._deepest)
        return value, at

    def _sequence(self, event: Any, depth: int) -> tuple[list[Any], ListAt]:
        self._nodes += 1
        values: list[Any] = []
        places: list[At] = []
        advance, end = self._events.next, self._events.sequence_end
        while (item := advance()).__class__ is not end:
            value, at = self._node(item, depth + 1)
            values.append(value)
            places.append(at)
        return values, ListAt(event.start_mark.index, places)

    def _mapping(self, event: Any, depth: int) -> tuple[Any, At]:
        self._nodes += 1
        data: dict[str, Any] = {}
        places = MapAt(event.start_mark.index, {}, {})
        merged: list[tuple[int, Any, At]] = []
        advance, end = self._events.next, self._events.mapping_end
        while (item := advance()).__class__ is not end:
            if item.__class__ is not self._events.scalar:
                if _is_unquoted_template(event, item):
                    return self._unquoted_template(event)
                self._refuse_key(item)
            key, key_at = item.value, item.start_mark.index
            value, at = self._node(advance(), depth + 1)
            if key == "<<" and item.implicit[0]:
                merged.append((key_at, value, at))
                continue
            if key in data:
                self._report(
                    key_at, f"key {_quoted(key)} is written twice", related=(places.keys[key], "first written")
                )
            data[key] = value
            places.keys[key] = key_at
            places.values[key] = at
        for key_at, value, at in merged:
            self._merge(data, places, key_at, value, at)
        return data, places

    def _merge(self, data: dict[str, Any], places: MapAt, key_at: int, value: Any, at: At) -> None:
        """Apply `<<: *base` or `<<: [*base, *other]`: keys that are written win, then the first that has the key."""
        bases = (
            [(value, at)]
            if isinstance(at, MapAt)
            else list(zip(value, at.items, strict=True))
            if (isinstance(at, ListAt))
            else []
        )
        if not bases or not all(isinstance(base_at, MapAt) for _, base_at in bases):
            self._report(key_at, "'<<' takes a mapping or a list of mappings", "write <<: *anchor")
            return
        for base, base_at in bases:
            assert isinstance(base_at, MapAt)
            self._count_alias(key_at, len(base))
            for key in base:
                if key not in data:
                    data[key] = base[key]
                    places.keys[key] = base_at.keys[key]
                    places.values[key] = base_at.values[key]

    def _alias(self, event: Any, depth: int) -> tuple[Any, At]:
        name, at = event.anchor, event.start_mark.index
        if name not in self._anchors:
            raise YamlFatalError(Finding(
                at, f"alias '*{name}' has no anchor '&{name}' above it", end=event.end_mark.index,
            ))  # fmt: skip
        anchor = self._anchors[name]
        if anchor is None:
            raise YamlFatalError(Finding(at, f"alias '*{name}' stands inside its own anchor", end=event.end_mark.index))
        self._count_alias(at, anchor.nodes)
        if depth + anchor.height >= DEPTH_MAX:
            raise YamlFatalError(Finding(at, f"nested deeper than {DEPTH_MAX} levels", end=event.end_mark.index))
        self._deepest = max(self._deepest, depth + anchor.height)
        return anchor.value, anchor.at

    def _count_alias(self, at: int, nodes: int) -> None:
        written = self._nodes - self._nodes_by_alias
        self._nodes += nodes
        self._nodes_by_alias += nodes
        limit = ALIAS_NODES_FREE + ALIAS_NODES_PER_NODE * written
        if self._nodes_by_alias > limit:
            raise YamlFatalError(
                Finding(at, f"aliases expand to more than {limit} values", "write it out, or use a matrix")
            )

    def _tagged(self, event: Any) -> Any:
        text, name = event.value, event.tag.removeprefix(CORE_TAG)
        if event.tag in (f"{CORE_TAG}str", "!"):
            return text
        if event.tag.startswith(CORE_TAG) and name in ("int", "float", "bool", "null"):
            value = resolve_plain(text)
            value = float(value) if name == "float" and type(value) is int else value
            if type(value).__name__.replace("NoneType", "null") == name:
                return value
            self._report(event.start_mark.index, f"{_quoted(text)} is not of type {name}")
            return text
        self._refuse_tag(event)
        return text

    def _refuse_tag(self, event: Any) -> None:
        at = event.start_mark.index
        length = len(self._text[at : at + 200].split(maxsplit=1)[0])
        self._report(at, f"tag {_quoted(self._text[at : at + length])} is not supported", end=at + length)

    def _refuse_key(self, event: Any) -> None:
        at = event.start_mark.index
        raise YamlFatalError(Finding(at, "a key must be a single value, not a list or mapping", end=at + 1))

    def _unquoted_template(self, event: Any) -> tuple[str, int]:
        """Read on as if the `{{ … }}` had been quoted: the text up to the end of the outer map."""
        from airexec.workflow.yaml_complaints import unquoted_template

        at = event.start_mark.index
        finding = unquoted_template(self._text, at)
        depth = 2
        try:
            while depth:
                kind = (event := self._events.next()).__class__
                depth += kind in (self._events.mapping_start, self._events.sequence_start)
                depth -= kind in (self._events.mapping_end, self._events.sequence_end)
        except YamlFatalError:
            raise YamlFatalError(finding) from None
        if self._text[event.end_mark.index :].split("\n", 1)[0].partition("#")[0].strip(" ,]})"):
            raise YamlFatalError(finding)  # `{{ a }}/b`: what follows cannot be read
        self._findings.append(finding)
        return self._text[at : event.end_mark.index], at

    def _report(self, at: int, message: str, hint: str = "", end: int | None = None,
                related: tuple[int, str] | None = None) -> None:  # fmt: skip
        self._findings.append(Finding(at, message, hint, end=end, related=related))


def _is_unquoted_template(outer: Any, key: Any) -> bool:
    return bool(
        outer.flow_style and getattr(key, "flow_style", False) and key.start_mark.index == outer.start_mark.index + 1
    )


def _quoted(text: str) -> str:
    from airexec.workflow.wording import quoted

    return quoted(text)
