"""What a runner that was killed has left behind in the folder of a job: it may be what others have written.

Whoever is killed between the exchange of a file and the look at what was there before leaves that at its hidden name.
"""

import os
from contextlib import suppress
from json import dumps

from airexec.orders.order import is_order
from airexec.orders.shared_file import read_file
from airexec.orders.texts import UnreadableTextError, decoded, read_entries, read_state
from airexec.scheduler.state import Run
from airexec.state.layout import JobFolder


def recover(job: JobFolder, run: Run | None) -> None:
    """Put back what others have written. The caller holds the lock; `run` is the newest. Raises OSError."""
    for name in sorted(os.listdir(job.path)):
        if not name.startswith(".") or not name.endswith(".tmp"):
            continue
        path = f"{job.path}/{name}"
        with suppress(UnreadableTextError):  # half of what nobody has seen yet
            if name.startswith(".tasks.json."):
                _recover_tasks(job, run, name, decoded(read_file(path)))
            elif name.startswith(".state.json.") and _is_next(run, decoded(read_file(path))):
                os.rename(path, job.state_file)
        with suppress(FileNotFoundError):
            os.unlink(path)


def _recover_tasks(job: JobFolder, run: Run | None, name: str, text: str) -> None:
    known = set(run.tasks) if run is not None else set()
    with suppress(FileNotFoundError, UnreadableTextError):
        known |= {entry.id for entry in read_entries(decoded(read_file(job.tasks_file)))}
    lost = [entry.raw for entry in read_entries(text) if entry.is_pending and entry.id not in known]
    if lost:
        os.makedirs(job.incoming, exist_ok=True)
        beside = f"{job.incoming}/{name}"
        with open(beside, "w") as file:
            file.write(dumps(lost))
        os.rename(beside, f"{job.incoming}/recovered{name.removesuffix('.tmp')}.json")


def _is_next(run: Run | None, text: str) -> bool:
    return is_order(read_state(text), run.order if run is not None else "")
