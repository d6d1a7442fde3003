"""Real processes, driven until they are over."""

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from airexec.attempt.facts import CommandLine, Exited, Fact, LeftoverSignalled, Printed
from airexec.attempt.spec import AttemptSpec
from airexec.runner.processes import LocalProcesses

PATIENCE = 20.0
"""Far more than anything here takes; only a hang gets there."""


class Room:
    """A folder with processes in it. `facts` has all that `wait` has returned."""

    def __init__(self, processes: LocalProcesses, folder: Path) -> None:
        self.processes = processes
        self.folder = folder
        self.facts: list[Fact] = []

    def spec(self, *argv: str, task: str = "t", env: Mapping[str, str] | None = None, **fields: Any) -> AttemptSpec:
        env = dict(os.environ) if env is None else env
        return AttemptSpec(task, 1, argv, env, fields.pop("cwd", str(self.folder)), self.log_path(task), **fields)

    def log_path(self, task: str) -> str:
        return str(self.folder / f"{task}.log")

    def start(self, *argv: str, **fields: Any) -> None:
        self.processes.start(self.spec(*argv, **fields))

    def wait_for(self, kind: type[Fact], count: int = 1) -> list[Any]:
        """Let the processes run until there are `count` facts of a kind; return them."""
        deadline = monotonic() + PATIENCE
        while len(found := self.of(kind)) < count:
            assert monotonic() < deadline, f"no {kind.__name__} among {self.facts}"
            self.facts += self.processes.wait(deadline - monotonic())
        return found

    def of(self, kind: type[Fact]) -> list[Any]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def run(self, *argv: str, **fields: Any) -> Exited:
        """Start one attempt and return its end."""
        before = len(self.of(Exited))
        self.start(*argv, **fields)
        exited: Exited = self.wait_for(Exited, before + 1)[-1]
        return exited

    def sh(self, script: str, **fields: Any) -> Exited:
        return self.run("sh", "-c", script, **fields)

    def python(self, script: str, **fields: Any) -> Exited:
        return self.run(sys.executable, "-c", script, **fields)

    def wait_for_output(self, text: bytes, task: str = "t") -> None:
        deadline = monotonic() + PATIENCE
        while text not in self.shown(task):
            assert monotonic() < deadline, f"{text!r} never came: {self.facts}"
            self.facts += self.processes.wait(deadline - monotonic())

    def shown(self, task: str = "t") -> bytes:
        return b"".join(fact.data for fact in self.of(Printed) if fact.task == task)

    def log(self, task: str = "t") -> bytes:
        return Path(self.log_path(task)).read_bytes()

    def lines(self) -> list[tuple[str, str, int]]:
        return [(fact.verb, fact.payload, fact.line) for fact in self.of(CommandLine)]

    def leftover_signals(self) -> list[int]:
        return [fact.signal for fact in self.of(LeftoverSignalled)]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with LocalProcesses() as processes:
        yield Room(processes, tmp_path)
