"""Signals to a group reach its members and nobody else."""

import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from airexec.runner import group as module
from airexec.runner.group import Group
from tests.e2e.rig import wait_until


@pytest.fixture
def leader() -> Iterator[subprocess.Popen[bytes]]:
    """The leader of a group, alive."""
    process = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


def test_a_group_that_cannot_be_signalled_has_no_members(
    leader: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has its number now is somebody else."""
    group = Group(leader.pid, None)
    there = group.members()

    def refuse(pgid: int, signum: int) -> None:
        raise ProcessLookupError

    monkeypatch.setattr(os, "killpg", refuse)

    assert (1, 0) == (there, group.members())


def test_a_group_of_zombies_on_macos_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its kernel answers EPERM for one."""

    def refuse(pgid: int, signum: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "killpg", refuse)
    monkeypatch.setattr(module, "is_linux", lambda: False)
    group = Group(4711, None)

    assert (False, 0) == (group.send(signal.SIGTERM), group.members())


def test_on_linux_eperm_means_that_somebody_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has changed to another user, and cannot be signalled by us."""

    def refuse(pgid: int, signum: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "killpg", refuse)
    monkeypatch.setattr(module, "is_linux", lambda: True)

    assert Group(4711, None).send(signal.SIGTERM)


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs pidfds")
def test_once_the_leader_is_reaped_signals_go_by_its_pidfd_alone(
    leader: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its number may be that of another group by then."""
    group = Group(leader.pid, os.pidfd_open(leader.pid))
    leader.kill()
    os.waitid(os.P_PID, leader.pid, os.WEXITED | os.WNOWAIT)
    leader.returncode = group.reap()
    numbers = []
    monkeypatch.setattr(os, "killpg", lambda *arguments: numbers.append(arguments))
    sent = group.send(signal.SIGTERM)
    group.close()

    assert (-signal.SIGKILL, False, []) == (leader.returncode, sent, numbers)


def test_on_an_old_kernel_a_group_is_looked_for_before_it_is_signalled(
    leader: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing tells whose number it is, so what is not there gets no signal."""
    group = Group(leader.pid, None)
    group.reaped = True
    calls = []

    def killpg(pgid: int, signum: int) -> None:
        calls.append((pgid, signum))
        raise ProcessLookupError

    monkeypatch.setattr(os, "killpg", killpg)

    assert not group.send(signal.SIGTERM)
    assert [(leader.pid, 0)] == calls


def test_zombies_and_processes_of_other_groups_are_no_members() -> None:
    """What does nothing any more does not keep an attempt from its end."""
    command = ["sh", "-c", "sleep 1000 & echo $!; exec sleep 1000"]
    with subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE) as leader:
        assert leader.stdout is not None
        member = int(leader.stdout.readline())
        group = Group(leader.pid, None)
        both = group.members()
        os.kill(member, signal.SIGKILL)
        wait_until(lambda: group.members() == 1, "the end of the member, which its parent does not reap")
        leader.kill()
        os.waitid(os.P_PID, leader.pid, os.WEXITED | os.WNOWAIT)

        assert (2, 0) == (both, group.members())
