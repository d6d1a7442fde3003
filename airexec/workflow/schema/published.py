"""The published schemas: where they lie, and which of their rules a value breaks."""

import os
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from airexec.workflow.schema.failure import Failure
from airexec.workflow.schema.validation import Validator

SchemaName = Literal["workflow", "queue", "event", "config", "order"]

_REFERS_TO: Mapping[str, tuple[SchemaName, ...]] = {"queue": ("workflow",), "order": ("workflow",)}


def schema_text(name: str) -> str:
    """Return the text of `schemas/<name>.schema.json`, from the installed package or from the repository."""
    with open(_schema_file(name), encoding="utf-8") as file:
        return file.read()


def failures(name: SchemaName, value: Any, definition: str = "") -> list[Failure]:
    """Return the rules of a schema, or of one of its definitions, that a value breaks, in document order."""
    return _validator(name, definition).failures(value)


@cache
def schema(name: str) -> Mapping[str, Any]:
    """Return a schema as data; not to be changed."""
    import json

    data: Mapping[str, Any] = json.loads(schema_text(name))
    return data


def _schema_file(name: str) -> str:
    package = os.path.abspath(os.path.join(__file__, "..", "..", ".."))  # pathlib would cost 5 ms of start-up
    installed = os.path.join(package, "schemas", f"{name}.schema.json")
    return (
        installed if os.path.exists(installed) else os.path.join(package, os.pardir, "schemas", f"{name}.schema.json")
    )


@cache
def _validator(name: SchemaName, definition: str) -> Validator:
    """Return the validator of one schema, made when it is first needed: 2 ms, beside 12 for the import."""
    others = {f"{other}.schema.json": schema(other) for other in (name, *_REFERS_TO.get(name, ()))}
    part = {"$ref": f"{name}.schema.json#/definitions/{definition}"}
    return Validator(part if definition else schema(name), others)
