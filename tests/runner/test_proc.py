"""What /proc tells of a process; and a signal by number goes to whom it is meant for, or to nobody."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from airexec.runner import proc
from tests.e2e.rig import wait_until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")


@pytest.fixture
def marked(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the run in `tmp_path`."""
    process = subprocess.Popen(["sleep", "1000"], env={**os.environ, proc.VARIABLE: str(tmp_path)})
    wait_until(lambda: proc.is_marked(process.pid, proc.mark_of(str(tmp_path))), "its environment")
    yield process
    process.kill()
    process.wait()


def test_who_has_the_mark_is_signalled(marked: "subprocess.Popen[bytes]", tmp_path: Path) -> None:
    assert proc.send(marked.pid, signal.SIGTERM, proc.mark_of(str(tmp_path)))
    assert -signal.SIGTERM == marked.wait()


@pytest.mark.parametrize("other", ["-b", "/b", "/../b"])
def test_who_has_another_mark_is_left_alone(other: str, marked: "subprocess.Popen[bytes]", tmp_path: Path) -> None:
    """Its number may have been that of a process of ours a moment ago."""
    assert not proc.send(marked.pid, signal.SIGTERM, proc.mark_of(f"{tmp_path}{other}"))
    assert marked.poll() is None


def test_a_process_is_held_before_it_is_looked_at(
    marked: "subprocess.Popen[bytes]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So what is looked at and what is signalled are the same, whatever becomes of the number."""
    order: list[str] = []
    open_pidfd, look = os.pidfd_open, proc.is_marked

    def opening(pid: int, flags: int = 0) -> int:
        order.append("hold")
        return open_pidfd(pid, flags)

    def looking(pid: int, mark: bytes, is_spared: proc.Spared) -> bool:
        order.append("look")
        return look(pid, mark, is_spared)

    monkeypatch.setattr(os, "pidfd_open", opening)
    monkeypatch.setattr(proc, "is_marked", looking)
    proc.send(marked.pid, signal.SIGTERM, proc.mark_of(str(tmp_path)))

    assert ["hold", "look"] == order


def test_we_are_not_among_the_processes() -> None:
    """Whose environment may have the mark of an outer run."""
    assert os.getppid() in proc.pids()
    assert os.getpid() not in proc.pids()


def test_a_run_in_a_run_keeps_all_marks_outside_of_it() -> None:
    """Each in a variable of its own; who has the mark of a run already keeps it as it is."""
    env = proc.with_mark(proc.with_mark(proc.with_mark({"X": "x"}, "/1"), "/2"), "/3")

    assert {"X": "x", "AIREXEC_RUN_DIR": "/3", "AIREXEC_RUN_DIR_1": "/1", "AIREXEC_RUN_DIR_2": "/2"} == env
    assert env == proc.with_mark(env, "/3")


class Looks:
    """What each look of a sweep finds, and the time that passes between them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, found: Iterable[list[int]]) -> None:
        self.found = iter(found)
        self.now = 0.0
        monkeypatch.setattr(proc, "_kill_marked", lambda mark, is_spared: next(self.found))
        monkeypatch.setattr(time, "sleep", self.sleep)
        monkeypatch.setattr(time, "monotonic", lambda: self.now)

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_a_sweep_ends_when_two_looks_in_a_row_find_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who forks and exits all the time can slip through one; each process counts once."""
    looks = Looks(monkeypatch, [[7], [7, 8], [], [9], [], [], [10]])

    assert 3 == proc.sweep(b"mark")
    assert [[10]] == list(looks.found)


def test_a_sweep_gives_up_what_cannot_be_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """After ten seconds: it is stuck in the kernel, and the run that waits has work to do."""
    looks = Looks(monkeypatch, ([7] for _ in range(1000)))

    assert 1 == proc.sweep(b"mark")
    assert 10.0 == pytest.approx(looks.now, abs=0.1)


def test_neither_zombies_nor_the_living_are_amid_an_exec() -> None:
    zombie = subprocess.Popen(["true"])
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)

    assert not proc.is_amid_exec(zombie.pid)
    assert not proc.is_amid_exec(os.getpid())
    zombie.wait()
    assert not proc.is_amid_exec(zombie.pid)


def test_a_process_says_which_signals_it_catches() -> None:
    """Neither those that it ignores nor those whose default it takes; one that is gone catches nothing."""
    script = "import signal; signal.signal(signal.SIGTSTP, print); signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    command = [sys.executable, "-I", "-S", "-c", f"{script}; print(flush=True); signal.pause()"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert b"\n" == process.stdout.readline()
        caught = [proc.catches(process.pid, number) for number in (signal.SIGTSTP, signal.SIGHUP, signal.SIGTERM)]
        process.kill()

    assert [True, False, False] == caught
    assert not proc.catches(process.pid, signal.SIGTSTP)


def test_the_program_of_the_guardian_stands_alone() -> None:
    """It starts without site-packages, in an hour of need: nothing of ours, nothing of others, little of Python's."""
    report = "import sys; exec(open(sys.argv[1]).read(), {'__name__': 'proc'}); print(*sys.modules)"
    command = [sys.executable, "-I", "-S", "-c", report, proc.__file__]
    names = set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())

    assert set() == names & {"airexec", "psutil", "re", "subprocess", "typing"}


def test_no_other_module_asks_proc_about_a_process() -> None:
    """One seam, one parser: whoever needs more adds it there. The jobserver only names its pipe by the way there."""
    package = Path(proc.__file__).parents[1]

    assert {"proc.py", "jobserver.py"} == {path.name for path in package.rglob("*.py") if "/proc/{" in path.read_text()}


def test_the_process_of_another_user_is_not_amid_an_exec(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment is empty to us for as long as it lives: we would wait for it at the end of every run."""
    amid_exec = b"1 (x) S " + b" ".join([b"0"] * 60)
    monkeypatch.setattr(proc, "_read", lambda pid, name: amid_exec)
    ours = proc.is_amid_exec(os.getpid())

    monkeypatch.setattr(os, "geteuid", lambda: 12345)

    assert (True, False) == (ours, proc.is_amid_exec(os.getpid()))
