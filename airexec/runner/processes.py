"""The attempts of a run as real processes: one loop over pipes, exits and signals, no threads.

The shape of a turn: wait until something is ready, read once from every pipe that has something (so that one flood
neither starves the others nor their exits), then look who has exited, then after those that leave something behind.
An attempt is over when its leader is, whoever still holds its pipes. Knows nothing of tasks but their names.
"""

import os
import signal
from collections import deque
from collections.abc import Mapping, Sequence
from math import inf
from time import monotonic
from types import TracebackType

from airexec.attempt.executor import SpawnError
from airexec.attempt.facts import Fact, Interrupted, LeftoverSignalled, Resumed
from airexec.attempt.spec import AttemptSpec
from airexec.runner.attempt_log import MAX_LOG, AttemptLog
from airexec.runner.carriers import Owner
from airexec.runner.descriptors import open_null, seal_inherited
from airexec.runner.group import Group
from airexec.runner.own_signals import OwnSignals
from airexec.runner.poller import CLOSED, READABLE, Poller
from airexec.runner.runner import Attempt
from airexec.runner.spawn import Spawner
from airexec.runner.spawn_errors import busy_error
from airexec.runner.strays import Strays
from airexec.runner.stream import Stream
from airexec.runner.sweep import marker, sweep, with_mark
from airexec.secrets.masker import Masker, SecretTooShortError

READ_BYTES = 64 * 1024
"""As much as a pipe holds, so one read empties it."""
_CLOSE_PATIENCE = 2.0
_UNWATCHED_LOOK = 0.05
_SIDE_FILES_LOOK = 0.05
"""Seconds between two looks into a side file that is read as it grows."""


