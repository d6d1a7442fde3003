"""Time, for whoever drives attempts."""

from typing import Protocol


class Clock(Protocol):
    """Two clocks: one to measure with, one to print."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back. Timeouts, delays and grace use this one."""
        ...

    def wall(self) -> float:
        """Unix seconds; may jump. Only for people to read."""
        ...
