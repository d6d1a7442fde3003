"""A signal by number goes to whom it is meant for, or to nobody."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from airexec.runner import sweep
from tests.e2e.rig import wait_until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the run in `tmp_path`."""
    process = subprocess.Popen(["sleep", "1000"], env={**os.environ, sweep.VARIABLE: str(tmp_path)})
    wait_until(lambda: sweep.carries(process.pid, sweep.marker(str(tmp_path))), "its environment")
    yield process
    process.kill()
    process.wait()


def test_who_carries_the_mark_is_signalled(carrier: "subprocess.Popen[bytes]", tmp_path: Path) -> None:
    assert sweep.send(carrier.pid, signal.SIGTERM, sweep.marker(str(tmp_path)))
    assert -signal.SIGTERM == carrier.wait()


@pytest.mark.parametrize("other", ["-b", "/b", "/../b"])
def test_who_carries_another_mark_is_left_alone(other: str, carrier: "subprocess.Popen[bytes]", tmp_path: Path) -> None:
    """Its number may have been that of a process of ours a moment ago."""
    assert not sweep.send(carrier.pid, signal.SIGTERM, sweep.marker(f"{tmp_path}{other}"))
    assert carrier.poll() is None


def test_a_process_is_held_before_it_is_looked_at(
    carrier: "subprocess.Popen[bytes]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So what is looked at and what is signalled are the same, whatever becomes of the number."""
    order: list[str] = []
    open_pidfd, look = os.pidfd_open, sweep.carries

    def opening(pid: int, flags: int = 0) -> int:
        order.append("hold")
        return open_pidfd(pid, flags)

    def looking(pid: int, mark: bytes) -> bool:
        order.append("look")
        return look(pid, mark)

    monkeypatch.setattr(os, "pidfd_open", opening)
    monkeypatch.setattr(sweep, "carries", looking)
    sweep.send(carrier.pid, signal.SIGTERM, sweep.marker(str(tmp_path)))

    assert ["hold", "look"] == order
