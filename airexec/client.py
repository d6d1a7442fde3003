"""For programs that have airexec work off jobs for them: order jobs, add tasks, see how they go.

    from airexec.client import Client, Task

    client = Client(".airexec")
    client.create_job("etl", [
        Task("extract", "python", ["extract.py"]),
        Task("load", "python", ["load.py"], dependencies=["extract"]),
    ])
    status = client.wait("etl", timeout=600)

Whoever carries a job out is another process: a job manager (`airexec start`), or `airexec run --job etl`. The two meet
in files of a folder for each job, `<base path>/jobs/<name>/`, and everything here may be called at any time, whether a
runner is at work or not. This module imports nothing of the scheduler, and of Python what it needs when it needs it.
"""

from __future__ import annotations

import os
import time
from enum import StrEnum
from itertools import count

TYPE_CHECKING = False  # that of `typing` takes 8 ms to import, and all of this module shall be there in 25
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path
    from typing import Any

    from airexec.state.layout import JobFolder

    _Time = str | datetime | None

__all__ = ["Client", "ClientError", "FileStore", "Job", "JobState", "JobStatus", "Task", "TaskQueue", "TaskStatus"]

DEFAULT_BASE_PATH = ".airexec"

_HALF_SECONDS = 3.0
"""So long may a file be half of one, since some program is about to write it."""
_LOOK_SECONDS = 0.02, 0.5
"""Between two looks of `wait`, the first and the longest."""
_numbers = count()


class ClientError(Exception):
    """What was asked for cannot be done; the text says why."""


class JobState(StrEnum):
    """How a job stands."""

    WAITING = "waiting"
    WORKING = "working"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class TaskStatus(StrEnum):
    """How a task stands. What is `pending` is to be done; the rest is written by airexec."""

    PENDING = "pending"
    RUNNING = "running"
    UP_FOR_RETRY = "up_for_retry"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"
    UPSTREAM_FAILED = "upstream_failed"
    CANCELLED = "cancelled"


class Job:
    """What `state.json` says of a job."""

    def __init__(
        self,
        id: str,  # noqa: A002 - the word of the file
        name: str,
        state: JobState | str = JobState.WAITING,
        created_at: _Time = None,
        updated_at: _Time = None,
    ) -> None:
        """Times are ISO 8601 texts or datetimes, those without a zone being UTC; not given: now."""
        self.id = id
        self.name = name
        self.state = JobState(state)
        self.created_at = _iso(created_at) or _now()
        self.updated_at = _iso(updated_at) or self.created_at

    def to_dict(self) -> dict[str, Any]:
        """Return the content of `state.json`."""
        return {**vars(self), "state": str(self.state)}

    def __repr__(self) -> str:
        return f"Job(id={self.id!r}, name={self.name!r}, state={str(self.state)!r})"


class Task:
    """One entry of `tasks.json`: what is to be done, or how it went."""

    def __init__(
        self,
        id: str,  # noqa: A002 - the word of the file
        command: str | Sequence[str],
        args: Sequence[str] = (),
        dependencies: Iterable[str | Mapping[str, Any]] = (),
        job_name: str | None = None,
        status: TaskStatus | str = TaskStatus.PENDING,
        created_at: _Time = None,
        started_at: _Time = None,
        completed_at: _Time = None,
        error: str | None = None,
        **more: Any,
    ) -> None:
        """`command` is a program, started with `args` and without a shell; or a list, its arguments included.

        `dependencies` are ids, or `{"task": id, "allow_failure": True}`. `more` are further keys of a task, such as
        `retries`, `execution_timeout`, `env`, `cwd` or `trigger_rule`, in the form that they have in a workflow file
        (`airexec help keys`). Times are as with `Job`.
        """
        self.id = id
        self.job_name = job_name
        self.command = command if isinstance(command, str) else list(command)
        self.args = list(args)
        self.dependencies = list(dependencies)
        self.status = TaskStatus(status)
        self.created_at = _iso(created_at) or _now()
        self.started_at = _iso(started_at)
        self.completed_at = _iso(completed_at)
        self.error = error
        self.more = more

    def to_dict(self) -> dict[str, Any]:
        """Return the entry of `tasks.json`."""
        fields = {**vars(self), **self.more, "status": str(self.status)}
        del fields["more"]
        return fields

    def __repr__(self) -> str:
        return f"Task(id={self.id!r}, command={self.command!r}, args={self.args!r}, status={str(self.status)!r})"


