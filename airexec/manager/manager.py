"""The loop of the manager: look, start, wait. Whatever it knows it could find out again, so it may die at any time.

Each job that needs one gets a runner in a session of its own, so that it goes on when the manager ends: `airexec run
--job NAME` for one that others have written, `airexec run FILE` for a workflow that is kept. How many runs of a job are
at work at a time is a matter of the locks of the job, which the runner takes; the manager only spares itself runners
that would find them taken. A slot that becomes free is filled at once and not at the next look.
"""

import os
from collections.abc import Callable
from math import inf
from time import monotonic, time
from typing import Protocol

from airexec.errors import AirexecError
from airexec.manager.keeper import Keeper
from airexec.manager.logger import Log
from airexec.manager.need import Need, Signature, need_of, signature
from airexec.orders.texts import UnreadableTextError
from airexec.state.layout import JobFolder
from airexec.state.lock import full_since, has_slots, is_locked, runners_of
from airexec.state.settings import Settings

HALF_SECONDS = 0.1
"""Between two looks at a file that may be half of one."""
BROKEN_LOOKS = 30
"""So many of them before it is called broken; from then on it is looked at when it has changed."""
BACKOFF_MAX = 60.0
_LOCKED = 75


class Runner(Protocol):
    """A process that works on one job."""

    pid: int

    def poll(self) -> int | None:
        """Return its exit code, negative for a signal; None while it runs."""
        ...


class _Known:
    """What is known of one job."""

    __slots__ = ("broken_looks", "deaths", "due", "problem", "seen", "settled")

    def __init__(self) -> None:
        self.seen: Signature | None = None
        """As it was when it needed nothing; None: look again."""
        self.settled = ""
        """What a runner has seen, and could do nothing about."""
        self.problem = ""
        """What was said last of what is wrong."""
        self.broken_looks = 0
        self.deaths = 0
        """Runners in a row that were killed."""
        self.due = 0.0
        """Not to be started before, in monotonic seconds."""


class _Running:
    """A runner, and what it was started for."""

    __slots__ = ("name", "need", "process", "started")

    def __init__(self, name: str, process: Runner, need: Need, started: float) -> None:
        self.name = name
        self.process = process
        self.need = need
        self.started = started


