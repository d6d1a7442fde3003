"""Which tasks of a file come before which, by the bare ids that the file writes. For checks, before all is built."""

from collections.abc import Iterable

from airexec.workflow.build import Fields
from airexec.workflow.check.names import TaskNames, upstream_names


class Upstream:
    """What comes before each task, of the few tasks that are asked about.

    One walk down the graph carries a bit per such task: linear for a file in which every task reads the results of
    the first one, where a walk up from each would be quadratic.
    """

    def __init__(self, tasks: Fields, names: TaskNames, asked: Iterable[str]) -> None:
        self._names = names
        self._bits = {task_id: 2 << number for number, task_id in enumerate(dict.fromkeys(asked))}
        self._above = self._walk(tasks)

    @property
    def is_known(self) -> bool:
        """False when the tasks depend on each other in a circle; then nothing can be told."""
        return bool(self._above)

    def comes_before(self, first: str, then: str) -> bool:
        """Return whether `then` waits for `first`, one of the tasks asked about, directly or through others."""
        return bool(self._above[self._names.bare(then)] & self._bits[self._names.bare(first)])

    def may_grow(self, task_id: str) -> bool:
        """Return whether a task upstream of this one may queue further tasks."""
        return bool(self._above[self._names.bare(task_id)] & _GROWS)

    def _walk(self, tasks: Fields) -> dict[str, int]:
        """Return per task the bits of all that is above it; nothing when there is no order."""
        from graphlib import CycleError, TopologicalSorter

        direct = {task_id: self._direct(fields, tasks) for task_id, fields in tasks.items()}
        above: dict[str, int] = {}
        try:
            for task_id in TopologicalSorter(direct).static_order():
                bits = 0
                for other in direct[task_id]:
                    bits |= above[other] | self._bits.get(other, 0) | (_GROWS if tasks[other].get("queue") else 0)
                above[task_id] = bits
        except CycleError:
            return {}
        return above

    def _direct(self, fields: Fields, tasks: Fields) -> list[str]:
        ids = map(self._names.bare, upstream_names(fields))
        return [one for one in ids if one in tasks]


_GROWS = 1
"""The bit that says: something above may queue tasks."""
