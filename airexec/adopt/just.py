"""Reads a justfile. Variables and parameters become params, or what a shell says in their place.

Knows as much of just's language as most files use: texts, backticks, `+`, `/`, `env()`. A recipe that needs more is
left to just: its command is `just NAME`, and a comment says why.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from airexec.adopt.draft import Draft, DraftTask, literal
from airexec.adopt.script import Line, logical_lines, script
from airexec.workflow.diagnostics import Finding, WorkflowError
from airexec.workflow.yaml.source import Source

_NAME = r"[a-zA-Z_][a-zA-Z0-9_-]*"
_RECIPE = re.compile(rf"@?({_NAME})((?:\s+[^:]*?|\s+.*?=.*?)?)\s*:(?!=)\s*(.*)")
_ASSIGNMENT = re.compile(rf"(export\s+)?({_NAME})\s*:=\s*(.*)", re.DOTALL)
_ALIAS = re.compile(rf"alias\s+({_NAME})\s*:=\s*({_NAME})")
_SETTING = re.compile(rf"set\s+({_NAME})(?:\s*:=\s*(.*))?", re.DOTALL)
_OTHER_FILE = re.compile(r"(import|mod)\??\s+(.*)")
_ATTRIBUTE = re.compile(r"\[(.*)\]")
_PARAMETER = re.compile(rf"\s*([*+]?)(\$?)({_NAME})(?:\s*=\s*('[^']*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`|[^\s'\"`]+))?")
_PIECE = re.compile(
    r"""\s*(?:(?P<raw>'''.*?'''|'[^']*')|(?P<cooked>\"\"\".*?\"\"\"|"(?:[^"\\]|\\.)*")|(?P<run>```.*?```|`[^`]*`)"""
    r"""|(?P<env>env(?:_var)?(?:_or_default)?)\(\s*['"](?P<variable>\w+)['"]\s*(?:,\s*(?P<default>'[^']*'|"[^"\\]*"))?\s*\)"""
    r"""|(?P<call>\w+)\(\s*\)|(?P<name>[a-zA-Z_][\w-]*))\s*(?P<then>[+/]|$)""",
    re.DOTALL,
)
_CALLS = {
    "os": "$(uname -s | tr A-Z a-z)",
    "arch": "$(uname -m)",
    "num_cpus": "$(getconf _NPROCESSORS_ONLN)",
    "justfile_directory": "$PWD",
    "invocation_directory": "$PWD",
}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "\n": ""}
_PLAIN_WORD = re.compile(r"[\w./:@%+=,-]+")
_ONLY_LISTS = re.compile(r"@?just( +(-[flu]+|--list|--unsorted|--justfile|\{\{ *justfile\(\) *\}\}))+")
_INTERPRETERS = {"python": ["python3", "-c"], "node": ["node", "-e"], "ruby": ["ruby", "-e"], "perl": ["perl", "-e"]}


class Recipe(NamedTuple):
    """A recipe as it is written."""

    name: str
    at: int
    """Its offset."""
    parameters: str
    after_colon: str
    about: str
    attributes: tuple[str, ...]
    body: tuple[str, ...]


class _LeftToJustError(Exception):
    """Only just itself can run the recipe."""


def read_justfile(source: Source) -> Draft:
    """Return the recipes as tasks. Raises WorkflowError with the first line that is nothing of just."""
    return _Justfile(source).draft()


