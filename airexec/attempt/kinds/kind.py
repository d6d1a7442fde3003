"""What every kind of action can do. Knows none of them."""

from collections.abc import Callable
from typing import Any, Protocol

from airexec.attempt.spec import Listener
from airexec.attempt.verdict import Failure
from airexec.workflow.actions.forms import Form

Render = Callable[[str, Form], str]
"""Renders one text of an action in the form that its key asks for."""


class Kind(Protocol):
    """What the module of a kind offers."""

    def prepare(self, action: Any, render: Render) -> tuple[str, ...]:
        """Return the argv. Raises TemplateError."""
        ...

    @property
    def listener(self) -> Callable[[], Listener]:
        """Makes what reads along on the stdout of one attempt; it has to have a name that pickle finds."""
        ...

    def verdict(self, returncode: int) -> Failure | None:
        """Return what is wrong with a leader that exited so by itself, None when it did its work. -n: signal n."""
        ...
