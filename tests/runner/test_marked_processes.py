"""Whose process is whose, by its environment."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from airexec.runner import marked_processes
from airexec.runner.marked_processes import MarkedProcesses, Owner
from tests.runner.test_leftovers import as_environment, dead_pid, identity, watch_reading

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")


def test_each_new_process_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = MarkedProcesses(str(tmp_path))
    newcomer = subprocess.Popen(["sleep", "1000"])
    read = watch_reading(monkeypatch)
    for now in (0.1, 0.2, 0.3):
        known.look(now)
    newcomer.kill()
    newcomer.wait()

    assert 1 == read.count(newcomer.pid)


def test_after_a_pause_numbers_are_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They may have come round to other processes."""
    known = MarkedProcesses(str(tmp_path))
    known.look(10.0)
    monkeypatch.setattr(marked_processes, "environment", lambda pid: as_environment(identity(tmp_path, "t", 1)))

    assert set() == set(known.look(11.0)) - {Owner("t", 1)}
    assert os.getppid() in known.look(17.0)[Owner("t", 1)]


def test_who_is_gone_before_it_shows_whose_it_was_makes_the_look_unclear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have been ours, and have left a child that was not there when the look began."""
    known = MarkedProcesses(str(tmp_path))
    monkeypatch.setattr(marked_processes, "pids", lambda: [dead_pid()])
    known.look(1.0)
    unclear = known.is_unclear
    monkeypatch.setattr(marked_processes, "pids", list)
    known.look(1.002)

    assert (True, False) == (unclear, known.is_unclear)


def test_where_somebody_vanishes_in_every_look_it_counts_for_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine the run would not end otherwise."""
    known = MarkedProcesses(str(tmp_path))
    monkeypatch.setattr(marked_processes, "pids", lambda: [dead_pid()])
    unclear = []
    for now in (1.0, 1.5, 1.9, 2.1):
        known.look(now)
        unclear.append(known.is_unclear)

    assert [True, True, True, False] == unclear


def test_whose_program_begins_while_we_look_is_no_stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment was not there, and when we asked whether it was amid an exec, it was no longer."""
    known = MarkedProcesses(str(tmp_path))
    newcomer = dead_pid()
    answers = [b"", as_environment(identity(tmp_path, "t", 1))]
    monkeypatch.setattr(marked_processes, "pids", lambda: [newcomer])
    monkeypatch.setattr(marked_processes, "environment", lambda pid: answers.pop(0))
    monkeypatch.setattr(marked_processes, "is_amid_exec", lambda pid: False)

    assert {Owner("t", 1): [newcomer]} == known.look(1.0)


def test_who_changes_programs_while_we_look_stays_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment is not there for a moment; who has ended is forgotten."""
    known = MarkedProcesses(str(tmp_path))
    newcomer = subprocess.Popen(["sleep", "1000"])
    owner = Owner("t", 1)
    monkeypatch.setattr(marked_processes, "pids", lambda: [newcomer.pid])
    monkeypatch.setattr(marked_processes, "environment", lambda pid: as_environment(identity(tmp_path, "t", 1)))
    found = known.look(1.0)
    monkeypatch.setattr(marked_processes, "environment", lambda pid: b"")
    monkeypatch.setattr(marked_processes, "is_amid_exec", lambda pid: True)
    known.still(newcomer.pid, owner)
    amid_exec = known.look(1.1)
    monkeypatch.setattr(marked_processes, "is_amid_exec", lambda pid: False)
    known.still(newcomer.pid, owner)
    ended = known.look(1.2)
    newcomer.kill()
    newcomer.wait()

    assert ({owner: [newcomer.pid]}, {owner: [newcomer.pid]}, {}) == (found, amid_exec, ended)
