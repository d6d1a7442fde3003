"""The manager as a process of the machine: in the background or not, one for each base path, told to stop by a signal.

Its lock is `manager.lock` in the base path. As with the lock of a job the kernel decides who has it, and what is
written in the file is for people, and for `stop`.
"""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, LOCK_UN, flock
from json import dumps, loads
from tempfile import TemporaryFile
from time import monotonic, sleep, time
from typing import IO, Any

from airexec.errors import JobLockedError, StateUnwritableError, UsageError
from airexec.manager.log import manager_log
from airexec.manager.manager import Manager
from airexec.manager.need import Need
from airexec.manager.watch import Watch
from airexec.state.layout import JobFolder, find_state_dir, make_state_dir, unwritable
from airexec.state.lock import runners_of
from airexec.state.settings import Settings, read_settings_file
from airexec.state.timestamps import to_iso
from airexec.triggers.start import HANDED_OVER, start_to_text

OLD_BASE_PATH = ".air-executor"
"""As earlier programs called it; taken where there is one and no `.airexec`."""

START_SECONDS = 20.0
GONE_SECONDS = 2.0
STARTED = "Job manager started"
IN_BACKGROUND = "AIREXEC_IN_BACKGROUND"
"""Nobody looks at what the manager prints."""
RUNNER_LOG_BYTES = 4 << 20
"""So long may the log of runners become before the older half is put aside."""
_TASK_VARIABLES = ("AIREXEC_JOB", "AIREXEC_RUN", "AIREXEC_TASK", "AIREXEC_ATTEMPT", "AIREXEC_QUEUE", "AIREXEC_OUTPUT")


