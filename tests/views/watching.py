"""A run driven by hand with a view that watches it, and a folder for the logs of its attempts."""

import io
from collections.abc import Iterator
from pathlib import Path

from airexec.attempt.facts import Printed
from airexec.scheduler.events import Event
from airexec.testing import Script
from airexec.views.console_style import ConsoleStyle
from airexec.views.live.view import Listener
from airexec.views.sink import Sink
from airexec.workflow.model import Plan

PLAIN = ConsoleStyle(colour=False, animate=False, unicode=True)
COLOURED = ConsoleStyle(colour=True, animate=True, unicode=True)


class Logs:
    """Logs of attempts on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, task: str, attempt: int) -> Path:
        return self.folder / f"{task}.{attempt}.log"

    def write(self, task: str, data: bytes, attempt: int = 1) -> None:
        with self.path(task, attempt).open("ab") as file:
            file.write(data)


class Console:
    """A stream that keeps what was written, and the sink that writes there."""

    def __init__(self) -> None:
        self.stream = io.BytesIO()
        self.sink = Sink(self.stream)

    def text(self) -> str:
        return self.stream.getvalue().decode()

    def lines(self) -> list[str]:
        return self.text().splitlines()

    def clear(self) -> None:
        self.stream.seek(0)
        self.stream.truncate()


class WatchedRun(Script):
    """A Script that tells a view what happens, and writes what is printed to the logs first, as a runner does."""

    def __init__(self, plan: Plan, view: Listener, logs: Logs | None = None) -> None:
        self.view = view
        self.logs = logs
        super().__init__(plan)

    def happen(self, event: Event) -> None:
        super().happen(event)
        self.view.record(self.run, self.records[-1])

    def print(self, task: str, data: bytes, stream: str = "stdout") -> None:
        attempt = self.run.tasks[task].attempt
        if self.logs is not None:
            self.logs.write(task, data, attempt)
        self.view.printed(self.run, Printed(task, attempt, stream, data))

    def tick(self, now: float = 0.0) -> None:
        self.view.tick(self.run, now)

    def close(self) -> None:
        self.view.close(self.run, self.run.updated_at - self.records[0].time)


def pieces(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    """Yield `data` cut at these places."""
    places = sorted({min(cut, len(data)) for cut in cuts})
    for start, end in zip([0, *places], [*places, len(data)], strict=True):
        yield data[start:end]
