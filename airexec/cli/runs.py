"""Which run of a job a command shows, where several may be at work."""

import sys

from airexec.reading.history import active_runs
from airexec.reading.named import run_folder
from airexec.state.layout import JobFolder, RunFolder
from airexec.state.lock import has_slots


def chosen_run(job: JobFolder, run_id: str | None) -> RunFolder:
    """Return the run of this id, for None the newest; and say which that is, and how to see the others at work.

    Raises UsageError when there is no such run.
    """
    folder = run_folder(job, run_id)
    if run_id is None and has_slots(job):
        others = [other for other in active_runs(job) if other != folder.run_id]
        if others:
            options = ", ".join(f"--run {other}" for other in others)
            print(f"airexec: this is run {folder.run_id}, the newest; at work, too: {options}", file=sys.stderr)
    return folder