class JobStatus:
    """How a job stands, and its tasks in numbers."""

    def __init__(
        self,
        id: str,  # noqa: A002 - the word of the file
        name: str,
        state: JobState,
        total: int,
        completed: int,
        failed: int,
        pending: int,
        running: int,
        problems: tuple[str, ...] = (),
    ) -> None:
        self.id = id
        """Of the order."""
        self.name = name
        self.state = state
        self.total = total
        self.completed = completed
        self.failed = failed
        self.pending = pending
        """Also what waits for a retry, and what was added and not taken yet."""
        self.running = running
        self.problems = problems
        """What was added and cannot be done, one sentence each."""

    def __repr__(self) -> str:
        return f"JobStatus({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do."""
        return self.state in (JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED) and not self.pending


class FileStore:
    """The folders of all jobs below a base path; for code that writes them itself."""

    def __init__(self, base_path: str | os.PathLike[str] = DEFAULT_BASE_PATH) -> None:
        from pathlib import Path

        self.base_path = Path(base_path)

    def job_dir(self, name: str) -> Path:
        """Return the folder of a job, which need not be there. Raises ClientError for what cannot be a name."""
        if not name or name.startswith(".") or "/" in name or "\\" in name or "\0" in name:
            raise ClientError(f"{name[:40]!r} cannot be the name of a job")
        return self.base_path / "jobs" / name

    def create_job_dir(self, name: str) -> Path:
        """Make the folder of a job if it is not there yet, and return it. Raises ClientError, OSError."""
        folder = self.job_dir(name)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def job_names(self) -> list[str]:
        """Return the names of all jobs, sorted."""
        try:
            names = os.listdir(self.base_path / "jobs")
        except FileNotFoundError:
            return []
        return sorted(name for name in names if not name.startswith("."))

    def write_job_state(self, job: Job) -> None:
        """Write `state.json`; with an id of its own and state WAITING it is an order. Raises OSError."""
        _replace(self.create_job_dir(job.name) / "state.json", job.to_dict())

    def read_job_state(self, name: str) -> Job:
        """Return what `state.json` says. Raises ClientError when there is no such job, or its file is broken."""
        fields = _read(self.job_dir(name) / "state.json", dict)
        try:
            return Job(*(fields.get(key) for key in ("id", "name", "state", "created_at", "updated_at")))
        except ValueError as error:
            raise ClientError(f"state.json of job {name}: {error}") from None

    def write_tasks(self, name: str, tasks: Iterable[Task]) -> None:
        """Write `tasks.json`: all that is to be done. To add to it, use `TaskQueue`. Raises OSError."""
        _replace(self.create_job_dir(name) / "tasks.json", [_entry(task, name) for task in tasks])

    def read_tasks(self, name: str) -> list[Task]:
        """Return the tasks of `tasks.json`, in its order, without what is no task. Raises ClientError."""
        return [_task(entry) for entry in self._entries(name)]

    def dropped(self, name: str) -> list[Task]:
        """Return the tasks that were added and that nobody has taken yet, oldest first."""
        import json

        folder = self.job_dir(name) / "incoming"
        found: list[Task] = []
        for file in sorted(folder.glob("[!.]*.json")):
            try:
                entries = json.loads(file.read_bytes())
            except (OSError, ValueError):  # taken meanwhile, or somebody else's mistake
                continue
            found += [_task(it) for it in (entries if isinstance(entries, list) else [entries]) if _is_task(it)]
        return found

    def _entries(self, name: str) -> list[dict[str, Any]]:
        path = self.job_dir(name) / "tasks.json"
        return [entry for entry in _read(path, list) if _is_task(entry)] if path.exists() else []