class _Justfile:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._recipes: list[Recipe] = []
        self._settings: dict[str, str] = {}
        self._aliases: dict[str, list[str]] = {}
        self._variables: dict[str, str] = {}
        """The expression of each."""
        self._exported: set[str] = set()
        self._lost: list[str] = []
        self._params: dict[str, Any] = {}
        self._used: set[str] = set()
        self._parse()

    # --- the lines ----------------------------------------------------------------------------------------------------

    def _parse(self) -> None:
        about, attributes = "", []
        items = list(_items(self._source.text))
        for at, text, body in items:
            if text.startswith("#"):
                about = text.lstrip("#").strip() if not text.startswith("#!") else ""
                continue
            if (found := _ATTRIBUTE.fullmatch(text)) and "=" not in text.partition("(")[0]:
                attributes += _attributes(found[1])
                continue
            if not text:
                about = ""
                continue
            self._take(at, text, body, about, tuple(attributes))
            about, attributes = "", []

    def _take(self, at: int, text: str, body: Sequence[str], about: str, attributes: tuple[str, ...]) -> None:
        if found := _ALIAS.match(text):
            self._aliases.setdefault(found[2], []).append(found[1])
        elif (found := _SETTING.fullmatch(text)) and (":=" in text or ":" not in text):
            self._settings[found[1]] = found[2] or "true"
        elif found := _ASSIGNMENT.fullmatch(text):
            self._variables[found[2]] = found[3].strip()
            if found[1]:
                self._exported.add(found[2])
        elif (found := _OTHER_FILE.match(text)) and ":" not in text:
            self._lost.append(f"{found[1]} {found[2]}; `airexec init --from` reads one file at a time")
        elif found := _RECIPE.fullmatch(_uncommented(text)):
            doc = next((it for name, it in map(_attribute, attributes) if name == "doc"), about)
            self._recipes.append(Recipe(found[1], at, found[2], found[3], doc, attributes, tuple(body)))
        else:
            finding = Finding(at, "this is no recipe, variable or setting of just", end=at + len(text.split("\n")[0]))
            raise WorkflowError(self._source.diagnostics([finding]))

    # --- the draft ----------------------------------------------------------------------------------------------------

    def draft(self) -> Draft:
        remarks = []
        recipes = []
        for recipe in self._recipes:
            lines = [line.strip() for line in recipe.body if line.strip()]
            if lines and all(_ONLY_LISTS.fullmatch(line) for line in lines):
                remarks.append(f"`{recipe.name}` is left out: `airexec` alone lists the tasks.")
            else:
                recipes.append(recipe)
        tasks = tuple(self._task(recipe) for recipe in recipes)
        fields: dict[str, Any] = {}
        env = {}
        for name in self._exported:
            try:
                value = self._expression(self._variables[name])
                if "$" in value:
                    raise _LeftToJustError
                env[name] = value
            except _LeftToJustError:
                self._lost.append(f"export {name} := {self._variables[name]}")
        if params := {name: value for name, value in self._params.items() if name in self._used}:
            fields["params"] = params
        if env:
            fields["env"] = {name: env[name].replace(" | raw }}", " }}") for name in sorted(env)}
        if (shell := self._shell()) is not None:
            fields["shell"] = shell
        for setting in ("dotenv-load", "dotenv-filename", "dotenv-path"):
            if self._settings.get(setting, "false") != "false":
                file = self._settings[setting].strip("'\"") if setting != "dotenv-load" else ".env"
                self._lost.append(f"{setting}: write `env_file: {file}` if it is always there")
        for setting in ("export", "working-directory", "positional-arguments"):
            if (value := self._settings.get(setting, "false")) != "false":
                self._lost.append(f"set {setting}{'' if value == 'true' else f' := {value}'}")
        names = [recipe.name for recipe in recipes]
        marked = [it.name for it in recipes if any(_attribute(word)[0] == "default" for word in it.attributes)]
        first = names[:1] if names and names[0] == (self._recipes[0].name if self._recipes else "") else []
        usual = [name for name in ("build", "test") if name in names]
        default = next(iter([*marked, *first, *usual, *names]), "")
        name = self._source.shown_as.rpartition("/")[2]
        return Draft(name, tasks, default, fields, tuple(remarks), tuple(dict.fromkeys(self._lost)))

    def _shell(self) -> Any:
        words = re.findall(r"'([^']*)'|\"([^\"]*)\"", self._settings.get("shell", ""))
        argv = [first or second for first, second in words]
        if not argv:
            return None
        name = argv[0].rpartition("/")[2]
        is_shell = name in ("sh", "bash", "zsh", "dash", "ksh")
        return [argv[0], "-e", *(argv[1:] or ["-c"])] if is_shell else argv

    def _task(self, recipe: Recipe) -> DraftTask:
        fields: dict[str, Any] = {"description": recipe.about} if recipe.about else {}
        remarks, lost = [], []
        if aliases := self._aliases.get(recipe.name):
            remarks.append(f"also called: {', '.join(aliases)}")
        for name, value in map(_attribute, recipe.attributes):
            if name == "private" or name in ("doc", "default", "no-exit-message", "script", "positional-arguments"):
                continue
            if name == "working-directory":
                fields["cwd"] = literal(value)
            elif name != "group":
                lost.append(f"[{name}{f': {value}' if value else ''}]")
        if recipe.name.startswith("_") or "private" in recipe.attributes:
            remarks.append("private: only other recipes call it")
        groups = [value for name, value in map(_attribute, recipe.attributes) if name == "group"]
        if groups:
            fields["tags"] = groups
        before, _, after = recipe.after_colon.partition("&&")
        dependencies = self._dependencies(before, lost)
        lost += [f"{name}, which comes after it" for name in self._dependencies(after, lost)]
        try:
            known = (dict(self._params), set(self._used))
            guards, values, of_parameters = self._parameters(recipe)
            command = self._command(recipe, values, fields)
            remarks += of_parameters
        except _LeftToJustError as error:
            self._params, self._used = known
            lost = [f"{error}; so just runs this one"]
            fields = {key: fields[key] for key in ("description", "tags") if key in fields}
            return DraftTask(
                recipe.name, {**fields, "command": f"just {recipe.name}"}, (), (), tuple(remarks), tuple(lost)
            )
        if guards or command:
            fields["command"] = "\n".join([*guards, *([command] if command else [])])
        return DraftTask(recipe.name, fields, tuple(dependencies), (), tuple(remarks), tuple(lost))

    def _dependencies(self, text: str, lost: list[str]) -> list[str]:
        names = []
        for found in re.finditer(rf"\(\s*({_NAME})([^)]*)\)|({_NAME}(?:::{_NAME})*)", text):
            name = found[1] or found[3]
            names.append(next((it for it, others in self._aliases.items() if name in others), name))
            if found[1] and found[2].strip():
                lost.append(f"the arguments of {name}: {found[2].strip()}")
        return names

    def _parameters(self, recipe: Recipe) -> tuple[list[str], dict[str, str], list[str]]:
        """Return what the script says first, what stands for each parameter, and what is to be said about them."""
        guards, values, remarks = [], {}, []
        for many, export, name, default in _PARAMETER.findall(recipe.parameters):
            value = ""
            if default:
                value = self._expression(default)
                if "$" in value or "{{" in value:
                    raise _LeftToJustError(f"parameter {name}={default}")
            param = name.replace("-", "_")
            if (
                param in self._params
                and (param in self._used or param in self._variables)
                and self._params[param] != value
            ):
                param = f"{recipe.name}_{param}".replace("-", "_")
            if self._params.get(param, value) != value:
                raise _LeftToJustError(f"parameter {name}")
            self._params[param] = value
            self._used.add(param)
            is_raw = many or (default and not _PLAIN_WORD.fullmatch(value))
            values[name] = f"{{{{ params.{param} | raw }}}}" if is_raw else f"{{{{ params.{param} }}}}"
            if many == "+" or (not default and not many):
                guards.append(f"test -n {{{{ params.{param} }}}} || {{ echo 'say -p {param}=…' >&2; exit 1; }}")
            if export:
                guards.append(f"export {name}={{{{ params.{param} }}}}")
            remarks.append(f"{many}{name}: airexec run {recipe.name} -p {param}=…")
        return guards, values, remarks

    def _command(self, recipe: Recipe, values: Mapping[str, str], fields: dict[str, Any]) -> str:
        body = _dedented(recipe.body)
        if body and body[0].startswith("#!"):
            words = body[0][2:].replace("/usr/bin/env -S", "").replace("/usr/bin/env", "").split()
            name = words[0].rpartition("/")[2] if words else "sh"
            kind = re.sub(r"[\d.]+$", "", name)
            if name == "bash":
                fields["shell"] = "bash" if len(words) == 1 else ["bash", *words[1:], "-c"]
            elif kind in _INTERPRETERS:
                fields["shell"] = "python" if kind == "python" else _INTERPRETERS[kind]
            elif name != "sh":
                raise _LeftToJustError(f"#!{' '.join(words)}")
            text = "\n".join(body[1:]).strip("\n")
            told = self._told(text, values)
            if name not in ("sh", "bash") and told.count("$") > text.count("$"):
                raise _LeftToJustError(f"#!{' '.join(words)} with values of commands")
            return told
        lines = []
        for line in logical_lines(body):
            found = re.match(r"[@-]*", line.strip())
            prefix = found[0] if found else ""
            text = line.strip()[len(prefix) :]
            if text and not text.startswith("#"):
                lines.append(Line(self._told(text, values), "-" in prefix))
            elif text and "ignore-comments" not in self._settings:
                lines.append(Line(self._told(text, values)))
        return script(lines)

    # --- expressions --------------------------------------------------------------------------------------------------

    def _told(self, text: str, values: Mapping[str, str]) -> str:
        parts, end = [], 0
        for found in re.finditer(r"\{\{\{\{|\{\{(.*?)\}\}(?!\})", text, re.DOTALL):
            parts.append(literal(text[end : found.start()]))
            parts.append(self._expression(found[1], values) if found[1] is not None else literal("{{"))
            end = found.end()
        return "".join([*parts, literal(text[end:])])

    def _expression(self, text: str, values: Mapping[str, str] | None = None, depth: int = 0) -> str:
        """Return what stands for an expression in a command. Raises _LeftToJustError."""
        text, parts, at = text.strip(), [], 0
        while at < len(text):
            found = _PIECE.match(text, at)
            if found is None or depth > 50:
                raise _LeftToJustError(f"{{{{{text}}}}}")
            parts.append(self._piece(found, values or {}, depth))
            if found["then"] == "/":
                parts.append("/")
            at = found.end()
        return "".join(parts)

    def _piece(self, found: re.Match[str], values: Mapping[str, str], depth: int) -> str:
        if found["raw"] is not None:
            return literal(found["raw"].strip("'"))
        if found["cooked"] is not None:
            return literal(_cooked(found["cooked"].strip('"') if len(found["cooked"]) > 2 else ""))
        if found["run"] is not None:
            return f"$({self._told(found['run'].strip('`').strip(), values)})"
        if found["env"] is not None:
            default = (found["default"] or "''")[1:-1]
            return f"${{{found['variable']}{':-' if found['default'] else ':?'}{literal(default)}}}"
        if found["call"] is not None:
            if found["call"] in _CALLS:
                return _CALLS[found["call"]]
            raise _LeftToJustError(f"{found['call']}()")
        name = found["name"]
        if name in values:
            return values[name]
        if name not in self._variables:
            raise _LeftToJustError(f"{{{{{name}}}}}")
        return self._variable(name, depth)

    def _variable(self, name: str, depth: int) -> str:
        value = self._expression(self._variables[name], {}, depth + 1)
        param = name.replace("-", "_")
        is_plain = re.fullmatch(r"'[^']*'|\"[^\"\\]*\"", self._variables[name]) is not None
        if not is_plain or "{{" in value or self._params.get(param, value) != value:
            return value
        self._params[param] = value
        self._used.add(param)
        return f"{{{{ params.{param} }}}}" if _PLAIN_WORD.fullmatch(value) else f"{{{{ params.{param} | raw }}}}"


