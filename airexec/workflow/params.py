"""Params: what `-p KEY=VALUE` and a params file give, typed and checked by each param's JSON Schema."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

from airexec.errors import UsageError
from airexec.workflow.json_value import parse_json
from airexec.workflow.model import Task, Workflow, params_of

if TYPE_CHECKING:
    from airexec.workflow.diagnostics import Path
    from airexec.workflow.schema.words import Problem

Schema = Mapping[str, Any]

_SAYS_NO_MORE = frozenset({"type", "default", "title", "description", "examples"})
"""Keywords of a param of which a value of the right type breaks none."""


def parse_params(
    workflow: Workflow, pairs: Sequence[str], file_values: Mapping[str, Any], tasks: Iterable[Task] = ()
) -> dict[str, Any]:
    """Return the value of every param, in order of the file: the last pair of a name, else `file_values`, else default.

    `tasks` are those of the run, which may have params of their own. What `file_values` say for other tasks is passed
    over: one file may be for all of them.

    Raises UsageError that names everything that is wrong: not `KEY=VALUE`, unknown, missing, not as its schema says.
    """
    wrong: list[str] = []
    params = params_of(workflow, tasks)
    given = {name: value for name, value in file_values.items() if name in params or not _takers(workflow, name)}
    settled: set[str] = set()  # names of which there is nothing more to say
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            wrong.append(f"param {pair!r} is not KEY=VALUE{'; write -p ' + text if '=' in text else ''}")
        elif name in params:
            given[name], is_settled = _typed(name, text, params[name], wrong)
            (settled.add if is_settled else settled.discard)(name)
        else:
            given[name] = text
    wrong += _unknown(workflow, params, given)
    for name, schema in params.items():
        if name not in settled:
            wrong += _problems(name, schema, given)
    if wrong:
        raise UsageError("\n".join(wrong), _hint(workflow, params))
    return {name: given.get(name, schema.get("default")) for name, schema in params.items()}


def _takers(workflow: Workflow, name: str) -> list[str]:
    """Return the ids of the tasks that have a param of this name."""
    return [task.id for task in workflow.tasks.values() if name in task.params]


def read_params_file(path: str | PathLike[str]) -> dict[str, Any]:
    """Return the mapping in a YAML or JSON file. Raises UsageError; WorkflowError when it is not YAML."""
    from pathlib import Path

    from airexec.workflow.diagnostics import Finding, WorkflowError
    from airexec.workflow.yaml.nodes import read_yaml
    from airexec.workflow.yaml.source import read_source

    findings: list[Finding] = []
    source = read_source(Path(path), str(path), findings)
    document = read_yaml(source.text, findings) if not findings else None
    if findings:
        raise WorkflowError(source.diagnostics(findings))
    if document is None:
        return {}
    if not isinstance(document.value, dict):
        raise UsageError(f"params file {path} holds no mapping", "write NAME: VALUE lines, or a JSON object")
    return document.value


def value_problems(name: str, schema: Schema, value: Any) -> list[str]:
    """Return what is wrong with a value by the schema of its param, as sentences.

    Raises PatternBudgetError when a pattern cannot be decided for the value.
    """
    from airexec.workflow.schema.validation import Validator
    from airexec.workflow.schema.words import explain

    rules = {"properties": {name: schema}}
    return [_sentence(problem, name) for problem in explain(Validator(rules).failures({name: value}))]


def patterns(schema: Schema, path: "Path" = ()) -> Iterator[tuple["Path", str]]:
    """Yield path and text of each pattern in the schema of a param, outer ones first."""
    if "pattern" in schema:
        yield (*path, "pattern"), schema["pattern"]
    parts: list[tuple[Path, Any]] = [((*path, key), schema.get(key)) for key in ("items", "additionalProperties")]
    parts += [((*path, "properties", key), part) for key, part in schema.get("properties", {}).items()]
    for place, part in parts:
        if isinstance(part, dict):
            yield from patterns(part, place)


def _sentence(problem: "Problem", name: str) -> str:
    part = "" if problem.path == (name,) else f"'{name}': "
    return f"{part}{problem.message}{f' ({problem.hint})' if problem.hint else ''}"


def _unknown(workflow: Workflow, params: Mapping[str, Schema], given: Mapping[str, Any]) -> list[str]:
    from airexec.workflow.wording import did_you_mean, quoted

    sentences = []
    for name in given:
        if name in params:
            continue
        if takers := _takers(workflow, name):
            sentences.append(f"param {quoted(name)} is for task {quoted(takers[0])}, which is not in this run")
        else:
            hint = did_you_mean(name, params)
            sentences.append(f"unknown param {quoted(name)}{f' ({hint})' if hint else ''}")
    return sentences


def _problems(name: str, schema: Schema, given: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the value that is given for a param, or with its absence."""
    if name in given:
        yield from (f"param {sentence}" for sentence in _checked(name, schema, given[name]))
    elif "default" not in schema:
        yield f"param '{name}' is required: -p {name}=…"


