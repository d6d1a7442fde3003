"""YAML of other tools as plain data, with their mistakes told as those of our own files are."""

from typing import Any

from airexec.workflow.diagnostics import Finding, WorkflowError
from airexec.workflow.yaml.nodes import read_yaml
from airexec.workflow.yaml.source import Source


def read_map(source: Source) -> dict[str, Any]:
    """Return the data of a YAML file. Raises WorkflowError for what is no YAML, or no map."""
    findings: list[Finding] = []
    document = read_yaml(source.text, findings)
    if document is not None and not findings and not isinstance(document.value, dict):
        findings.append(Finding(0, "this is no map of keys and values", end=1))
    if findings or document is None:
        raise WorkflowError(source.diagnostics(findings[:1] or [Finding(0, "the file is empty", end=1)]))
    data: dict[str, Any] = document.value
    return data


def text_of(value: Any) -> str:
    """Return a scalar as other tools spell it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def texts_of(value: Any) -> list[str]:
    """Return the texts in a list, or a text that stands alone; nothing of what is no text."""
    if isinstance(value, str):
        return [value]
    return [text_of(it) for it in value if isinstance(it, str | int | float)] if isinstance(value, list) else []
