"""Syncing in the background ends when it is told to, whenever that is."""

import os
import threading
from pathlib import Path

import pytest

from airexec.state.syncing import BackgroundSync

PATIENCE_SECONDS = 20.0


class StopJustAfterTheDelay:
    """The lock that the thread waits on, with the one bad moment made certain: told to stop when its wait is over."""

    def __init__(self) -> None:
        self.waiting = threading.Event()
        self.told = threading.Event()

    def acquire(self, timeout: float = -1) -> bool:
        self.waiting.set()
        assert self.told.wait(PATIENCE_SECONDS)
        return False

    def release(self) -> None:
        self.told.set()


@pytest.fixture
def sync(tmp_path: Path) -> BackgroundSync:
    path = tmp_path / "journal"
    return BackgroundSync(os.open(path, os.O_WRONLY | os.O_CREAT), str(path))


def stops(sync: BackgroundSync) -> bool:
    stopping = threading.Thread(target=sync.stop, daemon=True)
    stopping.start()
    stopping.join(PATIENCE_SECONDS)
    return not stopping.is_alive()


def test_told_to_stop_at_the_end_of_its_delay_it_stops(sync: BackgroundSync) -> None:
    """The request is still marked as waiting, so nobody wakes the thread again: it has to look by itself."""
    moment = StopJustAfterTheDelay()
    sync._stop = moment  # type: ignore[assignment]
    sync.request()
    assert moment.waiting.wait(PATIENCE_SECONDS)

    assert stops(sync)


@pytest.mark.parametrize("requests", [0, 1, 2])
def test_it_stops_at_any_other_time(sync: BackgroundSync, requests: int) -> None:
    """Before the first request, right after one, and with another on top."""
    for _ in range(requests):
        sync.request()

    assert stops(sync)
