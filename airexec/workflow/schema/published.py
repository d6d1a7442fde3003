"""The published schemas: where they lie, and which of their rules a value breaks."""

import os
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from airexec.workflow.schema.json_schema import Check, Failure, compile_schema

SchemaName = Literal["workflow", "queue"]


def schema_text(name: str) -> str:
    """Return the text of `schemas/<name>.schema.json`, from the installed package or from the repository."""
    with open(_schema_file(name), encoding="utf-8") as file:
        return file.read()


def failures(kind: SchemaName, value: Any) -> list[Failure]:
    """Return the rules of the schema that a workflow file or a queued item breaks, in document order."""
    found: list[Failure] = []
    _check(kind)(value, (), found)
    return found


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
def _check(kind: str) -> Check:
    return compile_schema(schema(kind), lambda reference: _resolve(reference, kind))


def _resolve(reference: str, base: str) -> Any:
    """Return what `#/a/b` or `workflow.schema.json#/a/b` stands for. Only our own files; nothing is ever fetched."""
    file, _, pointer = reference.partition("#/")
    found: Any = schema(file.removesuffix(".schema.json") or base)
    for part in pointer.split("/"):
        found = found[part]
    return found
