"""Leaves an empty log for every attempt that printed nothing, once it is over: who looks for one finds one."""

from airexec.attempt.facts import Printed
from airexec.scheduler.events import AttemptCompleted, AttemptFailed, Record
from airexec.scheduler.state import Run
from airexec.state.empty_logs import EmptyLogs
from airexec.views.live.summary import LogPath
from airexec.views.live.view import Listener


class EmptyLogsView(Listener):
    """For whoever reads the folder of the logs.

    A view, since nobody waits for these logs, and many names in a row cost a fraction of what each costs between two
    processes. Who prints has a log from the first byte on; should a task remove that, it does not come back.
    """

    def __init__(self, log_path: LogPath) -> None:
        self._log_path = log_path
        self._logs = EmptyLogs()
        self._has_printed: set[tuple[str, int]] = set()
        """Running attempts with output."""

    def record(self, run: Run, record: Record) -> None:
        event = record.event
        if not isinstance(event, AttemptCompleted | AttemptFailed):
            return
        attempt = event.task, event.attempt
        if attempt in self._has_printed:
            self._has_printed.remove(attempt)
        else:
            self._logs.add(self._log_path(*attempt))

    def printed(self, run: Run, printed: Printed) -> None:
        self._has_printed.add((printed.task, printed.attempt))
