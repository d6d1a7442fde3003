"""How long a run will still take, from what its tasks took in earlier runs. Pure; costs the same at any size."""

from collections.abc import Iterable, Mapping

from airexec.scheduler.state import Run


class Forecast:
    """Keeps the expected work of all unfinished tasks; a task without history is expected to take the mean."""

    def __init__(self, run: Run) -> None:
        durations = run.plan.durations if run.plan else {}
        known = [seconds for task_id, seconds in durations.items() if task_id in run.tasks]
        self._durations = durations
        self._mean = sum(known) / len(known) if known else 0.0
        self._is_founded = bool(known) and 2 * len(known) >= len(run.plan.tasks if run.plan else ())
        self._open: set[str] = set()
        self._left = 0.0
        """Expected seconds of all that is open."""
        self.add(task_id for task_id, state in run.tasks.items() if not state.is_terminal)

    def expected(self, task_id: str) -> float:
        return self._durations.get(task_id, self._mean)

    def add(self, task_ids: Iterable[str]) -> None:
        new = set(task_ids) - self._open
        self._open |= new
        self._left += sum(map(self.expected, new))

    def remove(self, task_id: str) -> None:
        """The task is over."""
        if task_id in self._open:  # a view may see a run some events ahead of the record
            self._open.remove(task_id)
            self._left -= self.expected(task_id)

    def seconds_left(self, run: Run, elapsed: Mapping[str, float]) -> float | None:
        """Return the estimate, given for how long each running task has run; None when history says too little.

        It is the larger of two lower bounds: all work shared evenly among the slots, and the longest path through
        what is running or ready.
        """
        if not self._is_founded or run.plan is None:
            return None
        done = sum(min(seconds, self.expected(task_id)) for task_id, seconds in elapsed.items())
        shared = (self._left - done) / max(1, run.plan.max_active_tasks)
        paths = [run.remaining.get(task_id, 0.0) - seconds for task_id, seconds in elapsed.items()]
        ready = [run.remaining.get(heap[0][-1], 0.0) for heap in run.ready.values() if heap]
        return max(0.0, shared, *paths, *ready)
