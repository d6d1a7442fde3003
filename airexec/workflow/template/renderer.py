"""Rendering: compiled templates by text, and what becomes of each value. Imports Jinja2.

In a shell command each value is first rendered as a mark, one reserved character. The finished text, loops and
conditions resolved, is what the shell quoting reads; then each mark becomes its value, quoted for its place.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jinja2 import Template
from jinja2.exceptions import TemplateSyntaxError

from airexec.workflow.shell.place import MARK
from airexec.workflow.shell.quote import quote_values, shell_family
from airexec.workflow.template.errors import explain, syntax_error
from airexec.workflow.template.expression import as_template, shown
from airexec.workflow.template.language import RENDERING, Language
from airexec.workflow.template.problem import TemplateError
from airexec.workflow.template.values import (
    TEXT_MAX,
    Raw,
    Rendering,
    TooMuchWorkError,
    is_sequence,
    plain_text,
    sequence,
)


class Renderer:
    """What `Templates` is made of, behind the import of Jinja2."""

    def __init__(self) -> None:
        self._language = Language()
        self._compiled: dict[str, Template] = {}

    def plain(self, text: str, context: Mapping[str, Any]) -> str:
        """See `Templates.render`."""
        return self._run(text, context, lambda value, _: plain_text(value))

    def shell(self, text: str, context: Mapping[str, Any], shell: Sequence[str]) -> str:
        """See `Templates.render_shell`."""
        values: list[tuple[Any, str]] = []

        def emit(value: Any, offset: int) -> str:
            if isinstance(value, Raw):
                return _without_mark(value.text)
            values.append((sequence(value) if is_sequence(value) else value, shown(text, offset)))
            return MARK

        marked = self._run(_without_mark(text), context, emit)
        return _check_size(quote_values(marked, values, shell_family(shell)))

    def value(self, expression: str, context: Mapping[str, Any]) -> Any:
        """See `Templates.evaluate`."""
        text, _ = as_template(expression)
        values: list[Any] = []

        def emit(value: Any, _: int) -> str:
            values.append(sequence(value) if is_sequence(value) else value)
            return ""

        rest = self._run(text, context, emit)
        if len(values) != 1 or rest.strip():
            raise TemplateError(f"`{expression}` is not one expression")
        return values[0]

    def _run(self, text: str, context: Mapping[str, Any], emit: Callable[[Any, int], str]) -> str:
        template = self._template(text)
        rendering = Rendering(emit)
        jinja_context = template.new_context({**context, RENDERING: rendering})
        pieces: list[str] = []
        size = 0
        try:
            for piece in template.root_render_func(jinja_context):
                pieces.append(piece)
                size += len(piece)
                if size > TEXT_MAX:
                    raise TooMuchWorkError(f"the text has more than {TEXT_MAX} characters")
        except Exception as error:  # whatever an expression of the user raises is the user's to mend
            raise explain(error, text, context, self._language, template) from None
        return "".join(pieces)

    def _template(self, text: str) -> Template:
        if text not in self._compiled:
            try:
                self._compiled[text] = self._language.compile_text(text)
            except (TemplateSyntaxError, RecursionError, SyntaxError, MemoryError) as error:
                raise syntax_error(error, text) from None
        return self._compiled[text]


def _without_mark(text: str) -> str:
    if MARK in text:
        raise TemplateError("the command holds U+FDD0, a character that is reserved and never text")
    return text


def _check_size(text: str) -> str:
    if len(text) > TEXT_MAX:
        raise TemplateError(f"the rendered command has more than {TEXT_MAX} characters")
    return text
