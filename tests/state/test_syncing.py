"""Syncing in the background ends when it is told to, whenever that is."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from airexec.state import syncing
from airexec.state.journal import JournalWriter, Sync
from airexec.state.syncing import BackgroundSync, sync_folders

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


@pytest.mark.parametrize("wait", [sync_folders, lambda path: JournalWriter(path, Sync.BARRIER)])
def test_a_new_file_lasts_only_once_the_names_above_it_do(
    wait: Callable[[str], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up to the folder that holds `.airexec`, nearest first, and each is closed again. Under `barrier` at once."""
    path = tmp_path / "project/.airexec/jobs/etl/runs/1/journal"
    path.parent.mkdir(parents=True)
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(os.readlink(f"/proc/self/fd/{fd}")))
    before = os.listdir("/proc/self/fd")
    file = wait(str(path))

    assert [str(folder) for folder in path.parents[:6]] == synced
    assert str(tmp_path / "project") == synced[-1]
    if isinstance(file, JournalWriter):
        file.close()
    assert before == os.listdir("/proc/self/fd")


def test_the_background_syncs_the_names_first(sync: BackgroundSync, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the bytes would be there and nobody could find them."""
    order: list[str] = []
    written = threading.Event()
    monkeypatch.setattr(syncing, "sync_folders", lambda path: order.append("names"))

    def sync_now(fd: int) -> None:
        order.append("bytes")
        written.set()

    monkeypatch.setattr(syncing, "sync_now", sync_now)
    sync.request()
    assert written.wait(PATIENCE_SECONDS)
    assert stops(sync)

    assert ["names", "bytes"] == order


def test_what_is_written_during_a_sync_is_synced_by_the_next(
    sync: BackgroundSync, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sync that is at work may have missed it."""
    twice = threading.Semaphore(0)
    count: list[int] = []

    def sync_now(fd: int) -> None:
        if not count:
            sync.request()
        count.append(fd)
        twice.release()

    monkeypatch.setattr(syncing, "sync_now", sync_now)
    sync.request()

    assert twice.acquire(timeout=PATIENCE_SECONDS)
    assert twice.acquire(timeout=PATIENCE_SECONDS)
    assert stops(sync)
