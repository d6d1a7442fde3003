"""What the attempts of a run have printed, piece by piece, once or for as long as the run goes on. Shows nothing."""

import os
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

from airexec.attempt.plain_lines import ForPeople
from airexec.reading.tail import JournalTail
from airexec.scheduler.events import (
    AttemptCompleted,
    AttemptFailed,
    AttemptSkipped,
    AttemptStarted,
    NodesAdded,
    NodesQueued,
    Record,
    RunFinished,
    RunResumed,
    RunStarted,
)
from airexec.state.journal import is_at_work
from airexec.state.layout import RunFolder
from airexec.workflow.model import Task

BLOCK = 65536


class Piece(NamedTuple):
    """Some of the log of an attempt; whole lines as long as it runs, so that lines of tasks do not mix."""

    task: str
    attempt: int
    data: bytes


class Logs:
    """The logs of the chosen tasks of a run (None: of all), as far as its journal has told of them."""

    def __init__(self, run: RunFolder, tasks: frozenset[str] | None, tail: int | None) -> None:
        """`tail`: only so many lines of what an attempt has printed by the time that it is first read; None: all."""
        self._run = run
        self._journal = JournalTail(run.journal)
        self._tasks = tasks
        self._tail = tail
        self._open: dict[tuple[str, int], _Log] = {}
        """Attempts whose logs have not been read to their end."""
        self._emitters: set[str] = set()
        """Tasks that may queue, whose `::queue` lines are heeded."""
        self._commands: dict[tuple[str, int], tuple[str, ...]] = {}
        self._cut: set[tuple[str, int]] = set()
        self._is_over = False
        self.have_begun = False

    def go_on(self) -> bool:
        """Return whether more may come: the run has not ended, and somebody works on it."""
        return is_at_work(self._run) and not self._is_over

    def for_people(self, task: str, attempt: int) -> ForPeople:
        """Return what leaves the heeded `::` lines out of the log of an attempt."""
        return ForPeople(self._run.log(task, attempt), task in self._emitters)

    def command(self, task: str, attempt: int) -> tuple[str, ...]:
        """Return the argv of an attempt of which a piece has been read."""
        return self._commands[task, attempt]

    def is_cut(self, task: str, attempt: int) -> bool:
        """Return whether there is more in the log of an attempt, before what has been read."""
        return (task, attempt) in self._cut

    def read_new(self, is_end: bool = False) -> Iterator[Piece]:
        """Yield what is new in the logs, in order of their starts; at the end all that is there."""
        for record in self._journal.read():
            self._learn(record)
        for key, log in list(self._open.items()):
            log.is_complete |= is_end
            for data in log.read():
                if log.is_cut:
                    self._cut.add(key)
                yield Piece(*key, data)
            if log.is_complete:
                log.close()
                del self._open[key]

    def _learn(self, record: Record) -> None:
        match record.event:
            case AttemptStarted(task=task, attempt=attempt) if self._tasks is None or task in self._tasks:
                self.have_begun = True
                self._commands[task, attempt] = record.event.command
                self._open[task, attempt] = _Log(self._run.log(task, attempt), self._tail)
            case (
                AttemptCompleted(task=task, attempt=attempt)
                | AttemptFailed(task=task, attempt=attempt)
                | AttemptSkipped(task=task, attempt=attempt)
            ):
                if log := self._open.get((task, attempt)):
                    log.is_complete = True
            case RunStarted(plan=plan):
                self._learn_tasks(plan.tasks.values())
            case NodesQueued(tasks=tasks) | NodesAdded(tasks=tasks):
                self._learn_tasks(tasks)
            case RunResumed(plan=changed):
                self._is_over = False
                self._learn_tasks(changed.tasks.values() if changed else ())
            case RunFinished():
                self._is_over = True

    def _learn_tasks(self, tasks: Iterable[Task]) -> None:
        for task in tasks:
            if task.queue is not None:
                self._emitters.add(task.id)
            else:
                self._emitters.discard(task.id)


class _Log:
    """The log of one attempt, read as far as it has been printed."""

    def __init__(self, path: str, tail: int | None) -> None:
        self.is_complete = False
        self.is_cut = False
        self._path = path
        self._tail = tail
        self._file: BinaryIO | None = None

    def read(self) -> Iterator[bytes]:
        """Yield what is new: whole lines as long as the attempt runs, so that lines of tasks do not mix."""
        file = self._open()
        while file and (data := file.read(BLOCK)):
            if len(data) < BLOCK and not self.is_complete:
                rest = len(data) - data.rfind(b"\n") - 1
                file.seek(-rest, 1)
                data = data[: len(data) - rest]
                file = None
            if data:
                yield data

    def close(self) -> None:
        if self._file:
            self._file.close()

    def _open(self) -> BinaryIO | None:
        if self._file is None:
            try:
                self._file = open(self._path, "rb")  # noqa: SIM115  # closed by close()
            except OSError:
                self._tail = None  # the file is made with the first output, and all of that will be new
                return None
            if self._tail is not None:
                self.is_cut = self._file.seek(offset_of_last_lines(self._file, self._tail)) > 0
        return self._file


def offset_of_last_lines(file: BinaryIO, count: int) -> int:
    """Return where the last `count` lines of a file begin; a last line without an end is one, too."""
    position = end = file.seek(0, os.SEEK_END)
    wanted = count + 1  # the end of the last line does not separate two lines
    if end and _read_at(file, end - 1, 1) != b"\n":
        wanted = count
    if not count:
        return end
    while position > 0:
        size = min(BLOCK, position)
        position -= size
        block = _read_at(file, position, size)
        found = len(block)
        while (found := block.rfind(b"\n", 0, found)) >= 0:
            wanted -= 1
            if wanted == 0:
                return position + found + 1
    return 0


def _read_at(file: BinaryIO, offset: int, size: int) -> bytes:
    file.seek(offset)
    return file.read(size)
