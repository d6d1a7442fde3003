"""Whose process is whose, by its environment."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from airexec.runner import marked_processes
from airexec.runner.marked_processes import MarkedProcesses, Owner
from tests.runner.test_leftovers import as_environment, identity, watch_reading

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
