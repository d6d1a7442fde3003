"""Templates of a workflow file: rendering values into texts, and checking the templates before any run.

The door to everything about templates; it knows nothing of Jinja2 (60 ms) until a text really holds a template.
Texts come from the workflow file only: what is rendered is data and never rendered again.

How a value becomes text: a text as it is, numbers as Python and JSON write them, `true` and `false`, a mapping or a
list as JSON, null not at all (an error, with the way out). In a shell command every value is also quoted for the
place where it stands (see `shell_quote`), and there a list that stands alone and bare becomes several words.
"""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from airexec.errors import AirexecError

ShellFamily = Literal["posix", "python", "other"]
"""Which quoting a shell understands; `shell_quote.shell_family` says it of an argv prefix."""


class TemplateError(AirexecError):
    """A template cannot be rendered: one line that names the expression and the cause."""

    exit_code = 3


class TemplateProblem(NamedTuple):
    """A mistake that a check found; `offset` counts characters from the start of the checked text."""

    message: str
    offset: int
    hint: str = ""


class Names(NamedTuple):
    """What a template may refer to. Top-level names and the attributes of `run`, `job` and `task` are known."""

    params: frozenset[str] = frozenset()
    tasks: frozenset[str] = frozenset()
    matrix: frozenset[str] = frozenset()
    with_: frozenset[str] | None = frozenset()
    """None: any."""


def has_template(text: str) -> bool:
    """Return whether `text` holds anything to render. Comments need their space: `${#x}` is shell."""
    return "{{" in text or "{%" in text or "{# " in text


class Templates:
    """Renders the templates of one run. Each text is compiled once, at 0.3 ms and more, and kept."""

    def __init__(self) -> None:
        self._programs: Any = None

    def render(self, text: str, context: Mapping[str, Any]) -> str:
        """Return `text` with its values in it, for places where no shell reads: args, argv, env, cwd.

        `context` holds plain data: texts, numbers, booleans, None, lists, and mappings (which may be lazy).
        Raises TemplateError.
        """
        return self._renderer().plain(text, context) if has_template(text) else text

    def render_shell(self, text: str, context: Mapping[str, Any], family: ShellFamily = "posix") -> str:
        """Return a shell command in which no value can break out of its place; see DESIGN §4.

        Raises TemplateError, also for a place where no value can be made safe; its hint names the way out.
        """
        return self._renderer().shell(text, context, family) if has_template(text) else text

    def evaluate(self, expression: str, context: Mapping[str, Any]) -> Any:
        """Return the value of an expression, written with or without `{{ }}` around it. Raises TemplateError."""
        return self._renderer().value(expression, context)

    def _renderer(self) -> Any:
        if self._programs is None:
            from airexec.workflow.template.renderer import Renderer

            self._programs = Renderer()
        return self._programs


class TemplateChecks:
    """Finds the mistakes in the templates of one file, before any run. Each text is parsed once, and kept."""

    def __init__(self) -> None:
        self._parsed: Any = None

    def template(self, text: str, names: Names, *, shell: bool, family: ShellFamily = "posix") -> list[TemplateProblem]:
        """Return the mistakes in a template, in order of the text; with `shell`, also values in unsafe places."""
        problems = _unread_comments(text)
        if has_template(text):
            problems += self._checker().template(text, names, family if shell else None)
        return problems

    def expression(self, text: str, names: Names) -> list[TemplateProblem]:
        """Return the mistakes in an expression such as that of `when`, with or without `{{ }}` around it."""
        problems: list[TemplateProblem] = self._checker().expression(text, names)
        return problems

    def task_references(self, text: str, *, expression: bool = False) -> frozenset[str]:
        """Return the ids of the tasks whose results a template uses; of text that does not parse, none.

        `expression`: the text is one even without `{{ }}` around it, as in `when`.
        """
        if not expression and not has_template(text):
            return frozenset()
        ids: frozenset[str] = self._checker().task_references(text, expression)
        return ids

    def _checker(self) -> Any:
        if self._parsed is None:
            from airexec.workflow.template.checker import Checker

            self._parsed = Checker()
        return self._parsed


def check_template(text: str, names: Names, *, shell: bool, family: ShellFamily = "posix") -> list[TemplateProblem]:
    """See `TemplateChecks.template`; for a single text."""
    return TemplateChecks().template(text, names, shell=shell, family=family)


def check_expression(text: str, names: Names) -> list[TemplateProblem]:
    """See `TemplateChecks.expression`; for a single text."""
    return TemplateChecks().expression(text, names)


def task_references(text: str, *, expression: bool = False) -> frozenset[str]:
    """See `TemplateChecks.task_references`; for a single text."""
    return TemplateChecks().task_references(text, expression=expression)


def _unread_comments(text: str) -> list[TemplateProblem]:
    start = text.find("{#")
    if start < 0 or text[start - 1 : start] == "$" or "#}" not in text or text.startswith("{# ", start):
        return []
    return [TemplateProblem("this is text, not a comment", start, "a comment starts with `{# `, blank included")]
