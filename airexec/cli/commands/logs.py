"""`airexec logs`: what the attempts of a run have printed, once or for as long as the run goes on."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from airexec.cli.commands.log_printer import BLOCK, LogPrinter, offset_of_last_lines
from airexec.errors import UsageError
from airexec.reading.named import existing_task_ids, job_and_tasks, load, run_folder
from airexec.reading.tail import JournalTail
from airexec.scheduler.events import AttemptCompleted, AttemptFailed, AttemptStarted, Record, RunFinished, RunResumed
from airexec.state.layout import JobFolder, RunFolder
from airexec.state.lock import is_locked

PAUSE_SECONDS = 0.1


class LogRequest(NamedTuple):
    names: tuple[str, ...] = ()
    """`[JOB] [TASK]`."""
    job: str | None = None
    tail: int | None = None
    """Lines per attempt; None: all."""
    follow: bool = False
    run_id: str | None = None
    state_dir: Path | None = None


def show_logs(request: LogRequest) -> int:
    """Print the logs that are asked for, in the order in which the attempts started. Raises AirexecError."""
    job, names = job_and_tasks(request.names, request.job, request.state_dir)
    if len(names) > 1:
        raise UsageError(f"logs shows one task, and these are {len(names)}: {', '.join(names)}", "ask for one")
    folder = run_folder(job, request.run_id)
    run = load(folder).run  # also when all tasks are asked for: a damaged journal must not pass for a short one
    tasks = frozenset(existing_task_ids(run, names[0])) if names else None
    printer = LogPrinter(only_task=tasks is not None and len(tasks) == 1)
    logs = Logs(folder, tasks, request.tail, printer)
    try:
        if request.follow:
            logs.follow(job)
        else:
            logs.print_new(is_end=True)
    finally:
        printer.close()
    if not logs.have_begun:
        what = f"{names[0]} has not started" if names else "no task has started"
        print(f"airexec: {what} in run {folder.run_id}", file=sys.stderr)
    return 0


class _Log:
    """The log of one attempt, read as far as it has been printed."""

    def __init__(self, task: str, attempt: int, path: str, tail: int | None) -> None:
        self.task = task
        self.attempt = attempt
        self.is_complete = False
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
                self._file.seek(offset_of_last_lines(self._file, self._tail))
        return self._file


class Logs:
    """The logs of the chosen tasks of a run (None: of all), as far as its journal has told of them."""

    def __init__(self, run: RunFolder, tasks: frozenset[str] | None, tail: int | None, printer: LogPrinter) -> None:
        self._run = run
        self._journal = JournalTail(run.journal)
        self._tasks = tasks
        self._tail = tail
        self._printer = printer
        self._open: dict[tuple[str, int], _Log] = {}
        """Attempts whose logs have not been printed to their end."""
        self._is_over = False
        self.have_begun = False

    def follow(self, job: JobFolder) -> None:
        """Print until the run ends, or until nobody works on it any more (the lock is about the newest run)."""
        newest = job.run_ids()[0]
        while self._run.run_id == newest and is_locked(job) and not self._is_over:
            self.print_new()
            time.sleep(PAUSE_SECONDS)
        self.print_new(is_end=True)

    def _learn_new(self) -> None:
        for record in self._journal.read():
            self._learn(record)

    def _learn(self, record: Record) -> None:
        match record.event:
            case AttemptStarted(task=task, attempt=attempt) if self._tasks is None or task in self._tasks:
                self.have_begun = True
                self._open[task, attempt] = _Log(task, attempt, self._run.log(task, attempt), self._tail)
            case AttemptCompleted(task=task, attempt=attempt) | AttemptFailed(task=task, attempt=attempt):
                if log := self._open.get((task, attempt)):
                    log.is_complete = True
            case RunResumed():
                self._is_over = False
            case RunFinished():
                self._is_over = True

    def print_new(self, is_end: bool = False) -> None:
        """Print what is new in the journal and the logs; at the end all that is there."""
        self._learn_new()
        for key, log in list(self._open.items()):
            log.is_complete |= is_end
            for data in log.read():
                self._printer.print(log.task, log.attempt, data)
            if log.is_complete:
                log.close()
                del self._open[key]
        self._printer.flush()
