"""Mistakes in templates that show without a run: syntax, unknown names, values in unsafe places. Imports Jinja2."""

import re
from collections.abc import Iterator, Mapping, Sequence

from jinja2 import nodes
from jinja2.exceptions import TemplateSyntaxError

from airexec.workflow.shell.place import MARK
from airexec.workflow.shell.quote import ShellFamily, places_of, shell_family, unsafe
from airexec.workflow.template.branches import branches
from airexec.workflow.template.errors import ELSE_HINT, complaint
from airexec.workflow.template.expression import as_template, shown, start_of
from airexec.workflow.template.language import Language
from airexec.workflow.template.names import Reference, assigned
from airexec.workflow.template.names import references as paths_in
from airexec.workflow.template.problem import Names, TemplateProblem
from airexec.workflow.wording import did_you_mean, either

ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "run": frozenset({"id", "started_at"}),
    "job": frozenset({"name"}),
    "task": frozenset({"id", "attempt"}),
}
RESULT = frozenset({"outputs", "status", "exit_code"})
CONTEXT = frozenset({"params", "args", "vars", "env", "tasks", "matrix", "with", *ATTRIBUTES})
LIST_METHODS = frozenset({"count", "index"})
METHODS = frozenset({"get", "items", "keys", "values"})
RAW_HINT = "for braces that mean themselves write {% raw %}{{ … }}{% endraw %}"
TREES_KEPT = 1000
"""A tree takes some 10 KB, and a file may hold a hundred thousand templates."""


class Checker:
    """Finds the mistakes in the templates of one file. A text is parsed once, however many questions follow."""

    def __init__(self) -> None:
        self._language = Language()
        self._trees: dict[str, nodes.Template | TemplateProblem] = {}

    def template(self, text: str, names: Names, shell: Sequence[str] | None = None) -> list[TemplateProblem]:
        """Return the mistakes in a template, in order of the text.

        `shell` is the argv in front of a text that a shell reads: then values in unsafe places are mistakes, too.
        """
        tree = self._tree(text)
        if isinstance(tree, TemplateProblem):
            return [tree]
        problems = [
            *_unread_comments(text),
            *_name_problems(tree, text, names),
            *_word_problems(tree, self._language),
            *_without_else(tree),
        ]
        if shell is not None:
            problems += _place_problems(tree, text, shell_family(shell))
        return sorted(problems, key=lambda problem: problem.offset)

    def expression(self, text: str, names: Names) -> list[TemplateProblem]:
        """Return the mistakes in an expression such as that of `when`, with or without `{{ }}` around it."""
        template, shift = as_template(text)
        problems = self.template(template, names)
        tree = self._tree(template)
        if not problems and isinstance(tree, nodes.Template) and not _is_one_expression(tree):
            problems = [TemplateProblem("this is not one expression", shift, "write it without text around it")]
        if not isinstance(tree, nodes.Template):
            problems = [problem._replace(hint=_shell_hint(text) or problem.hint) for problem in problems]
        last = max(len(text) - 1, 0)
        return [problem._replace(offset=min(max(problem.offset - shift, 0), last)) for problem in problems]

    def task_references(self, text: str, *, expression: bool = False) -> frozenset[str]:
        """Return the ids of the tasks whose results a template uses; of text that does not parse, none.

        `expression`: the text is one even without `{{ }}` around it, as in `when`.
        """
        tree = self._tree(as_template(text)[0] if expression else text)
        paths = paths_in(tree) if isinstance(tree, nodes.Template) else ()
        return frozenset(path.path[1] for path in paths if path.path[0] == "tasks" and len(path.path) > 1)

    def arguments(self, text: str, *, expression: bool = False) -> list[tuple[str, bool]] | None:
        """Return the names of `with` that a template uses, each with whether it has to be there; of text that does not
        parse, none. None where it does not say which.
        """
        tree = self._tree(as_template(text)[0] if expression else text)
        if not isinstance(tree, nodes.Template) or "with" in assigned(tree):
            return []
        paths = [path for path in paths_in(tree) if path.path[0] == "with"]
        if any(len(path.path) < 2 or path.path[1] in METHODS for path in paths):
            return None
        return [(path.path[1], not path.tolerant) for path in paths]

    def _tree(self, text: str) -> nodes.Template | TemplateProblem:
        if text not in self._trees:
            if len(self._trees) >= TREES_KEPT:
                self._trees.clear()
            try:
                self._trees[text] = self._language.read(text)
            except TemplateSyntaxError as error:
                self._trees[text] = _syntax_problem(error, text)
            except RecursionError:
                self._trees[text] = TemplateProblem("the template is nested too deeply", 0)
        return self._trees[text]


def _is_one_expression(tree: nodes.Template) -> bool:
    outputs = [child for node in tree.body if isinstance(node, nodes.Output) for child in node.nodes]
    values = [child for child in outputs if not (isinstance(child, nodes.TemplateData) and not child.data.strip())]
    return len(tree.body) == 1 and len(values) == 1 and not isinstance(values[0], nodes.TemplateData)


