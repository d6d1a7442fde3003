"""What other programs want added to a run, as it stands."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from airexec.workflow.model import Task


class Found(NamedTuple):
    """What one look has found."""

    tasks: Sequence[Task] = ()
    """Those that the run does not know, or perhaps knows otherwise."""
    places: Mapping[str, str] = {}
    """Where each stands, by id: `tasks.json:4:3`."""
    problems: tuple[str, ...] = ()
    """What is no task, one sentence each, its place included."""
    is_settling: bool = False
    """Somebody is about to write, so that the run may not end yet."""
