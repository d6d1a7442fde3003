"""The last successes of the tasks of a job, in `built.jsonl` beside `state.json`: a line for each, the last one counts.

A line without a success forgets one. It is written before a task runs, so that what was killed half-way is never taken
for done. A line that is torn, or not what we write, is as if it were not there: the task runs once more.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from errno import EINVAL
from json import dumps, loads
from stat import S_ISREG

from airexec.errors import JournalError
from airexec.fresh.record import Success, from_json, to_json
from airexec.state.layout import JobFolder
from airexec.state.lock import has_slots, undisturbed
from airexec.state.view_files import replace_file

_COMPACT_FACTOR = 2
"""So many lines for each success before the file is written anew."""


class RecordFile:
    """The file of one job, whose lock the caller holds, if perhaps together with others."""

    def __init__(self, job: JobFolder) -> None:
        self._job = job
        self._path = job.built
        self._known: dict[str, Success] | None = None
        self._forgotten: set[str] = set()
        self._lines = 0
        self._fd = -1

    def get(self, task: str) -> Success | None:
        """Return the last success of a task, unless it is forgotten."""
        return self._all().get(task)

    def successes(self) -> dict[str, Success]:
        """Return the last successes of all tasks that have one, by task, that of the oldest first."""
        return dict(self._all())

    def is_forgotten(self, task: str) -> bool:
        """Return whether a task had a success that was forgotten since, as far as that is still known."""
        return task not in self._all() and task in self._forgotten

    def put(self, task: str, success: Success) -> None:
        """Remember a success."""
        self._all()[task] = success
        self._append(dumps({"task": task, **to_json(success)}, separators=(",", ":")))

    def forget(self, tasks: Iterable[str]) -> None:
        """Forget the successes of tasks, before they run or since somebody wants them to."""
        for task in tasks:
            self._all().pop(task, None)
            self._append(dumps({"task": task}))

    def now(self) -> int:
        """Return the time of our last write by the clock of the file system, in nanoseconds: no later than now."""
        if self._fd < 0:
            self._open()
        return os.fstat(self._fd).st_mtime_ns

    def close(self) -> None:
        """Write the file anew if most of it is out of date."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        if self._lines > 100 and self._lines > _COMPACT_FACTOR * len(self._known or {}):
            with suppress(OSError), undisturbed(self._job):  # the long one tells the same
                known = self._read() if has_slots(self._job) else self._known or {}
                lines = [dumps({"task": task, **to_json(it)}, separators=(",", ":")) for task, it in known.items()]
                replace_file(self._path, "".join(f"{line}\n" for line in lines), 0o600)

    def _all(self) -> dict[str, Success]:
        if self._known is None:
            self._known = self._read()
        return self._known

    def _read(self) -> dict[str, Success]:
        known: dict[str, Success] = {}
        try:
            with open(os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
                lines = file.read().split(b"\n") if S_ISREG(os.fstat(file.fileno()).st_mode) else []
        except OSError:
            return known
        self._lines = len(lines)
        for line in filter(None, lines):
            try:
                fields = loads(line)
                task = fields.pop("task")
                known.pop(task, None)
                if fields:
                    known[task] = from_json(fields)
                else:
                    self._forgotten.add(task)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                continue
        return known

    def _append(self, line: str) -> None:
        """Write a line. Raises JournalError."""
        if not has_slots(self._job):
            self._add(line)
            return
        try:
            with undisturbed(self._job):
                if self._fd >= 0 and not self._is_in_place():  # somebody beside us has written it anew
                    os.close(self._fd)
                    self._fd = -1
                self._add(line)
        except OSError as error:
            raise JournalError(f"cannot write {self._path}: {error.strerror}") from error

    def _add(self, line: str) -> None:
        if self._fd < 0:
            self._open()
        self._write(f"{line}\n".encode())
        self._lines += 1

    def _is_in_place(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._fd), os.stat(self._path, follow_symlinks=False))
        except OSError:
            return False

    def _open(self) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            self._fd = os.open(self._path, flags | os.O_NONBLOCK, 0o600)
            if not S_ISREG(os.fstat(self._fd).st_mode):
                raise OSError(EINVAL, "it is no regular file")
        except OSError as error:
            raise JournalError(f"cannot write {self._path}: {error.strerror}") from error
        self._write(b"\n")  # ends a torn line, and says what time it is

    def _write(self, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(self._fd, data) :]
        except OSError as error:
            raise JournalError(f"cannot write {self._path}: {error.strerror}") from error
