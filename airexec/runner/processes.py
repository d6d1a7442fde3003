"""The attempts of a run as real processes: one loop over pipes, exits and signals, no threads.

The shape of a turn: wait until something is ready, read once from every pipe that has something (so that one flood
neither starves the others nor their exits), then look who has exited, then after those that leave something behind.
An attempt is over when its leader is, whoever still holds its pipes; `leftovers` tells how it ends, and what becomes of
what it leaves behind. Knows nothing of tasks but their names.
"""

import os
import signal
from collections import deque
from collections.abc import Mapping, Sequence
from math import inf
from time import monotonic
from types import TracebackType

from airexec.attempt.facts import Fact, Interrupted, LeftoverSignalled, Resumed, SpawnError
from airexec.attempt.spec import AttemptSpec
from airexec.runner.attempt_log import MAX_LOG, AttemptLog
from airexec.runner.descriptors import open_null, seal_inherited
from airexec.runner.group import Group
from airexec.runner.leftovers import LeftoversOutside
from airexec.runner.marked_processes import Owner
from airexec.runner.own_signals import OwnSignals
from airexec.runner.poller import CLOSED, READABLE, Poller
from airexec.runner.proc import mark_of, sweep, with_mark
from airexec.runner.runner import Runner
from airexec.runner.spawn import Spawner
from airexec.runner.spawn_errors import busy_error
from airexec.runner.stream import Stream
from airexec.secrets.masker import Masker, SecretTooShortError

READ_BYTES = 64 * 1024
"""As much as a pipe holds, so one read empties it."""
_TURN_SECONDS = 0.02
_PORTION_MIN = 512
_CLOSE_PATIENCE = 2.0
_LATE = 0.1
"""Seconds behind its time at which a wait has not ended by itself."""
_UNWATCHED_LOOK = 0.05
_SIDE_FILES_LOOK = 0.05
"""Seconds between two looks into a side file that is read as it grows."""


