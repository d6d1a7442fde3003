"""Who starts attempts: the seam between a run and the processes, machines or engines that do its work.

`airexec.runner.processes.LocalProcesses` is that of this machine, `airexec.testing.FakeExecutor` that of tests.
"""

from collections.abc import Sequence
from typing import Protocol

from airexec.attempt.facts import Fact
from airexec.attempt.spec import AttemptSpec


class SpawnError(Exception):
    """An attempt could not be started; nothing is running.

    `error` is one line that names the path or argument; `exit_code` is what a shell would report (126, 127).
    """

    def __init__(self, error: str, exit_code: int = 126) -> None:
        super().__init__(error)
        self.error = error
        self.exit_code = exit_code


class SpawnBusyError(SpawnError):
    """There is no room for another process or descriptor just now (EMFILE, ENFILE, EAGAIN, ENOMEM): try again later."""


class Executor(Protocol):
    """The operating system's side of a run: one process group per attempt, and what they do, as facts."""

    def start(self, spec: AttemptSpec) -> None:
        """Start the attempt. Raises SpawnError."""
        ...

    def signal(self, task: str, signum: int) -> None:
        """Send a signal to the group of a running attempt; does nothing once it is over."""
        ...

    def mask(self, secret: str) -> str | None:
        """Hide this value in all output from here on; return why it cannot be hidden, or None."""
        ...

    def wait(self, timeout: float | None) -> Sequence[Fact]:
        """Return what happened, oldest first, waiting at most `timeout` seconds (None: for ever) for the first."""
        ...

    def end_leftovers(self) -> Sequence[Fact]:
        """Go on ending what attempts have left behind; return what happened, nothing once nothing is left."""
        ...