class LocalProcesses:
    """The executor of this machine. Use it in a `with` statement: signals are ours from construction on."""

    def __init__(self, masker: Masker | None = None, max_log: int = MAX_LOG, run_dir: str | None = None) -> None:
        """`max_log` is in bytes per attempt; by `run_dir`, which attempts carry in their environment, we find what has
        left its group, None: not at all.
        """
        self._masker = masker or Masker()
        self._max_log = max_log
        seal_inherited()
        self._null = open_null()
        self._spawner = Spawner(self._null)
        self._poller = Poller()
        self._signals = OwnSignals()
        self._poller.add(self._signals.fd)
        self._attempts: dict[str, Attempt] = {}
        self._ending: dict[str, Attempt] = {}
        """Those of `_attempts` whose leader has exited."""
        self._streams: dict[int, tuple[Attempt, Stream]] = {}
        """By descriptor, as the next one."""
        self._last_attempts: dict[str, int] = {}
        """Number of the last attempt that was started, by task."""
        self._leaders: dict[int, Attempt] = {}
        self._unwatched: set[Attempt] = set()
        """Attempts without a pidfd."""
        self._run_dir = run_dir
        self._strays = None if run_dir is None else Strays(run_dir, self._is_live)
        self._side_files_at = inf
        """When to look into side files; never, while none has to be read before the end of its attempt."""
        self._facts: list[Fact] = []
        self._posted: deque[Fact] = deque()
        """From other threads."""

    # --- the seam -----------------------------------------------------------------------------------------------------

    def start(self, spec: AttemptSpec) -> None:
        """Start the attempt. Raises SpawnError."""
        assert spec.task not in self._attempts, f"a second live attempt of '{spec.task}'"
        try:
            log = AttemptLog(spec.log_path, self._max_log)
        except OSError as error:
            raise busy_error(error) from None
        try:
            self._start(spec, log)
        except SpawnError:
            log.close()
            raise

    def signal(self, task: str, signum: int) -> None:
        """Send a signal to the group of a running attempt; does nothing once it is over.

        TERM is followed by CONT, since what is stopped cannot end.
        """
        attempt = self._attempts.get(task)
        if attempt is None:
            return
        if attempt.returncode is None:
            attempt.group.send(signum)
            if signum == signal.SIGTERM:
                attempt.group.send(signal.SIGCONT)
        elif attempt.leftovers is not None and signum == signal.SIGKILL:
            attempt.leftovers.hurry(monotonic())

    def mask(self, secret: str) -> str | None:
        """Hide this value in all output from here on; return why it cannot be hidden, or None."""
        try:
            self._masker.add(secret)
        except SecretTooShortError as error:
            return str(error)
        return None

    def mask_text(self, text: str) -> str:
        """Return a text of ours with all secrets hidden that are known by now."""
        return self._masker.mask_text(text)

    def post(self, fact: Fact) -> None:
        """Add a fact from any thread: `wait` returns it next, and a `wait` that goes on returns at once."""
        self._posted.append(fact)
        self._signals.wake()

    def wait(self, timeout: float | None) -> Sequence[Fact]:
        """Return what happened, oldest first, waiting at most `timeout` seconds (None: for ever) for the first."""
        deadline = None if timeout is None else monotonic() + timeout
        while True:
            self._turn(deadline)
            while self._posted:
                self._facts.append(self._posted.popleft())
            if self._facts or (deadline is not None and monotonic() >= deadline):
                facts, self._facts = self._facts, []
                return facts

    def end_leftovers(self) -> Sequence[Fact]:
        """Go on ending what attempts have left behind; return what happened, nothing once nothing is left."""
        if self._strays is not None and self._strays.look_at < inf:
            self._strays.look_at = monotonic()
            while not self._facts and self._strays.look_at < inf:
                self._turn(None)
        facts, self._facts = self._facts, []
        return facts

    # --- starting -----------------------------------------------------------------------------------------------------

    def _start(self, spec: AttemptSpec, log: AttemptLog) -> None:
        pipes: list[int] = []
        try:
            pipes += os.pipe()
            pipes += os.pipe()
            leader = self._spawner.spawn(spec, self._environment(spec), pipes[1], pipes[3])
        except (OSError, SpawnError) as error:
            for fd in pipes:
                os.close(fd)
            raise error if isinstance(error, SpawnError) else busy_error(error) from None
        os.close(pipes[1])
        os.close(pipes[3])
        stdout = Stream("stdout", pipes[0], self._masker, spec.listener)
        stderr = Stream("stderr", pipes[2], self._masker)
        group = Group(leader, _open_pidfd(leader))
        attempt = Attempt(spec, group, (stdout, stderr), log, self._note)
        self._attempts[spec.task] = attempt
        self._last_attempts[spec.task] = spec.attempt
        for stream in attempt.streams:
            self._poller.add(stream.fd)
            self._streams[stream.fd] = attempt, stream
        self._watch_leader(attempt)
        if spec.splices_at_line:
            self._side_files_at = min(self._side_files_at, monotonic() + _SIDE_FILES_LOOK)

    def _environment(self, spec: AttemptSpec) -> Mapping[str, str]:
        """Return the environment of an attempt, with the mark by which we find what leaves its group."""
        return spec.env if self._run_dir is None or spec.background else with_mark(spec.env, self._run_dir)

    def _note(self, fact: Fact) -> None:
        self._facts.append(fact)

    def _watch_leader(self, attempt: Attempt) -> None:
        if attempt.group.pidfd is not None:
            self._poller.add(attempt.group.pidfd)
            self._leaders[attempt.group.pidfd] = attempt
        else:
            self._signals.watch_children()
            self._unwatched.add(attempt)

    # --- one turn -----------------------------------------------------------------------------------------------------

    def _turn(self, deadline: float | None) -> None:
        exited = [attempt for attempt in self._unwatched if attempt.group.has_exited()]
        for fd, ready in self._poller.wait(0 if exited else self._patience(deadline)):
            if (reader := self._streams.get(fd)) is not None:
                self._read(*reader, ready)
            elif (attempt := self._leaders.get(fd)) is not None:
                exited.append(attempt)
            elif fd == self._signals.fd:
                self._heed_signals()
        for attempt in exited:
            self._leader_exited(attempt)
        if self._ending:
            self._look_after_ending()
        if self._side_files_at < inf:
            self._look_into_side_files()
        if self._strays is not None and self._strays.look_at <= (now := monotonic()):
            self._end_strays(self._strays, now)

    def _patience(self, deadline: float | None) -> float | None:
        """Return how long to wait: until `deadline`, or until an ending attempt wants to be looked after."""
        due = inf if deadline is None else deadline
        now = monotonic()
        if self._unwatched and not self._signals.works:
            due = min(due, now + _UNWATCHED_LOOK)
        for attempt in self._ending.values():
            due = min(due, attempt.look_at)
        if self._strays is not None:
            due = min(due, self._strays.look_at)
        due = min(due, self._side_files_at)
        return None if due == inf else max(0.0, due - now)

    def _read(self, attempt: Attempt, stream: Stream, ready: int) -> None:
        """Read once. Without writers a short read has emptied the pipe, and one without anything to read needs none."""
        data = os.read(stream.fd, READ_BYTES) if ready & READABLE else b""
        if data:
            attempt.take(stream, data)
        if not data or (ready & CLOSED and len(data) < READ_BYTES):
            self._close(stream)

    def _look_into_side_files(self) -> None:
        """Read on in the side files of attempts whose lines count at once; those of others are read at their end."""
        if (now := monotonic()) < self._side_files_at:
            return
        watched = [attempt for attempt in self._attempts.values() if attempt.splices_at_line]
        for attempt in watched:
            attempt.read_side_files()
        self._side_files_at = now + _SIDE_FILES_LOOK if watched else inf

    def _close(self, stream: Stream) -> None:
        if stream.fd >= 0:
            self._poller.remove(stream.fd)
            del self._streams[stream.fd]
            os.close(stream.fd)
            stream.fd = -1

    # --- the end of an attempt ----------------------------------------------------------------------------------------

    def _leader_exited(self, attempt: Attempt) -> None:
        returncode = attempt.group.reap()
        if returncode is None:
            return
        if attempt.group.pidfd is not None:
            self._poller.remove(attempt.group.pidfd)
            del self._leaders[attempt.group.pidfd]
        self._unwatched.discard(attempt)
        for stream in attempt.streams:
            if stream.fd >= 0:
                self._drain(attempt, stream)
        now = monotonic()
        attempt.leader_exited(returncode, now)
        self._ending[attempt.task] = attempt
        if self._strays is not None:
            self._strays.leader_exited(now)

    def _drain(self, attempt: Attempt, stream: Stream) -> None:
        """Take what the leader has left in the pipe; what is beyond one pipe's worth was printed later by others."""
        os.set_blocking(stream.fd, False)
        try:
            data = os.read(stream.fd, READ_BYTES)
        except BlockingIOError:
            return
        if data:
            attempt.take(stream, data)
        else:
            self._close(stream)

    def _look_after_ending(self) -> None:
        now = monotonic()
        for attempt in list(self._ending.values()):
            signum = attempt.look_after_leftovers(now)
            if signum is not None:
                self._facts.append(LeftoverSignalled(attempt.task, attempt.number, signum))
            if now >= attempt.drain_until:
                for stream in attempt.streams:
                    self._close(stream)
            if attempt.is_over:
                del self._ending[attempt.task], self._attempts[attempt.task]
                attempt.finish()

    def _end_strays(self, strays: Strays, now: float) -> None:
        groups = [attempt.group.leader for attempt in self._ending.values() if attempt.leftovers is not None]
        for owner, signum, count in strays.look(now, groups):
            if not self._has_started(owner):
                continue
            self._facts.append(LeftoverSignalled(*owner, signum))
            attempt = self._ending.get(owner.task)
            if attempt is not None and attempt.number == owner.attempt:
                attempt.ended_outside = count

    def _has_started(self, owner: Owner) -> bool:
        return 0 < owner.attempt <= self._last_attempts.get(owner.task, 0)

    def _is_live(self, owner: Owner) -> bool:
        """Return whether the attempt runs. What names none of ours belongs to a run in some task of ours, or to a test
        of what tasks are told: it lives while anything does."""
        if not self._has_started(owner):
            return bool(self._attempts)
        attempt = self._attempts.get(owner.task)
        return attempt is not None and attempt.number == owner.attempt and attempt.returncode is None

    # --- signals to ourselves -----------------------------------------------------------------------------------------

    def _heed_signals(self) -> None:
        for number in self._signals.take():
            if number == signal.SIGTSTP:
                self._stop_and_resume()
            else:
                self._facts.append(Interrupted(number))

    def _stop_and_resume(self) -> None:
        """Ctrl-Z reaches only us, since every attempt has a session of its own, so we hand it on."""
        from airexec.runner.job_control import stop

        stop([attempt.group for attempt in self._attempts.values()])
        before = monotonic()
        self._signals.stop_ourselves()
        stopped = monotonic() - before
        for attempt in self._attempts.values():
            attempt.group.send(signal.SIGCONT)
            attempt.drain_until += stopped
        self._facts.append(Resumed(stopped))

    # --- the end ------------------------------------------------------------------------------------------------------

    def __enter__(self) -> "LocalProcesses":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kill whatever still runs (after a bug of ours, usually nothing does) and give the signals back."""
        deadline = monotonic() + _CLOSE_PATIENCE
        for task in self._attempts:
            self.signal(task, signal.SIGKILL)
        while self._attempts and monotonic() < deadline:
            self.wait(deadline - monotonic())
        if self._run_dir is not None and self._strays is not None and self._strays.look_at < inf:
            sweep(marker(self._run_dir))
        self._signals.close()
        self._poller.close()
        self._spawner.close()
        os.close(self._null)


def _open_pidfd(pid: int) -> int | None:
    """Return a descriptor that becomes readable when `pid` exits, or None: not Linux, or no descriptors left."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None
