"""What becomes of the values in a text: plain text, a shell command, a value. Leaves the language to others.

In a shell command each value is first rendered as a mark, one reserved character. The finished text, loops and
conditions resolved, is what the shell quoting reads; then each mark becomes its value, quoted for its place.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airexec.workflow.shell.place import MARK
from airexec.workflow.shell.quote import quote_values, shell_family
from airexec.workflow.template.expression import as_template, shown
from airexec.workflow.template.plain_names import PlainNames
from airexec.workflow.template.problem import TemplateError
from airexec.workflow.template.values import TEXT_MAX, Raw, is_sequence, plain_text, sequence

if TYPE_CHECKING:
    from airexec.workflow.template.jinja_texts import JinjaTexts


class Renderer:
    """What `Templates` is made of."""

    def __init__(self) -> None:
        self._plain_names = PlainNames()
        self._jinja: JinjaTexts | None = None

    def plain(self, text: str, context: Mapping[str, Any]) -> str:
        """See `Templates.render`."""
        return self._fill(text, context, lambda value, _: plain_text(value))

    def shell(self, text: str, context: Mapping[str, Any], shell: Sequence[str]) -> str:
        """See `Templates.render_shell`."""
        values: list[tuple[Any, str]] = []

        def emit(value: Any, offset: int) -> str:
            if isinstance(value, Raw):
                return _without_mark(value.text)
            values.append((sequence(value) if is_sequence(value) else value, shown(text, offset)))
            return MARK

        marked = self._fill(_without_mark(text), context, emit)
        return _check_size(quote_values(marked, values, shell_family(shell)))

    def value(self, expression: str, context: Mapping[str, Any]) -> Any:
        """See `Templates.evaluate`."""
        text, _ = as_template(expression)
        values: list[Any] = []

        def emit(value: Any, _: int) -> str:
            values.append(sequence(value) if is_sequence(value) else value)
            return ""

        rest = self._fill(text, context, emit)
        if len(values) != 1 or rest.strip():
            raise TemplateError(f"`{expression}` is not one expression")
        return values[0]

    def _fill(self, text: str, context: Mapping[str, Any], emit: Callable[[Any, int], str]) -> str:
        if (parts := self._plain_names.fill(text, context)) is not None:
            return "".join(part if isinstance(part, str) else emit(*part) for part in parts)
        if self._jinja is None:
            from airexec.workflow.template.jinja_texts import JinjaTexts

            self._jinja = JinjaTexts()
        return self._jinja.fill(text, context, emit)


def _without_mark(text: str) -> str:
    if MARK in text:
        raise TemplateError("the command holds U+FDD0, a character that is reserved and never text")
    return text


def _check_size(text: str) -> str:
    if len(text) > TEXT_MAX:
        raise TemplateError(f"the rendered command has more than {TEXT_MAX} characters")
    return text
