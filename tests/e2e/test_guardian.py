"""When the scheduler is killed, everything that it started is dead within two seconds, wherever it has gone."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from airexec.runner.proc import is_marked, mark_of, pids
from tests.e2e.rig import Airexec, wait_until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")

GUARDIAN = "airexec-guardian"
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


def processes_of(run_dir: Path) -> list[int]:
    mark = mark_of(str(run_dir))
    return [pid for pid in pids() if is_marked(pid, mark)]


def start(airexec: Airexec) -> tuple[subprocess.Popen[str], Path]:
    """Start a run whose task ignores every signal and leaves a daemon in a session of its own; wait until both live."""
    airexec.write("flee.py", FLEEING)
    airexec.write("w.yml", f"name: w\ntasks:\n  flee: {{command: ['{sys.executable}', flee.py, pids]}}\n")
    scheduler = airexec.start("run", "w.yml", stdout=subprocess.DEVNULL)
    airexec.wait_for_file("pids")
    wait_until(lambda: airexec.read("pids").count("\n") == 2, "both processes")
    (run_dir,) = (airexec.folder / ".airexec/jobs/w/runs").iterdir()
    return scheduler, run_dir


def test_everything_is_dead_within_two_seconds_of_a_kill(airexec: Airexec) -> None:
    """Also a daemon that called setsid, and a task that ignores every signal there is."""
    scheduler, run_dir = start(airexec)
    assert sorted(map(int, airexec.read("pids").split())) == sorted(processes_of(run_dir))

    killed_at = time.monotonic()
    scheduler.kill()
    wait_until(lambda: not processes_of(run_dir), "the end of all processes")

    assert time.monotonic() - killed_at < 2.0


def test_the_next_run_ends_what_even_the_guardian_could_not(airexec: Airexec) -> None:
    """Scheduler and guardian are both killed; the next one sweeps first, and says so."""
    scheduler, run_dir = start(airexec)
    for guardian in guardians(scheduler.pid):
        os.kill(guardian, signal.SIGKILL)
    scheduler.kill()
    scheduler.wait()
    assert len(processes_of(run_dir)) == 2
    airexec.write("flee.py", "")

    resumed = airexec("resume", "w")

    assert resumed.exit_code == 0
    assert "airexec: ended 2 processes of a run that was killed\n" in resumed.err
    assert processes_of(run_dir) == []


def test_a_guardian_that_is_slow_does_not_take_the_tasks_of_the_resumed_run_for_its_own(airexec: Airexec) -> None:
    """They have the same mark."""
    command = "touch up$AIREXEC_ATTEMPT; until [ -e go ]; do sleep .05; done"
    airexec.write("w.yml", f"name: w\ntasks:\n  a: {{command: '{command}'}}\n")
    scheduler = airexec.start("run", "w.yml", stdout=subprocess.DEVNULL)
    airexec.wait_for_file("up1")
    (guardian,) = guardians(scheduler.pid)
    os.kill(guardian, signal.SIGSTOP)
    scheduler.kill()
    scheduler.wait()

    resumed = airexec.start("resume", "w")
    airexec.wait_for_file("up2")
    with suppress(ProcessLookupError):
        os.kill(guardian, signal.SIGCONT)
    wait_until(lambda: not psutil.pid_exists(guardian), "the end of the guardian")
    airexec.write("go", "")
    resumed.communicate()

    assert 0 == resumed.returncode


def test_a_guardian_goes_when_the_run_ends(airexec: Airexec) -> None:
    """No process is left of a run that ended well."""
    airexec.write("w.yml", "name: w\ntasks:\n  a: {command: echo fine}\n")

    assert airexec("run", "w.yml").exit_code == 0

    assert [] == [command for _, _, command in all_guardians() if str(airexec.folder) in " ".join(command)]


def test_a_guardian_holds_nothing_that_others_wait_for(airexec: Airexec) -> None:
    """Its end of a pipe that somebody reads our output from would keep that open after our end."""
    airexec.write("w.yml", "tasks: {a: {command: 'touch up; until [ -e go ]; do sleep 0.01; done'}}\n")
    scheduler = airexec.start("run", "w.yml")
    airexec.wait_for_file("up")

    (guardian,) = guardians(scheduler.pid)

    assert ["/dev/null"] * 2 == [os.readlink(f"/proc/{guardian}/fd/{number}") for number in (1, 2)]
    airexec.write("go", "")
    assert 0 == scheduler.wait()


def guardians(scheduler: int) -> list[int]:
    return [pid for pid, parent, _ in all_guardians() if parent == scheduler]


def all_guardians() -> list[tuple[int, int, list[str]]]:
    """Return (pid, parent, command) of each on this machine; those of other runs come and go meanwhile."""
    psutil.process_iter.cache_clear()  # or it leaves out whoever has the number of somebody that it saw before
    everybody = [process.info for process in psutil.process_iter(["pid", "ppid", "cmdline"])]
    return [(it["pid"], it["ppid"], it["cmdline"]) for it in everybody if GUARDIAN in (it["cmdline"] or [])]
