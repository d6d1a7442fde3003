"""Templates of a workflow file: rendering values into texts.

The door to all of rendering. Most texts hold no template, and most that do nothing but names: those need no Jinja2,
whose import takes longer than a small run.
Texts come from the workflow file only: what is rendered is data and never rendered again.

How a value becomes text: a text as it is, numbers as Python and JSON write them, `true` and `false`, a mapping or a
list as JSON, null not at all (an error, with the way out). In a shell command every value is also quoted for the
place where it stands (see `airexec.workflow.shell`), and there a list that stands alone and bare becomes several words.
"""

from collections.abc import Mapping, Sequence
from typing import Any


def has_template(text: str) -> bool:
    """Return whether `text` holds anything to render. Comments need their space: `${#x}` is shell."""
    return "{{" in text or "{%" in text or "{# " in text


class Templates:
    """Renders the templates of one run. Each text is compiled once, at 0.3 ms and more, and kept."""

    def __init__(self) -> None:
        self._compiled: Any = None

    def render(self, text: str, context: Mapping[str, Any]) -> str:
        """Return `text` with its values in it, for places where no shell reads: args, argv, env, cwd.

        `context` holds plain data: texts, numbers, booleans, None, lists, and mappings (which may be lazy).
        Raises TemplateError.
        """
        return self._renderer().plain(text, context) if has_template(text) else text

    def render_shell(self, text: str, context: Mapping[str, Any], shell: Sequence[str]) -> str:
        """Return a command for the argv prefix `shell` in which no value can break out of its place.

        Raises TemplateError, also for a place where no value can be made safe; its hint names the way out.
        """
        return self._renderer().shell(text, context, shell) if has_template(text) else text

    def evaluate(self, expression: str, context: Mapping[str, Any]) -> Any:
        """Return the value of an expression, written with or without `{{ }}` around it. Raises TemplateError."""
        return self._renderer().value(expression, context)

    def _renderer(self) -> Any:
        if self._compiled is None:
            from airexec.workflow.template.renderer import Renderer

            self._compiled = Renderer()
        return self._compiled
