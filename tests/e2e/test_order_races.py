"""Programs that write the file of a running job at the same time as we do: nobody loses anything by us.

The writers here take turns among themselves, since of two that read, change and write back at once one loses its task
to the other, and nobody can help that. With us they do not take turns.
"""

import fcntl
import json
import multiprocessing
import os
import random
import time
from pathlib import Path

import pytest

from tests.e2e.orders import HOLD, Writer, say
from tests.e2e.rig import Airexec, wait_until

ADDITIONS = 500
"""By each of the four."""


def read(path: Path) -> list[object]:
    """Return what the file holds, as soon as it is whole."""
    while True:
        try:
            return json.loads(path.read_text())  # type: ignore[no-any-return]
        except ValueError:
            time.sleep(0.001)


def in_place(path: Path, text: str, chance: random.Random) -> None:
    path.write_text(text)


def in_halves(path: Path, text: str, chance: random.Random) -> None:
    with path.open("w") as file:
        file.write(text[: len(text) // 2])
        file.flush()
        if chance.random() < 0.1:
            time.sleep(chance.random() * 0.05)
        file.write(text[len(text) // 2 :])


def by_rename(path: Path, text: str, chance: random.Random) -> None:
    beside = path.with_name(f"beside-{os.getpid()}")
    beside.write_text(text)
    os.rename(beside, path)


def write_all(path: Path, name: str) -> None:
    """Add tasks one by one, each by reading the file, changing it and writing it back."""
    chance = random.Random(name)
    write = globals().get(name)
    with path.with_name("turns").open("w") as turns:
        for number in range(ADDITIONS):
            fcntl.flock(turns, fcntl.LOCK_EX)
            task = {"id": f"{name}-{number}", "command": "true"}
            if write is None:
                through_one_handle(path, task, chance)
            else:
                tasks = [*read(path), task]
                if chance.random() < 0.1:
                    time.sleep(chance.random() * 0.05)
                write(path, json.dumps(tasks), chance)
            fcntl.flock(turns, fcntl.LOCK_UN)
            time.sleep(chance.random() * 0.01)


def through_one_handle(path: Path, task: object, chance: random.Random) -> None:
    """Read and write through the same open file, which may have been replaced in between."""
    while True:
        with path.open("r+") as file:
            try:
                tasks = json.load(file)
            except ValueError:
                time.sleep(0.001)
                continue
            if chance.random() < 0.1:
                time.sleep(chance.random() * 0.05)
            file.seek(0)
            json.dump([*tasks, task], file)
            file.truncate()
            return


def test_four_writers_add_two_thousand_tasks_to_a_running_job(airexec: Airexec) -> None:
    """In place, in halves, by rename, and through one handle; none is lost, and none of ours is."""
    writer = Writer(airexec)
    writer.order(HOLD)
    running = airexec.start("run", "--job", "etl", "--output", "quiet")
    airexec.wait_for_file("held")
    names = ["in_place", "in_halves", "by_rename", "handle"]
    path = writer.folder / "tasks.json"
    others = [multiprocessing.Process(target=write_all, args=(path, name)) for name in names]

    for other in others:
        other.start()
    for other in others:
        other.join()
    airexec.write("done", "")
    out, err = running.communicate()

    assert 0 == running.returncode, (out[-2000:], err[-2000:])
    wanted = {"hold", *(f"{name}-{number}" for name in names for number in range(ADDITIONS))}
    assert wanted == writer.statuses().keys()
    assert {"completed"} == set(writer.statuses().values())
    assert "completed" == writer.state()["state"]


def test_a_plain_reader_never_sees_half_a_file_of_ours(airexec: Airexec) -> None:
    """`json.load` of both, as often as it can, while a run writes them."""
    writer = Writer(airexec)
    writer.order(*(say(f"t{number}") for number in range(150)), HOLD)
    running = airexec.start("run", "--job", "etl", "-j", "2", "--output", "quiet")
    looks = 0
    wait_until(lambda: "run_id" in writer.state(), "the first file of ours")

    while running.poll() is None:
        tasks, state = writer.tasks(), writer.state()
        looks += 1
        assert (151, "order-1") == (len(tasks), state["id"])
        if looks > 100 and writer.statuses().get("t149") == "completed":
            airexec.write("done", "")

    assert 0 == running.wait()


@pytest.mark.parametrize("number", range(3))
def test_a_runner_that_is_killed_at_any_time_loses_no_addition(number: int, airexec: Airexec) -> None:
    """The next one goes on from the journal and from the files."""
    writer = Writer(airexec)
    writer.order(say("first"))
    chance = random.Random(number)
    added = ["first"]
    for count in range(8):
        running = airexec.start("run", "--job", "etl", "--output", "quiet")
        for part in range(4):
            task = say(f"t{count}-{part}", chance.choice(added))
            added.append(f"t{count}-{part}")
            if chance.random() < 0.5:
                writer.drop(f"t{count}-{part}", task)
            else:
                by_rename(writer.folder / "tasks.json", json.dumps([*read(writer.folder / "tasks.json"), task]), chance)
            time.sleep(chance.random() * 0.15)
        running.kill()
        running.wait()

    assert 0 == airexec("run", "--job", "etl").exit_code

    assert {*added} == writer.statuses().keys()
    assert {"completed"} == set(writer.statuses().values())