def _checked(name: str, schema: Schema, value: Any) -> list[str]:
    from airexec.workflow.schema.patterns import UNDECIDED_HINT, PatternBudgetError

    try:
        return value_problems(name, schema, value)
    except PatternBudgetError as error:
        return [f"'{name}' cannot be checked: {error} ({UNDECIDED_HINT})"]


def _typed(name: str, text: str, schema: Schema, wrong: list[str]) -> tuple[Any, bool]:
    """Return the value that a text on the command line stands for, by the type that the schema asks for, and whether
    there is nothing more to say about it. jsonschema-rs, 12 ms of a start, is then not needed.
    """
    if "type" not in schema and "enum" in schema:
        return next((value for value in schema["enum"] if _as_typed(value) == text), text), False
    kind = schema.get("type", "string")
    try:
        return _PARSERS[kind](text), "type" in schema and schema.keys() <= _SAYS_NO_MORE
    except ValueError:
        from airexec.workflow.wording import quoted

        wrong.append(f"param '{name}' takes {_FORMS[kind]}, not {quoted(text)}")
        return text, True


def _as_typed(value: Any) -> str:
    """Return what is typed for a value."""
    return value if isinstance(value, str) else json.dumps(value)


def _boolean(text: str) -> bool:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    raise ValueError(text)


def _number(text: str) -> float:
    number = parse_json(text)
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise ValueError(text)
    return number


def _integer(text: str) -> int:
    number = _number(text)
    if number != int(number):
        raise ValueError(text)
    return int(number)


def _of(kind: type) -> Any:
    def parse(text: str) -> Any:
        value = parse_json(text)
        if not isinstance(value, kind):
            raise ValueError(text)
        return value

    return parse


_PARSERS: Mapping[str, Any] = {
    "string": str, "integer": _integer, "number": _number, "boolean": _boolean, "array": _of(list), "object": _of(dict),
}  # fmt: skip
_FORMS: Mapping[str, str] = {
    "integer": "a whole number", "number": "a number", "boolean": "true or false",
    "array": 'a JSON list such as ["a", "b"]', "object": 'a JSON object such as {"a": 1}',
}  # fmt: skip


def _hint(workflow: Workflow, params: Mapping[str, Schema]) -> str:
    what = "run" if any(task.params for task in workflow.tasks.values()) else "workflow"
    if not params:
        return f"this {what} has no params"
    return f"params of this {what}: {', '.join(map(_described, params.items()))}"


def _described(param: tuple[str, Schema]) -> str:
    name, schema = param
    required = "" if "default" in schema else ", required"
    return f"{name} ({kind_text(schema)}{required})"


def kind_text(schema: Schema) -> str:
    """Return what values a param takes, in a word or two."""
    kind = schema.get("type") or " or ".join(map(_as_typed, schema.get("enum", ()))) or "string"
    return kind if isinstance(kind, str) else " or ".join(kind)
