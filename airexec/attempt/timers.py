"""Things to do later, on the monotonic clock. A timer whose reason is gone is left to fire and do nothing."""

import heapq
from collections.abc import Callable
from math import inf

Action = Callable[[], None]


class Timers:
    """A heap of (due, action); among equal times the one set first fires first."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Action]] = []
        self._count = 0

    def set(self, due: float, action: Action) -> None:
        self._count += 1
        heapq.heappush(self._heap, (due, self._count, action))

    def next_due(self) -> float:
        """Return when the next timer fires, infinity when none is set."""
        return self._heap[0][0] if self._heap else inf

    def fire(self, now: float) -> None:
        """Do everything that is due, also what those actions set for now."""
        while self._heap and self._heap[0][0] <= now:
            heapq.heappop(self._heap)[2]()

    def shift(self, seconds: float) -> None:
        """Put everything off: time stood still for the tasks (Ctrl-Z), so it does for their timeouts."""
        self._heap = [(due + seconds, number, action) for due, number, action in self._heap]