class TaskQueue:
    """What is to be done in one job; nothing that is added gets lost, whoever adds and runs at the same time."""

    def __init__(self, job_name: str, path: str | os.PathLike[str] = DEFAULT_BASE_PATH) -> None:
        """`path` is the base path; the folder of the job, or its `tasks.json`, are accepted as well."""
        self.job_name = job_name
        from pathlib import Path

        path = Path(path)
        folder = path.parent if path.name == "tasks.json" else path
        base = folder.parents[1] if folder.parent.name == "jobs" and folder.name == job_name else folder
        self._store = FileStore(base)

    def add(self, task: Task) -> None:
        """Have one more task done. Raises ClientError, OSError."""
        self.add_all([task])

    def add_all(self, tasks: Iterable[Task]) -> None:
        """Have more tasks done, all or none of them; they may depend on each other. Raises ClientError, OSError."""
        entries = [_entry(task, self.job_name) for task in tasks]
        if entries:
            drop(self._store.create_job_dir(self.job_name) / "incoming", entries)

    def tasks(self) -> list[Task]:
        """Return all tasks of the job, those that were added last at the end. Raises ClientError."""
        known = self._store.read_tasks(self.job_name)
        ids = {task.id for task in known}
        return known + [task for task in self._store.dropped(self.job_name) if task.id not in ids]


