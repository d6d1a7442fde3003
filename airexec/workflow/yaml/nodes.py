"""YAML 1.2 text into plain data, together with the place of every key and value. Knows nothing of workflows.

The constructor works on the events of ruamel's parser (the C one where there is one), because that is six times
faster than `YAML().load`, gives offsets, and lets the guards look at every node before it is built:

- depth: at most DEPTH_MAX, so that no walk over the data can exhaust the stack;
- aliases and merge keys: what they add counts as if it were written out, and the sum is limited;
- an alias inside its own anchor, a second document, tags, duplicate keys: refused.

Keys are always strings, as written. Values follow the core schema of YAML 1.2.2 §10.3.2: `yes`, `no`, `on`, `off`
and dates are strings.
"""

from typing import Any, NamedTuple

from airexec.workflow.diagnostics import Finding
from airexec.workflow.wording import quoted
from airexec.workflow.yaml.at import At, ListAt, MapAt
from airexec.workflow.yaml.events import DEPTH_MAX, Events, YamlFatalError, parser_errors
from airexec.workflow.yaml.scalars import (
    CORE_TAG,
    FIRST_OF_TYPED,
    ScalarError,
    is_core_tag,
    plain_value,
    tagged_value,
)

MISTAKES_MAX = 100
"""After so many of them in the YAML itself the rest is not read."""

ALIAS_NODES_FREE = 100_000
ALIAS_NODES_PER_NODE = 20
"""Aliases may add ALIAS_NODES_FREE nodes, and as many more for each node that is written."""


class Document(NamedTuple):
    """A file's data with the places of all its parts."""

    value: Any
    at: At


def read_yaml(text: str, findings: list[Finding]) -> Document | None:
    """Return the data of a YAML document, None for an empty one or when it cannot be read.

    Mistakes are appended to `findings`. After some of them reading goes on (duplicate keys, unquoted `{{ }}`), so
    that one round shows them all.
    """
    mistakes: list[Finding] = []
    try:
        with parser_errors(text):
            document = _Constructor(text, Events(text), mistakes).document()
    except YamlFatalError as error:
        document = _read_purely(text, findings) if error.is_doubtful else None
        document = document or _read_json(text, findings)
        if document is None:
            findings += [*mistakes, error.finding]
        return document
    findings += mistakes
    return document


def _read_purely(text: str, findings: list[Finding]) -> Document | None:
    """Return what the pure parser makes of a text, None when it cannot be read."""
    mistakes: list[Finding] = []
    try:
        with parser_errors(text):
            document = _Constructor(text, Events(text, pure=True), mistakes).document()
    except YamlFatalError:
        return None
    findings += mistakes
    return document


def _read_json(text: str, findings: list[Finding]) -> Document | None:
    """Return a document that is JSON, which YAML refuses at a few edges; None when it is not."""
    if not text.lstrip().startswith("{"):
        return None
    from airexec.workflow.yaml.json_document import read_json

    found = read_json(text, findings)
    return None if found is None else Document(*found)


class _Anchor(NamedTuple):
    value: Any
    at: At
    nodes: int
    height: int


