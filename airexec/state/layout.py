"""Where everything is in the state folder, and what may stand there. Knows names and folders, no contents.

Paths are `str`: `pathlib` would cost 5 ms of every start. Names that come from files and command lines are checked
before they become a path; the folders themselves are checked by `airexec.state.safety` before anything is read from
them or written to them.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from time import gmtime

from airexec.errors import StateUnwritableError, UsageError
from airexec.state.file_names import file_name
from airexec.state.safety import FOLDER_MODE, check_folders, make_folder, trusted_owners
from airexec.workflow.find import STATE_DIR, StrPath, project_root

JOB_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
RESERVED_NAMES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{digit}" for port in ("com", "lpt") for digit in range(10))]
)
"""Devices on Windows, whatever the extension."""
JOURNAL = "journal.jsonl"
RUN_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{4}")


def find_state_dir(workflow_path: StrPath) -> str:
    """Return the state folder of a workflow file, whether it exists or not.

    That is `.airexec` in the root of the project.
    """
    return os.path.join(project_root(workflow_path), STATE_DIR)


class RunFolder:
    """The paths of one run."""

    __slots__ = ("journal", "logs", "origin", "path", "run_id", "side")

    def __init__(self, runs: str, run_id: str) -> None:
        if not RUN_ID.fullmatch(run_id):
            raise UsageError(f"{run_id[:40]!r} is not a run id", hint="they look like 20261121-013312-a3f9")
        self.run_id = run_id
        self.path = f"{runs}/{run_id}"
        self.journal = f"{self.path}/{JOURNAL}"
        self.origin = f"{self.path}/origin"
        self.logs = f"{self.path}/logs"
        self.side = f"{self.path}/side"

    def log(self, task: str, attempt: int) -> str:
        """Return the path of the log of an attempt."""
        return f"{self.logs}/{file_name(task)}.{attempt}.log"

    def side_files(self, task: str, attempt: int) -> tuple[str, str]:
        """Return the paths that the attempt finds in `$AIREXEC_QUEUE` and in `$AIREXEC_OUTPUT`."""
        stem = f"{self.side}/{file_name(task)}.{attempt}"
        return f"{stem}.queue", f"{stem}.output"


class JobFolder:
    """The paths of one job in a state folder; nothing is created or read by making one.

    Raises UsageError for a name that cannot be a job's.
    """

    __slots__ = (
        "built",
        "incoming",
        "lock",
        "logs_link",
        "name",
        "path",
        "root",
        "runs",
        "state_dir",
        "state_file",
        "tasks_file",
    )

    def __init__(self, state_dir: StrPath, name: str) -> None:
        check_job_name(name)
        self.name = name
        self.state_dir = os.path.abspath(state_dir)
        self.root = os.path.dirname(self.state_dir)
        """What paths in the state are relative to, so that a project may be moved."""
        self.path = f"{self.state_dir}/jobs/{name}"
        self.lock = f"{self.path}/lock"
        self.state_file = f"{self.path}/state.json"
        self.tasks_file = f"{self.path}/tasks.json"
        self.logs_link = f"{self.path}/logs"
        self.built = f"{self.path}/built.jsonl"
        self.incoming = f"{self.path}/incoming"
        self.runs = f"{self.path}/runs"

    def run(self, run_id: str) -> RunFolder:
        """Return the paths of a run, its folders checked if they exist.

        Raises UsageError for what is no run id, StateUnwritableError when a folder is not safe.
        """
        run = RunFolder(self.runs, run_id)
        check_folders((run.path, run.logs, run.side), trusted_owners(self.state_dir))
        return run

    def run_ids(self) -> list[str]:
        """Return the runs that have begun a journal, newest first."""
        return list(self._begun_runs())

    def run_folders(self) -> list[str]:
        """Return the ids of all run folders, newest first, also those that a crash left without a journal.

        Raises StateUnwritableError.
        """
        try:
            return sorted(filter(RUN_ID.fullmatch, os.listdir(self.runs)), reverse=True)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StateUnwritableError(f"cannot read {self.runs}: {error.strerror}") from error

    def latest_run(self) -> RunFolder | None:
        """Return the newest run that has begun a journal."""
        run_id = next(self._begun_runs(), None)  # one look at a journal, however many runs there are
        return None if run_id is None else self.run(run_id)

    def create(self) -> None:
        """Make the folders of the job where they are missing. Raises StateUnwritableError, also when unsafe."""
        try:
            owners = make_state_dir(self.state_dir)
            for folder in self._folders[1:]:
                make_folder(folder, owners)
        except OSError as error:
            raise unwritable(self.state_dir, error) from error

    def create_run(self, now: float) -> RunFolder:
        """Make the folders of a new run, newer than all others; no other is being made meanwhile.

        `now` is in Unix seconds. Raises StateUnwritableError.
        """
        newest = next(iter(self.run_folders()), None)
        run = self.run(new_run_id(now, newest))
        try:
            for folder in (run.path, run.logs, run.side):
                os.mkdir(folder, FOLDER_MODE)
        except OSError as error:
            raise unwritable(run.path, error) from error
        return run

    def link_logs(self, run: RunFolder) -> None:
        """Point `logs` at a run: a convenience for people, which we never follow, so a failure does not matter."""
        new = f"{self.path}/.logs.{os.getpid()}.tmp"
        try:
            os.symlink(f"runs/{run.run_id}/logs", new)
            os.replace(new, self.logs_link)
        except OSError:
            with suppress(OSError):
                os.unlink(new)

    def check(self) -> None:
        """Raise StateUnwritableError if a folder of the job is not safe to use; none is created."""
        check_folders(self._folders, trusted_owners(self.state_dir))

    def _begun_runs(self) -> Iterator[str]:
        return (run_id for run_id in self.run_folders() if _has_content(f"{self.runs}/{run_id}/{JOURNAL}"))

    @property
    def _folders(self) -> tuple[str, ...]:
        return self.state_dir, f"{self.state_dir}/jobs", self.path, self.runs


def address(job: JobFolder) -> str:
    """Return what to write for a job into a shell that is here: `etl`, or `etl --state-dir wf/.airexec` where commands
    would not find it by its name alone."""
    try:
        here, folder = os.path.realpath(find_state_dir("-")), os.path.relpath(job.state_dir)
    except OSError:  # this folder is not there any more
        here, folder = "", job.state_dir
    if here and os.path.realpath(job.state_dir) == here:
        return job.name
    from shlex import quote

    return f"{job.name} --state-dir {quote(job.state_dir if folder.startswith('..') else folder)}"


def check_job_name(name: str) -> None:
    """Raise UsageError for a name that cannot be a folder's everywhere, or would lead out of the state folder."""
    if not JOB_NAME.fullmatch(name) or name.partition(".")[0].lower() in RESERVED_NAMES:
        raise UsageError(
            f"{name[:40]!r} cannot be the name of a job",
            hint="use 1 to 128 letters, digits, '_', '.' and '-', beginning with a letter, a digit or '_', "
            "and none of the device names of Windows (con, nul, com1, ...)",
        )


