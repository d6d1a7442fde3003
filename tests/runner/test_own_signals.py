"""Signals to airexec itself: what arrives, what stays ignored, and Ctrl-Z."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import BinaryIO

import pytest

from airexec.attempt.facts import Exited, Interrupted
from airexec.runner.own_signals import OwnSignals
from airexec.runner.processes import LocalProcesses
from tests.runner.conftest import PATIENCE, Room


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_us_is_a_fact(room: Room, number: int) -> None:
    os.kill(os.getpid(), number)

    assert [Interrupted(number)] == room.processes.wait(5)


def test_every_signal_counts(room: Room) -> None:
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGINT)

    assert [Interrupted(signal.SIGINT)] * 2 == room.wait_for(Interrupted, 2)


def test_who_wakes_too_late_writes_to_nobody() -> None:
    """The number of the pipe is that of another file by then."""
    signals = OwnSignals()
    signals.close()
    read, write = os.pipe()
    try:
        assert (read, write) == (signals.fd, signals._write)
        os.set_blocking(read, False)
        signals.wake()

        with pytest.raises(BlockingIOError):
            os.read(read, 1)
    finally:
        os.close(read)
        os.close(write)


def test_the_signals_of_our_caller_come_back(tmp_path: Path) -> None:
    watched = signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP
    before = {number: signal.signal(number, handler_of_caller) for number in watched}
    try:
        with LocalProcesses():
            assert handler_of_caller not in map(signal.getsignal, watched)

        assert [handler_of_caller] * 4 == [signal.getsignal(number) for number in watched]
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def handler_of_caller(number: int, frame: object) -> None:
    """What a program that embeds us has for its signals."""


def test_what_is_ignored_stays_ignored() -> None:
    """As under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with LocalProcesses() as processes:
            os.kill(os.getpid(), signal.SIGHUP)

            assert [] == processes.wait(0)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_exit_codes_are_seen_though_our_caller_ignored_its_children(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        with LocalProcesses() as processes:
            assert 3 == Room(processes, tmp_path).sh("exit 3").returncode
    finally:
        signal.signal(signal.SIGCHLD, before)


def test_without_pidfd_exits_are_seen_by_sigchld(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "pidfd_open", raising=False)
    with LocalProcesses() as processes:
        room = Room(processes, tmp_path)
        ends = [room.sh(f"exit {number}", task=f"t{number}").returncode for number in range(50)]
        left = room.sh("sleep 1000 & exit 7")

    assert [*range(50)] == ends
    assert (7, 1) == (left.returncode, left.leftover)


STOPPED = """
import os, signal, sys
from airexec.attempt.facts import Exited, Resumed
from airexec.attempt.spec import AttemptSpec
from airexec.runner.own_signals import OwnSignals
from airexec.runner.processes import LocalProcesses

with LocalProcesses() as processes:
    processes.start(AttemptSpec("t", 1, ("sh", "-c", "echo $$ >pid; read go <go"), os.environ, os.getcwd(), os.devnull))
    print("ready", flush=True)
    facts = []
    while not any(isinstance(fact, Exited) for fact in facts):
        facts += processes.wait(20)
    print([type(fact).__name__ for fact in facts], facts[0].seconds > 0, flush=True)
"""


@pytest.fixture
def stopped_scheduler(tmp_path: Path) -> Iterator[tuple[int, BinaryIO]]:
    """A scheduler in a process group of its own under us, so that it can be stopped; yields (pid, its stdout)."""
    os.mkfifo(tmp_path / "go")
    reading, writing = os.pipe()
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, "-c", f"import os; os.chdir({str(tmp_path)!r})\n{STOPPED}"],
        {**os.environ, "PYTHONPATH": os.getcwd()},
        file_actions=[(os.POSIX_SPAWN_DUP2, writing, 1)],
        setpgroup=0,
    )
    os.close(writing)
    with os.fdopen(reading, "rb") as stdout:
        yield pid, stdout
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def until(condition: Callable[[], bool]) -> None:
    deadline = monotonic() + PATIENCE
    while not condition():
        assert monotonic() < deadline
        os.sched_yield()


def state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_ctrl_z_stops_the_attempts_too_and_says_how_long(
    stopped_scheduler: tuple[int, BinaryIO], tmp_path: Path
) -> None:
    pid, stdout = stopped_scheduler
    assert b"ready\n" == stdout.readline()
    until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text() != "")
    leader = int((tmp_path / "pid").read_text())

    os.kill(pid, signal.SIGTSTP)
    _, status = os.waitpid(pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    until(lambda: state_of(leader) == "T")

    os.kill(pid, signal.SIGCONT)
    with (tmp_path / "go").open("w"):
        pass
    assert b"['Resumed', 'Exited'] True\n" == stdout.readline()
    assert 0 == os.waitpid(pid, 0)[1]


def test_outside_of_the_main_thread_it_runs_without_signals(tmp_path: Path) -> None:
    import threading

    ends: list[Exited] = []

    def work() -> None:
        with LocalProcesses() as processes:
            ends.append(Room(processes, tmp_path).sh("exit 3"))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert [Exited("t", 1, 3)] == ends
