"""Runs commands for what they print, before there are attempts: the `vars` of a workflow. Several at once.

Each is a session of its own with the mark of its run, ended with all that it started when it exits, takes too long, or
we are interrupted; a guardian does it when we are killed.
"""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from tempfile import TemporaryFile
from time import monotonic
from typing import IO, NamedTuple

from airexec.runner.guardian import Guardian
from airexec.runner.proc import mark_of, pids, send, with_mark

OUTPUT_MAX = 1 << 20
_PAUSE = 0.01
"""Seconds between two looks where the kernel tells nobody of an exit."""


class Captured(NamedTuple):
    """How a command ended, and what it printed."""

    problem: str = ""
    """Why its output is none; empty: it is good."""
    out: bytes = b""
    err: bytes = b""


class _Running:
    """A command that was started."""

    def __init__(self, process: "subprocess.Popen[bytes]", out: IO[bytes], err: IO[bytes], seconds: float) -> None:
        self.process = process
        self.out = out
        self.err = err
        self.seconds = seconds
        self.due = monotonic() + seconds
        self.pidfd = _pidfd(process.pid)

    def close(self) -> None:
        if self.pidfd >= 0:
            os.close(self.pidfd)
        self.out.close()
        self.err.close()


class Capture:
    """The commands of one run, by name."""

    def __init__(self, run_dir: str) -> None:
        self._run_dir = run_dir
        self._running: dict[str, _Running] = {}
        self._ended: dict[str, Captured] = {}

    def start(self, name: str, argv: Sequence[str], env: Mapping[str, str], cwd: str, seconds: float) -> None:
        """Start a command. What keeps it from that is how it ended."""
        out, err = TemporaryFile(), TemporaryFile()  # noqa: SIM115  # closed when it has ended
        marked = with_mark(dict(env), self._run_dir)
        try:
            process = subprocess.Popen(
                argv,
                env=marked,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            out.close()
            err.close()
            self._ended[name] = Captured(f"cannot be started: {_words(error)}")
        else:
            self._running[name] = _Running(process, out, err, seconds)

    def wait(self) -> tuple[str, Captured]:
        """Return the next command that has ended, and how. One must have been started."""
        while not self._ended:
            now = monotonic()
            for name, running in list(self._running.items()):
                if _has_exited(running.process.pid):
                    self._ended[name] = self._end(name)
                elif now >= running.due:
                    self._ended[name] = self._end(name)._replace(problem=f"took longer than {running.seconds:g} s")
            if not self._ended:
                self._sleep(min(running.due for running in self._running.values()) - now)
        name = next(iter(self._ended))
        return name, self._ended.pop(name)

    def close(self) -> None:
        """End what still runs."""
        for name in list(self._running):
            self._end(name)

    def _end(self, name: str) -> Captured:
        """End a command with all that is in its group, and return what it printed."""
        running = self._running.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(running.process.pid, signal.SIGKILL)  # not reaped yet, so the number is still its own
        code = running.process.wait()
        try:
            out, err = _content(running.out), _content(running.err)
        finally:
            running.close()
        if len(out) > OUTPUT_MAX:
            return Captured(f"printed more than {OUTPUT_MAX // 1024} KiB", err=err)
        return Captured(_problem(code), out, err)

    def _sleep(self, seconds: float) -> None:
        """Sleep at most so long, less when a command ends."""
        import select

        pidfds = [running.pidfd for running in self._running.values()]
        if min(pidfds) < 0:
            select.select([], [], [], min(_PAUSE, max(0.0, seconds)))
        else:
            select.select(pidfds, [], [], max(0.0, seconds))


@contextmanager
def capturing(run_dir: str) -> Iterator[Capture]:
    """Give what runs commands for the run with this absolute folder; nothing of them is left afterwards.

    Not even what has left its session: so long as it keeps the environment that it was started with.
    """
    guardian, capture = Guardian(run_dir), Capture(run_dir)
    guardian.start()
    try:
        yield capture
    finally:
        capture.close()
        for pid in pids():
            send(pid, signal.SIGKILL, mark_of(run_dir))
        guardian.dismiss()


def _has_exited(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _pidfd(pid: int) -> int:
    try:
        return os.pidfd_open(pid)
    except (OSError, AttributeError):
        return -1


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read(OUTPUT_MAX + 1)


def _problem(code: int) -> str:
    if code < 0:
        with suppress(ValueError):
            return f"was ended by {signal.Signals(-code).name}"
        return f"was ended by signal {-code}"
    return f"ended with exit code {code}" if code else ""


def _words(error: OSError | ValueError) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
