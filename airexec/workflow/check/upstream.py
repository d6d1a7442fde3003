"""Which tasks of a file come before which, by the bare ids that the file writes. For checks, before all is built."""

from collections.abc import Iterable
from typing import NamedTuple

from airexec.workflow.build import Fields
from airexec.workflow.check.names import TaskNames, upstream_names


class Upstream:
    """What comes before each task, of the few tasks that are asked about.

    One walk down the graph carries two bits per such task: linear for a file in which every task reads the results of
    the first one, where a walk up from each would be quadratic. Of a matrix the first bit says that some instance comes
    before, the second that all do.
    """

    def __init__(self, tasks: Fields, names: TaskNames, asked: Iterable[str]) -> None:
        self._names = names
        self._bits = {task_id: 2 << 2 * number for number, task_id in enumerate(dict.fromkeys(asked))}
        self._above = self._walk(tasks)

    @property
    def is_known(self) -> bool:
        """False when the tasks depend on each other in a circle; then nothing can be told."""
        return bool(self._above)

    def comes_before(self, first: str, then: str) -> bool:
        """Return whether `then` waits for `first`, one of the tasks asked about, directly or through others. The bare
        id of a matrix: for all its instances; the id of one counts for any."""
        bit = self._bits[self._names.bare(first)]
        return bool(self._above[self._names.bare(then)] & (bit << 1 if first in self._names.groups else bit))

    def may_grow(self, task_id: str) -> bool:
        """Return whether a task upstream of this one may queue further tasks."""
        return bool(self._above[self._names.bare(task_id)] & _GROWS)

    def _walk(self, tasks: Fields) -> dict[str, int]:
        """Return per task the bits of all that is above it; nothing when there is no order."""
        from graphlib import CycleError, TopologicalSorter

        direct = {task_id: self._direct(task_id, tasks) for task_id in tasks}
        above: dict[str, int] = {}
        one: dict[str, int] = {}
        """What has ended when any one instance of a task has, itself included."""
        every: dict[str, int] = {}
        """What has ended when all of them have."""
        try:
            for task_id in TopologicalSorter(direct).static_order():
                above[task_id] = together = 0
                for other, named in direct[task_id].items():
                    above[task_id] |= every[other] if named.by_each else one[other]
                    together |= every[other] if named.by_all else one[other]
                grows = _GROWS if tasks[task_id].get("queue") else 0
                bit = self._bits.get(task_id, 0)
                one[task_id] = above[task_id] | bit | grows
                every[task_id] = above[task_id] | together | bit | bit << 1 | grows
        except CycleError:
            return {}
        return above

    def _direct(self, task_id: str, tasks: Fields) -> dict[str, "_Named"]:
        """Return the tasks that one depends on, by bare id, and whether on all their instances."""
        whole: set[str] = set()
        by_each: dict[str, set[str]] = {}
        by_all: dict[str, set[str]] = {}
        for written in upstream_names(tasks[task_id]):
            for upstream in self._names.meant(task_id, written):
                bare = self._names.bare(upstream)
                if bare not in tasks or bare == task_id:
                    continue
                by_all.setdefault(bare, set()).add(upstream)
                if upstream == bare:
                    whole.add(bare)
                elif upstream == written:
                    by_each.setdefault(bare, set()).add(upstream)
        sizes = {bare: 0 if bare in whole else len(self._names.groups.get(bare, ())) for bare in by_all}
        return {
            bare: _Named(len(by_each.get(bare, ())) >= size, len(by_all[bare]) >= size) for bare, size in sizes.items()
        }


class _Named(NamedTuple):
    """Whether all instances of a matrix are upstream of a task."""

    by_each: bool
    """Of each of its instances."""
    by_all: bool
    """Of its instances taken together."""


_GROWS = 1
"""The bit that says: something above may queue tasks."""
