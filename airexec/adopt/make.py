"""Reads a Makefile by what make itself says about it: its database, and what it would run for each target.

Make has no mode that runs nothing: `$(shell …)` and `!=` run while it reads, lines with `+` or `$(MAKE)` also under
`-n`, and an included file that has a rule is made at once. But all of them go through SHELL, and what the command
line sets wins over the file. So SHELL is printf, which writes each command down between two marks instead of
running it, and `$(shell git describe)` comes back as what a shell script says in its place: `$(git describe)`. What
could get around that is refused before make sees the file: see `what_would_run`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from shlex import quote
from typing import NamedTuple

from airexec.adopt.draft import Draft, DraftTask, literal
from airexec.adopt.script import Line, logical_lines, script
from airexec.workflow.diagnostics import Finding, WorkflowError
from airexec.workflow.yaml.source import Source

NOTHING = ".airexec"
"""A target that is added: it has nothing to do. For the dot in front it is never the default."""

_ADDED = f"{NOTHING}: ;\n.DEFAULT: ;\n"
"""The second rule: what has no rule counts as there, or make would stop at a file that is yet to be made."""

_START, _END = "\x01", "\x02"
_GLOB = "\x04"
"""In front of a name that is a pattern."""
_FILE = "\x05"
_HERE = "\x03"
"""Stands for the folder of the Makefile."""
_UNSAFE = (
    (re.compile(r"\boverride\b.*\bSHELL\b"), "sets SHELL by override"),
    (re.compile(r"^[ -]*load\s", re.MULTILINE), "loads a library"),
    (re.compile(r"[$][({]guile\s"), "runs Guile"),
    (re.compile(r"[$][({]file\s*>"), "writes a file by $(file …)"),
)
_BARE_RUN = re.compile(r"^ *[$][({]shell\b.*[)}] *$", re.MULTILINE)
_INCLUDE = re.compile(r"^ *(?:-|s)?include\s+([^$#\n]+)$", re.MULTILINE)
_TRACE = re.compile(r"(?:\S+?:\d+|<builtin>): (?:update target '(.+)' due to: .*|target '(.+)' does not exist)")
_STOP = re.compile(r"(?:(\S+?):(\d+): )?(?:g?make: )?\*\*\* (.*?)\.? +Stop\.")
_SAID = re.compile(r"g?make(\[\d+\])?: (Nothing to be done for|'.*' is up to date|\*\*\*|Target '.*' not remade)")
_RULE = re.compile(r"^([^\s#:=][^:=#\n]*?)\s*::?(?![:=])([^\n]*)$", re.MULTILINE)
_FIND = re.compile(r"find\s+([\w./-]+)\s+(?:-type f\s+)?-name\s+['\"]?([\w.*?-]+)['\"]?(?:\s+-type f)?")
_CONDITION = re.compile(r"^ *(?:else +)?(ifn?eq\b.*|ifn?def\b.*)$", re.MULTILINE)
_SETTABLE = re.compile(r"^ *(?:export +)?([A-Za-z_]\w*) *\?=", re.MULTILINE)
_PLAIN = re.compile(r"[^$\x01-\x1f]+")
_ONE_WORD = re.compile(r"[\w./:@%+=,-]+")
_MANY_WORDS = re.compile(r"(?i)(flags|args|opts|options|libs|files)$")
"""Variables that are there to be set to several words."""
_OWN_VARIABLE = re.compile(r"[^:\t]+:\s+\S+\s+[:?+!]{0,3}=")
_SHELL = re.compile(r"^\s*(?:export\s+)?SHELL\s*[:?]{0,3}=\s*(.*?)\s*$", re.MULTILINE)
_SHELL_FLAGS = re.compile(r"^\s*\.SHELLFLAGS\s*[:?]{0,3}=\s*(.*?)\s*$", re.MULTILINE)
_EXPORT = re.compile(r"^ *export\s+([A-Za-z_]\w*)\s*(?:[:?]{0,3}(=).*)?$", re.MULTILINE)
_LISTING = re.compile(r"MAKEFILE_LIST|##")
_WILDCARD = re.compile(r"[$][({]wildcard\s+((?:[^(){}$]|[$][({]\w+[)}])*)[)}]")
_VARIABLE = re.compile(r"[$][({](\w+)[)}]")
_OUTPUT = r"(?:-o\s*|>\s*|\btouch\s+)"


class Rule(NamedTuple):
    """A target as the database has it."""

    target: str
    prerequisites: tuple[str, ...] = ()
    order_only: tuple[str, ...] = ()
    recipe: tuple[str, ...] = ()
    """Its lines before make expands them."""
    is_phony: bool = False
    stem: str = ""
    """What the `%` of the pattern stood for."""
    line: str = ""
    """Where the recipe stands: the same for all targets of a pattern."""
    is_written: bool = True
    """Not only made by a pattern."""


class Database(NamedTuple):
    """What `make -p` prints."""

    rules: Mapping[str, Rule]
    default: str


def arguments(program: str, printf: str, file: str, goals: Sequence[str], settable: Iterable[str] = ()) -> list[str]:
    """Return the call of make that tells all about a file, and what would be run for the goals, and runs nothing.

    `settable` are variables that are to be told apart: they stand as marks for their values.
    """
    marks = [f"{name}={_mark(name)}" for name in settable]
    return [
        *(program, "-p", "-n", "-B", "-k", "--trace", "--no-print-directory", "-f", file),
        *(
            "--eval",
            _ADDED,
            "MAKE=make",
            f"SHELL={printf}",
            r".SHELLFLAGS='\001%s\002\n'",
            *marks,
            "--",
            NOTHING,
            *goals,
        ),
    ]


def _mark(name: str) -> str:
    return f"\x06{name}\x07"


def settable(text: str, output: str) -> dict[str, str]:
    """Return the variables that a Makefile lets its callers set by `?=`, with their values, where those are plain."""
    values = _variables(output)
    names = dict.fromkeys(_SETTABLE.findall(text))
    return {name: values[name] for name in names if values.get(name) and _PLAIN.fullmatch(values[name])}


def _variables(output: str) -> dict[str, str]:
    """Return the variables of the database, unexpanded where make keeps them so."""
    return dict(re.findall(r"^([A-Za-z_]\w*) :?= ?(.*)$", output, re.MULTILINE))


def environment(path: str) -> dict[str, str]:
    """Return the environment that make gets: what is told by a machine or a user stays a variable in the recipes."""
    return {"PATH": path, "LC_ALL": "C", "HOME": "$$HOME", "USER": "$$USER", "PWD": "$$PWD"}


def untold(output: str) -> list[str]:
    """Return the targets with a recipe that make has said nothing about: it ended at one that says $(error …)."""
    told = recipes(output)
    rules = [rule for rule in read_database(output).rules.values() if _is_task(rule) and rule.recipe]
    return [rule.target for rule in rules if rule.target not in told]


def what_would_run(text: str) -> str:
    """Return what in a makefile would act although nothing is to be run, "" if there is nothing of the kind."""
    return next((what for pattern, what in _UNSAFE if pattern.search(text)), "")


def without_bare_runs(text: str) -> str:
    """Return a makefile in which lines that are a $(shell …) alone set a variable.

    What they print would be a rule to make, and here all of them print something.
    """
    return _BARE_RUN.sub(lambda it: f"{NOTHING} := {it[0]}", text)


def included(text: str) -> list[str]:
    """Return the files that a makefile includes by names that can be told without make; they may be patterns."""
    return [name for found in _INCLUDE.finditer(text) for name in found[1].split()]


def goals_of(output: str) -> list[str]:
    """Return the targets that can be asked for, out of what make says with no goal."""
    return [rule.target for rule in read_database(output).rules.values() if _is_task(rule)]


def mistake(source: Source, errors: str) -> WorkflowError | None:
    """Return what make refuses the file for, with its place; None when it does not."""
    if (found := _STOP.search(errors)) is None:
        return None
    lines = source.text.split("\n")
    is_here = found[2] and found[1] == source.shown_as.rpartition("/")[2] and int(found[2]) <= len(lines)
    at = sum(len(line) + 1 for line in lines[: int(found[2]) - 1]) if is_here else 0
    place = "" if is_here or not found[2] else f" ({found[1]}:{found[2]})"
    return WorkflowError(source.diagnostics([Finding(at, f"make says: {found[3]}{place}", end=at + 1)]))


def read_database(output: str) -> Database:
    """Return the rules of what `make -p` prints; those that make has built in are left out."""
    _, _, files = output.partition("\n# Files\n")
    rules = {}
    for block in files.split("\n\n"):
        lines = block.split("\n")
        is_written = lines[0] != "# Not a target:"
        if not is_written:
            lines = lines[1:] if any(line.startswith("#  Implicit/static pattern stem") for line in lines) else []
        while lines and (lines[0].startswith("#") or _OWN_VARIABLE.match(lines[0])):
            lines = lines[1:]
        if lines and (rule := _rule(lines)) is not None and rule.target not in rules:
            rules[rule.target] = rule._replace(is_written=is_written)
    default = re.search(r"^\.DEFAULT_GOAL :?= (.*)$", output, re.MULTILINE)
    return Database(rules, default[1] if default else "")


def _rule(lines: Sequence[str]) -> Rule | None:
    target, colon, needs = lines[0].partition(":")
    if not colon or target.startswith("#"):
        return None
    before, _, order_only = needs.removeprefix(":").partition("|")
    told = "\n".join(line for line in lines if line.startswith("#"))
    stem = re.search(r"pattern stem: '(.*)'", told)
    place = re.search(r"recipe to execute \((?:from '(.*)', line (\d+)|built-in)\)", told)
    return Rule(
        target,
        tuple(dict.fromkeys(_words(before))),
        tuple(_words(order_only)),
        tuple(logical_lines(line.removeprefix("\t") for line in lines[1:] if line.startswith("\t") and line.strip())),
        "#  Phony target" in told,
        stem[1] if stem else "",
        f"{place[1]}:{place[2]}" if place and place[1] else "built-in" if place else "",
    )


def _words(text: str) -> list[str]:
    """Return the names in a list: for what a command would find the pattern that says the same, or else _START."""
    names = re.sub(f"{_START}([^{_START}{_END}]*){_END}", lambda it: _found_by(it[1]), text)
    return names.split()


def _found_by(command: str) -> str:
    """Return the glob for what `find` finds, _START for what nobody knows."""
    if (found := _FIND.fullmatch(command.strip())) is None:
        return _START
    folder = found[1].removeprefix("./").rstrip("/")
    return f"{_GLOB}**/{found[2]}" if folder in ("", ".") else f"{_GLOB}{folder}/**/{found[2]}"


def before_database(output: str) -> str:
    """Return what make would run, as it prints it, without the database."""
    return re.split(r"^# (?:GNU Make \d|Make data base)", output, maxsplit=1, flags=re.MULTILINE)[0]


def recipes(output: str) -> dict[str, list[str]]:
    """Return what make would run for each target, expanded, line by line."""
    told = before_database(output).rstrip("\n")
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in told.split("\n"):
        if traced := _TRACE.fullmatch(line):
            current = found.setdefault((traced[1] or traced[2]).removeprefix(f"{_HERE}/"), [])
        elif current is not None and not _SAID.match(line):
            current.append(line)
    return {target: _without_runs(list(logical_lines(lines))) for target, lines in found.items()}


def _without_runs(lines: list[str]) -> list[str]:
    """Take away what printf wrote instead of running a line with `+`: the line stands above it."""
    kept: list[str] = []
    for line in lines:
        if not (kept and line == f"{_START}{kept[-1]}{_END}") and line:
            kept.append(line)
    return kept


def _is_task(rule: Rule) -> bool:
    is_special = rule.target.startswith(".") and "/" not in rule.target
    is_odd = any(it in rule.target for it in f"%{_START}{_END}")
    is_empty = not (rule.recipe or rule.prerequisites)
    return not (is_special or is_odd or is_empty)


def read_makefile(text: str, shown_as: str, outputs: Sequence[str], folder: str, marked: str = "") -> Draft:
    """Return the tasks of a Makefile, of its text and of what make said: of all goals, then of those it did not reach.

    `folder` is where make was called: what is below it is named from there. `marked` is what it said with marks for the
    variables that are settable.
    """
    reader = _Reader(text, shown_as, outputs, folder)
    if marked:
        reader.take_params(marked.replace(folder, _HERE))
    return reader.draft()


class _Reader:
    def __init__(self, text: str, shown_as: str, outputs: Sequence[str], folder: str) -> None:
        self._text = text
        self._file = shown_as
        database = read_database(outputs[0].replace(f"{folder}/", ""))
        self._rules = database.rules
        self._variables = _variables(outputs[0])
        self._default = database.default
        self._recipes = {
            target: lines
            for output in reversed(outputs)
            for target, lines in recipes(output.replace(folder, _HERE)).items()
        }
        self._params: dict[str, str] = {}
        self._about = _descriptions(text)
        self._only_before = {name for rule in self._rules.values() for name in rule.order_only}
        self._one_shell = re.search(r"^\.ONESHELL:", text, re.MULTILINE) is not None

    def take_params(self, marked: str) -> None:
        """Let the settable variables be params in recipes that differ by nothing but their values.

        Not where names of files hold them too: those are fixed.
        """
        values = {name: self._variables.get(name, "") for name in _SETTABLE.findall(self._text)}
        database = read_database(marked)
        named = " ".join(name for rule in database.rules.values() for name in (rule.target, *rule.prerequisites))
        for target, lines in recipes(marked).items():
            used = [name for name in values if any(_mark(name) in line for line in lines)]
            plain = lines
            for name in used:
                plain = [line.replace(_mark(name), values[name]) for line in plain]
            if plain == self._recipes.get(target) and not any(_mark(name) in named for name in used):
                self._recipes[target] = lines
                self._params |= {name: values[name] for name in used}

    def draft(self) -> Draft:
        listing = {rule.target for rule in self._rules.values() if self._only_lists(rule)}
        left_out = {*listing, self._file}
        chosen = [rule for rule in self._rules.values() if _is_task(rule) and rule.target not in left_out]
        needed = {name for rule in chosen for name in (*rule.prerequisites, *rule.order_only)}
        chosen = [rule for rule in chosen if rule.is_written or rule.target in needed]
        chosen.sort(key=lambda rule: (self._about.get(rule.target, _About(len(self._text))).at, rule.target))
        tasks = []
        groups: dict[str, str] = {}
        """The task that makes a target together with others."""
        globs: list[tuple[list[str], str]] = []
        for group in _grouped(chosen):
            made = self._tasks(group)
            tasks += made
            if len(made) < len(group):
                groups.update((rule.target, made[0].name) for rule in group)
            if "src" in made[0].fields.get("matrix", ()):
                globs.append(([rule.target for rule in group], _glob(group[0].target, group[0].stem)))
        tasks = [_with_globs(_with_groups(task, groups), globs) for task in tasks]
        default = self._default if self._default not in listing else ""
        remarks = tuple(f"`{name}` is left out: `airexec` alone lists the tasks." for name in sorted(listing))
        if not default and tasks:
            default = next((name for name in ("build", "all", "test") if name in self._about), tasks[0].name)
        fields, lost = self._fields()
        if re.search(r"^\.NOTPARALLEL:\s*$", self._text, re.MULTILINE):
            fields["max_active_tasks"] = 1
        return Draft(self._file, tuple(tasks), default, fields, remarks, tuple(lost))

    def _only_lists(self, rule: Rule) -> bool:
        text = "\n".join(rule.recipe)
        return rule.target in ("help", "list", "usage") and bool(_LISTING.search(text)) and "awk" in text + "grep"

    def _fields(self) -> tuple[dict[str, object], list[str]]:
        fields: dict[str, object] = {}
        lost = []
        if (found := _SHELL.search(self._text)) and (shell := found[1].split()[-1:] or [""])[0]:
            flags = _SHELL_FLAGS.search(self._text)
            name = shell[0].rpartition("/")[2]
            if flags and "$" not in flags[1]:
                fields["shell"] = [name, *flags[1].split()]
            elif name != "sh" and "$" not in name:
                fields["shell"] = name if name == "bash" else [name, "-e", "-c"]
        env = {}
        for found in _EXPORT.finditer(self._text):
            name = found[1]
            value = self._variables.get(name, "")
            if name == "SHELL" or not (value or found[2]):  # it is the caller's, whose environment tasks have anyway
                continue
            if "$" in value or _START in value:
                lost.append(f"export {name} = {value.replace(_START, '$(shell ').replace(_END, ')')}")
            else:
                env[name] = literal(value)
        if self._params:
            fields["params"] = dict(self._params)
        if env:
            fields["env"] = env
        told = {name for name, value in self._variables.items() if _START in value or "$(shell" in value}
        for found in _CONDITION.finditer(self._text):
            if "$(shell" in found[1] or told & set(re.findall(r"\w+", found[1].partition("if")[2])):
                lost.append(f"what follows from `{found[1].strip()}`, for no command was run to find out")
        return fields, list(dict.fromkeys(lost))

    # --- a target -----------------------------------------------------------------------------------------------------

    def _task(self, rule: Rule) -> DraftTask:
        fields: dict[str, object] = {}
        lost: list[str] = []
        if about := self._about.get(rule.target, _About()).text:
            fields["description"] = about
        command = self._command(rule, lost)
        is_file = self._is_file(rule) and not any(map(self._is_force, rule.prerequisites))
        needed = [name for name in rule.prerequisites if self._is_clean(name, lost)]
        tasks = [name for name in needed if name in self._rules and _is_task(self._rules[name])]
        if is_file:
            made = [name for name in needed if name not in self._rules or self._is_file(self._rules[name])]
            if made:
                fields["sources"] = [_path(name) for name in made]
            fields["generates"] = made_file = _path(rule.target)
            if re.search(r"\s-MM?D\b", command) and "-MF" not in command and made_file.endswith(".o"):
                fields["depfile"] = f"{made_file[:-1]}d"
            tasks = [name for name in tasks if name not in made]
        else:
            tasks = [name for name in needed if name in self._rules and not self._is_force(name)]
        if command:
            fields["command"] = command
        order_only = tuple(name for name in rule.order_only if name in self._rules)
        return DraftTask(rule.target, fields, tuple(tasks), order_only, (), tuple(dict.fromkeys(lost)))

    def _is_clean(self, name: str, lost: list[str]) -> bool:
        if _START in name or _END in name:
            lost.append("prerequisites that come from $(shell …)")
            return False
        return True

    def _is_file(self, rule: Rule) -> bool:
        """Return whether a target is what its recipe makes, by what the recipe says: a forgotten .PHONY is common."""
        text = "\n".join(rule.recipe)
        if rule.is_phony or not rule.recipe or all(re.match(r"@?\s*mkdir\b", line) for line in rule.recipe):
            return False
        if re.search(r"(?<![,$])\$(@|[({]@)", text) or rule.stem:
            return not re.search(r"(-C|\bcd)\s+\$@", text)
        told = "\n".join(self._recipes.get(rule.target, ()))
        return re.search(rf"{_OUTPUT}(\S*/)?{re.escape(rule.target)}(\s|$)", told) is not None

    def _is_force(self, name: str) -> bool:
        """Return whether a target is one that others name so that they always run: nothing makes it."""
        rule = self._rules.get(name)
        return rule is not None and "." not in name and not (rule.recipe or rule.prerequisites or rule.order_only)

    def _command(self, rule: Rule, lost: list[str]) -> str:
        if not rule.recipe:
            return ""
        lines = self._recipes.get(rule.target)
        if lines is None:
            lost.append("the recipe, which make expands in a real run only")
            return f"make {quote(rule.target)}"
        prefixes = [re.match(r"[\s@+-]*", line) for line in rule.recipe]
        forgiving = [bool(it) and "-" in it[0] for it in prefixes if it]
        if any(forgiving) and len(forgiving) != len(lines):
            lost.append("'-' in front of some lines, which lets them fail")
            forgiving = []
        forgiving += [False] * (len(lines) - len(forgiving))
        spoken = [Line(_unmarked(line), may) for line, may in zip(lines, forgiving, strict=False)]
        if any(_START in line.text or _END in line.text for line in spoken):
            lost.append("the recipe, for it does more with $(shell …) than a shell script can")
            return f"make {quote(rule.target)}"
        text = "\n".join(_without_marks(line.text) for line in spoken) if self._one_shell else script(spoken)
        if rule.target in self._only_before:  # it has to be there, and is made once
            text = re.sub(r"^mkdir (?=[^-])", "mkdir -p ", text, flags=re.MULTILINE)
        if _HERE in text and re.search(r"\b(cd|pushd)\s", text):
            text = f"root=$PWD\n{text}".replace(_HERE, "$root")
        return self._with_params(literal(text.replace(_HERE, "$PWD")))

    def _with_params(self, text: str) -> str:
        for name, value in self._params.items():
            is_word = _ONE_WORD.fullmatch(value) and not _MANY_WORDS.search(name)
            text = text.replace(_mark(name), f"{{{{ params.{name}{'' if is_word else ' | raw'} }}}}")
        return text

    def _tasks(self, group: Sequence[Rule]) -> list[DraftTask]:
        """Return a task for each target, or one with a matrix where they differ by a word only."""
        tasks = [self._task(rule) for rule in group]
        target, stem = group[0].target, group[0].stem
        glob = self._wildcard(group)
        shapes = [_with_stem(task, rule, is_file=glob != "") for task, rule in zip(tasks, group, strict=True)]
        if len(group) < 2 or any(shape != shapes[0] for shape in shapes[1:]):
            return tasks
        ending = target.rpartition("/")[2].replace(stem, "").strip("-_.") or "files"
        matrix = {"src": {"files": glob}} if glob else {"stem": sorted(rule.stem for rule in group)}
        name = {"o": "objects"}.get(ending, ending)
        name = f"{name}-files" if name in self._rules else name
        return [shapes[0]._replace(name=name, fields={"matrix": matrix, **shapes[0].fields})]

    def _wildcard(self, group: Sequence[Rule]) -> str:
        """Return the pattern for the first source of each target, "" unless the Makefile asks for just these files."""
        source, stem = (group[0].prerequisites or ("",))[0], group[0].stem
        glob = _glob(source, stem)
        asked = {
            word
            for found in _WILDCARD.findall(self._text)
            for word in _VARIABLE.sub(lambda it: self._variables.get(it[1], it[0]), found).split()
        }
        sources = [(rule.prerequisites or ("",))[0] for rule in group]
        fits = all(
            _glob(source, rule.stem) == glob and PurePosixPath(source).stem == rule.stem
            for source, rule in zip(sources, group, strict=True)
        )
        return glob if fits and glob in asked and "filter-out" not in self._text else ""


def _grouped(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Return the rules, together those that a pattern has given the same recipe."""
    groups: dict[str, list[Rule]] = {}
    for rule in rules:
        is_of_pattern = rule.stem and rule.line and rule.recipe
        groups.setdefault(f"{rule.line} {rule.recipe}" if is_of_pattern else rule.target, []).append(rule)
    return list(groups.values())


