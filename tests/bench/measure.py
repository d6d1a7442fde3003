"""Runs programs side by side and says what they took. Knows no workflows and no peers.

What runs on a shared machine is disturbed. Hence contenders take turns within a round, so that all meet the same
weather, and the median of the rounds counts. CPU time stands beside wall time: it hears less of the neighbours.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

KILOBYTES = 1024 if sys.platform.startswith("linux") else 1
"""What `ru_maxrss` is multiplied with to be bytes."""


class Sample(NamedTuple):
    """What one execution took, its children included."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    """Of the largest process."""


class Contender(NamedTuple):
    """A program that does the work."""

    name: str
    command: Sequence[str]
    folder: Path
    prepare: Callable[[], object] = lambda: None
    """Called before each execution, outside the time."""
    exit_code: int = 0
    """The one to be expected."""


class Measured(NamedTuple):
    """All executions of one contender."""

    name: str
    samples: Sequence[Sample]

    @property
    def seconds(self) -> list[float]:
        return [sample.seconds for sample in self.samples]

    @property
    def cpu_seconds(self) -> float:
        return median(sample.cpu_seconds for sample in self.samples)

    @property
    def peak_megabytes(self) -> list[float]:
        return [sample.peak_bytes / 1e6 for sample in self.samples]


class FailedError(Exception):
    """A contender did not do its work, so its time means nothing."""


def measure(contenders: Sequence[Contender], rounds: int, warm_up: bool = True) -> list[Measured]:
    """Return the measurements in the order of the contenders, who take turns. Raises FailedError."""
    if warm_up:
        for contender in contenders:
            execute(contender)
    samples: list[list[Sample]] = [[] for _ in contenders]
    for _ in range(rounds):
        for contender, taken in zip(contenders, samples, strict=True):
            taken.append(execute(contender))
    return [Measured(contender.name, taken) for contender, taken in zip(contenders, samples, strict=True)]


def execute(contender: Contender) -> Sample:
    """Run a contender once, its output in a file. Raises FailedError."""
    contender.prepare()
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}  # warm is warm
    with tempfile.TemporaryFile() as output:
        started = perf_counter()
        process = subprocess.Popen(
            contender.command, cwd=contender.folder, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != contender.exit_code:
            raise FailedError(f"{contender.name} exited with {process.returncode}:\n{_tail(output.fileno())}")
    return Sample(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * KILOBYTES)


def _tail(fd: int) -> str:
    size = os.fstat(fd).st_size
    return os.pread(fd, 2000, max(0, size - 2000)).decode(errors="replace")