class Manager:
    """Works off the jobs of one base path. `wait` sleeps for so many seconds, less when a child ends or a signal comes,
    and returns whether to stop. `watch` is told in which folders something may happen that we are to be woken for, and
    whether below their folders as well."""

    def __init__(
        self,
        base_path: str,
        settings: Settings,
        start: Callable[[JobFolder, Need], Runner],
        wait: Callable[[float], bool],
        log: Log,
        clock: Callable[[], float] = monotonic,
        wall: Callable[[], float] = time,
        watch: Callable[[set[tuple[str, bool]]], None] = lambda folders: None,
    ) -> None:
        self._base_path = base_path
        self._settings = settings
        self._start = start
        self._wait = wait
        self._log = log
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._running: list[_Running] = []
        self._others: set[str] = set()
        """Jobs that somebody else runs: by hand, or since a manager before us."""
        self._ready: dict[str, Need] = {}
        """Jobs that wait for a slot, those first that were found first."""
        self._look_soon = False
        self._watch = watch
        self._keeper = Keeper(base_path, tuple(settings.workflows), log, wall, clock)

    def work(self) -> None:
        """Look and start until told to stop. What runs by then goes on."""
        due = self._clock()
        while True:
            if self._clock() >= due:
                self.look()
                due = self._clock() + (HALF_SECONDS if self._look_soon else self._settings.poll_interval)
            self.keep()
            self.fill()
            if self._wait(max(0.0, min(due - self._clock(), self._keeper.seconds_left()))):
                return
            self.reap()

    def look(self) -> None:
        """Look at all jobs once, and note those that need a runner."""
        self._look_soon = False
        self._others.clear()
        self._keeper.look()
        self._watch(self._keeper.watched)
        names = self._names()
        running = {runner.name for runner in self._running}
        settled = {name for name in running if not has_slots(self._job(name))}
        for name in self._known.keys() - set(names) - running:
            del self._known[name]  # its folder is gone
            self._ready.pop(name, None)  # if it is still to be started, that is found out again
        for name in names:
            if name not in settled and name not in self._ready:
                self._look_at(name)

    def keep(self) -> None:
        """Note which of the workflows that are kept are to be started now."""
        for job, need in self._keeper.wanted(self._busy_since):
            self._known.setdefault(job.name, _Known())
            self._ready[job.name] = need

    def fill(self) -> None:
        """Start runners while there are slots."""
        now = self._clock()
        for name in list(self._ready):
            if len(self._running) + len(self._others) >= self._settings.max_concurrent_runners:
                return
            if self._known[name].due <= now:
                self._run(name, self._ready.pop(name))

    def reap(self) -> None:
        """Note which runners have ended, and whether their jobs need another one."""
        for running in list(self._running):
            if (code := running.process.poll()) is not None:
                self._running.remove(running)
                self._ended(running.name, running, code)

    # --- one job ------------------------------------------------------------------------------------------------------

    def _look_at(self, name: str) -> None:
        known = self._known.setdefault(name, _Known())
        now = signature(f"{self._base_path}/jobs/{name}")
        if now == known.seen:
            return
        need = self._need(name, known)
        if need is None or need.what == known.settled:
            known.seen = now if not known.broken_looks or known.broken_looks >= BROKEN_LOOKS else None
        elif is_locked(self._job(name)) and not has_slots(self._job(name)):
            self._others.add(name)
        else:
            self._ready[name] = need

    def _need(self, name: str, known: _Known) -> Need | None:
        """Return what a job needs; what is wrong with it is said, once, and harms no other."""
        try:
            job = self._job(name)
            job.check()
            need = need_of(job)
        except UnreadableTextError as error:
            known.broken_looks += 1
            if error.may_be_cut and known.broken_looks < BROKEN_LOOKS:
                self._look_soon = True
                return None
            known.broken_looks = BROKEN_LOOKS
            self._complain(name, known, f"{error.line}:{error.column}: {error}")
            return None
        except (AirexecError, OSError) as error:
            self._complain(name, known, getattr(error, "headline", None) or str(error))
            return None
        known.broken_looks, known.problem = 0, ""
        return need

    def _busy_since(self, name: str, runs: int) -> float | None:
        """Return since when so many runs of a job have been at work, in Unix seconds; infinity: one is about to begin,
        and has perhaps not said yet what it was started for."""
        job, ours = self._job(name), {runner.process.pid for runner in self._running if runner.name == name}
        since = full_since(job, runs)
        is_about_to = name in self._ready or not ours <= {*runners_of(job)}
        return inf if since is None and is_about_to else since

    def _complain(self, name: str, known: _Known, problem: str) -> None:
        if problem != known.problem:
            known.problem = problem
            self._log.warning("job cannot be read", job=name, problem=problem)

    def _run(self, name: str, need: Need) -> None:
        try:
            process = self._start(self._job(name), need)
        except (AirexecError, OSError) as error:
            self._log.warning("runner cannot be started", job=name, problem=str(error))
            return  # it is found again at the next look
        self._running.append(_Running(name, process, need, self._clock()))
        why = need.start.cause if need.start else need.why
        self._log.info("runner started", job=name, pid=process.pid, why=why)

    def _ended(self, name: str, running: _Running, code: int) -> None:
        seconds = round(self._clock() - running.started, 3)
        self._log.info("runner ended", job=name, pid=running.process.pid, exit_code=code, seconds=seconds)
        known = self._known.setdefault(name, _Known())
        known.seen = None
        if code < 0:
            known.deaths += 1
            known.due = self._clock() + min(BACKOFF_MAX, self._settings.poll_interval * 2.0 ** (known.deaths - 1))
        else:
            known.deaths, known.due = 0, 0.0
            if running.need.start and code != _LOCKED and self._keeper.give_up(name, running.need):
                log = f"{self._base_path}/jobs/{name}/runner.log"
                why = running.need.start.cause
                self._log.warning("run did not begin", job=name, why=why, exit_code=code, see=log)
        need = self._need(name, known)
        if need is None:
            return
        if need.what == running.need.what and code >= 0 and code != _LOCKED:
            known.settled = need.what  # it has seen it, and could not help
        elif code != _LOCKED:
            self._ready[name] = need

    # --- what there is ------------------------------------------------------------------------------------------------

    def _names(self) -> list[str]:
        try:
            names = os.listdir(f"{self._base_path}/jobs")
        except FileNotFoundError:
            return []
        except OSError as error:
            self._log.warning("jobs cannot be listed", problem=str(error))
            return []
        return sorted(name for name in names if not name.startswith("."))

    def _job(self, name: str) -> JobFolder:
        return JobFolder(self._base_path, name)
