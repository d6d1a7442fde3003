"""The seam between an attempt and whoever drives it. Types only: nothing imports it at run time."""

import signal
from collections.abc import Callable, Sequence
from typing import Protocol

from airexec.attempt.executor import Clock, Executor
from airexec.attempt.spec import AttemptSpec
from airexec.attempt.verdict import Verdict
from airexec.workflow.model import Task


class Host(Protocol):
    """Whoever drives an attempt, which `spec` names. All calls come from one thread, in the order of what happened."""

    @property
    def executor(self) -> Executor: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def grace(self) -> float:
        """Seconds between two steps of a ladder."""
        ...

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something so many seconds from now; it is harmless when the attempt is over by then."""
        ...

    def others_run(self) -> bool:
        """Return whether anything else runs whose end would make room."""
        ...

    def send(self, spec: AttemptSpec, number: signal.Signals, cause: str) -> None:
        """Say that the attempt gets this signal, and send it."""
        ...

    def splice(self, spec: AttemptSpec, batch: Sequence[Task]) -> None:
        """Take what the attempt has queued. Raises SpliceRejectedError when it takes nothing."""
        ...

    def mask(self, secret: str) -> str | None:
        """Hide this value from here on; return why it cannot be hidden, or None."""
        ...

    def progress(self, spec: AttemptSpec, done: float, total: float) -> None: ...

    def notice(self, spec: AttemptSpec, level: str, message: str) -> None:
        """Tell the user; `level` is `notice`, `warning` or `error`, the message as the task printed it."""
        ...

    def end(self, spec: AttemptSpec, verdict: Verdict) -> None:
        """The attempt is over. The last call about it."""
        ...
