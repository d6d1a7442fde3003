"""Run a program, in one of three forms: a shell text, a program with `args`, an argv. Nobody else tells them apart."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from airexec.workflow.actions.forms import TEXT, Form, shell_text

SHELLS: Mapping[str, tuple[str, ...]] = {
    "sh": ("sh", "-e", "-c"),
    "bash": ("bash", "-e", "-o", "pipefail", "-c"),
    "python": ("python3", "-c"),
}
"""Named shells: the argv in front of a command text. POSIX `sh -c` puts the text last."""

RESERVED_WORDS = frozenset(
    {"case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in"}
    | {"select", "then", "time", "until", "while"}
)
"""Of sh and bash, those of letters. A shell takes them for its grammar where a command starts, and some elsewhere,
unless quoted."""


class Command(NamedTuple):
    """The keys `command`, `args` and `shell` of a task.

    `command` is a shell text (str), or the argv to exec (tuple). With `args`, a str command is a program and exec'd
    with them; no shell is involved. `shell` is the argv that a shell text is appended to.
    """

    command: str | tuple[str, ...]
    args: tuple[str, ...] | None = None
    shell: tuple[str, ...] = SHELLS["sh"]

    @property
    def is_shell_text(self) -> bool:
        return self.args is None and isinstance(self.command, str)

    def argv(self) -> tuple[str, ...]:
        """Return the argv as written: a shell text after its shell, or the program and its arguments."""
        if isinstance(self.command, tuple):
            return (*self.command, *(self.args or ()))
        return (*self.shell, self.command) if self.args is None else (self.command, *self.args)

    def as_typed(self) -> str:
        """Return the command as one would type it."""
        return str(self.command) if self.is_shell_text else _joined(self.argv())

    def program_and_args(self) -> tuple[str, list[str]]:
        """Return the text or the program, and the arguments: a shell text has none."""
        if isinstance(self.command, str):
            return self.command, list(self.args or ())
        return self.command[0], [*self.command[1:], *(self.args or ())]

    def as_lines(self, argv: Sequence[str]) -> list[str]:
        """Return the lines that tell what is executed: of a rendered shell text those of the text, else one line."""
        return argv[-1].rstrip("\n").splitlines() if self.is_shell_text else [_joined(argv)]

    def written(self) -> dict[str, Any]:
        """Return what the file says the task does, by key."""
        return {"command": self.command, "args": self.args}

    def rendered(self) -> Mapping[str, Form]:
        """Return which keys are rendered, and how; see `forms`."""
        return {"command": shell_text(self.shell) if self.is_shell_text else TEXT, "args": TEXT}


def _joined(argv: Sequence[str]) -> str:
    from shlex import join  # a run needs none of this

    return join(argv)


def build_command(fields: Mapping[str, Any]) -> Command:
    """Return the command in the fields of a task that have passed the schema; an empty text when there is none.

    `args` behind a list are the rest of it.
    """
    command, args, shell = fields.get("command", ""), fields.get("args"), fields.get("shell", "sh")
    args = None if args is None else tuple(args)
    if not isinstance(command, str):
        command, args = (*command, *(args or ())), None
    return Command(command, args, SHELLS[shell] if isinstance(shell, str) else tuple(shell))
