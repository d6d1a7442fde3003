"""A command that is asked before a task does its work: an item of `preconditions`, or a `when` that is a command."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from airexec.workflow.actions.command import SHELLS, Command, build_command
from airexec.workflow.actions.forms import TEXT, Form
from airexec.workflow.durations import seconds

TIMEOUT = 60.0


class Condition(NamedTuple):
    """It has no `args`; its `shell`, like all that surrounds it, is that of its task."""

    command: str | tuple[str, ...]
    shell: tuple[str, ...] = SHELLS["sh"]
    message: str = ""
    """What to say when it fails; empty: the command and how it ended."""
    negate: bool = False
    timeout: float | None = TIMEOUT
    """Seconds; None: as long as its task may take."""
    literal: bool = False
    """A task has printed it, so it is data: nothing of it is ever rendered."""

    @property
    def action(self) -> Command:
        return Command(self.command, None, self.shell)

    def as_typed(self) -> str:
        """Return the condition as one would type it."""
        return f"! {self.action.as_typed()}" if self.negate else self.action.as_typed()

    def rendered(self) -> Mapping[str, Form]:
        """Return which keys are rendered, and how; see `forms`."""
        return {"command": self.action.rendered()["command"], "message": TEXT}


def build_condition(value: Any, shell: Any) -> Condition:
    """Return the condition that a text or a map is; `shell` as the key of a task has it. The schema has been passed."""
    fields: Mapping[str, Any] = {"command": value} if isinstance(value, str) else value
    command = build_command({"command": fields.get("command", ""), "shell": shell})
    return Condition(
        command.command,
        command.shell,
        fields.get("message", ""),
        fields.get("negate", False),
        (seconds(fields["timeout"]) or None) if "timeout" in fields else TIMEOUT,
    )
