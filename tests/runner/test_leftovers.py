"""What outlives a leader is ended: the ladder step by step, and real processes outside of their group."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from airexec.attempt.facts import Exited, LeftoverSignalled
from airexec.attempt.spec import AttemptSpec
from airexec.runner import marked_processes, proc
from airexec.runner.group import Group
from airexec.runner.leftovers import GRACE, LOOK, MOMENT, PATIENCE, LeftoverLadder, LeftoversOutside
from airexec.runner.marked_processes import Owner
from airexec.runner.processes import LocalProcesses
from airexec.runner.runner import DRAIN
from tests.e2e.rig import wait_until
from tests.runner.conftest import Room
from tests.runner.test_processes import is_alive

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")

READY = "until [ -s pids ]; do sleep 0.01; done; "
DAEMON = f"setsid sh -c 'echo $$ >> pids; exec sleep 1000' >/dev/null 2>&1 & {READY}"
HOLDING_STDOUT = f"setsid sh -c 'echo $$ >> pids; exec sleep 1000' & {READY}"
OTHER = DAEMON.replace("pids", "other")
DEAF = f"setsid sh -c 'trap \"\" TERM; echo $$ >> pids; while :; do sleep 0.01; done' >/dev/null 2>&1 & {READY}"


# --- the ladder -------------------------------------------------------------------------------------------------------


class FakeGroup(Group):
    """So many members, whatever is sent to them."""

    def __init__(self, count: int) -> None:
        super().__init__(os.getpid(), None)
        self.count = count
        self.sent: list[int] = []

    def members(self) -> int:
        return self.count

    def send(self, signum: int) -> bool:
        self.sent.append(signum)
        return True


def test_what_ends_by_itself_in_its_moment_gets_no_signal() -> None:
    group = FakeGroup(1)
    left = LeftoverLadder(group, now=10.0)
    assert (None, False) == (left.step(10.0), left.is_over)

    group.count = 0
    assert (None, True, 0) == (left.step(10.05), left.is_over, left.count)
    assert [] == group.sent


def test_the_ladder_is_term_then_kill_until_it_is_given_up() -> None:
    group = FakeGroup(3)
    left = LeftoverLadder(group, now=0.0)
    moments = [MOMENT, MOMENT + GRACE - 0.1, MOMENT + GRACE, MOMENT + GRACE + 0.1, MOMENT + GRACE + PATIENCE]
    said = [left.step(now) for now in moments]

    assert [signal.SIGTERM, None, signal.SIGKILL, None, None] == said
    assert [signal.SIGTERM, signal.SIGCONT, signal.SIGKILL, signal.SIGKILL] == group.sent
    assert (True, 3) == (left.is_over, left.count)


def test_in_a_hurry_kill_comes_at_once() -> None:
    group = FakeGroup(1)
    left = LeftoverLadder(group, now=0.0)
    left.hurry(0.01)

    assert (0.01, signal.SIGKILL, 1) == (left.look_at, left.step(0.01), left.count)


# --- outside of the group ---------------------------------------------------------------------------------------------


class Home(Room):
    """A room whose attempts carry the folder of their run, as real ones do."""

    def spec(self, *argv: str, task: str = "t", attempt: int = 1, **fields: Any) -> AttemptSpec:
        env = {**os.environ, **identity(self.folder, task, attempt), **fields.pop("env", {})}
        return super().spec(*argv, task=task, env=env, **fields)._replace(attempt=attempt)

    def start_and_wait(self, script: str, **fields: Any) -> None:
        """Start a task that runs until `finish`, and wait until it has printed a line."""
        os.mkfifo(self.folder / "go")
        self.start("sh", "-c", f"{script} echo up; read x <go", **fields)
        self.wait_for_output(b"up\n", fields.get("task", "t"))

    def finish(self) -> None:
        (self.folder / "go").write_text("go\n")

    def pid(self) -> int:
        return int((self.folder / "pids").read_text())

    def end_leftovers(self) -> None:
        while facts := self.processes.end_leftovers():
            self.facts += facts

    def ended(self) -> list[tuple[str, int, int]]:
        return [(fact.task, fact.attempt, fact.signal) for fact in self.of(LeftoverSignalled)]


def identity(folder: Path, task: str, attempt: int) -> Mapping[str, str]:
    return {
        "AIREXEC_RUN_DIR": str(folder),
        "AIREXEC_RUN": folder.name,
        "AIREXEC_TASK": task,
        "AIREXEC_ATTEMPT": str(attempt),
    }


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with LocalProcesses(run_dir=str(tmp_path)) as processes:
        yield Home(processes, tmp_path)


def test_a_daemon_in_a_session_of_its_own_is_gone_within_a_second(home: Home) -> None:
    home.sh(DAEMON)
    exited_at = monotonic()
    home.wait_for(LeftoverSignalled)
    wait_until(lambda: not is_alive(home.pid()), "the end of the daemon")

    assert [("t", 1, signal.SIGTERM)] == home.ended()
    assert monotonic() - exited_at < 1.0


def test_the_whole_ladder_takes_less_than_a_second() -> None:
    """Also for what ignores TERM."""
    assert LOOK + MOMENT + GRACE <= 0.8


def test_a_daemon_that_ignores_term_is_killed(home: Home) -> None:
    home.sh(DEAF)
    home.wait_for(LeftoverSignalled, 2)
    wait_until(lambda: not is_alive(home.pid()), "the end of the daemon")

    assert [("t", 1, signal.SIGTERM), ("t", 1, signal.SIGKILL)] == home.ended()


def test_a_daemon_that_holds_stdout_does_not_cost_the_whole_drain(home: Home) -> None:
    before = monotonic()
    exited = home.sh(HOLDING_STDOUT)

    assert Exited("t", 1, 0, leftover=1) == exited
    assert monotonic() - before < DRAIN


def test_what_is_still_in_the_group_is_ended_once(home: Home) -> None:
    """By the ladder of the group; that for the outside keeps away from it."""
    exited = home.sh(DEAF.replace("setsid ", ""))
    home.end_leftovers()

    assert [("t", 1, signal.SIGTERM), ("t", 1, signal.SIGKILL)] == home.ended()
    assert exited.leftover > 0


def test_children_of_a_living_leader_are_its_own_business(home: Home) -> None:
    """Whatever another attempt leaves behind meanwhile."""
    home.start_and_wait(DAEMON, task="living")
    child = home.pid()
    home.sh(OTHER, task="other")
    home.wait_for(LeftoverSignalled)

    assert [("other", 1, signal.SIGTERM)] == home.ended()
    assert is_alive(child)
    home.finish()
    home.wait_for(LeftoverSignalled, 2)
    wait_until(lambda: not is_alive(child), "the end of the daemon")


def test_what_an_earlier_attempt_has_left_is_ended_while_the_next_one_runs(home: Home) -> None:
    home.sh(DAEMON)
    first = home.pid()
    home.start_and_wait(HOLDING_STDOUT.replace("pids", "second"), attempt=2)
    home.wait_for(LeftoverSignalled)
    wait_until(lambda: not is_alive(first), "the end of the first daemon")

    assert [("t", 1, signal.SIGTERM)] == home.ended()
    assert is_alive(int((home.folder / "second").read_text()))


@pytest.mark.parametrize("name", ["AIREXEC_TASK", "AIREXEC_ATTEMPT", "AIREXEC_RUN"])
def test_a_child_that_names_no_attempt_of_ours_lives_as_long_as_any_attempt(
    name: str, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as the tasks of a run in a task, or a test of a program that reads these variables."""
    signalled: list[int] = []

    def send(pid: int, signum: int, mark: bytes) -> bool:
        signalled.append(pid)
        return proc.send(pid, signum, mark)

    monkeypatch.setattr(marked_processes, "send", send)
    home.start_and_wait(f"export {name}=77; {DAEMON}", task="living")
    home.sh(OTHER, task="other")
    home.wait_for(LeftoverSignalled)
    assert {int((home.folder / "other").read_text())} == set(signalled)

    home.finish()
    home.wait_for(Exited, 2)
    home.end_leftovers()

    assert [("other", 1, signal.SIGTERM)] == home.ended()
    assert not is_alive(home.pid())