class Place:
    """Where a manager works, and by which settings. Raises WorkflowError for a bad settings file, UsageError."""

    def __init__(self, config: str | None = None, state_dir: str | None = None) -> None:
        base_path = state_dir or _base_path_here()
        self.config = os.path.abspath(config or f"{base_path}/config.yaml")
        if config is not None and not os.path.exists(config):
            raise UsageError(f"there is no settings file {config}")
        self.settings: Settings = read_settings_file(self.config)
        if state_dir is None and self.settings.base_path is not None:
            base_path = os.path.join(os.path.dirname(self.config), self.settings.base_path)
        elif state_dir is None and config is not None:
            base_path = os.path.dirname(self.config)
        self.base_path = os.path.abspath(base_path)
        self.lock_path = f"{self.base_path}/manager.lock"

    def holder(self) -> int | None:
        """Return the pid of the manager that is at work here, None when none is, 0 when it has not said it yet."""
        try:
            fd = os.open(self.lock_path, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError:
            return None
        try:
            flock(fd, LOCK_SH | LOCK_NB)
        except BlockingIOError:
            with suppress(OSError, ValueError, TypeError, KeyError):
                return int(loads(os.pread(fd, 4096, 0))["pid"])
            return 0
        else:
            flock(fd, LOCK_UN)
            return None
        finally:
            os.close(fd)


def run_manager(place: Place, *, shared: bool) -> int:
    """Be the manager until a signal ends it, and return the exit code. Raises JobLockedError when there is one."""
    try:
        make_state_dir(place.base_path)
    except OSError as error:
        raise unwritable(place.base_path, error) from error
    fd = None if shared else _take_lock(place)
    log = manager_log(place.base_path, place.settings, is_seen=not os.environ.pop(IN_BACKGROUND, ""))
    with _Signals() as signals:
        log.info("manager started", pid=os.getpid(), base_path=place.base_path)
        print(f"{STARTED} (PID {os.getpid()})", flush=True)
        watch = Watch(signals.wake, log)
        manager = Manager(
            place.base_path,
            place.settings,
            lambda job, need: start_runner(job, need, place.config),
            signals.wait,
            log,
            watch=watch.follow,
        )
        manager.work()
        watch.close()
        log.info("manager stopped", pid=os.getpid())
    if fd is not None:
        with suppress(OSError):
            os.ftruncate(fd, 0)  # and held until we are gone
    return 0


def start_in_background(place: Place, *, shared: bool) -> int:
    """Start a manager that outlives us and return its pid. Raises JobLockedError when there is one, UsageError."""
    if not shared and (pid := place.holder()) is not None:
        raise _locked(place, pid)
    make_state_dir(place.base_path)
    command = [sys.executable, "-m", "airexec", "start", "--foreground", "--state-dir", place.base_path]
    command += ["--config", place.config] if os.path.exists(place.config) else []
    command += ["--shared"] if shared else []
    out = f"{place.base_path}/manager.out"
    with open(os.open(out, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "r+b") as file:
        process = subprocess.Popen(
            command,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
            env={**os.environ, IN_BACKGROUND: "1"},
        )
        deadline = monotonic() + START_SECONDS
        while process.poll() is None and monotonic() < deadline:
            if STARTED.encode() in os.pread(file.fileno(), 4096, 0):
                return process.pid
            sleep(0.01)
        said = os.pread(file.fileno(), 4096, 0).decode(errors="replace").strip()
    if (pid := place.holder()) is not None and not shared:
        raise _locked(place, pid)
    raise UsageError(f"the manager did not start: {said or f'exit code {process.poll()}'}")


def stop_manager(place: Place, *, now: bool, say: Callable[[str], None]) -> int:
    """Tell the manager to end, wait until it is gone, and return the exit code; `now`: the runners as well."""
    pid = place.holder()
    if pid is None:
        say(f"no job manager is at work in {place.base_path}")
    elif pid:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        deadline = None
        while _is_there(pid) and (deadline is None or monotonic() < deadline):
            if place.holder() is None:  # it is about to go, and somebody may not bury it
                deadline = deadline or monotonic() + GONE_SECONDS
            sleep(0.02)
        say(f"Job manager stopped (PID {pid})")
    if now:
        _end_runners(place, say)
    return 0


def start_runner(job: JobFolder, need: Need, config: str) -> "subprocess.Popen[bytes]":
    """Start a runner in a session of its own, its output in the folder of the job.

    What a workflow is started for stands in its standard input. Raises OSError, StateUnwritableError.
    """
    job.create()
    path = f"{job.path}/runner.log"
    with suppress(FileNotFoundError):
        if os.stat(path, follow_symlinks=False).st_size > RUNNER_LOG_BYTES:
            os.replace(path, f"{path}.1")
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    env = {name: value for name, value in os.environ.items() if name not in _TASK_VARIABLES}
    env["AIREXEC_CONFIG"] = config
    with open(log, "ab") as file, _stdin_of(need) as stdin:
        if need.start is not None:
            env[HANDED_OVER] = "1"
        return subprocess.Popen(
            [sys.executable, "-m", "airexec", *need.arguments, "--state-dir", job.state_dir],
            cwd=job.root,
            stdin=stdin,
            stdout=file,
            stderr=file,
            env=env,
            start_new_session=True,
        )


@contextmanager
def _stdin_of(need: Need) -> Iterator[IO[bytes] | int]:
    """Have what a runner finds in its standard input: what it is started for, in a file without a name."""
    if need.start is None:
        yield subprocess.DEVNULL
        return
    with TemporaryFile() as file:
        file.write(start_to_text(need.start).encode())
        file.seek(0)
        yield file


class _Signals:
    """Wakes the manager when a child ends, and when it is told to stop."""

    _STOP = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

    def __enter__(self) -> "_Signals":
        self._is_stopping = False
        self._read, self._write = os.pipe()
        for fd in (self._read, self._write):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        for number in self._STOP:
            signal.signal(number, self._stop)
        return self

    def __exit__(self, *error: object) -> None:
        for number in self._STOP:
            signal.signal(number, signal.SIG_IGN)  # we are ending anyway

    def wake(self) -> None:
        """End the sleep, from any thread."""
        with suppress(BlockingIOError):  # it is full, so that it ends anyway
            os.write(self._write, b"!")

    def wait(self, seconds: float) -> bool:
        """Sleep so long, less when a child ends or somebody wakes us. Return whether to stop."""
        if not self._is_stopping:
            select.select([self._read], [], [], seconds)
            with suppress(BlockingIOError):
                os.read(self._read, 4096)
        return self._is_stopping

    def _stop(self, number: int, frame: Any) -> None:
        self._is_stopping = True


def _base_path_here() -> str:
    """Return the state folder of this place, that of earlier programs where there is one and no other."""
    here = find_state_dir("-")
    old = os.path.join(os.path.dirname(here), OLD_BASE_PATH)
    return old if not os.path.isdir(here) and os.path.isdir(old) else here


def _take_lock(place: Place) -> int:
    try:
        fd = os.open(place.lock_path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        flock(fd, LOCK_EX | LOCK_NB)
        os.ftruncate(fd, 0)
        os.pwrite(fd, dumps({"pid": os.getpid(), "started_at": to_iso(time())}).encode() + b"\n", 0)
    except BlockingIOError:
        raise _locked(place, place.holder() or 0) from None
    except OSError as error:
        raise StateUnwritableError(f"cannot lock {place.lock_path}: {error.strerror}") from error
    return fd


def _locked(place: Place, pid: int) -> JobLockedError:
    who = f"pid {pid}" if pid else "it has just begun"
    hint = f"end it: airexec stop (or kill {pid})" if pid else "see airexec status"
    return JobLockedError(f"a job manager is at work in {place.base_path}: {who}", hint=hint)


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)  # a question, no signal
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _end_runners(place: Place, say: Callable[[str], None]) -> None:
    """Tell all runners of the base path to end, and wait until they are gone."""
    with suppress(FileNotFoundError):
        jobs = [JobFolder(place.base_path, name) for name in sorted(os.listdir(f"{place.base_path}/jobs"))]
        runners = [(job, pid) for job in jobs for pid in runners_of(job)]
        for _, pid in runners:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        for job, pid in runners:
            while pid in runners_of(job):
                sleep(0.02)
        if runners:
            names = ", ".join(job.name for job, _ in runners)
            say(f"ended {len(runners)} {'runner' if len(runners) == 1 else 'runners'}: {names}")
