"""The optional file `config.yaml` of a state folder. Knows no job; what the settings mean is up to their readers."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from airexec.workflow.find import StrPath

if TYPE_CHECKING:
    from airexec.workflow.diagnostics import Finding
    from airexec.workflow.yaml.nodes import MapAt


class Settings(NamedTuple):
    """The keys of `schemas/config.schema.json` with their defaults."""

    keep_runs: int = 50
    """How many runs of each job are kept, the newest."""


def read_settings(state_dir: StrPath) -> Settings:
    """Return the settings of a state folder; the defaults if it has no `config.yaml`.

    Raises WorkflowError with all mistakes of the file.
    """
    path = f"{os.fspath(state_dir)}/config.yaml"
    try:
        with open(path, encoding="utf-8-sig") as file:
            text = file.read()
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        from airexec.errors import UsageError

        raise UsageError(f"cannot read {path}: {error}") from None
    return _parse(text, path)


def _parse(text: str, shown_as: str) -> Settings:
    from airexec.workflow.diagnostics import Finding, WorkflowError
    from airexec.workflow.yaml.nodes import MapAt, read_yaml, start_of
    from airexec.workflow.yaml.source import Source

    findings: list[Finding] = []
    document = read_yaml(text, findings)
    values: dict[str, Any] = {}
    if document and isinstance(document.at, MapAt):
        values = {key: value for key, value in document.value.items() if not key.startswith("x-")}
        findings += _mistakes(values, document.at)
    elif document:
        findings.append(Finding(start_of(document.at), "settings are a mapping", "write keep_runs: 50"))
    if findings:
        source = Source(text, shown_as)
        raise WorkflowError([source.diagnostic(finding) for finding in findings])
    return Settings(**values)


def _mistakes(values: dict[str, Any], at: "MapAt") -> Iterator["Finding"]:
    from airexec.workflow.diagnostics import Finding
    from airexec.workflow.yaml.nodes import start_of

    for key, value in values.items():
        if key not in Settings._fields:
            yield Finding(at.keys[key], f"unknown key '{key}'", f"the keys are {', '.join(Settings._fields)}")
        elif type(value) is not int or value < 1:
            yield Finding(start_of(at.values[key]), f"'{key}' must be a whole number from 1 on")
