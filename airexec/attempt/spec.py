"""One attempt as a value: everything that an executor needs to start it, here or on another machine."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from airexec.attempt.lines import CommandLines


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
    listener: Callable[[], Any] = CommandLines
    """Makes what reads along on stdout, a `Listener` of `airexec.attempt.kinds.kind`; pickle finds it by name."""