def _with_groups(task: DraftTask, groups: Mapping[str, str]) -> DraftTask:
    """Return a task that waits for all instances of a matrix where it waited for some of the targets."""
    dependencies, order_only = (
        tuple(dict.fromkeys(groups.get(name, name) for name in names)) for names in (task.dependencies, task.order_only)
    )
    return task._replace(dependencies=dependencies, order_only=order_only)


def _glob(name: str, stem: str) -> str:
    """Return the pattern for names that differ by the stem."""
    return name.replace(stem, "*") if stem else name


def _with_stem(task: DraftTask, rule: Rule, *, is_file: bool) -> DraftTask:
    """Return a task without a name that is the same for all targets of a pattern, with values of a matrix for the rest;
    `is_file`: the matrix has the file, not the stem."""
    stem = "{{ matrix.src | stem }}" if is_file else "{{ matrix.stem }}"

    def spoken(value: object) -> object:
        if isinstance(value, list):
            return [spoken(item) for item in value]
        words = str(value)
        if is_file:
            words = _word(rule.prerequisites[0]).sub(_FILE, words)
        return _word(rule.stem).sub(stem, words).replace(_FILE, "{{ matrix.src }}")

    return task._replace(name="", fields={key: spoken(value) for key, value in task.fields.items()})


def _word(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(text)}(?![\w-])")