class _Constructor:
    """Builds one document. A value is built by `_node(event, depth)`, which gives (value, place)."""

    def __init__(self, text: str, events: Events, findings: list[Finding]) -> None:
        self._text = text
        self._findings = findings
        self._events = events
        self._anchors: dict[str, _Anchor | None] = {}
        """None while the anchored node is being built."""
        self._nodes = 0
        self._nodes_by_alias = 0
        self._deepest = 0

    def document(self) -> Document | None:
        events = self._events
        events.advance()  # stream start
        if events.is_end(events.advance()):  # else: document start
            return None
        value, at = self._node(events.advance(), 0)
        events.advance()  # document end
        after = events.advance()
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
        value, at = event.value, event.start_mark.index
        if event.tag is not None or (event.implicit[0] and (not value or value[0] in FIRST_OF_TYPED)):
            value = self._typed(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchor(value, at, 1, 0)
        return value, at

    def _typed(self, event: Any) -> Any:
        """Return the value of a scalar that may be no string; its text after a complaint."""
        if event.tag is not None and not is_core_tag(event.tag):
            self._refuse_tag(event)
            return event.value
        try:
            return plain_value(event.value) if event.tag is None else tagged_value(event.value, event.tag)
        except ScalarError as error:
            hint = f'for the text write "{event.value}"' if event.tag is None else ""
            self._report(event.start_mark.index, str(error), hint)
            return event.value

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
        advance, end = self._events.advance, self._events.sequence_end
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
        advance, end = self._events.advance, self._events.mapping_end
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
                self._report(key_at, f"key {quoted(key)} is written twice", related=(places.keys[key], "first written"))
            data[key] = value
            places.keys[key] = key_at
            places.values[key] = at
        for key_at, value, at in merged:
            self._merge(data, places, key_at, value, at)
        return data, places

    def _merge(self, data: dict[str, Any], places: MapAt, key_at: int, value: Any, at: At) -> None:
        """Apply `<<: *base` or `<<: [*base, *other]`: keys that are written win, then the first that has the key."""
        bases = _merge_bases(value, at)
        if not bases:
            self._report(key_at, "'<<' takes a mapping or a list of mappings", "write <<: *anchor")
        for base, base_at in bases:
            self._count_alias(key_at, len(base))
            for key in [key for key in base if key not in data]:
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

    def _refuse_tag(self, event: Any) -> None:
        at = event.start_mark.index
        length = len(self._text[at : at + 200].split(maxsplit=1)[0])
        self._report(at, f"tag {quoted(self._text[at : at + length])} is not supported", end=at + length)

    def _refuse_key(self, event: Any) -> None:
        at = event.start_mark.index
        raise YamlFatalError(Finding(at, "a key must be a single value, not a list or mapping", end=at + 1))

    def _unquoted_template(self, event: Any) -> tuple[str, int]:
        """Read on as if the `{{ … }}` had been quoted: the text up to the end of the outer map."""
        from airexec.workflow.yaml.syntax_errors import is_whole_value, unquoted_template

        at = event.start_mark.index
        finding = unquoted_template(self._text, at)
        depth = 2
        try:
            with parser_errors(self._text):
                while 0 < depth <= DEPTH_MAX:
                    event = self._events.advance()
                    depth += self._events.depth_change(event)
        except YamlFatalError:
            raise YamlFatalError(finding) from None
        if depth or not is_whole_value(self._text, at, event.end_mark.index):
            raise YamlFatalError(finding)  # `{{ a }}/b`: what follows cannot be read
        self._add(finding)
        return self._text[at : event.end_mark.index], at

    def _report(self, at: int, message: str, hint: str = "", end: int | None = None,
                related: tuple[int, str] | None = None) -> None:  # fmt: skip
        self._add(Finding(at, message, hint, end=end, related=related))

    def _add(self, finding: Finding) -> None:
        if len(self._findings) >= MISTAKES_MAX:
            raise YamlFatalError(Finding(finding.start, f"after {MISTAKES_MAX} mistakes reading stops here"))
        self._findings.append(finding)


def _merge_bases(value: Any, at: At) -> list[tuple[dict[str, Any], MapAt]]:
    """Return the mappings that `<<` names, nothing when it names anything else."""
    named = zip(value, at.items, strict=True) if isinstance(at, ListAt) else [(value, at)]
    bases = [(base, base_at) for base, base_at in named if isinstance(base_at, MapAt)]
    return bases if not isinstance(value, list) or len(bases) == len(value) else []


def _is_unquoted_template(outer: Any, key: Any) -> bool:
    return bool(
        outer.flow_style and getattr(key, "flow_style", False) and key.start_mark.index == outer.start_mark.index + 1
    )
