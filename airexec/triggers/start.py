"""One start of a run by the job manager: what it is for, what the run is told, and how that is handed over.

The manager writes a start into the standard input of the runner that it starts, which has no other use for it.
"""

from collections.abc import Mapping, MutableMapping
from json import dumps, loads
from typing import IO, Any, NamedTuple

from airexec.workflow.model import Schedule

HANDED_OVER = "AIREXEC_START"
"""Set for a runner that finds a start in its standard input."""

Facts = tuple[int, int, int]
"""Size, time of change in nanoseconds, and inode of a file."""
Files = Mapping[str, Facts]
"""By path, as the glob finds it."""


class Start(NamedTuple):
    """What a run is started for: a tick, the end of a run of another job, or files."""

    cause: str
    """For people: `schedule: 2026-11-28T06:00:00+01:00`."""
    schedule: Schedule | None = None
    tick: float | None = None
    """Unix seconds."""
    job: str = ""
    run_id: str = ""
    """Of the run of `job` that has ended."""
    files: Mapping[str, Files] = {}
    """What is new or has changed, by glob."""
    params: Mapping[str, Any] = {}


def start_to_text(start: Start) -> str:
    """Return a start as it is handed over."""
    schedule = None if start.schedule is None else start.schedule._asdict()
    return dumps({**start._asdict(), "schedule": schedule})


def start_from_text(text: str) -> Start:
    """Return the start that `start_to_text` was given."""
    fields = loads(text)
    fields["files"] = {glob: files_from_json(files) for glob, files in fields["files"].items()}
    if fields["schedule"] is not None:
        fields["schedule"] = Schedule(**fields["schedule"])
    return Start(**fields)


def files_from_json(files: Mapping[str, Any]) -> dict[str, Facts]:
    """Return files as they were before they were written down. Raises ValueError, TypeError for what are none."""
    found = {}
    for path, (size, changed, inode) in files.items():
        found[path] = (int(size), int(changed), int(inode))
    return found


def handed_over(environ: MutableMapping[str, str], stdin: IO[str]) -> Start | None:
    """Return the start that this process was made for; None where somebody has called it. Tasks are not told."""
    return start_from_text(stdin.read()) if environ.pop(HANDED_OVER, "") else None
