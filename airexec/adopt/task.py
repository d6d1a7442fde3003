"""Reads a Taskfile, the file of go-task. Variables become params, or what a shell says in their place.

A task that needs more of go-task than airexec has is left to it: its command is `task NAME`, and a comment says why.
"""

import re
from collections.abc import Mapping
from itertools import takewhile
from shlex import quote
from typing import Any

from airexec.adopt.document import read_map, text_of, texts_of
from airexec.adopt.draft import Draft, DraftTask, literal
from airexec.adopt.script import Line, script
from airexec.workflow.yaml.source import Source

_VALUE = re.compile(r"\{\{-?\s*(\"[^\"]*\"|`[^`]*`|.*?)\s*-?\}\}", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ONE_WORD = re.compile(r"[\w./:@%+=,-]+")
_SPECIAL = {
    ".TASK": "{{ task.id }}",
    ".ROOT_DIR": "$PWD",
    ".TASKFILE_DIR": "$PWD",
    ".USER_WORKING_DIR": "$PWD",
    "OS": "$(uname -s | tr A-Z a-z)",
    ".CLI_ARGS": "{{ args }}",
}
_DEPTH_MAX = 8
_LOST = ("requires", "prompt", "platforms", "if", "watch", "interactive", "defer")
_SAID = ("status", "preconditions", *_LOST)
"""What a task may say and airexec has no word for yet, or another one."""


def is_taskfile(data: Mapping[str, Any]) -> bool:
    """Return whether a YAML file is a Taskfile."""
    return isinstance(data.get("tasks"), dict) and "version" in data


def read_taskfile(source: Source) -> Draft:
    """Return the tasks. Raises WorkflowError for what is no YAML."""
    return _Taskfile(source).draft()


class _LeftToTaskError(Exception):
    """Only go-task itself can run the task."""


class _Taskfile:
    def __init__(self, source: Source) -> None:
        self._name = source.shown_as.rpartition("/")[2]
        data = self._data = read_map(source)
        self._tasks = {name: _as_map(task) for name, task in _as_plain_map(data.get("tasks")).items()}
        self._params: dict[str, Any] = {}
        self._values: dict[str, str] = {}
        """What stands for each variable of the file in a command."""
        self._used: set[str] = set()

    def draft(self) -> Draft:
        lost = self._take_variables()
        fields: dict[str, Any] = {}
        tasks = tuple(self._task(name, task) for name, task in self._tasks.items())
        if params := {name: value for name, value in self._params.items() if name in self._used}:
            fields["params"] = params
        env, gone = self._environment(self._data.get("env"), {})
        if env:
            fields["env"] = env
        if "pipefail" in texts_of(self._data.get("set")):
            fields["shell"] = "bash"
        lost += gone
        for file in texts_of(self._data.get("dotenv")):
            lost.append(f"dotenv {file}: write `env_file: {file}` if it is always there")
        includes = self._data.get("includes")
        for name, what in includes.items() if isinstance(includes, dict) else ():
            included = what.get("taskfile") if isinstance(what, dict) else what
            lost.append(f"includes {name}: {included}; `airexec init --from` reads one file at a time")
        names = list(self._tasks)
        default = next((name for name in ("default", "build", "test", *names) if name in names), "")
        return Draft(self._name, tasks, default, fields, (), tuple(lost))

    def _take_variables(self) -> list[str]:
        lost = []
        for name, value in _in_order(_as_plain_map(self._data.get("vars"))):
            told = self._variable(value, self._values)
            if told is None or not _NAME.fullmatch(name):
                lost.append(f"vars {name}: {_short(value)}")
            elif isinstance(value, dict) or "{{" in text_of(value):
                self._values[name] = told
            else:
                self._params[name] = value if isinstance(value, bool | int | float) else text_of(value)
                is_word = _ONE_WORD.fullmatch(text_of(value))
                self._values[name] = f"{{{{ params.{name} }}}}" if is_word else f"{{{{ params.{name} | raw }}}}"
        return lost

    def _variable(self, value: Any, values: Mapping[str, str]) -> str | None:
        """Return what stands for a variable in a command, None where nothing can."""
        try:
            if isinstance(value, dict):
                return f"$({self._told(text_of(value['sh']).strip(), values)})" if list(value) == ["sh"] else None
            return None if isinstance(value, list) else self._told(text_of(value), values)
        except _LeftToTaskError:
            return None

    def _told(self, text: str, values: Mapping[str, str]) -> str:
        """Return a text in our words. Raises _LeftToTaskError where one of its templates has no such."""
        parts, end = [], 0
        for found in _VALUE.finditer(text):
            parts += [literal(text[end : found.start()]), self._value(found[1], values)]
            end = found.end()
        return "".join([*parts, literal(text[end:])])

    def _value(self, expression: str, values: Mapping[str, str]) -> str:
        if (name := expression.removeprefix(".")) in values and name != expression:
            self._used |= set(re.findall(r"params\.(\w+)", values[name]))
            return values[name]
        if expression in _SPECIAL:
            return _SPECIAL[expression]
        if (found := re.fullmatch(r"(?:env\s+\"(\w+)\"|\.([A-Z_][A-Z0-9_]*))", expression)) is not None:
            return f"${{{found[1] or found[2]}:-}}"  # go-task takes what it does not know from the environment
        if found := re.fullmatch(r"\.(\w+)\s*\|\s*default\s+(?:\"([^\"]*)\"|'([^']*)'|([\w.-]+))", expression):
            if found[1] in values:
                return self._value(f".{found[1]}", values)
            default = next((it for it in found.groups()[1:] if it is not None), "")
            return f"${{{found[1]}:-{literal(default)}}}"
        if found := re.fullmatch(r"\"([^\"]*)\"|`([^`]*)`", expression):
            return literal(found[1] if found[1] is not None else found[2])
        raise _LeftToTaskError(f"{{{{{expression}}}}}")

    def _environment(self, data: Any, values: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
        env, lost = {}, []
        for name, value in _as_plain_map(data).items():
            spoken = self._variable(value, {**self._values, **values}) if not isinstance(value, dict) else None
            if spoken is None or "$(" in spoken or not _NAME.fullmatch(name):
                lost.append(f"env {name}: {_short(value)}")
            else:
                env[name] = spoken.replace(" | raw }}", " }}")
        return env, lost

    # --- a task -------------------------------------------------------------------------------------------------------

    def _task(self, name: str, task: Mapping[str, Any]) -> DraftTask:
        remarks = []
        lost = [
            f"{key}: {_short(task[key])}" for key in _SAID if key in task and key not in ("status", "preconditions")
        ]
        if aliases := texts_of(task.get("aliases")):
            remarks.append(f"also called: {', '.join(aliases)}")
        if task.get("internal") is True:
            remarks.append("internal: only other tasks call it")
        values = {**self._values, **self._own_variables(task)}
        fields: dict[str, Any] = {}
        if about := text_of(task.get("desc") or task.get("summary")).strip():
            fields["description"] = " ".join(about.split("\n\n")[0].split())
        if task.get("ignore_error") is True:
            fields["allow_failure"] = True
        if "pipefail" in texts_of(task.get("set")):
            fields["shell"] = "bash"
        env, gone = self._environment(task.get("env"), values)
        lost += gone
        if env:
            fields["env"] = env
        dependencies: list[str] = []
        deps = task.get("deps")
        for item in deps if isinstance(deps, list) else ():
            called = item.get("task") if isinstance(item, dict) else item
            dependencies.append(self._called(text_of(called)))
            if isinstance(item, dict) and item.get("vars"):
                lost.append(f"the vars for {called}: {_short(item['vars'])}")
        try:
            if guards := [key for key in ("prompt", "platforms", "requires", "if") if task.get(key)]:
                raise _LeftToTaskError(f"{', '.join(guards)}, which says whether it may run")
            if isinstance(deps, list) and any(isinstance(item, dict) and item.get("vars") for item in deps):
                raise _LeftToTaskError("deps with vars of their own")
            for key, words in (("dir", "cwd"), ("sources", "sources"), ("generates", "generates")):
                if key in task:
                    fields[words] = self._paths(task[key], values)
            first, lines = self._commands(name, task, values, 0)
        except _LeftToTaskError as error:
            lost = [f"{error}; so go-task runs this one"]
            fields = {key: fields[key] for key in ("description", "allow_failure") if key in fields}
            return DraftTask(name, {**fields, "command": f"task {quote(name)}"}, (), (), tuple(remarks), tuple(lost))
        if len(first) > 1:
            lost.append(f"the order of {', '.join(first)}: they run at the same time")
        before = self._conditions(task, values, lost)
        if before or lines:
            fields["command"] = "\n".join([*before, *lines])
        return DraftTask(name, fields, tuple(dict.fromkeys([*dependencies, *first])), (), tuple(remarks), tuple(lost))

    def _conditions(self, task: Mapping[str, Any], values: Mapping[str, str], lost: list[str]) -> list[str]:
        """Return the lines that say what has to be so, and when there is nothing to do."""
        lines = []
        try:
            for item in task.get("preconditions") or ():
                item = {"sh": item} if not isinstance(item, dict) else item
                condition = self._told(text_of(item.get("sh")).strip(), values)
                message = quote(self._told(text_of(item.get("msg", f"not so: {condition}")), values))
                lines.append(f"{{ {condition}; }} || {{ echo {message} >&2; exit 1; }}")
            status = [self._told(it.strip(), values) for it in texts_of(task.get("status"))]
            lines += [f"if {' && '.join(status)}; then exit 0; fi"] if status else []
        except _LeftToTaskError as error:
            lost.append(f"preconditions or status: {error}")
        return lines

    def _paths(self, value: Any, values: Mapping[str, str]) -> Any:
        if isinstance(value, str):
            return self._told(value, values).replace(" | raw }}", " }}")
        items = [f"!{it['exclude']}" if isinstance(it, dict) and "exclude" in it else text_of(it) for it in value or ()]
        told = [self._told(it, values).replace(" | raw }}", " }}") for it in items]
        if any("$" in it for it in told):
            raise _LeftToTaskError("files that a command names")
        return told

    def _own_variables(self, task: Mapping[str, Any], given: Mapping[str, Any] | None = None) -> dict[str, str]:
        """Return what stands for the variables of a task; the words of whoever calls it win."""
        values: dict[str, str] = {}
        for name, value in {**_as_plain_map(task.get("vars")), **(given or {})}.items():
            spoken = self._variable(value, {**self._values, **values})
            if spoken is not None:
                values[name] = spoken
        return values

    def _called(self, name: str) -> str:
        """Return the name of the task that is meant by a name or an alias."""
        name = name.removeprefix(":")
        if name in self._tasks:
            return name
        return next((it for it, task in self._tasks.items() if name in texts_of(task.get("aliases"))), name)

    def _commands(
        self, name: str, task: Mapping[str, Any], values: Mapping[str, str], depth: int
    ) -> tuple[list[str], list[str]]:
        """Return the tasks that a task calls before all else, and the lines of its script after them.

        Calls in front are dependencies. One behind a command is replaced by the lines of the called task.
        """
        if depth > _DEPTH_MAX:
            raise _LeftToTaskError("tasks that call each other in a circle")
        cmds = task.get("cmds", task.get("cmd"))
        items = cmds if isinstance(cmds, list) else [cmds] if cmds else []
        first: list[str] = []
        lines: list[str] = []
        calls = len(list(takewhile(_is_plain_call, items))) if depth == 0 else 0
        first += [self._called(text_of(item["task"])) for item in items[:calls]]
        for item in items[calls:]:
            item = {"cmd": item} if not isinstance(item, dict) else item
            if task.get("ignore_error") is True:  # which goes on with the next command
                item = {**item, "ignore_error": True}
            if strange := [key for key in ("for", "platforms", "defer", "if") if key in item]:
                if strange != ["for"] or not isinstance(item["for"], list) or not all(map(_is_scalar, item["for"])):
                    raise _LeftToTaskError(f"{strange[0]}: {_short(item[strange[0]])}")
                for value in item["for"]:
                    inner = {key: it for key, it in item.items() if key != "for"}
                    lines += self._item(inner, {**values, "ITEM": literal(text_of(value))}, depth)
            elif "task" in item and "dir" in task:
                raise _LeftToTaskError(f"a call of {item['task']}, which runs in another folder")
            else:
                lines += self._item(item, values, depth)
        return first, lines

    def _item(self, item: Mapping[str, Any], values: Mapping[str, str], depth: int) -> list[str]:
        if "task" in item:
            return self._lines_of(text_of(item["task"]), _as_plain_map(item.get("vars")), values, depth)
        text = self._told(text_of(item.get("cmd")).strip("\n"), values)
        return [script([Line(text, item.get("ignore_error") is True), Line(":")]).removesuffix("\n:")]

    def _lines_of(self, called: str, given: Mapping[str, Any], values: Mapping[str, str], depth: int) -> list[str]:
        name = self._called(called)
        task = self._tasks.get(name)
        if task is None or any(key in task for key in ("deps", "sources", "generates", *_SAID)):
            raise _LeftToTaskError(f"a call of {called} with what that needs")
        told = {key: self._variable(value, values) for key, value in given.items()}
        if None in told.values():
            raise _LeftToTaskError(f"the vars for {called}")
        mine = {**self._values, **self._own_variables(task), **{key: it for key, it in told.items() if it is not None}}
        env, lost = self._environment(task.get("env"), mine)
        if lost:
            raise _LeftToTaskError(lost[0])
        first, lines = self._commands(name, task, mine, depth + 1)
        assert not first
        before = [f"export {key}={value if value.startswith('{{ ') else quote(value)}" for key, value in env.items()]
        if "dir" in task:
            before.append(f"cd {self._told(text_of(task['dir']), mine)}")
        return ["(", *before, *lines, ")"] if before else lines


def _in_order(variables: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return variables so that each comes after those that it names, wherever it is written."""
    order: dict[str, Any] = {}

    def take(name: str, above: tuple[str, ...]) -> None:
        for other in re.findall(r"\.(\w+)", str(variables[name])):
            if other in variables and other not in order and other not in above:
                take(other, (*above, other))
        order.setdefault(name, variables[name])

    for name in variables:
        take(name, (name,))
    return list(order.items())


def _is_plain_call(item: Any) -> bool:
    return isinstance(item, dict) and "task" in item and not set(item) - {"task", "silent"}


def _as_map(task: Any) -> dict[str, Any]:
    """Return a task in its long form: a text or a list is what it runs."""
    if isinstance(task, dict):
        return task
    return {"cmds": task if isinstance(task, list) else [task]} if task else {}


def _as_plain_map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float | bool)


def _short(value: Any) -> str:
    words = " ".join((text_of(value) if not isinstance(value, list | dict) else str(value)).split())
    return words if len(words) <= 80 else f"{words[:79]}…"
