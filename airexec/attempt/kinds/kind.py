"""What every kind of action can do. Knows none of them; types only: nothing imports it at run time."""

from collections.abc import Callable
from typing import Any, Protocol

from airexec.attempt.lines import FoundLine
from airexec.attempt.verdict import Failure
from airexec.workflow.actions.forms import Form

Render = Callable[[str, Form], str]
"""Renders one text of an action in the form that its key asks for."""


class Listener(Protocol):
    """Reads along on the stdout of an attempt, for what is meant for us. `CommandLines` is that of commands."""

    @property
    def secret_bytes(self) -> int:
        """How many bytes at the end of what was fed may name a secret, so that they must not be shown yet."""
        ...

    def feed(self, data: bytes) -> list[FoundLine]:
        """Take the next bytes; return the lines that they complete, in order."""
        ...

    def finish(self) -> list[FoundLine]:
        """No more will come."""
        ...


class Kind(Protocol):
    """What the module of a kind offers."""

    def prepare(self, action: Any, render: Render) -> tuple[str, ...]:
        """Return the argv. Raises TemplateError."""
        ...

    @property
    def listener(self) -> Callable[[], Listener]:
        """Makes what reads along on the stdout of one attempt; see `AttemptSpec.listener`."""
        ...

    def verdict(self, returncode: int) -> Failure | None:
        """Return what is wrong with a leader that exited so by itself, None when it did its work. -n: signal n."""
        ...
