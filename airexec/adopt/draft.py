"""A workflow as it was read from another tool's file, and the text that it becomes. Knows no tool, and no file.

A reader takes a text and returns a Draft in the tool's own names. `settled` makes it one that airexec takes: ids,
dependencies that are there and in no circle. `written` makes the text.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from airexec.adopt.yaml_text import comment, entry, scalar
from airexec.workflow.yaml.nodes import read_yaml

KEYS = (
    *(
        "description",
        "matrix",
        "manual",
        "dependencies",
        "trigger_rule",
        "sources",
        "generates",
        "depfile",
        "secrets",
        "env",
    ),
    *("cwd", "shell", "execution_timeout", "allow_failure", "tags", "command"),
)
"""The keys of a task, in the order in which they are written."""

_MAY_STAND_ALONE = ("dependencies", "sources", "generates")

NOTHING = "true"
LOST = "echo this command did not carry over >&2; false"
"""What stands for a command that was lost: nobody shall take the task for done."""
"""The command of a task that only stands for what it depends on."""

_TEMPLATE = re.compile(r"\{\{(?:(?!\{\{|\{%|\{#).)*?\}\}", re.DOTALL)
_OPENING = re.compile(r"\{\{|\{%|(?<!\$)\{#(?=[ -])")
"""`${#name}` is everyday shell, and no comment of a template."""


class DraftTask(NamedTuple):
    """A task in the words of its tool."""

    name: str
    fields: Mapping[str, Any]
    """Keys and values of the workflow file; without `command` the task only stands for its dependencies."""
    dependencies: tuple[str, ...] = ()
    """Names, as the tool has them."""
    order_only: tuple[str, ...] = ()
    """Those that only have to come before."""
    remarks: tuple[str, ...] = ()
    """What a reader should know about the task."""
    lost: tuple[str, ...] = ()
    """What did not carry over."""


class Draft(NamedTuple):
    """A whole file."""

    tool: str
    """What the tasks are called in, for people: `the Makefile`."""
    tasks: tuple[DraftTask, ...]
    default: str = ""
    """The name of the task that runs when none is named."""
    fields: Mapping[str, Any] = {}
    """Further keys of the workflow file."""
    remarks: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def literal(text: str) -> str:
    """Return what a template must say so that `text` comes out of it, to the letter."""
    parts, end = [], 0
    for found in _TEMPLATE.finditer(text):
        parts += [_openings(text[end : found.start()]), "{% raw %}", found[0], "{% endraw %}"]
        end = found.end()
    return "".join([*parts, _openings(text[end:])])


def _openings(text: str) -> str:
    return _OPENING.sub(lambda it: f"{{{{ '{it[0]}' | raw }}}}", text)


def settled(draft: Draft) -> Draft:
    """Return the draft with ids for names, and without dependencies on what is not there or on itself."""
    ids = _ids([task.name for task in draft.tasks])
    order: dict[str, tuple[str, ...]] = {}
    tasks = []
    for task in _once_each(draft.tasks):
        kept, lost = [], list(task.lost)
        for name in dict.fromkeys((*task.dependencies, *task.order_only)):
            if name not in ids:
                lost.append(f"the dependency on {name}, which is not there")
            elif name == task.name or _leads_to(name, task.name, order):
                lost.append(f"the dependency on {name}, which depends on this one")
            else:
                kept.append(name)
                order[task.name] = (*order.get(task.name, ()), name)
        remarks = task.remarks if ids[task.name] == task.name else (f"{task.name} in {draft.tool}", *task.remarks)
        first = [ids[name] for name in kept if name in task.dependencies]
        later = [ids[name] for name in kept if name not in task.dependencies]
        tasks.append(DraftTask(ids[task.name], task.fields, tuple(first), tuple(later), remarks, tuple(lost)))
    return draft._replace(tasks=tuple(tasks), default=ids.get(draft.default, ""))


def _once_each(tasks: Iterable[DraftTask]) -> Iterable[DraftTask]:
    """Return the tasks without those that have the name of an earlier one: such as the same for another system."""
    first: dict[str, DraftTask] = {}
    for task in tasks:
        if (other := first.setdefault(task.name, task)) is not task:
            first[task.name] = other._replace(lost=(*other.lost, f"another {task.name} below"))
    return first.values()


def _ids(names: Iterable[str]) -> dict[str, str]:
    """Return an id for each name: itself where it can be one."""
    names = list(dict.fromkeys(names))
    ids: dict[str, str] = {name: name for name in names if _as_id(name) == name}
    taken = set(ids)
    for name in names:
        if name not in ids:
            base, number = _as_id(name), 2
            found = base
            while found in taken:
                found, number = f"{base[:120]}-{number}", number + 1
            taken.add(found)
            ids[name] = found
    return ids


def _as_id(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.:-]+", "-", name).strip("-.:")[:128] or "task"


def _leads_to(start: str, goal: str, order: Mapping[str, tuple[str, ...]]) -> bool:
    """Return whether a task waits for another, through whatever lies between."""
    waiting, seen = [start], {start}
    while waiting:
        for name in order.get(waiting.pop(), ()):
            if name == goal:
                return True
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return False


def without(draft: Draft, names: Collection[str], key: str) -> Draft:
    """Return the draft without a key of some of its tasks, or of the file for the name "": it is said to be lost."""
    if "" in names and key in draft.fields:
        fields = {name: value for name, value in draft.fields.items() if name != key}
        draft = draft._replace(fields=fields, lost=(*draft.lost, f"{key}: {_shown(draft.fields[key])}"))
    tasks = []
    for task in draft.tasks:
        if task.name in names and key in task.fields:
            lost = f"{key}: {_shown(task.fields[key])}"
            fields = {name: value for name, value in task.fields.items() if name != key}
            if key == "command":
                fields = {"command": LOST, **fields}
            task = task._replace(fields=fields, lost=(*task.lost, lost))
        tasks.append(task)
    return draft._replace(tasks=tuple(tasks))


def with_raw(draft: Draft, name: str, expression: str) -> Draft:
    """Return the draft with a value as it is in a task's command: it stands where nothing can be quoted, and other
    tools quote nothing anywhere."""
    plain, raw = f"{{{{ {expression} }}}}", f"{{{{ {expression} | raw }}}}"
    return draft._replace(
        tasks=tuple(
            task._replace(fields={**task.fields, "command": task.fields["command"].replace(plain, raw)})
            if task.name == name and "command" in task.fields
            else task
            for task in draft.tasks
        )
    )


def place_of(text: str, line: int) -> tuple[str, str]:
    """Return the task and the key that a line (from 1) of a written text belongs to; "" for a task: the file's."""
    before = text.split("\n")[:line]
    for number in range(len(before) - 1, -1, -1):
        if found := re.match(r"( {4})?([a-z_]+):", before[number]):
            inside = bool(found[1])
            names = (_key_of(it) for it in reversed(before[:number]) if re.match(r"  \S", it))
            return (next(names, "") if inside else ""), found[2]
    return "", ""


