"""The journal of a run on disk: appended to by one writer, read by anybody. Knows nothing of what the events mean.

What is in the file when something breaks:

* `kill -9` at any instant: every batch whose `append` returned, perhaps a part of the next one.
* Power loss: everything up to the last sync, perhaps more, perhaps a torn end.

Hence the rule for readers. From the first line that is incomplete or fails its checksum, the rest is a torn tail,
provided that no intact line follows it. If one does, the file was damaged later, and nobody may guess: exit 65.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from airexec.errors import (
    JobLockedError,
    JournalError,
    StateDamagedError,
    StateNewerError,
    StateUnwritableError,
    UsageError,
)
from airexec.scheduler.events import Record
from airexec.scheduler.state import Run
from airexec.state.codec import (
    FORMAT_VERSION,
    NewerFormatError,
    UnreadableLineError,
    is_intact,
    record_from_line,
    record_to_line,
)
from airexec.state.flocks import is_held, try_lock
from airexec.state.layout import RunFolder
from airexec.state.plan_codec import Json
from airexec.state.syncing import BackgroundSync, sync_folders, sync_now
from airexec.workflow.find import StrPath

_PATIENCE_SECONDS = 0.5
"""Readers hold the lock of a journal for an instant, to see whether anybody is at work on its run."""

UNTOUCHED = "nothing was changed; restore the file, or start anew with `airexec run`"


class Sync(StrEnum):
    """When what was written is forced to the disk. `kill -9` loses nothing under any of these; power loss may."""

    OFF = "off"
    BATCH = "batch"
    """At most 100 ms later, off the hot path, and at the end."""
    BARRIER = "barrier"
    """Before `append` returns."""


class JournalContents(NamedTuple):
    records: list[Record]
    torn_bytes: int
    """Bytes after the last good line."""


class LoadedRun(NamedTuple):
    records: list[Record]
    torn_bytes: int
    run: Run


class JournalWriter:
    """The one writer of a journal, which it keeps locked: so everybody sees whether somebody is at work on the run.

    A failed write or sync is final: what the disk then holds is unknown, so nothing is tried again and every later
    `append` raises the same JournalError.
    """

    def __init__(self, path: StrPath, sync: str = Sync.BATCH) -> None:
        """Open the journal for appending, created when absent. Raises StateUnwritableError, JobLockedError."""
        self.path = os.fspath(path)
        self._sync = Sync(sync)
        self._failure: JournalError | None = None
        try:
            self._fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise StateUnwritableError(f"cannot write {self.path}: {error.strerror}") from error
        if not try_lock(self._fd, patience=_PATIENCE_SECONDS):
            os.close(self._fd)
            raise JobLockedError(f"somebody else is writing {self.path}", hint="wait for the end of that run")
        self._background = BackgroundSync(self._fd, self.path)
        if self._sync is Sync.BARRIER:
            sync_folders(self.path)

    def append(self, records: Sequence[Record]) -> None:
        """Write all records with one write; on return they survive `kill -9`. Raises JournalError."""
        self._raise_failure()
        try:
            _write_all(self._fd, b"".join(map(record_to_line, records)))
            if self._sync is Sync.BATCH:
                self._background.request()
            elif self._sync is Sync.BARRIER:
                sync_now(self._fd)
        except OSError as error:
            raise self._fail(error) from error

    def problem(self) -> str | None:
        """Return what is wrong by now: a sync in the background failed, or the file is no longer at its path.

        For the loop to ask about once a second: a run whose state folder was deleted must not go on for hours.
        """
        try:
            self._raise_failure()
            if not os.path.samestat(os.stat(self.path, follow_symlinks=False), os.fstat(self._fd)):
                self._failure = JournalError(f"the journal {self.path} was replaced while a run was writing it")
        except OSError as error:
            self._fail(error)
        except JournalError:
            pass
        return self._failure.headline if self._failure else None

    def close(self) -> None:
        """Sync, unless the policy is off, and close. Raises JournalError; the file is closed all the same."""
        if self._fd < 0:
            return
        self._background.stop()
        try:
            self._raise_failure()
            if self._sync is not Sync.OFF:
                sync_now(self._fd)
        except OSError as error:
            raise self._fail(error) from error
        finally:
            os.close(self._fd)
            self._fd = -1

    def _raise_failure(self) -> None:
        if self._failure is None and self._background.failure is not None:
            self._fail(self._background.failure)
        if self._failure is not None:
            raise self._failure

    def _fail(self, error: OSError) -> JournalError:
        self._failure = JournalError(
            f"cannot write the journal {self.path}: {error.strerror}{_free_space(self.path)}",
            hint="nothing is lost: mend the disk, then `airexec resume`",
        )
        return self._failure


class ResumedJournal(NamedTuple):
    writer: JournalWriter
    records: list[Record]
    torn_bytes: int
    """Bytes cut off the end, kept in `journal.torn-<n>` beside the journal."""


def open_for_resume(path: StrPath, sync: str = Sync.BATCH) -> ResumedJournal:
    """Open a journal for appending, and cut off a torn tail, whose bytes are kept beside it.

    Raises StateDamagedError, StateUnwritableError and JobLockedError, each time with the journal untouched.
    """
    read_bytes(path, first=0)  # none is made where there is none
    writer = JournalWriter(path, sync)  # first: half a line of somebody who is at work is no torn tail
    try:
        records, torn_bytes = read_journal(path)
        if torn_bytes:
            _cut_tail(os.fspath(path), torn_bytes)
    except OSError as error:
        writer.close()
        raise StateUnwritableError(f"cannot cut the torn end of {path}: {error.strerror}") from error
    except BaseException:
        writer.close()
        raise
    return ResumedJournal(writer, records, torn_bytes)


def is_at_work(run: RunFolder) -> bool:
    """Return whether a scheduler is at work on the run now. Whoever let go before has written all."""
    return is_held(run.journal)


def read_journal(path: StrPath) -> JournalContents:
    """Return all records up to a torn tail, also while somebody is writing. Changes nothing.

    Raises StateDamagedError for damage before the tail and for a newer format, UsageError for an unreadable file.
    """
    from airexec.state.event_schema import problem_of

    data = read_bytes(path)
    records: list[Record] = []
    start = 0
    while (end := data.find(b"\n", start) + 1) and is_intact(line := data[start:end]):
        records.append(_record_at(path, line, start, len(records), problem_of))
        start = end
    _refuse_damage(path, data, start, len(records))
    return JournalContents(records, len(data) - start)


def load_run(path: StrPath) -> LoadedRun:
    """Return the run that a journal tells of, also while it goes on; `records` is empty when it had not begun.

    Raises StateDamagedError and UsageError as `read_journal` does.
    """
    records, torn_bytes = read_journal(path)
    return LoadedRun(records, torn_bytes, replayed(path, records))


def replayed(path: StrPath, records: Sequence[Record]) -> Run:
    """Return the run that the records of a journal tell of. Raises StateDamagedError when they make no sense."""
    from airexec.scheduler.apply import IllegalTransition, replay

    try:
        return replay(records)
    except IllegalTransition as error:
        raise StateDamagedError(f"{path} is damaged: {error}", hint=UNTOUCHED) from error
    except (TypeError, ValueError, LookupError, AttributeError, AssertionError) as error:  # a field of a wrong type
        raise StateDamagedError(f"{path} is damaged: its events make no sense: {error!r}", hint=UNTOUCHED) from error


def read_bytes(path: StrPath, first: int = -1, last: int | None = None) -> bytes:
    """Return the bytes of a file in the store, or the `first` or `last` so many. Never follows a symbolic link.

    Raises UsageError.
    """
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            if last is not None:
                file.seek(max(0, os.fstat(file.fileno()).st_size - last))
            return file.read(first)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error


class LinesAfter:
    """The lines of a journal after some event, for who could not take them when they were written. Follows a file that
    grows, each time from where it was left; of one that cannot be read there are no lines."""

    def __init__(self, path: Callable[[], str]) -> None:
        """`path` is asked for when the first line is wanted."""
        self._path = path
        self._offset = 0
        self._seq = 0
        """Of the line at `_offset`."""

    def __call__(self, seq: int) -> Iterator[bytes]:
        """Yield the lines of all events after `seq`, which is not less than in any call before, newline included."""
        try:
            file = open(os.open(self._path(), os.O_RDONLY | os.O_NOFOLLOW), "rb")  # noqa: SIM115  # closed below
        except OSError:
            return
        with file:
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._offset += len(line)
                self._seq += 1
                if self._seq - 1 > seq:
                    yield line


def _record_at(path: StrPath, line: bytes, offset: int, seq: int, problem_of: Callable[[Json], str]) -> Record:
    try:
        record = record_from_line(line, problem_of)
    except NewerFormatError as error:
        raise _newer(path, error) from error
    except UnreadableLineError as error:
        raise _damaged(path, offset, seq, str(error)) from error
    if record.seq != seq:
        raise _damaged(path, offset, seq, f"found event {record.seq} in its place")
    return record


def _refuse_damage(path: StrPath, data: bytes, start: int, seq: int) -> None:
    """Raise StateDamagedError unless everything from `start` on may be a torn tail.

    After a power loss a page may be missing although later ones are there: it reads as zeros, which no line of ours
    has. So behind a hole nothing counts, however intact; without one, intact lines say that something else happened.
    """
    lines = data[start:].split(b"\n")[:-1]
    if start == 0 and lines:
        _refuse_newer_first_line(path, lines[0])
    if lines and b"\0" in lines[0]:
        return
    if any(is_intact(line + b"\n") for line in lines[1:]):
        raise _damaged(path, start, seq, "the checksum does not match, and intact events follow")


def _refuse_newer_first_line(path: StrPath, line: bytes) -> None:
    """A later version may use another checksum; its first line must not pass for a torn one and be cut."""
    from json import loads

    try:
        version = loads(line).get("version", FORMAT_VERSION)
    except (ValueError, AttributeError, RecursionError):
        return
    if version != FORMAT_VERSION:
        raise _newer(path, NewerFormatError(version))


def _newer(path: StrPath, error: NewerFormatError) -> StateNewerError:
    return StateNewerError(
        f"{path} was written by another version of airexec, in {error}; this one reads version {FORMAT_VERSION}",
        hint="use the airexec that wrote it, or a later one; nothing was changed",
    )


def _damaged(path: StrPath, offset: int, seq: int, why: str) -> StateDamagedError:
    return StateDamagedError(
        f"{path} is damaged at byte {offset}, event {seq}: {why}",
        hint=UNTOUCHED,
    )


def _cut_tail(path: str, torn_bytes: int) -> None:
    """Copy the last bytes into a new file beside the journal, safely on disk, and only then cut them off."""
    torn = read_bytes(path, last=torn_bytes)
    fd = _create_numbered(path.removesuffix(".jsonl") + ".torn-")
    try:
        _write_all(fd, torn)
        os.fsync(fd)
    finally:
        os.close(fd)
    os.truncate(path, os.path.getsize(path) - torn_bytes)


def _create_numbered(stem: str) -> int:
    """Return a descriptor of a new file `<stem><n>` with the first number that is free."""
    number = 1
    while True:
        try:
            return os.open(f"{stem}{number}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            number += 1


def _write_all(fd: int, data: bytes) -> None:
    """Write everything. On a full disk the first write may be merely short; the next one then raises."""
    while written := os.write(fd, data):
        if written == len(data):
            return
        data = data[written:]
    if data:
        raise OSError(5, "the disk takes no more bytes")


def _free_space(path: str) -> str:
    try:
        disk = os.statvfs(os.path.dirname(path))
    except OSError:
        return ""
    return f" ({disk.f_bavail * disk.f_frsize // 1024} kB free)"
