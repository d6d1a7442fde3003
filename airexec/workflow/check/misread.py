"""Values that YAML reads otherwise than they look: `3.10` is 3.1, `no` is a string."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from airexec.workflow.diagnostics import Finding, Path
from airexec.workflow.yaml.places import Places

_TEMPLATE = re.compile(r"\{\{-?\s*(params|env|tasks|matrix|with|run|job|task)\b")
"""Other braces may be meant as they are, as those of `docker inspect --format`."""


def unrendered(value: Any, path: Path, places: Places, why: str) -> Iterator[Finding]:
    """Return an error for each text with a template where none is filled."""
    if isinstance(value, list | dict):
        items: Iterable[tuple[Any, Any]] = enumerate(value) if isinstance(value, list) else value.items()
        for key, item in items:
            yield from unrendered(item, (*path, key), places, why)
    elif isinstance(value, str) and _TEMPLATE.search(value):
        yield Finding(places.value(path), f"a template is not filled here: {why}", "write the value itself")


def misread_numbers(value: Any, path: Path, places: Places) -> Iterator[Finding]:
    """Return a warning for each number that YAML reads otherwise than it looks: `3.10`, `012`, `1e3`."""
    if isinstance(value, list | dict):
        items: Iterable[tuple[Any, Any]] = enumerate(value) if isinstance(value, list) else value.items()
        for key, item in items:
            yield from misread_numbers(item, (*path, key), places)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if places.is_written(path, str(value)):
            return
        written = places.written(path)
        if not written.startswith(("0x", "+")):
            message = f"{written} is read as the number {value}"
            yield Finding(places.value(path), message, f'write "{written}" if the text is meant', "warning")
    elif isinstance(value, str) and value.lower() in ("yes", "no", "on", "off"):
        at = places.value(path)
        if places.source.text[at : at + 1] not in ("'", '"'):
            meant = "true" if value.lower() in ("yes", "on") else "false"
            message = f"{value} is read as the string '{value}'"
            yield Finding(at, message, f'write {meant}, or "{value}" if the text is meant', "warning")
