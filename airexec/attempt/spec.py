"""One attempt as a value: everything that an executor needs to start it, here or on another machine."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from airexec.attempt.lines import CommandLines


class Files(NamedTuple):
    """What decides whether a task has to run at all, as far as the task itself says it."""

    sources: tuple[str, ...]
    """Globs from the working directory, as `generates`."""
    generates: tuple[str, ...]
    depfile: str
    """Absolute; empty: there is none."""
    cache_key: str
    env: Mapping[str, str]
    """The variables that workflow and task set, by name, sorted."""
    secrets: Mapping[str, str]
    """Those that the task sees."""
    atomic: tuple[str, str] | None = None
    """Absolute: the path that the task writes, and the product that it becomes."""


class ConditionSpec(NamedTuple):
    """A command that is asked before an attempt does its work."""

    argv: tuple[str, ...]
    text: str
    """The command as one would type it, in one line."""
    is_when: bool = False
    """`when`: false skips the task. Else a precondition: false fails it."""
    message: str = ""
    """What to say when it fails; empty: the command and how it ended."""
    negate: bool = False
    timeout: float | None = None


class AttemptSpec(NamedTuple):
    """Everything that a runner needs to start one attempt; nothing in it is a template any more."""

    task: str
    attempt: int
    argv: tuple[str, ...]
    env: Mapping[str, str]
    """The whole environment of the child."""
    cwd: str
    """Absolute."""
    log_path: str
    background: bool = False
    """Leave what outlives the leader alone."""
    queue_file: str = ""
    """Absolute paths of the two side files; empty: there is none."""
    output_file: str = ""
    splices_at_line: bool = False
    """What it queues counts at once, so the side files are read while it runs and not only at its end."""
    files: Files | None = None
    """None: the task says nothing of what it reads and makes, so it always runs."""
    listener: Callable[[], Any] | None = CommandLines
    """Makes what reads along on stdout, a `Listener` of `airexec.attempt.kinds.kind`; pickle finds it by name. None:
    nobody does, and stdout is the same as stderr."""
    conditions: tuple[ConditionSpec, ...] = ()
    """What is asked before, in order. An executor never sees them, but what `step` returns, one after the other."""
    heading: str = ""
    """What the log says before the first output of a condition, and of the work if a condition has printed."""
    continues: bool = False
    """The log goes on with that of a step before."""

    def step(self, number: int) -> "AttemptSpec":
        """Return what is to be started as step `number`, from 0: each of the conditions, then the work itself."""
        if number == len(self.conditions):
            return self._replace(conditions=(), heading="# command", continues=True) if number else self
        condition = self.conditions[number]
        return self._replace(
            argv=condition.argv,
            env={name: value for name, value in self.env.items() if name not in _SIDE_FILES},
            background=False,
            queue_file="",
            output_file="",
            splices_at_line=False,
            listener=None,
            conditions=(),
            heading=f"# {'when' if condition.is_when else 'precondition'}: {condition.text}",
            continues=number > 0,
        )


_SIDE_FILES = ("AIREXEC_QUEUE", "AIREXEC_OUTPUT")
"""A condition answers by its exit code and by nothing else."""