def _syntax_problem(error: TemplateSyntaxError, text: str) -> TemplateProblem:
    offset = min(error.lineno, max(len(text) - 1, 0))
    return TemplateProblem(complaint(error), offset, _syntax_hint(text[start_of(text, offset) :], str(error.message)))


def _syntax_hint(tag: str, message: str) -> str:
    """Return what helps against a mistake in a text that begins with what should be a tag."""
    if "end of comment" in message:
        return "a comment ends in #}; for the text itself write {% raw %}{# {% endraw %}"
    if tag.startswith("{%"):
        return RAW_HINT if "unknown tag" in message or "Missing end" in message else ""
    if re.match(r"\{\{ ?\.", tag) or re.match(r"\{\{[^\s{}]*,[^{}]*\}", tag):  # of Go templates; `{{a,b},c}` of a shell
        return RAW_HINT
    return "" if "}}" in tag else "an expression ends in }}"


_OF_A_SHELL = (
    (
        re.compile(r"^(?:test|\[{1,2})\s+!?\s*-?\w"),
        "it looks at values and runs no command: let a task before say it by ::output",
    ),
    (re.compile(r"&&"), "write `and` for &&"),
    (re.compile(r"\|\|"), "write `or` for ||"),
    (re.compile(r"!(?!=)"), "write `not` for !"),
    (re.compile(r"\$\{?(?P<name>[A-Za-z_]\w*)"), "a variable of the environment is env.{name}"),
    (re.compile(r"(?<![=!<>])=(?!=)"), "write == to compare"),
)
"""What a condition is in a shell, and how it is said here; texts in quotes are not looked at."""


def _shell_hint(expression: str) -> str:
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", "''", expression.strip())
    return next((hint.format(**found.groupdict()) for rule, hint in _OF_A_SHELL if (found := rule.search(bare))), "")


def _unread_comments(text: str) -> list[TemplateProblem]:
    start = text.find("{#")
    if start < 0 or text[start - 1 : start] == "$" or "#}" not in text or text.startswith("{# ", start):
        return []
    return [TemplateProblem("this is text, not a comment", start, "a comment starts with `{# `, blank included")]


# --- names -----------------------------------------------------------------------------------------------------------


def _name_problems(tree: nodes.Template, text: str, names: Names) -> Iterator[TemplateProblem]:
    known = assigned(tree) | {"range", "namespace", "dict"}
    explained = -1
    for path in paths_in(tree):
        if path.path[0] in known or path.offsets[0] < explained:
            continue
        dashed = _dashed_id(path, text, names.tasks)
        if dashed:
            explained = path.offsets[1] + len(dashed)
            yield _dashed_problem(dashed, path)
        else:
            yield from _problem_of(path, names)


def _dashed_id(path: Reference, text: str, tasks: frozenset[str]) -> str:
    """Return the id meant by `tasks.a-b`, which Jinja reads as `tasks.a` minus `b`; empty: none is."""
    if path.path[0] != "tasks" or len(path.path) < 2 or text[path.offsets[1] - 1 : path.offsets[1]] != ".":
        return ""
    meant = [task for task in tasks if len(task) > len(path.path[1]) and text.startswith(task, path.offsets[1])]
    return max(meant, key=len, default="")


def _dashed_problem(task: str, path: Reference) -> TemplateProblem:
    return TemplateProblem(
        f"'tasks.{task}' is not read as one name",
        path.offsets[0],
        f"write tasks['{task}'], for the id holds more than letters, digits and _",
    )


def _problem_of(path: Reference, names: Names) -> Iterator[TemplateProblem]:
    root, *rest = path.path
    if root not in CONTEXT:
        yield _unknown_root(path, names)
    elif names.roots is not None and root not in names.roots:
        yield TemplateProblem(f"'{root}' is not known here", path.offsets[0], names.why)
    elif names.early is not None and root not in names.early:
        hint = f"only {either(sorted(names.early))} may stand here"
        yield TemplateProblem(f"'{root}' is not known before the task starts", path.offsets[0], hint)
    elif not rest:
        return
    elif root == "vars" and rest[0] not in names.vars | METHODS:
        yield _unknown("var", path, names.vars)
    elif root == "params" and rest[0] not in names.params | METHODS:
        owner = names.params_of_tasks.get(rest[0])
        only = f"task '{owner}' has it for itself; for others it stands under `params` of the file" if owner else ""
        yield _unknown("param", path, names.params, only)
    elif root == "tasks":
        yield from _task_problems(path, names.tasks, names.groups)
    elif root == "matrix" and not path.tolerant and rest[0] not in names.matrix | METHODS:
        yield _unknown("matrix key", path, names.matrix, "" if names.matrix else "the task has no matrix")
    elif root == "with" and not path.tolerant and rest[0] not in (names.with_ if names.with_ is not None else rest):
        yield _unknown("name", path, names.with_ or frozenset(), "" if names.with_ else "only templates have `with`")
    elif root == "env" and rest[0] in names.secrets:
        yield _secret(path.offsets[0], rest[0])
    elif root in ATTRIBUTES and rest[0] not in ATTRIBUTES[root]:
        meant = f"did you mean 'tasks.{rest[0]}'?" if root == "task" and rest[0] in names.tasks else ""
        yield _unknown(f"attribute of {root}", path, ATTRIBUTES[root], meant)


