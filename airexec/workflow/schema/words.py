"""What breaks a schema, said in our words. Imported only when something is wrong.

VS Code shows `patternErrorMessage` and `errorMessage` of our schemas; the terminal shows the same texts.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from airexec.workflow.diagnostics import Path
from airexec.workflow.schema.failure import Failure
from airexec.workflow.schema.published import schema
from airexec.workflow.wording import did_you_mean, either, nearest, quoted, shortened, shown

_TYPE_WORDS = {
    "string": "a string", "integer": "a whole number", "number": "a number", "boolean": "true or false",
    "array": "a list", "object": "a map", "null": "nothing",
}  # fmt: skip
FOREIGN_KEYS: Mapping[str, str] = {
    "cmd": "command", "cmds": "command", "commands": "command", "sh": "command",
    "run": "command", "script": "command", "exec": "command", "bash_command": "command",
    "depends_on": "dependencies", "depends": "dependencies", "deps": "dependencies", "needs": "dependencies",
    "requires": "dependencies", "upstream": "dependencies", "mustrunafter": "after", "must_run_after": "after",
    "timeout": "execution_timeout dagrun_timeout", "retry": "retries", "max_retries": "retries",
    "if": "when", "condition": "when", "environment": "env", "envs": "env", "dotenv": "env_file",
    "workdir": "cwd", "working_directory": "cwd", "working-directory": "cwd", "dir": "cwd",
    "continue_on_error": "allow_failure", "continue-on-error": "allow_failure", "ignore_error": "allow_failure",
    "ignore_errors": "allow_failure", "exit_code": "exit_codes", "codes": "exit_codes",
    "skip_exit_code": "skip_on_exit_code", "skip_on_exit_codes": "skip_on_exit_code",
    "parallel": "matrix", "glob": "files", "globs": "files", "seq": "range",
    "strategy": "matrix", "outputs": "generates", "inputs": "sources", "weight": "priority_weight",
    "jobs": "tasks", "steps": "tasks", "defaults": "default_args", "concurrency": "max_active_tasks",
    "max_parallel": "max_active_tasks", "cron": "schedule", "vars": "env", "variables": "vars params env",
    "parameters": "params",
    "tz": "timezone", "time_zone": "timezone", "schedule_interval": "schedule", "start_time": "start_date",
    "on": "triggers", "trigger": "triggers", "watch": "triggers",
    "working_dir": "cwd", "default_task": "default", "default_tasks": "default", "for": "matrix", "foreach": "matrix",
    "for_each": "matrix", "loop": "matrix", "with_items": "matrix", "secret": "secrets",
    "precondition": "preconditions", "asserts": "preconditions", "msg": "message",
    "error_message": "message", "not": "negate", "invert": "negate", "inverse": "negate",
    "only_if": "when", "onlyif": "when",
    "choices": "enum", "options": "enum", "min": "minimum", "max": "maximum", "help": "description",
    "includes": "include", "import": "include", "imports": "include", "extends": "include template",
    "desc": "description", "args_list": "args", "priority": "priority_weight",
}  # fmt: skip
"""Words of other tools for our keys: the first that there is at the place."""

_AT_THE_END = "write a task for it that depends on this one, with trigger_rule: all_done"
_NOT_HERE: Mapping[str, str] = {
    **dict.fromkeys(("interactive", "prompt", "confirm", "stdin"), "tasks cannot ask: let a param say it"),
    **dict.fromkeys(("silent", "quiet"), "leave it out: no command is echoed; `--output quiet` hides what tasks print"),
    **dict.fromkeys(("alias", "aliases"), "a task has one id"),
    **dict.fromkeys(("stage", "stages"), "leave it out: `dependencies` say what comes first"),
    **dict.fromkeys(("defer", "teardown", "finally", "after_script", "cleanup", "setup"), _AT_THE_END),
    **dict.fromkeys(("service", "services"), "start it in a task with `background: allow`, and end it in one that is "
        "behind all that needs it: trigger_rule: all_done"),
    **dict.fromkeys(("expand", "expand_kwargs"), "let the task before queue them with ::queue lines"),
    **dict.fromkeys(("sensor", "poke_interval"), "let the command wait, or try again: retries and retry_delay"),
    **dict.fromkeys(("uses", "plugins"), "actions and plugins do not run here: write the command"),
    **dict.fromkeys(("on_failure_callback", "on_failure", "on_success_callback", "on_success"),
        "write a task behind all others, with trigger_rule: one_failed or all_success"),
    **dict.fromkeys(("platforms", "os"), "write a 'when' that looks, such as {command: test \"$(uname)\" = Linux}"),
    **dict.fromkeys(("set", "shopt"), "write it in the command, or say the whole shell: shell: [bash, -euxc]"),
    "internal": "begin its name with _: then it is not listed",
    "version": "leave it out: there is one format",
    "runs_on": "tasks run on this machine",
    "runs-on": "tasks run on this machine",
}  # fmt: skip
"""What to do about what other tools have and we have not."""


_WHEN = "write when: {command: test -e dist, negate: true}"
_NOT_IN_A_TASK: Mapping[str, str] = {
    "status": f"{_WHEN}, or name the files: sources and generates", "unless": _WHEN, "skip_if": _WHEN,
}  # fmt: skip
"""The same of tasks only."""


class Problem(NamedTuple):
    """One mistake in plain data. `path` leads to the value at fault; with `at_key`, to the key that is."""

    path: Path
    message: str
    hint: str = ""
    at_key: bool = False


Written = Callable[[Path], str]
"""The source text of the scalar at a path, quotes included."""


def explain(failures: list[Failure], written: Written | None = None) -> list[Problem]:
    """Return one problem per mistake; of several broken rules at one place the first speaks.

    `written` tells what YAML made something else of, such as `3.10`; without it values are shown as JSON.
    """
    found: dict[tuple[Path, Any], Problem] = {}
    misspelt = {(f.path[:-1], _meant_key(f)) for f in failures if f.keyword == "additionalProperties"}
    for failure in failures:
        if any((failure.path, key) in misspelt for key in _missing(failure)):
            continue  # it is there under another name, which is what will be said
        found.setdefault((failure.path, failure.detail), _problem(failure, written))
    # Two rules may say the same of one mistake.
    return list(dict.fromkeys(found.values()))


def _missing(failure: Failure) -> list[str]:
    """Return the keys of which one should be there and is not."""
    if failure.keyword == "required":
        return [str(failure.detail)]
    return ["command", "template"] if failure.keyword == "oneOf" and failure.detail == 0 else []


def _problem(failure: Failure, written: Written | None) -> Problem:
    if "errorMessage" in failure.schema:
        return Problem(failure.path, f"{subject(failure.path)} {failure.schema['errorMessage']}")
    if failure.keyword == "type" or failure.schema.get("pattern") == _TEMPLATE == failure.schema.get(failure.keyword):
        return _type(failure, written)
    return _WORDS.get(failure.keyword, _other)(failure)


def subject(path: Path) -> str:
    """Return how a message names the value at a path: its key, or its place in a list."""
    if not path:
        return "the file"
    last = path[-1]
    if isinstance(last, str):
        return quoted(last)
    return f"item {last + 1} of {subject(path[:-1])}"


def _type(failure: Failure, written: Written | None) -> Problem:
    names, value, path = failure.schema["type"], failure.value, failure.path
    kinds = [names] if isinstance(names, str) else names
    if failure.schema.get("pattern") == _TEMPLATE:
        kinds = [kind for kind in kinds if kind != "string"]  # a template is for those who know
    wanted = either(_TYPE_WORDS[name] for name in kinds)
    if not path:
        return Problem((), f"{wanted} is expected here, not {shown(value)}")
    if value is None:
        return Problem(path, f"{subject(path)} has no value", f"it takes {wanted}", at_key=True)
    if _is_task(path) and isinstance(value, str):
        return Problem(path, f"{subject(path)} takes {wanted}, not {shown(value)}", f"write {{command: {value}}}")
    text = written(path) if written and not isinstance(value, list | dict) else None
    message = f"{subject(path)} takes {wanted}, not {_as_read(value, text)}"
    if (of_param := _in_params(path)) is not None and of_param[1:] == ("required",):
        return Problem(path, message, "a param without a default is required: leave it out")
    example = _MAPS.get(str(path[-1]), "") if kinds == ["object"] and isinstance(value, list) else ""
    is_of_all_kinds = {"string", "array", "object"} <= set(kinds)
    forms = failure.schema.get("patternErrorMessage", "") if is_of_all_kinds else ""
    return Problem(path, message, example or forms or _type_hint(kinds, value, text))


def _in_params(path: Path) -> Path | None:
    """Return the way to a value within the params of the file or of a task: the name of one first."""
    if path[:1] == ("params",):
        return path[1:]
    return path[3:] if path[:1] == ("tasks",) and path[2:3] == ("params",) else None


_TEMPLATE = "\\{\\{"
"""The pattern of a text that stands for a number: it has to be a template."""
_MAPS: Mapping[str, str] = {
    "tasks": "write the id of each task in front, such as  build: {command: make}",
    "templates": "write the name of each template in front, such as  process: {command: make}",
    "env": "write  NAME: value, without the dash",
    "params": "write  name: default, without the dash",
}
"""How a map is written that other tools take as a list."""


def _is_task(path: Path) -> bool:
    return len(path) == 2 and path[0] in ("tasks", "templates")


def _as_read(value: Any, text: str | None) -> str:
    """Return a value for a message, with what was written when YAML made something else of it."""
    if text is None or isinstance(value, str) or text.lower() == str(value).lower():
        return shown(value)
    return f"{shortened(text)}, which YAML reads as {shown(value)}"


def _type_hint(kinds: list[str], value: Any, text: str | None) -> str:
    """Return how to write what was probably meant."""
    if "string" in kinds and isinstance(value, bool | int | float):
        return f'write "{shortened(text or json.dumps(value))}", with the quotes'
    if isinstance(value, str) and "boolean" in kinds and value.lower() in ("true", "false"):
        return f"write {value.lower()}, without quotes"
    if isinstance(value, str) and "boolean" in kinds and value.lower() in _YES_NO:
        return f"YAML 1.2 reads '{value}' as a string; write {_YES_NO[value.lower()]}"
    if isinstance(value, str) and {"integer", "number"} & set(kinds) and _is_number(value):
        return f"write {value}, without quotes"
    if "array" in kinds and "string" not in kinds and isinstance(value, str) and "{{" in value:
        return "write the values out: a template is not filled here"
    if kinds == ["array"] and isinstance(value, str):
        return f"write [{shortened(value)}]"
    return ""


_YES_NO = {
    **dict.fromkeys(("yes", "on", "y"), "true"),
    **dict.fromkeys(("no", "off", "n"), "false"),
}


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _required(failure: Failure) -> Problem:
    key = str(failure.detail)
    if not failure.path:
        return Problem((), f"there is no '{key}'", f"add {key}:" if key == "tasks" else f"add '{key}'")
    if key == "command" and (_is_task(failure.path) or failure.path[0] == "vars"):
        kind = _KINDS.get(str(failure.path[0]), "task")
        hint = "add a line such as  command: echo hello"
        return Problem(failure.path, f"{kind} {subject(failure.path)} has no 'command'", hint, at_key=True)
    return Problem(failure.path, f"{subject(failure.path)} has no '{key}'", f"add '{key}'")


_KINDS: Mapping[str, str] = {"templates": "template", "vars": "var"}


def _unknown_key(failure: Failure) -> Problem:
    return Problem(failure.path, f"unknown key {quoted(failure.detail)}", _unknown_key_hint(failure), at_key=True)


def _unknown_key_hint(failure: Failure) -> str:
    key, known = failure.detail, failure.schema.get("properties", {})
    if hint := _NOT_HERE.get(key.lower()) or ("when" in known and _NOT_IN_A_TASK.get(key.lower())):
        return hint
    if key == "after" and (failure.path[0] == "templates" or "detached" in known):
        return "it orders tasks of the file; what is queued waits for its 'dependencies'"
    meant = _meant_key(failure)
    if meant is not None:
        return f"it is called '{meant}' here" if meant in _foreign(key) else f"did you mean '{meant}'?"
    if (of_param := _in_params(failure.path)) is not None and len(of_param) == 2:
        return f"a map as the default is written {{default: {{{key}: …}}}}"
    return _owner(key) or (f"known keys: {', '.join(known)}" if len(known) <= 8 else "")


def _meant_key(failure: Failure) -> str | None:
    """Return the known key that an unknown key was probably meant to be."""
    key, known = failure.detail, failure.schema.get("properties", {})
    foreign = next((other for other in _foreign(key) if other in known), None)
    near = nearest(key, known)
    is_near = near is not None and (
        not _owner(key) or near.rstrip("s") == key.rstrip("s")
    )  # else it is ours, elsewhere
    return foreign or (near if is_near else None)


def _foreign(key: str) -> list[str]:
    return FOREIGN_KEYS.get(key.lower(), "").split()


def _owner(key: str) -> str:
    """Return where a key belongs, if it is one of ours."""
    workflow = schema("workflow")
    if key in workflow["definitions"]["task"]["properties"]:
        return f"'{key}' is a key of a task"
    return f"'{key}' is a key of the workflow, not of a task" if key in workflow["properties"] else ""


def _beside_workflow(path: Path) -> Problem:
    hint = "what that file is given are its 'params'" if path[-1] == "with" else "say it in that file"
    return Problem(path, f"{quoted(str(path[-1]))} cannot stand beside 'workflow'", hint, at_key=True)


def _property_name(failure: Failure) -> Problem:
    name = str(failure.detail)
    path = (*failure.path, name)
    if "workflow" in failure.value and len(failure.path) == 2:
        return _beside_workflow(path)
    if "template" in failure.value and not failure.path:
        return Problem(path, f"{quoted(name)} cannot be set for an instance of a template", at_key=True)
    noun = _NAMED_BY.get(failure.path[-1], "a name") if failure.path else "a name"
    return Problem(path, f"{quoted(name)} cannot be {noun}", failure.schema["patternErrorMessage"], at_key=True)


_NAMED_BY: Mapping[str | int, str] = {
    "tasks": "a task id", "templates": "the name of a template", "params": "the name of a param",
    "pools": "the name of a pool", "env": "the name of an environment variable", "matrix": "a key of a matrix",
    "with": "the name of an argument",
}  # fmt: skip


def _enum(failure: Failure) -> Problem:
    known = failure.schema["enum"]
    names = [shown(one) if not isinstance(one, str) else one for one in known]
    hint = did_you_mean(failure.value, names) if isinstance(failure.value, str) else ""
    return _cannot_be(failure, hint or f"it takes {either(names)}")


def _pattern(failure: Failure) -> Problem:
    hint = failure.schema.get("patternErrorMessage") or f"it must match {failure.schema['pattern']}"
    return _cannot_be(failure, hint)


def _cannot_be(failure: Failure, hint: str) -> Problem:
    value = quoted(failure.value) if isinstance(failure.value, str) else shown(failure.value)
    return Problem(failure.path, f"{subject(failure.path)} cannot be {value}", hint)


def _bound(words: str) -> Any:
    def problem(failure: Failure) -> Problem:
        limit = failure.schema[failure.keyword]
        shown_value = shown(failure.value).removeprefix("the number ")
        return Problem(failure.path, f"{subject(failure.path)} must be {words} {limit}, not {shown_value}")

    return problem


def _size(words: str, noun: str) -> Any:
    def problem(failure: Failure) -> Problem:
        limit = failure.schema[failure.keyword]
        if limit == 1 and not len(failure.value):
            return Problem(failure.path, f"{subject(failure.path)} is empty")
        plural = noun if limit == 1 else {"entry": "entries"}.get(noun, f"{noun}s")
        return Problem(failure.path, f"{subject(failure.path)} must have {words} {limit} {plural}")

    return problem


def _unique(failure: Failure) -> Problem:
    items = failure.value
    twice = next(place for place, item in enumerate(items) if item in items[:place])
    return Problem((*failure.path, twice), f"{shown(items[twice])} stands twice in {subject(failure.path)}")


def _dependencies(failure: Failure) -> Problem:
    key, missing = failure.detail
    if key == "with" and "workflow" in failure.value:  # to add a template would be the next mistake
        return _beside_workflow((*failure.path, key))
    return Problem((*failure.path, key), f"'{key}' needs '{missing}'", f"add '{missing}'", at_key=True)


def _one_of(failure: Failure) -> Problem:
    if not failure.detail and len(failure.path) == 2:
        hint = "add a line such as  command: echo hello"
        return Problem(failure.path, f"task {subject(failure.path)} has no 'command'", hint, at_key=True)
    if failure.detail:
        both = [quoted(key) for key in ("command", "template", "workflow") if key in failure.value]
        return Problem(failure.path, f"{' and '.join(both)} exclude each other", "write one of them")
    return Problem(failure.path, "neither 'command' nor 'template' is given", "write one of them")


def _other(failure: Failure) -> Problem:
    return Problem(failure.path, f"{subject(failure.path)} is not valid ({failure.keyword})")


_WORDS: Mapping[str, Callable[[Failure], Problem]] = {
    "required": _required, "additionalProperties": _unknown_key, "propertyNames": _property_name,
    "enum": _enum, "const": _other, "pattern": _pattern, "minimum": _bound("at least"),
    "maximum": _bound("at most"), "exclusiveMinimum": _bound("more than"), "exclusiveMaximum": _bound("less than"),
    "multipleOf": _bound("a multiple of"), "minLength": _size("at least", "character"),
    "maxLength": _size("at most", "character"), "minItems": _size("at least", "item"),
    "maxItems": _size("at most", "item"), "minProperties": _size("at least", "entry"),
    "maxProperties": _size("at most", "entry"), "uniqueItems": _unique, "dependencies": _dependencies,
    "oneOf": _one_of,
}  # fmt: skip
