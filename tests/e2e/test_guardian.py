"""When the scheduler is killed, everything that it started is dead within two seconds, wherever it has gone."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from airexec.runner.sweep import carries, marker

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")

FLEEING = """
import os, signal, sys, time
for number in range(1, 32):
    if number not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(number, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open(sys.argv[1], "a").write(f"{os.getpid()}\\n")
        time.sleep(1000)
    os._exit(0)
open(sys.argv[1], "a").write(f"{os.getpid()}\\n")
time.sleep(1000)
"""


def carriers(run_dir: Path) -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and carries(int(name), marker(str(run_dir)))]


def wait_for(condition: object, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def start(tmp_path: Path) -> tuple[subprocess.Popen[bytes], Path, Path]:
    """Start a run whose task ignores every signal and leaves a daemon in a session of its own; wait until both live."""
    (tmp_path / "flee.py").write_text(FLEEING)
    (tmp_path / "w.yml").write_text(
        f"name: w\ntasks:\n  flee:\n    command: ['{sys.executable}', flee.py, pids]\n"
        "  more: {command: echo fine, dependencies: flee}\n"
    )
    scheduler = subprocess.Popen(
        [sys.executable, "-m", "airexec", "run", "w.yml"], cwd=tmp_path, stdout=subprocess.DEVNULL
    )
    pids = tmp_path / "pids"
    wait_for(lambda: pids.exists() and pids.read_text().count("\n") == 2)
    (run_dir,) = (tmp_path / ".airexec/jobs/w/runs").iterdir()
    return scheduler, run_dir, pids


def test_everything_is_dead_within_two_seconds_of_a_kill(tmp_path: Path) -> None:
    """Also a daemon that called setsid, and a task that ignores every signal there is."""
    scheduler, run_dir, pids = start(tmp_path)
    assert sorted(map(int, pids.read_text().split())) == sorted(carriers(run_dir))

    killed_at = time.monotonic()
    scheduler.kill()
    scheduler.wait()
    wait_for(lambda: not carriers(run_dir))

    assert time.monotonic() - killed_at < 2.0


def test_the_next_run_ends_what_even_the_guardian_could_not(tmp_path: Path) -> None:
    """Scheduler and guardian are both killed; the next run sweeps first, and says so."""
    scheduler, run_dir, _ = start(tmp_path)
    for guardian in guardians(scheduler.pid):
        os.kill(guardian, signal.SIGKILL)
    scheduler.kill()
    scheduler.wait()
    assert len(carriers(run_dir)) == 2
    (tmp_path / "flee.py").write_text("")

    resumed = subprocess.run(
        [sys.executable, "-m", "airexec", "resume", "w"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert resumed.returncode == 0
    assert "airexec: ended 2 processes of a run that was killed\n" in resumed.stderr
    assert carriers(run_dir) == []


def test_a_guardian_says_nothing_and_goes_when_the_run_ends(tmp_path: Path) -> None:
    """No process is left of a run that ended well."""
    (tmp_path / "w.yml").write_text("name: w\ntasks:\n  a: {command: echo fine}\n")
    before = set(all_guardians())

    subprocess.run([sys.executable, "-m", "airexec", "run", "w.yml"], cwd=tmp_path, check=True, capture_output=True)

    assert str(tmp_path) not in "".join(command(pid) for pid in set(all_guardians()) - before)


def guardians(scheduler: int) -> list[int]:
    return [pid for pid in all_guardians() if parent(pid) == scheduler]


def all_guardians() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and "airexec-guardian" in command(int(name))]


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
