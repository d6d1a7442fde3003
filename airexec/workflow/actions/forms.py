"""Which keys of a task hold templates, and how each is rendered: the one table that checks and preparation both read.

What an action adds to it (`command`, `args`) its own class says. A key that is in neither place is never rendered.
"""

from collections.abc import Mapping
from functools import cache


class Form:
    """How the texts of one key are rendered: that of the key itself, of the items of its list, or of its map."""

    __slots__ = ("kind", "shell")

    def __init__(self, kind: str, shell: tuple[str, ...] = ()) -> None:
        self.kind = kind
        """`text`, `expression` (its value counts), `conditions`, or `shell` (values are quoted for their places)."""
        self.shell = shell
        """The argv in front of a `shell` text."""


@cache
def shell_text(shell: tuple[str, ...]) -> Form:
    """Return the form of a text that this shell reads."""
    return Form("shell", shell)


TEXT = Form("text")
EXPRESSION = Form("expression")
CONDITIONS = Form("conditions")
"""A list of conditions, of which each says itself how it is rendered; so does a `when` that is no text."""
NUMBER = Form("number")
"""Worked out before any task starts, see `workflow.numbers`."""

RENDERED: Mapping[str, Form] = {
    "when": EXPRESSION, "preconditions": CONDITIONS, "env": TEXT, "env_file": TEXT, "cwd": TEXT, "sources": TEXT,
    "generates": TEXT, "depfile": TEXT, "cache_key": TEXT,
}  # fmt: skip
"""Of every task, whatever it does; `env`, `env_file` and `cwd` of the workflow as well."""
