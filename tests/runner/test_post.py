"""Facts from beside the loop: whoever works in another thread wakes it, and nothing is lost."""

import os
import signal
from collections.abc import Iterator
from threading import Event, Thread, Timer
from typing import Any

import pytest

from airexec.attempt.facts import Exited, Fact, WorkDone
from tests.runner.conftest import PATIENCE, Room


def work() -> WorkDone:
    return WorkDone(lambda: None)


@pytest.fixture
def rescued() -> Iterator[None]:
    """Whoever waits for ever gets a signal, so that a test fails and does not hang."""
    timer = Timer(PATIENCE, os.kill, (os.getpid(), signal.SIGTERM))
    timer.start()
    yield
    timer.cancel()


@pytest.mark.usefixtures("rescued")
def test_a_fact_from_another_thread_wakes_who_waits_for_ever(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = Event()
    wait = room.processes._poller.wait

    def wait_and_say_so(timeout: float | None) -> Any:
        waits.set()
        return wait(timeout)

    monkeypatch.setattr(room.processes._poller, "wait", wait_and_say_so)
    done = work()

    def post() -> None:
        waits.wait(PATIENCE)
        room.processes.post(done)

    thread = Thread(target=post)
    thread.start()
    facts = room.processes.wait(None)
    thread.join()

    assert [done] == facts


@pytest.mark.usefixtures("rescued")
def test_a_fact_that_is_there_already_is_not_waited_for(room: Room) -> None:
    first, second = work(), work()
    room.processes.post(first)
    room.processes.post(second)

    assert [first, second] == room.processes.wait(None)
    assert [] == room.processes.wait(0)


def test_facts_of_all_threads_come_each_once_and_in_order(room: Room) -> None:
    """An attempt beside them is heard as well."""
    posted = [[work() for _ in range(500)] for _ in range(4)]

    def post_all(mine: list[WorkDone]) -> None:
        for one in mine:
            room.processes.post(one)

    threads = [Thread(target=post_all, args=(mine,)) for mine in posted]
    room.start("sh", "-c", "exit 3")
    for thread in threads:
        thread.start()
    found = room.wait_for(WorkDone, 2000)
    room.wait_for(Exited)
    for thread in threads:
        thread.join()

    for mine in posted:
        ours = {id(one) for one in mine}
        assert [id(one) for one in mine] == [id(fact) for fact in found if id(fact) in ours]
    assert 2000 == len(found)


def test_more_facts_than_wake_ups_have_room_for(room: Room) -> None:
    """A pipe takes 64 KiB; who posts never waits for the loop."""
    posted: list[Fact] = [work() for _ in range(70_000)]
    for fact in posted:
        room.processes.post(fact)
    found = room.wait_for(WorkDone, len(posted))

    assert all(one is other for one, other in zip(posted, found, strict=True))
