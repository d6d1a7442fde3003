"""Which lines of a task's output are not for people: the `::verb JSON` lines that airexec has heeded.

They stay in the log. What they caused is told in its own way: tasks queued, a bar, a notice.
"""

import re
from collections.abc import Iterable, Iterator

from airexec.scheduler.state import Run

_HEEDED = r'::(output|progress|mask|notice|warning|error) +[{\["]'
_QUEUED = r"::queue +[{\[]"
"""Texts, compiled by `re` when there is the first such line: most runs have none."""


def for_people(lines: Iterable[str], emitter: bool) -> Iterator[str]:
    """Leave the heeded lines out. `emitter`: the task may queue, else its `::queue` lines are plain text."""
    for line in lines:
        if line.startswith("::") and (re.match(_HEEDED, line) or (emitter and re.match(_QUEUED, line))):
            continue
        yield line


def may_queue(run: Run, task: str) -> bool:
    return run.tasks[task].task.queue is not None