def _task_problems(path: Reference, tasks: frozenset[str], groups: frozenset[str]) -> Iterator[TemplateProblem]:
    if path.path[1] not in tasks | METHODS:
        yield _unknown("task", path, tasks)
    elif len(path.path) > 2 and path.path[1] in tasks and path.path[2] not in RESULT:
        name = path.path[2]
        hint = did_you_mean(name, RESULT) or f"an output is tasks.{path.path[1]}.outputs.{name}"
        yield TemplateProblem(f"unknown attribute of a task '{name}'", path.offsets[2], hint)
    elif len(path.path) > 3 and path.path[1] in groups and path.path[3] not in LIST_METHODS:
        what = f"task '{path.path[1]}' has a matrix, so its {path.path[2]} is a list, with an item for each instance"
        yield TemplateProblem(what.replace("outputs is", "outputs are"), path.offsets[3], _of_each(path))


def _of_each(path: Reference) -> str:
    _, task, result, name = path.path[:4]
    written = f"tasks.{task}" if task.isidentifier() else f"tasks['{task}']"
    return f"of each: {written}.{result} | map(attribute='{name}'); of one: tasks['{task}[…]'].{result}.{name}"


def _unknown(kind: str, path: Reference, known: frozenset[str], hint: str = "") -> TemplateProblem:
    name = path.path[1]
    return TemplateProblem(f"unknown {kind} '{name}'", path.offsets[1], hint or did_you_mean(name, known))


def _unknown_root(path: Reference, names: Names) -> TemplateProblem:
    root = path.path[0]
    if root == "secrets":
        variable = path.path[1] if len(path.path) > 1 else "NAME"
        return _secret(path.offsets[0], variable)
    hint = f"did you mean 'params.{root}'?" if root in names.params else did_you_mean(root, CONTEXT)
    if root in names.vars:
        hint = f"did you mean 'vars.{root}'?"
    if not hint and root.isupper():
        hint = f"a variable of the environment is env.{root}"
    return TemplateProblem(f"unknown name '{root}'", path.offsets[0], hint)


def _secret(offset: int, variable: str) -> TemplateProblem:
    return TemplateProblem("secrets never enter a template", offset, f'they come by the environment: use "${variable}"')


def _word_problems(tree: nodes.Template, language: Language) -> Iterator[TemplateProblem]:
    for node in tree.find_all((nodes.Filter, nodes.Test)):
        kind, known = ("filter", language.filters) if isinstance(node, nodes.Filter) else ("test", language.tests)
        if node.name not in known:
            hint = did_you_mean(node.name, [name for name in known if name.isidentifier()])
            if node.name in ("quote", "shellquote", "shell_quote", "q"):
                hint = "leave it out: each value is quoted for its place"
            yield TemplateProblem(f"unknown {kind} '{node.name}'", node.lineno, hint)


def _without_else(tree: nodes.Template) -> Iterator[TemplateProblem]:
    """Yield an `x if y` that has no value where `y` is false, and nobody who cares for that."""
    yield from _valueless(tree, False)


def _valueless(node: nodes.Node, is_cared_for: bool) -> Iterator[TemplateProblem]:
    if isinstance(node, nodes.CondExpr) and node.expr2 is None and not is_cared_for:
        yield TemplateProblem("this has no value where the condition is false", node.lineno, ELSE_HINT)
    cares = isinstance(node, nodes.Filter) and node.name in ("default", "d")
    for child in node.iter_child_nodes():
        yield from _valueless(child, cares or isinstance(node, nodes.Test))


_ARGS = re.compile(r"\{\{ ?args ?\}\}")


# --- places ----------------------------------------------------------------------------------------------------------


def _place_problems(tree: nodes.Template, text: str, family: ShellFamily) -> list[TemplateProblem]:
    """Problems of the places where values stand, along every branch; one per value."""
    if MARK in text:
        return [TemplateProblem("U+FDD0 is reserved and never text", text.index(MARK))]
    problems: dict[int, TemplateProblem] = {}
    for pieces in branches(tree.body):
        offsets = [piece for piece in pieces if isinstance(piece, int)]
        marked = "".join(MARK if isinstance(piece, int) else piece for piece in pieces)
        for offset, place in zip(offsets, places_of(marked, family), strict=True):
            if place.problem:
                message = unsafe(shown(text, offset), place)
                problems.setdefault(offset, TemplateProblem(message, start_of(text, offset), place.hint))
            elif family == "posix" and (not place.alone or place.is_target) and _ARGS.fullmatch(shown(text, offset)):
                message = "`args` is a list, which can only stand bare and alone, where it becomes several words"
                hint = "write {{ args }} without quotes and text around it, or {{ args | join(' ') }} for one text"
                problems.setdefault(offset, TemplateProblem(message, start_of(text, offset), hint))
    return list(problems.values())
