"""Texts with any template in them: compiled once, rendered with a budget. Imports Jinja2."""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Template
from jinja2.exceptions import TemplateSyntaxError

from airexec.workflow.template.errors import explain, syntax_error
from airexec.workflow.template.language import RENDERING, Language
from airexec.workflow.template.values import TEXT_MAX, Rendering, TooMuchWorkError


class JinjaTexts:
    """The compiled templates of one run, by text."""

    def __init__(self) -> None:
        self._language = Language()
        self._compiled: dict[str, Template] = {}

    def fill(self, text: str, context: Mapping[str, Any], emit: Callable[[Any, int], str]) -> str:
        """Return `text` with `emit(value, offset)` in the place of each value. Raises TemplateError."""
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
