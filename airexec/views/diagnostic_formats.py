"""The mistakes of workflow files in the forms that other programs read: editors, GitHub Actions, code scanners."""

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from airexec.views.annotation import annotation
from airexec.views.sanitize import one_line
from airexec.workflow.diagnostics import Diagnostic

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def concise_line(found: Diagnostic) -> str:
    """Return `file:line:column: error: what is wrong (how to mend it)`, which editors and `grep` users know."""
    place = f"{found.file}:{found.line}:{found.column}: " if found.line else f"{found.file}: "
    hint = f" ({'; '.join(found.hint.splitlines())})" if found.hint else ""
    return one_line(f"{place}{found.severity}: {found.message}{hint}")


def annotations(diagnostics: Iterable[Diagnostic], env: Mapping[str, str]) -> Iterator[str]:
    """Yield a command to GitHub Actions for each; files are named from the workspace on, as it wants them."""
    for found in diagnostics:
        place = {"file": _from_workspace(found.file, env.get("GITHUB_WORKSPACE", ""))}
        if found.line:
            end = found.column + max(1, found.length)
            place |= {"line": str(found.line), "col": str(found.column), "endColumn": str(end)}
        message = f"{found.message}\nhint: {found.hint}" if found.hint else found.message
        yield annotation(found.severity, {**place, "title": "airexec"}, message)


def sarif(diagnostics: Iterable[Diagnostic], version: str) -> dict[str, Any]:
    """Return a SARIF 2.1.0 document; `version` is ours. A mistake without a line is one of the whole file."""
    rule = {"id": "workflow", "shortDescription": {"text": "A workflow file says what it means"}}
    driver = {"name": "airexec", "version": version, "rules": [rule]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(found) for found in diagnostics],
    }
    return {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(found: Diagnostic) -> dict[str, Any]:
    text = f"{found.message}\nhint: {found.hint}" if found.hint else found.message
    end = found.column + max(1, found.length)
    region = {"startLine": found.line, "startColumn": found.column, "endColumn": end} if found.line else None
    result: dict[str, Any] = {
        "ruleId": "workflow",
        "level": found.severity,
        "message": {"text": text},
        "locations": [_location(found.file, region)],
    }
    others = [(by.file, by.line, by.column, "included by") for by in found.included_by]
    if found.related:
        line, column, label, file = found.related
        others.insert(0, (file or found.file, line, column, label))
    if others:
        result["relatedLocations"] = [
            {**_location(file, {"startLine": line, "startColumn": column}), "message": {"text": label}}
            for file, line, column, label in others
        ]
    return result


def _location(file: str, region: Mapping[str, int] | None) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(file, errors="surrogateescape")}}
    if region:
        place["region"] = dict(region)
    return {"physicalLocation": place}


def _from_workspace(file: str, workspace: str) -> str:
    if not workspace:
        return file
    relative = os.path.relpath(file, workspace)
    return file if relative.startswith("..") else relative
