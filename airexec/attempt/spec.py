"""One attempt as a value: everything that an executor needs to start it, here or on another machine."""

from collections.abc import Mapping
from typing import NamedTuple


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
