"""Leaves an empty log for every attempt that printed nothing, once it is over: who looks for one finds one.

All of them are one file under many names. A name costs 4 µs, a file of its own 6 to 45 (ext4 passes over inodes that
were deleted in the last minutes).
"""

import os
from contextlib import suppress

from airexec.attempt.facts import Printed
from airexec.scheduler.events import AttemptCompleted, AttemptFailed, AttemptSkipped, Record
from airexec.scheduler.state import Run
from airexec.views.live.summary import LogPath
from airexec.views.live.view import Listener
from airexec.workflow.find import StrPath


class EmptyLogs(Listener):
    """Listens rather than being asked by the loop, since nobody waits for these logs, and many names in a row cost a
    fraction of what each costs between two processes.

    Who prints has a log from the first byte on; should a task remove that, it does not come back.
    """

    def __init__(self, log_path: LogPath) -> None:
        self._log_path = log_path
        self._has_printed: set[tuple[str, int]] = set()
        """Running attempts with output."""
        self._latest_file: StrPath = ""

    def record(self, run: Run, record: Record) -> None:
        event = record.event
        if not isinstance(event, AttemptCompleted | AttemptFailed | AttemptSkipped):
            return
        attempt = event.task, event.attempt
        if attempt in self._has_printed:
            self._has_printed.remove(attempt)
        else:
            self._leave(self._log_path(*attempt))

    def printed(self, run: Run, printed: Printed) -> None:
        self._has_printed.add((printed.task, printed.attempt))

    def _leave(self, path: StrPath) -> None:
        """Let there be an empty file. Never raises: it is a convenience.

        What is there already is the log of an attempt that a reset has forgotten, or a crash.
        """
        with suppress(OSError):
            try:
                self._add(path)
            except FileExistsError:
                os.unlink(path)
                self._add(path)

    def _add(self, path: StrPath) -> None:
        try:
            os.link(self._latest_file, path)
        except OSError:  # the first one, or the file has as many names as it may have, or the disk knows no links
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            self._latest_file = path
