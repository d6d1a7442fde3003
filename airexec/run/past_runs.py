"""What a new run means for those before it: once it has begun, `logs` points at it and the oldest go.

Not before: a start that is refused must cost nobody a run that could have been resumed.
"""

from airexec.scheduler.events import Record
from airexec.scheduler.state import Run
from airexec.state.layout import JobFolder, RunFolder
from airexec.state.prune import prune
from airexec.state.view_files import show_logs_of
from airexec.views.live.view import Listener


class PastRuns(Listener):
    """Listens for the first event of a run, which by then stands in the journal."""

    def __init__(self, job: JobFolder, folder: RunFolder, keep_runs: int) -> None:
        self._job = job
        self._folder = folder
        self._keep_runs = keep_runs
        self._has_begun = False

    def record(self, run: Run, record: Record) -> None:
        if not self._has_begun:
            self._has_begun = True
            show_logs_of(self._job, self._folder)
            prune(self._job, self._keep_runs)