def test_tasks_of_a_run_in_a_task_end_with_the_outer_run(home: Home) -> None:
    """They carry the folder of their own run, and ours as that of an outer one."""
    inner = f"export AIREXEC_RUN_DIR=/inner AIREXEC_RUN_DIR_1='{home.folder}'; {DAEMON}"
    home.sh(inner)
    assert is_alive(home.pid())

    home.end_leftovers()

    assert not is_alive(home.pid())


def test_processes_of_another_run_are_left_alone(home: Home) -> None:
    home.sh(f"AIREXEC_RUN_DIR='{home.folder}-b'; {DAEMON}")
    pid = home.pid()
    home.end_leftovers()

    assert ([], True) == (home.ended(), is_alive(pid))
    os.kill(pid, signal.SIGKILL)


def test_the_end_of_a_run_waits_until_all_are_gone(home: Home) -> None:
    """Also those that respawn: each child leaves for a session of its own and starts the next."""
    respawn = "import os, sys, time\nfor _ in range(400):\n if os.fork(): sys.exit()\n os.setsid(); time.sleep(0.01)\n"
    home.python(respawn)
    home.end_leftovers()

    assert [("t", 1, signal.SIGTERM)] == home.ended()[:1]
    assert [] == [pid for pid in proc.pids() if proc.is_marked(pid, proc.mark_of(str(home.folder)))]