def _without_marks(text: str) -> str:
    """Return the lines of one recipe for one shell without what make takes away in front of each."""
    return "\n".join(line.lstrip("@+-") if line[:1] in "@+-" else line for line in text.split("\n"))


def _with_globs(task: DraftTask, globs: Iterable[tuple[Sequence[str], str]]) -> DraftTask:
    """Return a task with the pattern for files that are made one by one, where it names all of them."""
    fields = dict(task.fields)
    for targets, glob in globs:
        sources = fields.get("sources", [])
        if isinstance(sources, list) and set(targets) <= set(sources):
            named = [name for name in sources if name in targets]
            fields["sources"] = list(dict.fromkeys(glob if name in targets else name for name in sources))
            fields["command"] = str(fields.get("command", "")).replace(" ".join(named), glob)
    return task._replace(fields=fields)


def _path(name: str) -> str:
    return name.removeprefix(_GLOB) if name.startswith(_GLOB) else literal(re.sub(r"([*?\[])", r"[\1]", name))


def _unmarked(line: str) -> str:
    """Return a line with what $(shell …) was to run in the shell's own words."""
    line = re.sub(f"{_START}([^{_START}{_END}]*){_END}", lambda it: f"$({it[1].strip()})", line)
    return line if re.search(r"['\"\\#\n]", line) else re.sub(r" {2,}", " ", line)  # what empty variables have left


class _About(NamedTuple):
    at: int = 0
    text: str = ""


def _descriptions(text: str) -> dict[str, _About]:
    """Return where each target first stands in the text, and what is said about it: behind `##`, or just above."""
    found: dict[str, _About] = {}
    for rule in _RULE.finditer(text):
        said = rule[2].partition("##")[2].strip() or _above(text[: rule.start()])
        for target in rule[1].split():
            if not found.get(target, _About()).text:
                found[target] = _About(found.get(target, _About(rule.start(1) + rule[1].index(target))).at, said)
    return found


def _above(text: str) -> str:
    """Return the comment that ends a text, "" where there is none or where it is no sentence."""
    lines: list[str] = []
    for line in reversed(text.rstrip("\n").split("\n") if not text.endswith("\n\n") else []):
        if not line.startswith("#"):
            break
        lines.insert(0, line.strip("#").strip())
    words = " ".join(line for line in lines if re.search(r"\w", line))
    return words if words and len(words) <= 200 and not re.match(r"[\W_]{3}", words) else ""
