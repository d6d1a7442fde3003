"""What an executor reports: how attempts go, and what reached airexec itself, as a closed union of values; and why an
attempt could not be started."""

from collections.abc import Callable
from typing import NamedTuple


class Exited(NamedTuple):
    """An attempt is over and its output complete. Exactly one per started attempt, the last fact about it."""

    task: str
    attempt: int
    returncode: int
    """As subprocess has it: the exit code, or -n for signal n."""
    leftover: int = 0
    """How many processes outlived the leader and were ended."""
    lost_bytes: int = 0
    """Output that could not be written to the log."""
    ignored_lines: int = 0
    """Lines that look like commands but do not count: on stderr, or printed after the leader's exit."""


class Printed(NamedTuple):
    """A chunk of output as it was written to the log: masked, any bytes, not cut at lines. For views."""

    task: str
    attempt: int
    stream: str
    """`stdout` or `stderr`."""
    data: bytes


class CommandLine(NamedTuple):
    """A complete `::verb JSON` line at column 0 of stdout, one of the known verbs, payload as printed (unmasked).

    Or a line of a side file, which means the same.
    """

    task: str
    attempt: int
    verb: str
    payload: str
    line: int
    """1-based, of the attempt's stdout or of the file."""
    overlong: bool = False
    """The line is longer than its verb allows; `payload` is empty."""
    source: str = ""
    """Empty for stdout, else `queue file` or `output file`."""

    @property
    def where(self) -> str:
        """How messages name the line."""
        return f"{self.source} line {self.line}" if self.source else f"line {self.line}"


class LeftoverSignalled(NamedTuple):
    """A signal went to processes that outlived the leader of an attempt."""

    task: str
    attempt: int
    signal: int


class Interrupted(NamedTuple):
    """airexec itself got SIGINT, SIGTERM or SIGHUP."""

    signal: int


class Resumed(NamedTuple):
    """airexec and all attempts were stopped (Ctrl-Z) for so many seconds, which count for no timeout, and now go on."""

    seconds: float


class WorkDone(NamedTuple):
    """Something that was done beside the loop (in a thread, for a file that was watched) wants the loop to go on.

    `then` is called in the thread of the loop. It is how a second source of facts comes to the loop: see
    `Executor.post`.
    """

    then: Callable[[], None]


Fact = Exited | Printed | CommandLine | LeftoverSignalled | Interrupted | Resumed | WorkDone


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