def test_a_run_that_leaves_nothing_reads_no_process_that_was_there_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set(proc.pids())
    read = watch_reading(monkeypatch)
    with LocalProcesses(run_dir=str(tmp_path)) as processes:
        home = Home(processes, tmp_path)
        for _ in range(3):
            home.sh(":")
            home.end_leftovers()

    assert set() == before & set(read)


def test_who_slips_through_two_looks_is_found_by_the_third(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its ladder goes on where it was."""
    outside = LeftoversOutside(str(home.folder), is_live=lambda owner: False)
    looks = iter([[7], [], [], [7], [], [], []])
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(outside, "_left", lambda now, groups: {Owner("t", 1): pids} if (pids := next(looks)) else {})

    def send(pid: int, signum: int) -> bool:
        sent.append((pid, signum))
        return True

    monkeypatch.setattr(outside._marked, "send", send)
    for now in (1.0, 1.05, 1.06, 1.2, 1.3, 1.4, 1.5):
        outside.look(now, ())

    assert [(7, signal.SIGTERM), (7, signal.SIGCONT)] == sent
    assert inf == outside.look_at


def test_a_process_amid_an_exec_is_looked_at_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment is not there for a moment, and it would be taken for a stranger for ever."""
    outside = LeftoversOutside(str(home.folder), is_live=lambda owner: True)
    newcomer = subprocess.Popen(["sleep", "1000"])
    monkeypatch.setattr(marked_processes, "pids", lambda: [newcomer.pid])
    monkeypatch.setattr(marked_processes, "environment", lambda pid: b"")
    monkeypatch.setattr(marked_processes, "is_amid_exec", lambda pid: True)
    outside.leader_exited(1.0)
    outside.look(1.2, ())
    looked_again_at = outside.look_at
    monkeypatch.setattr(marked_processes, "environment", lambda pid: as_environment(identity(home.folder, "t", 1)))
    found = outside._marked.look(1.3)
    newcomer.kill()
    newcomer.wait()

    assert 1.2 < looked_again_at < 1.3
    assert {Owner("t", 1): [newcomer.pid]} == found


def test_who_was_there_when_a_look_began_is_looked_for_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have forked and exited while we looked, and nothing else tells of its child."""
    outside = LeftoversOutside(str(home.folder), is_live=lambda owner: False)
    monkeypatch.setattr(outside._marked, "look", lambda now: {Owner("t", 1): [dead_pid()]} if now == 1.0 else {})
    looks = []
    for now in (1.0, 1.1, 1.2, 1.3):
        outside.look(now, ())
        looks.append(round(outside.look_at - now, 3))

    assert [0.002, 0.002, 0.002, inf] == looks


def test_a_zombie_that_nobody_reaps_is_gone(home: Home) -> None:
    """Though it was seen alive, and its parent is no init."""
    outside = LeftoversOutside(str(home.folder), is_live=lambda owner: False)
    process = subprocess.Popen(["sleep", "1000"], env={**os.environ, **identity(home.folder, "t", 1)})
    wait_until(lambda: outside._left(1.0, ()), "the process to show its environment")
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

    assert [[], {}] == [outside._left(1.1, ())[Owner("t", 1)], outside._left(1.2, ())]
    process.wait()


def test_what_cannot_be_killed_is_given_up(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process stuck in the kernel must not keep the run from its end."""
    outside = LeftoversOutside(str(home.folder), is_live=lambda owner: False)
    process = subprocess.Popen(["sleep", "1000"], env={**os.environ, **identity(home.folder, "t", 1)})
    monkeypatch.setattr(marked_processes, "send", lambda pid, signum, mark: True)
    monkeypatch.setattr(marked_processes, "pids", lambda: [process.pid])
    wait_until(lambda: outside._left(1.0, ()), "the process to show its environment")
    times = [1.0, 1.0 + MOMENT, 1.0 + MOMENT + GRACE, 1.0 + MOMENT + GRACE + PATIENCE]
    sent = [ended.signal for now in times for ended in outside.look(now, ())]
    again = outside.look(9.0, ())
    process.kill()
    process.wait()

    assert ([signal.SIGTERM, signal.SIGKILL], [], inf) == (sent, again, outside.look_at)


def test_after_a_bug_of_ours_nothing_lives_on(tmp_path: Path) -> None:
    home = Home(LocalProcesses(run_dir=str(tmp_path)), tmp_path)
    home.start_and_wait(DAEMON)
    home.processes.close()

    assert not is_alive(home.pid())


def dead_pid() -> int:
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def as_environment(values: Mapping[str, str]) -> bytes:
    return b"".join(f"{name}={value}\0".encode() for name, value in values.items())


def watch_reading(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list of the pids whose environment is read from now on; they are all strangers."""
    read = []

    def environment(pid: int) -> bytes:
        read.append(pid)
        return b"A=b\0"

    monkeypatch.setattr(marked_processes, "environment", environment)
    return read
