"""Of many schedulers of one job exactly one runs, whoever comes when, and the others leave no trace."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from airexec.errors import JobLockedError
from airexec.state.layout import JobFolder
from airexec.state.lock import acquire
from tests.e2e.rig import DEADLINE_SECONDS, Airexec, read_all, wait_until
from tests.e2e.test_storage import tree

STARTERS = 50
ROUNDS = 20
WAITING = """\
    name: w
    tasks: {a: {command: "touch up; until [ -e go ]; do sleep 0.01; done; echo $PPID >> ran"}}
"""


class Answer(NamedTuple):
    pid: int
    said: str
    seconds: float


def start_at_once(job: JobFolder, count: int, runs: int = 1) -> list[Answer]:
    """Fork so many starters, let all go at the same moment, and return what each said: `won`, or who has.

    Who has won keeps the lock until all have answered.
    """
    gun, trigger = os.pipe()
    answers, answer = os.pipe()
    hold, let_go = os.pipe()
    pids = []
    for _ in range(count):
        pid = os.fork()
        if not pid:
            os.close(trigger)
            os.close(let_go)
            os._exit(_starter(job, runs, gun, answer, hold))
        pids.append(pid)
    os.close(trigger)
    found = [Answer(int(a), b, float(c)) for a, b, c in (_read_line(answers).split(" ") for _ in pids)]
    os.close(let_go)
    for pid in pids:
        os.waitpid(pid, 0)
    for fd in (gun, answers, answer, hold):
        os.close(fd)
    return found


def _starter(job: JobFolder, runs: int, gun: int, answer: int, hold: int) -> int:
    os.read(gun, 1)  # ends when the trigger is closed
    began = time.monotonic()
    try:
        acquire(job, ["airexec"], time.time(), runs)
        said = "won"
    except JobLockedError as error:
        said = ",".join(re.findall(r"pid (\d+)", error.headline)) or "nobody"
    except BaseException as error:  # pytest must not go on in the fork
        said = type(error).__name__
    os.write(answer, f"{os.getpid()} {said} {time.monotonic() - began}\n".encode())
    os.read(hold, 1)
    return 0


def _read_line(fd: int) -> str:
    line = b""
    while not line.endswith(b"\n"):
        line += os.read(fd, 1)
    return line.decode().strip()


def test_of_fifty_starters_exactly_one_wins(tmp_path: Path) -> None:
    """Twenty times; every loser names the winner, within a second. A winner just dies, and the next round begins."""
    job = JobFolder(tmp_path / ".airexec", "w")
    job.create()

    for _ in range(ROUNDS):
        answers = start_at_once(job, STARTERS)
        winners = [str(it.pid) for it in answers if it.said == "won"]
        assert 1 == len(winners)
        assert {"won", *winners} == {it.said for it in answers}
        assert max(it.seconds for it in answers) < 1.0


@pytest.mark.parametrize("runs", [2, 3, 7])
def test_of_fifty_starters_as_many_win_as_there_is_room_for(runs: int, tmp_path: Path) -> None:
    """For each number; every loser names all winners, within a second."""
    job = JobFolder(tmp_path / ".airexec", "w")
    job.create()

    for _ in range(ROUNDS // 2):
        answers = start_at_once(job, STARTERS, runs)
        winners = {str(it.pid) for it in answers if it.said == "won"}
        assert runs == len(winners)
        assert [winners] * (STARTERS - runs) == [{*it.said.split(",")} for it in answers if it.said != "won"]
        assert max(it.seconds for it in answers) < 1.0


def test_of_many_runs_one_runs_and_the_others_write_nothing(airexec: Airexec) -> None:
    """Exit code 75, with pid, host, start and command of the one."""
    airexec.write("w.yml", WAITING)
    first = airexec.start("run", "w.yml")
    airexec.wait_for_file("up")
    wait_until((airexec.folder / ".airexec/jobs/w/state.json").exists, "the snapshot")  # the last of its files
    before = tree(airexec.folder / ".airexec")

    others = [airexec.start("run", "w.yml", "-j1") for _ in range(8)]
    said = [(other.communicate(timeout=DEADLINE_SECONDS), other.returncode) for other in others]
    after = tree(airexec.folder / ".airexec")
    airexec.write("go", "")
    first.communicate(timeout=DEADLINE_SECONDS)

    assert {75} == {exit_code for _, exit_code in said}
    for (out, err), _ in said:
        assert "" == out
        assert re.fullmatch(
            rf"airexec: error: job w is locked by another run: pid {first.pid} on \S+"
            r" since \S+Z \(airexec run w.yml\)\n"
            rf"  hint: wait for its end, as `airexec run --wait` does, or end it: kill {first.pid}\n",
            err,
        )
    assert before == after
    assert (0, f"{first.pid}\n") == (first.returncode, airexec.read("ran"))


def test_a_run_can_wait_for_another(airexec: Airexec) -> None:
    """`--wait` says once what it waits for, and then runs."""
    airexec.write("w.yml", WAITING)
    first = airexec.start("run", "w.yml", stdout=subprocess.DEVNULL)
    airexec.wait_for_file("up")
    second = airexec.start("run", "--wait", "w.yml", stdout=subprocess.DEVNULL)
    assert second.stderr is not None
    told = second.stderr.readline()
    airexec.write("go", "")
    first.communicate(timeout=DEADLINE_SECONDS)
    rest = read_all(second.stderr)

    assert (0, 0) == (first.returncode, second.wait(DEADLINE_SECONDS))
    assert told.startswith(f"airexec: waiting: job w is locked by another run: pid {first.pid} on ")
    assert "" == rest
    assert f"{first.pid}\n{second.pid}\n" == airexec.read("ran")


def test_a_run_waits_no_longer_than_it_was_told(airexec: Airexec) -> None:
    """Then it is refused as without `--wait`; resume knows the option too."""
    airexec.write("w.yml", WAITING)
    first = airexec.start("run", "w.yml")
    airexec.wait_for_file("up")

    began = time.monotonic()
    second = airexec("resume", "w", "--wait=500ms")
    took = time.monotonic() - began
    airexec.write("go", "")
    first.communicate(timeout=DEADLINE_SECONDS)

    assert 75 == second.exit_code
    assert took >= 0.5
    assert second.err.startswith("airexec: waiting: job w is locked")
    assert f"\nairexec: error: job w is locked by another run: pid {first.pid} on " in second.err


def test_a_wait_that_is_no_duration_is_a_mistake(airexec: Airexec) -> None:
    """Exit code 2, with an example."""
    airexec.write("w.yml", WAITING)

    result = airexec("run", "w.yml", "--wait=soon")

    assert 2 == result.exit_code
    assert "'soon' is no duration such as 30s or 1h30m" in result.err


def test_who_waits_runs_as_soon_as_the_holder_is_killed(airexec: Airexec) -> None:
    """No ritual after SIGKILL: the kernel has freed the lock."""
    airexec.write("w.yml", WAITING)
    first = airexec.start("run", "w.yml")
    airexec.wait_for_file("up")
    second = airexec.start("run", "w.yml", "--wait", stdout=subprocess.DEVNULL)
    assert second.stderr is not None
    second.stderr.readline()
    airexec.write("go", "")
    first.send_signal(signal.SIGKILL)

    assert 0 == second.wait(DEADLINE_SECONDS)
