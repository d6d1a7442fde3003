"""A shell command while its values enter it. Knows the language of neither templates nor shells.

Each value is first rendered as a mark, one reserved character. The finished text, loops and conditions resolved, is
what the shell quoting reads; then each mark becomes its value, quoted for its place.
"""

from collections.abc import Sequence
from typing import Any

from airexec.workflow.shell.place import MARK
from airexec.workflow.shell.quote import quote_values, shell_family
from airexec.workflow.template.expression import shown
from airexec.workflow.template.problem import TemplateError
from airexec.workflow.template.values import TEXT_MAX, Raw, listed


class ShellText:
    """One rendering of one command, whose values are shown in messages as `template` has them."""

    def __init__(self, template: str) -> None:
        """Raises TemplateError for a text that holds the mark itself."""
        self._template = _without_mark(template)
        self._values: list[tuple[Any, str]] = []

    def mark(self, value: Any, offset: int) -> str:
        """Return what stands for the value that the template has at `offset`, until all are known."""
        if isinstance(value, Raw):
            return _without_mark(value.text)
        self._values.append((listed(value), shown(self._template, offset)))
        return MARK

    def quoted(self, marked: str, shell: Sequence[str]) -> str:
        """Return the rendered text with its values for its marks, as the argv prefix `shell` reads them.

        Raises TemplateError.
        """
        text = quote_values(marked, self._values, shell_family(shell))
        if len(text) > TEXT_MAX:
            raise TemplateError(f"the rendered command has more than {TEXT_MAX} characters")
        return text


def _without_mark(text: str) -> str:
    if MARK in text:
        raise TemplateError("the command holds U+FDD0, a character that is reserved and never text")
    return text