def new_run_id(now: float, newest: str | None = None) -> str:
    """Return an id such as `20261121-013312-a3f9` that sorts after `newest`; `now` is in Unix seconds.

    The last part is the fraction of the second in 1/65536. When the clock stands still or went back, the id is the
    one that follows `newest`: which run is the latest must not depend on the clock.
    """
    year, month, day, hour, minute, second, *_ = gmtime(now)
    fraction = int(now % 1 * 0x10000)
    run_id = f"{year:04}{month:02}{day:02}-{hour:02}{minute:02}{second:02}-{fraction:04x}"
    return run_id if newest is None or run_id > newest else _successor(newest)


def _successor(run_id: str) -> str:
    from calendar import timegm
    from time import strptime

    moment, fraction = run_id[:15], int(run_id[16:], 16) + 1
    if fraction < 0x10000:
        return f"{moment}-{fraction:04x}"
    return new_run_id(timegm(strptime(moment, "%Y%m%d-%H%M%S")) + 1)


def unwritable(path: str, error: OSError) -> StateUnwritableError:
    """Return the error for a state folder that cannot be made or written."""
    return StateUnwritableError(
        f"cannot keep state in {path}: {error.strerror}", hint="name another place with --state-dir"
    )


def make_state_dir(state_dir: str) -> frozenset[int]:
    """Make the state folder with its `.gitignore`, and return who may own what is in it.

    A folder that holds other things already gets no `.gitignore`: it may be a checkout.
    """
    os.makedirs(os.path.dirname(state_dir), exist_ok=True)
    owners = trusted_owners(state_dir)
    make_folder(state_dir, owners)
    if not os.listdir(state_dir):
        with open(f"{state_dir}/.gitignore", "w") as file:
            file.write("*\n")
    return owners


def _has_content(path: str) -> bool:
    """Return whether a journal has begun. One that cannot be looked at is not passed over for an older one."""
    try:
        return os.stat(path, follow_symlinks=False).st_size > 0
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise StateUnwritableError(f"cannot read {path}: {error.strerror}") from error
