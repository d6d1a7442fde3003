"""A broken rule of a schema, as data: what the libraries say and our words are made from."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from airexec.workflow.diagnostics import Path

Schema = Mapping[str, Any]


class Failure(NamedTuple):
    """One broken rule: `keyword` of `schema`, for `value` at `path`."""

    path: Path
    keyword: str
    schema: Schema
    value: Any
    detail: Any = None
    """`required`: the missing key; `additionalProperties`, `propertyNames`: the key; `dependencies`: (key, missing);
    `oneOf`: 0 if no branch fits, 2 if several do."""
