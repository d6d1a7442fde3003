"""Who starts attempts: the seam between a run and the processes, machines or engines that do its work; and the clock.

`airexec.runner.local` is that of this machine, `airexec.testing.FakeExecutor` that of tests. All that is particular to
a machine stays behind it: processes, pipes, how output is masked, how leftover processes are found.

Types only: nothing imports this at run time.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from airexec.attempt.facts import Fact
from airexec.attempt.spec import AttemptSpec
from airexec.secrets.masker import Masker


class Clock(Protocol):
    """Two clocks: one to measure with, one to print."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back. Timeouts, delays and grace use this one."""
        ...

    def wall(self) -> float:
        """Unix seconds; may jump. Only for people to read."""
        ...


class Executor(Protocol):
    """Starts attempts, and tells what becomes of them as facts."""

    def start(self, spec: AttemptSpec) -> None:
        """Start the attempt. Raises SpawnError."""
        ...

    def signal(self, task: str, signum: int) -> None:
        """Send a signal to the group of a running attempt; does nothing once it is over."""
        ...

    def has_exited(self, task: str) -> bool:
        """Return whether the attempt of a task has done its work, though the fact that says so is still to come."""
        ...

    def mask(self, secret: str) -> str | None:
        """Hide this value in all output from here on; return why it cannot be hidden, or None."""
        ...

    def mask_text(self, text: str) -> str:
        """Return a text of ours with all secrets hidden that are known by now."""
        ...

    def wait(self, timeout: float | None) -> Sequence[Fact]:
        """Return what happened, oldest first, waiting at most `timeout` seconds (None: for ever) for the first."""
        ...

    def post(self, fact: Fact) -> None:
        """Add a fact from any thread: `wait` returns it next, and a `wait` that goes on returns at once."""
        ...

    def end_leftovers(self) -> Sequence[Fact]:
        """Go on ending what attempts have left behind; return what happened, nothing once nothing is left."""
        ...


class Executors(Protocol):
    """Makes the executor of a run."""

    def room_for_attempts(self) -> tuple[int, str] | None:
        """Return how many attempts there is room for at once, and why not for more; None without a limit.

        Raises UsageError when there is room for none.
        """
        ...

    def end_orphans(self, runs: str, is_at_work: Callable[[str], bool]) -> int:
        """End what schedulers that died have left running of the runs in this folder; return how many processes.

        `is_at_work` says of the folder of a run whether its scheduler lives, by the time that something of it runs.
        """
        ...

    def open(self, run_dir: str, masker: Masker) -> AbstractContextManager[Executor]:
        """Return the executor for the run with this folder; on leaving, nothing that it started is left."""
        ...
