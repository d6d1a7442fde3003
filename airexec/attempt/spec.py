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
    listener: Callable[[], Any] = CommandLines
    """Makes what reads along on stdout, a `Listener` of `airexec.attempt.kinds.kind`; pickle finds it by name."""