class Client:
    """Orders jobs below a base path (the state folder), and tells how they go."""

    def __init__(self, base_path: str | os.PathLike[str] = DEFAULT_BASE_PATH) -> None:
        self.store = FileStore(base_path)

    def create_job(self, name: str, tasks: Iterable[Task]) -> str:
        """Order a job and return the id of the order.

        Under a name that is known already it is a new run, after the present one if there is one. Raises ClientError
        when an earlier order of this name has not been begun yet, OSError.
        """
        order = _new_id()
        folder = self.store.job_dir(name)
        if (folder / "state.json").exists():
            state = _read(folder / "state.json", dict)
            if state.get("state") == JobState.WAITING and "run_id" not in state:
                raise ClientError(f"job {name} has an order that nobody has begun yet: {state.get('id')}")
        self.store.write_tasks(name, tasks)  # first, or half of an order could be begun
        self.store.write_job_state(Job(order, name))
        return order

    def add_task(self, name: str, task: Task) -> None:
        """Have one more task done in a job, also in one that has ended. Raises ClientError when there is none."""
        self.add_tasks(name, [task])

    def add_tasks(self, name: str, tasks: Iterable[Task]) -> None:
        """As `add_task`, for several at once, which may depend on each other."""
        self._job(name)
        TaskQueue(name, self.store.base_path).add_all(tasks)

    def status(self, name: str) -> JobStatus:
        """Return how a job stands. Raises ClientError when there is no such job."""
        state = _read(self._job(name) / "state.json", dict)
        tasks = TaskQueue(name, self.store.base_path).tasks()
        numbers = dict.fromkeys(TaskStatus, 0)
        for task in tasks:
            numbers[task.status] += 1
        return JobStatus(
            id=str(state.get("id")),
            name=name,
            state=JobState(state.get("state", "waiting")),
            total=len(tasks),
            completed=numbers[TaskStatus.COMPLETED],
            failed=numbers[TaskStatus.FAILED],
            pending=numbers[TaskStatus.PENDING] + numbers[TaskStatus.UP_FOR_RETRY],
            running=numbers[TaskStatus.RUNNING],
            problems=tuple(state.get("problems", ())),
        )

    def tasks(self, name: str) -> list[Task]:
        """Return all tasks of a job, how they went included. Raises ClientError when there is no such job."""
        self._job(name)
        return TaskQueue(name, self.store.base_path).tasks()

    def wait(self, name: str, timeout: float | None = None) -> JobStatus:
        """Return how a job stands once nothing is left to do; `timeout` in seconds, None: for ever.

        What cannot be done does not keep it from ending. Raises TimeoutError, and ClientError when there is no such
        job.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        pause, longest = _LOOK_SECONDS
        while not (status := self.status(name)).is_over:
            if status.problems and status.state not in (JobState.WAITING, JobState.WORKING):
                break  # what is still pending is what cannot be done
            if deadline is not None and time.monotonic() >= deadline:
                raise TimeoutError(f"job {name} is {status.state} after {timeout:g} s: {status.pending} pending")
            time.sleep(pause)
            pause = min(pause * 1.5, longest)
        return status

    def logs(self, name: str, task: str) -> str:
        """Return what the last attempt of a task has printed, as far as it has by now; "" before the first.

        Raises ClientError when there is no such job or task.
        """
        for entry in self.store._entries(name):
            if entry["id"] == task:
                if not entry.get("log"):
                    return ""
                try:
                    return (self._job(name) / str(entry["log"])).read_text(errors="replace")
                except FileNotFoundError:
                    return ""
        raise ClientError(f"job {name} has no task {task!r}")

    def cancel(self, name: str) -> None:
        """End a job: what runs is told to stop, what waits is not begun. Does nothing to a job that is over.

        Raises ClientError when there is no such job.
        """
        from airexec.state.layout import JobFolder
        from airexec.state.lock import runners_of

        folder = JobFolder(self.store.base_path, self._job(name).name)
        if pids := runners_of(folder):
            from signal import SIGTERM

            for pid in pids:
                os.kill(pid, SIGTERM)
            return
        job = self.store.read_job_state(name)
        if job.state not in (JobState.WORKING, JobState.WAITING):
            return
        from airexec.orders.order import waiting_order

        if waiting_order(folder) is None:  # a run of it has begun, whatever the file says by now
            self._cancel_left(folder)
        else:
            job.state, job.updated_at = JobState.CANCELLED, _now()
            self.store.write_job_state(job)

    def _cancel_left(self, folder: JobFolder) -> None:
        """Cancel a run that nobody works on: its runner was killed, or it is to be resumed."""
        from airexec.errors import AirexecError
        from airexec.run.last_run import cancel

        try:
            cancel(folder)
        except AirexecError as error:
            raise ClientError(error.headline) from None

    def reset(self, name: str, tasks: Sequence[str] = ()) -> None:
        """Make tasks of the last run pending again, with all that was built on them; none named: all.

        Raises ClientError when there is no such job or task, or it runs.
        """
        from airexec.errors import AirexecError
        from airexec.run.last_run import reset
        from airexec.state.layout import JobFolder

        self._job(name)
        try:
            reset(JobFolder(self.store.base_path, name), tasks)
        except AirexecError as error:
            raise ClientError(error.headline) from None

    def _job(self, name: str) -> Path:
        folder = self.store.job_dir(name)
        if not (folder / "state.json").exists():
            known = ", ".join(self.store.job_names()[:10]) or "none"
            raise ClientError(f"there is no job {name!r} in {self.store.base_path} (jobs: {known})")
        return folder


def drop(incoming: str | os.PathLike[str], entries: Sequence[Mapping[str, Any]]) -> None:
    """Put entries of `tasks.json` into the folder `incoming/` of a job, as one file. Raises OSError."""
    from pathlib import Path

    os.makedirs(incoming, exist_ok=True)
    _replace(Path(incoming) / f"{time.time_ns():020}-{os.getpid()}-{next(_numbers)}.json", entries)


def _entry(task: Task, job_name: str) -> dict[str, Any]:
    return {**task.to_dict(), "job_name": task.job_name or job_name}


def _is_task(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("id"), str) and "command" in entry


def _task(entry: Mapping[str, Any]) -> Task:
    status = entry.get("status") or TaskStatus.PENDING
    fields = {
        **{key: value for key, value in entry.items() if key.isidentifier()},
        "args": entry.get("args") or (),
        "dependencies": entry.get("dependencies") or (),
        "status": status if status in tuple(TaskStatus) else TaskStatus.PENDING,
    }
    return Task(**fields)


def _read(path: Path, kind: type) -> Any:
    """Return the JSON of a file, waiting a moment while it is half of one. Raises ClientError."""
    import json

    deadline = time.monotonic() + _HALF_SECONDS
    while True:
        try:
            content = json.loads(path.read_bytes())
            break
        except FileNotFoundError:
            raise ClientError(f"there is no {path}") from None
        except ValueError as error:
            if time.monotonic() >= deadline:
                raise ClientError(f"{path} is no JSON: {error}") from None
        time.sleep(_LOOK_SECONDS[0])
    if not isinstance(content, kind):
        raise ClientError(f"{path} holds no {kind.__name__}")
    return content


def _replace(path: Path, content: Any) -> None:
    """Write a file so that readers see it whole. Raises OSError; TypeError, ValueError for what is not JSON."""
    import json

    text = json.dumps(content, allow_nan=False)
    beside = path.with_name(f".{path.name}.{os.getpid()}-{next(_numbers)}")
    beside.write_text(text)
    os.replace(beside, path)


def _iso(moment: _Time) -> str | None:
    if moment is not None and not isinstance(moment, str):
        from datetime import UTC

        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return moment


def _now() -> str:
    from datetime import UTC, datetime

    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _new_id() -> str:
    return os.urandom(16).hex()
