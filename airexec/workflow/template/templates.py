"""Templates of a workflow file: rendering values into texts.

Most texts hold no template: those need nothing of what is imported below. Most that do hold nothing but names: those
need no Jinja2, whose import takes longer than a small run.
Texts come from the workflow file only: what is rendered is data and never rendered again.

How a value becomes text: a text as it is, numbers as Python and JSON write them, `true` and `false`, a mapping or a
list as JSON, null not at all (an error, with the way out). In a shell command every value is also quoted for the
place where it stands (see `airexec.workflow.shell`), and there a list that stands alone and bare becomes several words.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airexec.workflow.template.jinja_texts import JinjaTexts
    from airexec.workflow.template.plain_names import PlainNames


_ONE_EXPRESSION = re.compile(r"\s*\{\{(?:(?!\}\}|\{\{).)*\}\}\s*", re.DOTALL)


def has_template(text: str) -> bool:
    """Return whether `text` holds anything to render. Comments need their space: `${#x}` is shell."""
    return "{{" in text or "{%" in text or "{# " in text


class Templates:
    """Renders the templates of one run. Each text is compiled once, at 0.3 ms and more, and kept."""

    def __init__(self) -> None:
        self._plain_names: PlainNames | None = None
        self._jinja_texts: JinjaTexts | None = None

    def render(self, text: str, context: Mapping[str, Any]) -> str:
        """Return `text` with its values in it, for places where no shell reads: args, argv, env, cwd.

        `context` holds plain data: texts, numbers, booleans, None, lists, and mappings (which may be lazy).
        Raises TemplateError.
        """
        if not has_template(text):
            return text
        from airexec.workflow.template.values import plain_text

        return self._fill(text, context, lambda value, _: plain_text(value))

    def render_shell(self, text: str, context: Mapping[str, Any], shell: Sequence[str]) -> str:
        """Return a command for the argv prefix `shell` in which no value can break out of its place.

        Raises TemplateError, also for a place where no value can be made safe; its hint names the way out.
        """
        if not has_template(text):
            return text
        from airexec.workflow.template.shell_text import ShellText

        command = ShellText(text)
        return command.quoted(self._fill(text, context, command.mark), shell)

    def evaluate(self, expression: str, context: Mapping[str, Any]) -> Any:
        """Return the value of an expression, written with or without `{{ }}` around it. Raises TemplateError."""
        from airexec.workflow.template.expression import as_template
        from airexec.workflow.template.problem import TemplateError
        from airexec.workflow.template.values import listed

        values: list[Any] = []

        def keep(value: Any, _: int) -> str:
            values.append(listed(value))
            return ""

        text, _ = as_template(expression)
        rest = self._fill(text, context, keep)
        if len(values) != 1 or rest.strip():
            raise TemplateError(f"`{expression}` is not one expression")
        return values[0]

    def value(self, written: Any, context: Mapping[str, Any]) -> Any:
        """Return what a value stands for: a text that is one expression for its value, any other text for itself with
        its values in it. Raises TemplateError."""
        if not isinstance(written, str) or not has_template(written):
            return written
        if _ONE_EXPRESSION.fullmatch(written):
            return self.evaluate(written, context)
        return self.render(written, context)

    def _fill(self, text: str, context: Mapping[str, Any], emit: Callable[[Any, int], str]) -> str:
        """Return `text` with `emit(value, offset)` in the place of each value, by Jinja only if it takes Jinja."""
        if self._plain_names is None:
            from airexec.workflow.template.plain_names import PlainNames

            self._plain_names = PlainNames()
        if (parts := self._plain_names.fill(text, context)) is not None:
            return "".join(part if isinstance(part, str) else emit(*part) for part in parts)
        if self._jinja_texts is None:
            from airexec.workflow.template.jinja_texts import JinjaTexts

            self._jinja_texts = JinjaTexts()
        return self._jinja_texts.fill(text, context, emit)