class LocalProcesses:
    """The executor of this machine. Use it in a `with` statement: signals are ours from construction on."""

    def __init__(self, masker: Masker | None = None, max_log: int = MAX_LOG, run_dir: str | None = None) -> None:
        """`max_log` is in bytes per attempt; by `run_dir`, the mark in the environment of attempts, we find what has
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
        self._runners: dict[str, Runner] = {}
        self._ending: dict[str, Runner] = {}
        """Those of `_runners` whose leader has exited."""
        self._streams: dict[int, tuple[Runner, Stream]] = {}
        """By descriptor, as the next one."""
        self._last_attempts: dict[str, int] = {}
        """Number of the last attempt that was started, by task."""
        self._leaders: dict[int, Runner] = {}
        self._unwatched: set[Runner] = set()
        """Those without a pidfd."""
        self._run_dir = run_dir
        self._outside = None if run_dir is None else LeftoversOutside(run_dir, self._is_live)
        self._side_files_at = inf
        """When to look into side files; never, while none has to be read before the end of its attempt."""
        self._facts: list[Fact] = []
        self._posted: deque[Fact] = deque()
        """From other threads."""

    # --- the seam -----------------------------------------------------------------------------------------------------

    def start(self, spec: AttemptSpec) -> None:
        """Start the attempt. Raises SpawnError."""
        assert spec.task not in self._runners, f"a second live attempt of '{spec.task}'"
        try:
            log = AttemptLog(spec.log_path, self._max_log, spec.continues)
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
        runner = self._runners.get(task)
        if runner is None:
            return
        if runner.returncode is None:
            runner.group.send(signum)
            if signum == signal.SIGTERM:
                runner.group.send(signal.SIGCONT)
        elif runner.leftovers is not None and signum == signal.SIGKILL:
            runner.leftovers.hurry(monotonic())

    def has_exited(self, task: str) -> bool:
        """Return whether the leader of the attempt of a task has exited, as far as the last `wait` could see."""
        runner = self._runners.get(task)
        return runner is None or runner.returncode is not None

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
            if deadline is not None and monotonic() > deadline + _LATE:
                self._turn(deadline)  # we were stopped (SIGSTOP), and a wait that this interrupts ends without a look
            while self._posted:
                self._facts.append(self._posted.popleft())
            if self._facts or (deadline is not None and monotonic() >= deadline):
                facts, self._facts = self._facts, []
                return facts

    def end_leftovers(self) -> Sequence[Fact]:
        """Go on ending what attempts have left behind; return what happened, nothing once nothing is left."""
        if self._outside is not None and self._outside.look_at < inf:
            self._outside.look_at = monotonic()
            while not self._facts and self._outside.look_at < inf:
                self._turn(None)
        facts, self._facts = self._facts, []
        return facts

    # --- starting -----------------------------------------------------------------------------------------------------

    def _start(self, spec: AttemptSpec, log: AttemptLog) -> None:
        pipes: list[int] = []
        try:
            pipes += os.pipe()
            pipes += os.pipe()
            stdout_fd = pipes[1] if spec.listener is not None else pipes[3]
            leader = self._spawner.spawn(spec, self._environment(spec), stdout_fd, pipes[3])
        except (OSError, SpawnError) as error:
            for fd in pipes:
                os.close(fd)
            raise error if isinstance(error, SpawnError) else busy_error(error) from None
        os.close(pipes[1])
        os.close(pipes[3])
        stdout = Stream("stdout", pipes[0], self._masker, spec.listener)
        stderr = Stream("stderr", pipes[2], self._masker)
        group = Group(leader, _open_pidfd(leader))
        runner = Runner(spec, group, (stdout, stderr), log, self._note)
        self._runners[spec.task] = runner
        self._last_attempts[spec.task] = spec.attempt
        for stream in runner.streams:
            self._poller.add(stream.fd)
            self._streams[stream.fd] = runner, stream
        self._watch_leader(runner)
        if spec.splices_at_line:
            self._side_files_at = min(self._side_files_at, monotonic() + _SIDE_FILES_LOOK)

    def _environment(self, spec: AttemptSpec) -> Mapping[str, str]:
        """Return the environment of an attempt, with the mark by which we find what leaves its group."""
        return spec.env if self._run_dir is None or spec.background else with_mark(spec.env, self._run_dir)

    def _note(self, fact: Fact) -> None:
        self._facts.append(fact)

    def _watch_leader(self, runner: Runner) -> None:
        if runner.group.pidfd is not None:
            self._poller.add(runner.group.pidfd)
            self._leaders[runner.group.pidfd] = runner
        else:
            self._signals.watch_children()
            self._unwatched.add(runner)

    # --- one turn -----------------------------------------------------------------------------------------------------

    def _turn(self, deadline: float | None) -> None:
        exited = [runner for runner in self._unwatched if runner.group.has_exited()]
        for fd, ready in self._poller.wait(0 if exited else self._patience(deadline)):
            if (reader := self._streams.get(fd)) is not None:
                self._read(*reader, ready)
            elif (runner := self._leaders.get(fd)) is not None:
                exited.append(runner)
            elif fd == self._signals.fd:
                self._handle_signals()
        for runner in exited:
            self._leader_exited(runner)
        if self._ending:
            self._look_after_ending()
        if self._side_files_at < inf:
            self._look_into_side_files()
        if self._outside is not None and self._outside.look_at <= (now := monotonic()):
            self._end_leftovers_outside(self._outside, now)

    def _patience(self, deadline: float | None) -> float | None:
        """Return how long to wait: until `deadline`, or until an ending attempt wants to be looked after."""
        due = inf if deadline is None else deadline
        now = monotonic()
        if self._unwatched and not self._signals.works:
            due = min(due, now + _UNWATCHED_LOOK)
        for runner in self._ending.values():
            due = min(due, runner.look_at)
        if self._outside is not None:
            due = min(due, self._outside.look_at)
        due = min(due, self._side_files_at)
        return None if due == inf else max(0.0, due - now)

    def _read(self, runner: Runner, stream: Stream, ready: int) -> None:
        """Read once. Without writers a short read has emptied the pipe, and one without anything to read needs none."""
        wanted = stream.portion
        data = os.read(stream.fd, wanted) if ready & READABLE else b""
        if data:
            began = monotonic()
            runner.printed(stream, data)
            if monotonic() - began > _TURN_SECONDS:  # a thousand `::mask` lines, say: others want to be looked after
                stream.portion = max(wanted // 4, _PORTION_MIN)
            elif wanted < READ_BYTES:
                stream.portion = wanted * 2
        if not data or (ready & CLOSED and len(data) < wanted):
            self._close(stream)

    def _look_into_side_files(self) -> None:
        """Read on in the side files of attempts whose lines count at once; those of others are read at their end."""
        if (now := monotonic()) < self._side_files_at:
            return
        watched = [runner for runner in self._runners.values() if runner.splices_at_line]
        for runner in watched:
            runner.read_side_files()
        self._side_files_at = now + _SIDE_FILES_LOOK if watched else inf

    def _close(self, stream: Stream) -> None:
        if stream.fd >= 0:
            self._poller.remove(stream.fd)
            del self._streams[stream.fd]
            os.close(stream.fd)
            stream.fd = -1

    # --- the end of an attempt ----------------------------------------------------------------------------------------

    def _leader_exited(self, runner: Runner) -> None:
        returncode = runner.group.reap()
        if returncode is None:
            return
        if runner.group.pidfd is not None:
            self._poller.remove(runner.group.pidfd)
            del self._leaders[runner.group.pidfd]
        self._unwatched.discard(runner)
        for stream in runner.streams:
            if stream.fd >= 0:
                self._drain(runner, stream)
            if stream.fd >= 0 and runner.background:
                self._hand_over(runner, stream)
        now = monotonic()
        runner.leader_exited(returncode, now)
        self._ending[runner.task] = runner
        if self._outside is not None:
            self._outside.leader_exited(now)

    def _hand_over(self, runner: Runner, stream: Stream) -> None:
        """Whoever may live on may print on; the attempt does not wait for it."""
        self._drain(runner, stream)  # nobody holds the other end any more, perhaps
        if stream.fd >= 0:
            runner.left_open.append(os.dup(stream.fd))
            self._close(stream)

    def _drain(self, runner: Runner, stream: Stream) -> None:
        """Take what the leader has left in the pipe; what is beyond one pipe's worth was printed later by others."""
        os.set_blocking(stream.fd, False)
        try:
            data = os.read(stream.fd, READ_BYTES)
        except BlockingIOError:
            return
        if data:
            runner.printed(stream, data)
        else:
            self._close(stream)

    def _look_after_ending(self) -> None:
        now = monotonic()
        for runner in list(self._ending.values()):
            signum = runner.look_after_leftovers(now)
            if signum is not None:
                self._facts.append(LeftoverSignalled(runner.task, runner.number, signum))
            if now >= runner.drain_until:
                for stream in runner.streams:
                    self._close(stream)
            if runner.is_over:
                del self._ending[runner.task], self._runners[runner.task]
                runner.finish()
                if runner.left_open:
                    self._read_on(runner)

    def _read_on(self, runner: Runner) -> None:
        from airexec.runner.background import read_on

        for fd in runner.left_open:
            read_on(fd, runner.log_path, keep=not self._masker.has_secrets)

    def _end_leftovers_outside(self, outside: LeftoversOutside, now: float) -> None:
        groups = [runner.group.leader for runner in self._ending.values() if runner.leftovers is not None]
        for owner, signum, count in outside.look(now, groups):
            if not self._has_started(owner):
                continue
            self._facts.append(LeftoverSignalled(*owner, signum))
            runner = self._ending.get(owner.task)
            if runner is not None and runner.number == owner.attempt:
                runner.ended_outside = count

    def _has_started(self, owner: Owner) -> bool:
        return 0 < owner.attempt <= self._last_attempts.get(owner.task, 0)

    def _is_live(self, owner: Owner) -> bool:
        """Return whether the attempt runs. What names none of ours belongs to a run in some task of ours, or to a test
        of what tasks are told: it lives while anything does."""
        if not self._has_started(owner):
            return bool(self._runners)
        runner = self._runners.get(owner.task)
        return runner is not None and runner.number == owner.attempt and runner.returncode is None

    # --- signals to ourselves -----------------------------------------------------------------------------------------

    def _handle_signals(self) -> None:
        for number in self._signals.received():
            if number == signal.SIGTSTP:
                self._stop_and_resume()
            else:
                self._facts.append(Interrupted(number))

    def _stop_and_resume(self) -> None:
        """Ctrl-Z reaches only us, since every attempt has a session of its own, so we hand it on."""
        from airexec.runner.job_control import stop

        stop([runner.group for runner in self._runners.values()])
        before = monotonic()
        self._signals.stop_ourselves()
        stopped = monotonic() - before
        for runner in self._runners.values():
            runner.group.send(signal.SIGCONT)
            runner.drain_until += stopped
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
        for task in self._runners:
            self.signal(task, signal.SIGKILL)
        while self._runners and monotonic() < deadline:
            self.wait(deadline - monotonic())
        if self._run_dir is not None and self._outside is not None and self._outside.look_at < inf:
            sweep(mark_of(self._run_dir))
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