def _key_of(line: str) -> str:
    document = read_yaml(line.strip() + " x", [])
    return next(iter(document.value)) if document is not None and isinstance(document.value, dict) else ""


def _shown(value: Any) -> str:
    words = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return words if len(words) <= 200 else f"{words[:199]}…"


def written(draft: Draft, name: str, schema: str, source: str) -> str:
    """Return the text of the workflow file; `source` is the file that was read, as a person knows it."""
    lines = [
        f"# yaml-language-server: $schema={schema}",
        *comment(f"Made of {source} by `airexec init`: `airexec run -n` says what would run."),
        *(line for remark in draft.remarks for line in comment(remark)),
        *(line for lost in draft.lost for line in comment(f"not carried over: {lost}")),
        *entry("name", name, 0),
    ]
    for key, value in draft.fields.items():
        lines += entry(key, value, 0)
    if draft.default:
        lines += entry("default", draft.default, 0)
    lines.append("")
    lines.append("tasks:")
    for task in draft.tasks:
        lines += [f"  {scalar(task.name)}:", *_body(task), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _body(task: DraftTask) -> list[str]:
    fields = {"command": NOTHING, **task.fields}
    order_only = [{"task": name, "order_only": True} for name in task.order_only]
    if task.dependencies or order_only:
        fields["dependencies"] = [*task.dependencies, *order_only]
    lines = [line for remark in task.remarks for line in comment(remark, 4)]
    lines += [line for lost in task.lost for line in comment(f"not carried over: {lost}", 4)]
    for key in KEYS:
        if key in fields:
            lines += entry(key, _bare(fields[key]) if key in _MAY_STAND_ALONE else fields[key], 4)
    return lines


def _bare(value: Any) -> Any:
    """Return the only file or task of a list, which may stand alone, and any other value as it is."""
    is_one = isinstance(value, list) and len(value) == 1 and isinstance(value[0], str)
    return value[0] if is_one else value