def _items(text: str) -> Iterator[tuple[int, str, list[str]]]:
    """Yield what begins in the first column: its offset, its text, and the indented lines below."""
    at, lines = 0, text.split("\n")
    number = 0
    while number < len(lines):
        start, line = at, lines[number]
        at, number = at + len(line) + 1, number + 1
        while _is_open(line) and number < len(lines):
            line = (
                (line[:-1].rstrip() + " " + lines[number].strip())
                if line.endswith("\\")
                else f"{line}\n{lines[number]}"
            )
            at, number = at + len(lines[number]) + 1, number + 1
        body: list[str] = []
        while number < len(lines) and (lines[number][:1] in (" ", "\t") or not lines[number].strip()):
            if not lines[number].strip() and not any(it[:1] in (" ", "\t") for it in _rest_of_body(lines, number)):
                break
            body.append(lines[number])
            at, number = at + len(lines[number]) + 1, number + 1
        yield start, line.strip() if line[:1] not in (" ", "\t") else line.rstrip() and f" {line.strip()}", body


def _rest_of_body(lines: Sequence[str], number: int) -> list[str]:
    """Return the next line that is not empty, if there is one."""
    return next(([line] for line in lines[number:] if line.strip()), [])


def _is_open(line: str) -> bool:
    """Return whether a line goes on in the next one: a backslash, or a text of several lines."""
    if line.lstrip().startswith("#"):
        return False
    is_list = re.fullmatch(r"set\s[^\]]*\[[^\]]*", line) is not None
    return line.endswith("\\") or is_list or any(line.count(it) % 2 for it in ("'''", '"""', "```"))


def _dedented(lines: Sequence[str]) -> list[str]:
    first = next((line for line in lines if line.strip()), "")
    margin = first[: len(first) - len(first.lstrip())]
    return [line.removeprefix(margin).rstrip() if line.startswith(margin) else line.strip() for line in lines]


def _uncommented(text: str) -> str:
    found = re.match(r"((?:[^'\"#`]|'[^']*'|\"[^\"]*\"|`[^`]*`)*)#.*", text, re.DOTALL)
    return found[1].rstrip() if found else text


def _attributes(text: str) -> list[str]:
    return [it.strip() for it in re.findall(r"((?:[^,'\"(]|'[^']*'|\"[^\"]*\"|\([^)]*\))+)", text) if it.strip()]


def _attribute(text: str) -> tuple[str, str]:
    """Return the name of an attribute and what it says: `group: 'x'` and `group('x')` mean the same."""
    name, _, value = text.replace("(", ":", 1).partition(":")
    return name.strip(), value.rstrip(") ").strip().strip("'\"")


def _cooked(text: str) -> str:
    return re.sub(r"\\(.)", lambda it: _ESCAPES.get(it[1], it[0]), text, flags=re.DOTALL)
