"""Where the program ends: small Protocols for clock, processes and journal. Fakes for all are in `airexec.testing`.

The run loop talks to these and to nothing else outside, so a simulation can own time, children and disk.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from airexec.scheduler.events import Record


class Clock(Protocol):
    """Two clocks: one to measure with, one to print."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back. Timeouts, delays and grace use this one."""
        ...

    def wall(self) -> float:
        """Unix seconds; may jump. Only for people to read."""
        ...


class AttemptSpec(NamedTuple):
    """Everything that a runner needs to start one attempt; nothing in it is a template any more."""

    task: str
    attempt: int
    argv: tuple[str, ...]
    env: Mapping[str, str]
    """The whole environment of the child."""
    cwd: str
    """Absolute."""
    log_path: str
    background: bool = False
    """Leave what outlives the leader alone."""


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
    """A complete `::verb JSON` line at column 0 of stdout, one of the known verbs, payload as printed (unmasked)."""

    task: str
    attempt: int
    verb: str
    payload: str
    line: int
    """1-based line of the attempt's stdout."""
    overlong: bool = False
    """The line is longer than 64 KiB; `payload` is empty."""


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


Fact = Exited | Printed | CommandLine | LeftoverSignalled | Interrupted | Resumed


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


class Processes(Protocol):
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


class Tokens(Protocol):
    """What other programs must let us have before an attempt may start: the job slots of a make around us."""

    def acquire(self) -> bool:
        """Take one for an attempt if there is one, without waiting; return whether there was."""
        ...

    def release(self) -> None:
        """Give back that of an attempt, which has ended."""
        ...


class Journal(Protocol):
    """The append-only event file of a run."""

    def append(self, records: Sequence[Record]) -> None:
        """Write all records with one write; on return they survive `kill -9`. Raises JournalError."""
        ...
