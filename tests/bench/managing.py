"""The job manager: what it costs while nothing is to do, how soon a job starts, and how soon a thousand are done."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import psutil

from airexec.client import Client, Task
from tests.bench.measure import FailedError
from tests.bench.programs import airexec
from tests.bench.table import Row, limited

JOBS = 1_000
AT_ONCE = 10
IDLE_SECONDS = 20.0
LATENCY_SAMPLES = 10
PATIENCE = 1_200.0


def rows(folder: Path, rounds: int) -> Sequence[Row]:
    """Manager and xargs do the same jobs, one after the other, in as few rounds as two: a thousand take minutes."""
    pairs = [(by_manager(folder / f"m{n}"), by_xargs(folder / f"x{n}")) for n in range(min(rounds, 2))]
    managed, listed = zip(*pairs, strict=True)
    cpu, memory = while_idle(folder / "m0")
    return [
        Row(f"{JOBS:,} dropped jobs, {AT_ONCE} at once", "airexec", managed, "s"),
        Row(f"{JOBS:,} dropped jobs, {AT_ONCE} at once", "xargs", listed, "s", median(managed) / median(listed), 1.5),
        limited(f"CPU while {JOBS:,} jobs are idle, every 5 s", [cpu], "%", 1.0),
        limited(f"memory of the manager of {JOBS:,} jobs", [memory], "MB", 60.0),
        limited("a dropped job begins, beyond the poll interval", late_starts(folder / "late"), "ms", 200.0),
        limited("status of 100 jobs", status_times(folder / "m0"), "ms", 100.0),
    ]


def by_manager(folder: Path) -> float:
    """Return the seconds that a manager takes for all jobs. Raises FailedError when one was run twice."""
    client = _dropped(folder, JOBS)
    began = time.perf_counter()
    with _manager(folder):
        _wait_until(lambda: all(_is_completed(client, f"j{number}") for number in range(JOBS)))
        seconds = time.perf_counter() - began
    if twice := [n for n in range(JOBS) if len(list((client.store.job_dir(f"j{n}") / "runs").iterdir())) != 1]:
        raise FailedError(f"{len(twice)} jobs were run twice")
    return seconds


def by_xargs(folder: Path) -> float:
    _dropped(folder, JOBS)
    names = "\n".join(f"j{number}" for number in range(JOBS))
    command = ["xargs", f"-P{AT_ONCE}", "-n1", *airexec("run", "--job")]
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, input=names, text=True, check=True, capture_output=True)
    return time.perf_counter() - began


def while_idle(folder: Path) -> tuple[float, float]:
    """Return the percentage of a CPU and the megabytes of a manager of jobs that are all done."""
    (folder / ".airexec" / "config.yaml").write_text("{}\n")
    with _manager(folder) as manager:
        time.sleep(2 * 5)
        before = manager.cpu_times()
        time.sleep(IDLE_SECONDS)
        after = manager.cpu_times()
        seconds = after.user + after.system - before.user - before.system
        return 100 * seconds / IDLE_SECONDS, manager.memory_info().rss / 1e6


def late_starts(folder: Path) -> list[float]:
    """Return by how many milliseconds more than the poll interval the first task of a dropped job began late."""
    client = _dropped(folder, 0)
    with _manager(folder):
        for number in range(LATENCY_SAMPLES):
            time.sleep(0.37)  # at another moment between two looks each time
            client.create_job(f"j{number}", [Task("a", "date", ["+%s.%N"])])
            dropped = time.time()
            (client.store.job_dir(f"j{number}") / "dropped").write_text(str(dropped))
            client.wait(f"j{number}", PATIENCE)
    late = [
        float(client.logs(f"j{number}", "a"))
        - float((client.store.job_dir(f"j{number}") / "dropped").read_text())
        - 1.0
        for number in range(LATENCY_SAMPLES)
    ]
    return [max(0.0, seconds) * 1000 for seconds in late]


def status_times(folder: Path) -> list[float]:
    """Return the milliseconds of `airexec status` in a folder of 100 jobs."""
    for path in sorted((folder / ".airexec" / "jobs").iterdir())[100:]:
        path.rename(folder / path.name)
    times = []
    for _ in range(10):
        began = time.perf_counter()
        subprocess.run(airexec("status"), cwd=folder, check=True, capture_output=True)
        times.append((time.perf_counter() - began) * 1000)
    return times


def _dropped(folder: Path, jobs: int) -> Client:
    (folder / ".airexec").mkdir(parents=True)
    (folder / ".airexec" / "config.yaml").write_text(f"poll_interval: 1\nmax_concurrent_runners: {AT_ONCE}\n")
    client = Client(folder / ".airexec")
    for number in range(jobs):
        client.create_job(f"j{number}", [Task("a", "true")])
    return client


@contextmanager
def _manager(folder: Path) -> Iterator[psutil.Process]:
    subprocess.run(airexec("start"), cwd=folder, check=True, capture_output=True)
    try:
        yield psutil.Process(json.loads((folder / ".airexec" / "manager.lock").read_text())["pid"])
    finally:
        subprocess.run(airexec("stop"), cwd=folder, check=True, capture_output=True)


def _is_completed(client: Client, name: str) -> bool:
    return '"completed"' in (client.store.job_dir(name) / "state.json").read_text()


def _wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        if time.monotonic() > deadline:
            raise FailedError("the manager has not done all jobs")
        time.sleep(0.2)
