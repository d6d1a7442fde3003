"""The published schemas: where they lie, and what is wrong with a value by them, in our words."""

import os
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, NamedTuple

from airexec.workflow.json_schema import Check, Failure, Path, compile_schema

SchemaName = Literal["workflow", "queue"]


class Problem(NamedTuple):
    """One mistake in plain data. `path` leads to the value at fault; with `at_key`, to the key that is."""

    path: Path
    message: str
    hint: str = ""
    at_key: bool = False


def schema_text(name: str) -> str:
    """Return the text of `schemas/<name>.schema.json`, from the installed package or from the repository."""
    with open(_schema_file(name), encoding="utf-8") as file:
        return file.read()


def problems(kind: SchemaName, value: Any) -> list[Problem]:
    """Return what is wrong with a workflow file's or a queued item's data, in document order."""
    found = failures(kind, value)
    if not found:
        return []
    from airexec.workflow.schema_words import explain

    return explain(found)


def failures(kind: SchemaName, value: Any) -> list[Failure]:
    """Return the rules of the schema that the value breaks."""
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
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # pathlib would cost 5 ms of start-up
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
