"""Stopping groups for Ctrl-Z: TSTP for those who catch it, STOP for all."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from time import monotonic

import pytest

from airexec.runner.group import Group
from airexec.runner.job_control import PATIENCE, stop

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")

Start = Callable[[str], Group]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a Python text as the leader of a group; return once it has printed a line."""
    processes = []

    def start(text: str) -> Group:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", f"import os, signal, time\n{text}\nprint(flush=True)\ntime.sleep(1000)"],
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        processes.append(process)
        assert process.stdout is not None
        assert b"\n" == process.stdout.readline()
        return Group(process.pid, None)

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def is_stopped(group: Group) -> bool:
    return os.waitid(os.P_PID, group.leader, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None


def test_who_does_not_catch_tstp_is_stopped_at_once(start: Start) -> None:
    """In a session of its own the kernel ignores TSTP, so it takes STOP."""
    groups = [start(""), start("signal.signal(signal.SIGTSTP, signal.SIG_IGN)")]

    began = monotonic()
    stop(groups)

    assert monotonic() - began < PATIENCE
    os.waitid(os.P_PID, groups[0].leader, os.WSTOPPED | os.WNOWAIT)
    os.waitid(os.P_PID, groups[1].leader, os.WSTOPPED | os.WNOWAIT)


def test_who_catches_tstp_may_first_finish_what_it_does(start: Start, tmp_path: os.PathLike[str]) -> None:
    """As an airexec does that stops its own tasks before itself."""
    path = os.path.join(tmp_path, "done")
    group = start(
        f"""
def finish(number, frame):
    time.sleep(0.1)
    open({path!r}, "w").close()
    signal.raise_signal(signal.SIGSTOP)
signal.signal(signal.SIGTSTP, finish)
"""
    )

    stop([group])

    assert os.path.exists(path)
    assert is_stopped(group)


def test_who_catches_tstp_and_goes_on_is_stopped_in_the_end(start: Start) -> None:
    """After a second; the user waits for a prompt."""
    group = start("signal.signal(signal.SIGTSTP, lambda number, frame: None)")

    began = monotonic()
    stop([group])

    assert monotonic() - began >= PATIENCE
    os.waitid(os.P_PID, group.leader, os.WSTOPPED | os.WNOWAIT)


def test_a_group_that_is_gone_is_no_reason_to_wait(start: Start) -> None:
    """It has ended a moment ago."""
    group = start("")
    os.kill(group.leader, 9)
    os.waitid(os.P_PID, group.leader, os.WEXITED | os.WNOWAIT)

    began = monotonic()
    stop([group])

    assert monotonic() - began < PATIENCE
