"""The client for other programs: what it writes, what it reads, and what it says when something is wrong."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from airexec.client import Client, ClientError, FileStore, Job, JobState, Task, TaskQueue, TaskStatus
from airexec.scheduler import statuses
from tests.e2e.orders import HOLD
from tests.e2e.rig import Airexec, wait_until


@pytest.fixture
def airexec(tmp_path: Path) -> Iterator[Airexec]:
    folder = tmp_path / "project"
    folder.mkdir()
    rig = Airexec(folder)
    yield rig
    rig.close()


@pytest.fixture
def client(airexec: Airexec) -> Client:
    return Client(airexec.folder / ".airexec")


def files(client: Client, job: str) -> tuple[dict[str, object], list[dict[str, object]]]:
    """Return both files of a job."""
    folder = client.store.job_dir(job)
    return json.loads((folder / "state.json").read_text()), json.loads((folder / "tasks.json").read_text())


def test_it_says_what_airexec_says() -> None:
    """The words are written down twice, so that the client needs nothing of the scheduler."""
    assert list(map(str, statuses.JobState)) == list(map(str, JobState))
    assert set(map(str, statuses.Status)) == set(map(str, TaskStatus))


def test_it_imports_nothing_of_the_scheduler() -> None:
    """Nor anything else that takes a while."""
    code = "import sys, airexec.client; print(*sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert ["airexec", "airexec.client"] == sorted(name for name in loaded if name.startswith("airexec"))
    assert not {"json", "pathlib", "datetime", "typing", "re"} & set(loaded) - set(at_start())


def at_start() -> list[str]:
    """Return what a Python of this environment has imported before it does anything."""
    code = "import sys; print(*sys.modules)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()


def test_an_order_is_two_files(client: Client) -> None:
    order = client.create_job("etl", [Task("a", "echo", ["x"]), Task("b", ["true"], dependencies=["a"], retries=2)])

    state, (a, b) = files(client, "etl")
    assert {"id": order, "name": "etl", "state": "waiting"}.items() <= state.items()
    assert {"created_at", "updated_at"} == state.keys() - {"id", "name", "state"}
    assert a["created_at"]
    assert {
        "id": "a",
        "job_name": "etl",
        "command": "echo",
        "args": ["x"],
        "dependencies": [],
        "status": "pending",
        "started_at": None,
        "completed_at": None,
        "error": None,
    } == {key: value for key, value in a.items() if key != "created_at"}
    assert (["true"], ["a"], 2) == (b["command"], b["dependencies"], b["retries"])


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (datetime(2026, 11, 21, 1, 2, 3, 45), "2026-11-21T01:02:03.000045Z"),
        (datetime(2026, 11, 21, 1, 2, 3, tzinfo=UTC), "2026-11-21T01:02:03Z"),
        (datetime(2026, 11, 21, 1, 2, 3, tzinfo=timezone(timedelta(hours=2))), "2026-11-20T23:02:03Z"),
        ("2026-11-21T01:02:03", "2026-11-21T01:02:03"),
    ],
)
def test_times_are_utc(given: datetime | str, written: str) -> None:
    """Texts are left as they are."""
    assert written == Job("o", "etl", created_at=given).created_at == Task("a", "x", created_at=given).created_at


def test_the_style_of_code_that_writes_the_store(client: Client, airexec: Airexec) -> None:
    """Whatever `path` is: the base path, the folder of the job, or its file of tasks."""
    store = client.store
    path = store.create_job_dir("etl")
    store.write_job_state(Job(id="o-1", name="etl", state=JobState.WAITING))

    TaskQueue("etl", store.base_path).add(Task("a", "true"))
    TaskQueue("etl", path).add(Task("b", "true", dependencies=["a"]))
    TaskQueue("etl", path / "tasks.json").add(Task("c", "true", dependencies=["b"]))

    assert ["a", "b", "c"] == [task.id for task in TaskQueue("etl", path).tasks()]
    assert 0 == airexec("run", "--job", "etl").exit_code
    assert [("a", "completed"), ("b", "completed"), ("c", "completed")] == [
        (task.id, task.status) for task in store.read_tasks("etl")
    ]
    assert JobState.COMPLETED is store.read_job_state("etl").state
    assert ["etl"] == store.job_names()


def test_how_a_job_stands_is_told_in_numbers(client: Client, airexec: Airexec) -> None:
    client.create_job("etl", [Task("a", "true"), Task("b", "false"), Task("c", "true", dependencies=["b"])])
    waiting = client.status("etl")
    assert (JobState.WAITING, 3, 3, False) == (waiting.state, waiting.total, waiting.pending, waiting.is_over)

    airexec("run", "--job", "etl")

    over = client.status("etl")
    numbers = over.total, over.completed, over.failed, over.pending, over.running
    assert (JobState.FAILED, 3, 1, 1, 0, 0) == (over.state, *numbers)
    assert over.is_over
    client.add_task("etl", Task("d", "true"))
    assert (4, 1, False) == (client.status("etl").total, client.status("etl").pending, client.status("etl").is_over)


def test_waiting_for_the_end(client: Client, airexec: Airexec) -> None:
    client.create_job("etl", [Task("a", "true")])
    with pytest.raises(TimeoutError, match=r"job etl is waiting after 0.1 s: 1 pending"):
        client.wait("etl", timeout=0.1)
    found = []
    waiter = threading.Thread(target=lambda: found.append(client.wait("etl", timeout=60)))
    waiter.start()

    airexec("run", "--job", "etl")
    waiter.join()

    assert [JobState.COMPLETED] == [status.state for status in found]


def test_what_cannot_be_done_does_not_keep_a_job_from_ending(client: Client, airexec: Airexec) -> None:
    client.create_job("etl", [Task("a", "true")])
    airexec("run", "--job", "etl")
    client.add_task("etl", Task("b", "true", dependencies=["nowhere"]))
    airexec("run", "--job", "etl")

    status = client.wait("etl", timeout=60)

    assert JobState.COMPLETED is status.state
    assert status.problems[0].endswith("task 'b' depends on 'nowhere', which is not there")


def test_logs_are_what_a_task_has_printed(client: Client, airexec: Airexec) -> None:
    client.create_job("etl", [Task("a", "echo", ["hello"])])
    assert "" == client.logs("etl", "a")
    airexec("run", "--job", "etl")

    assert "hello\n" == client.logs("etl", "a")
    with pytest.raises(ClientError, match="job etl has no task 'z'"):
        client.logs("etl", "z")


def test_a_running_job_is_cancelled(client: Client, airexec: Airexec) -> None:
    """What has failed or ended stays; what waits is not begun."""
    client.create_job("etl", [Task(**HOLD), Task("b", "true", dependencies=["hold"])])
    running = airexec.start("run", "--job", "etl")
    airexec.wait_for_file("held")

    client.cancel("etl")

    assert 143 == running.wait()
    assert JobState.CANCELLED is client.wait("etl", timeout=60).state
    assert {"hold": "cancelled", "b": "cancelled"} == {task.id: str(task.status) for task in client.tasks("etl")}


@pytest.mark.parametrize("is_reset", [False, True])
def test_what_a_killed_runner_has_left_is_cancelled(client: Client, airexec: Airexec, is_reset: bool) -> None:
    """And what waits to be resumed. Nobody goes on with it."""
    hold = Task(**HOLD, dependencies=["a"])
    client.create_job("etl", [Task("a", "true"), hold, Task("b", "true", dependencies=["hold"])])
    running = airexec.start("run", "--job", "etl")
    airexec.wait_for_file("held")
    running.kill()
    running.wait()
    if is_reset:
        client.reset("etl", ["b"])

    client.cancel("etl")

    assert JobState.CANCELLED is client.status("etl").state
    statuses = {task.id: str(task.status) for task in client.tasks("etl")}
    assert {"a": "completed", "hold": "cancelled", "b": "cancelled"} == statuses
    assert "asks for nothing" in airexec("run", "--job", "etl").err


def test_an_order_that_waits_is_cancelled(client: Client, airexec: Airexec) -> None:
    client.create_job("etl", [Task("a", "true")])

    client.cancel("etl")

    assert JobState.CANCELLED is client.status("etl").state
    assert "asks for nothing" in airexec("run", "--job", "etl").err
    client.cancel("etl")


def test_a_reset_makes_tasks_pending_again(client: Client, airexec: Airexec) -> None:
    client.create_job("etl", [Task("a", "true"), Task("b", "true", dependencies=["a"])])
    airexec("run", "--job", "etl")

    client.reset("etl", ["b"])

    assert {"a": "completed", "b": "pending"} == {task.id: str(task.status) for task in client.tasks("etl")}
    assert 0 == airexec("run", "--job", "etl").exit_code
    assert JobState.COMPLETED is client.status("etl").state
    with pytest.raises(ClientError, match="has no task 'z'"):
        client.reset("etl", ["z"])


def test_a_second_order_waits_until_the_first_has_begun(client: Client, airexec: Airexec) -> None:
    """It would take its place, and nobody would know."""
    first = client.create_job("etl", [Task("a", "true")])
    with pytest.raises(ClientError, match=f"job etl has an order that nobody has begun yet: {first}"):
        client.create_job("etl", [Task("a", "true")])
    airexec("run", "--job", "etl")

    second = client.create_job("etl", [Task("a", "echo", ["again"])])

    assert 0 == airexec("run", "--job", "etl").exit_code
    assert (second, "again\n") == (client.status("etl").id, client.logs("etl", "a"))


def test_many_add_at_once(client: Client, airexec: Airexec) -> None:
    """From threads and processes, while the job runs."""
    client.create_job("etl", [Task(**HOLD)])
    running = airexec.start("run", "--job", "etl", "--output", "quiet")
    airexec.wait_for_file("held")
    code = (
        "import sys; from airexec.client import Client, Task\n"
        "for n in range(20): Client(sys.argv[1]).add_task('etl', Task(f'p{sys.argv[2]}-{n}', 'true'))"
    )
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(client.store.base_path), str(number)], env=airexec.environment()
        )
        for number in range(3)
    ]

    def add(number: int) -> None:
        for count in range(20):
            client.add_task("etl", Task(f"t{number}-{count}", "true"))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for program in programs:
        program.wait()

    wait_until(lambda: client.status("etl").completed == 120, "120 tasks")
    airexec.write("done", "")

    assert 0 == running.wait()
    assert [] == os.listdir(client.store.job_dir("etl") / "incoming")


@pytest.mark.parametrize("name", ["", "../x", ".hidden", "a/b", "a\0"])
def test_a_name_leads_nowhere_else(name: str, client: Client) -> None:
    with pytest.raises(ClientError, match="cannot be the name of a job"):
        client.create_job(name, [])


def test_an_unknown_job_is_named_with_those_that_there_are(client: Client) -> None:
    client.create_job("etl", [Task("a", "true")])

    for call in (
        client.status,
        client.tasks,
        client.cancel,
        client.reset,
        lambda job: client.add_task(job, Task("a", "x")),
    ):
        with pytest.raises(ClientError, match=r"there is no job 'web' in .*\.airexec \(jobs: etl\)"):
            call("web")


def test_files_of_others_are_read_as_they_are(client: Client) -> None:
    """Keys left out or null, and more of them than we know."""
    folder = client.store.create_job_dir("etl")
    (folder / "state.json").write_text('{"id": "o", "name": "etl", "state": "waiting", "mine": 1}')
    (folder / "tasks.json").write_text('[{"id": "a", "command": "x", "args": null, "of mine": 1}, 7, {"id": "b"}]')

    assert [("a", [], "pending")] == [(task.id, task.args, task.status) for task in client.tasks("etl")]
    assert (1, 1) == (client.status("etl").total, client.status("etl").pending)


def test_a_broken_file_is_said(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("airexec.client._HALF_SECONDS", 0.05)
    folder = FileStore(client.store.base_path).create_job_dir("etl")
    (folder / "state.json").write_text("{")

    with pytest.raises(ClientError, match=r"state\.json is no JSON"):
        client.status("etl")
