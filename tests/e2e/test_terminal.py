"""airexec on a real terminal: what keys do to it and to its tasks, and how it leaves the terminal."""

import errno
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.rig import Airexec, load_tasks, statuses
from tests.e2e.terminal import CTRL_BACKSLASH, CTRL_C, CTRL_Z, Terminal
from tests.e2e.test_guardian import processes_of
from tests.e2e.test_interrupts import is_alive, signals_sent

COUNTER = """
import os, signal, sys, time
name = sys.argv[1]
def note(number, frame):
    with open(name, "a") as file:
        file.write(signal.Signals(number).name + " ")
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGCONT):
    signal.signal(number, note)
with open(f"{name}.up", "w") as file:
    file.write(f"{os.getpid()} {os.getppid()}")
while not os.path.exists("go"):
    time.sleep(0.01)
"""
"""A task that writes down every signal it gets, and goes on until a file `go` is there."""

AIREXEC = (sys.executable, "-m", "airexec", "run", "w.yml")


@pytest.fixture
def counters(airexec: Airexec) -> Airexec:
    """A workflow of two such tasks and a third that waits for them."""
    airexec.write("counter.py", COUNTER)
    airexec.write(
        "w.yml",
        f"""\
        name: w
        max_active_tasks: 2
        tasks:
          one: {{command: ['{sys.executable}', counter.py, one]}}
          two: {{command: ['{sys.executable}', counter.py, two]}}
          next: {{command: touch ran, dependencies: [one, two]}}
        """,
    )
    return airexec


def wait_for_tasks(terminal: Terminal, airexec: Airexec, drawn: bool = True) -> list[int]:
    """Wait until both tasks run, and until the live view was drawn once; return their pids."""
    files = ("one.up", "two.up")
    terminal.wait_until(lambda: all(len(read(airexec, name).split()) == 2 for name in files), "both tasks")
    if drawn:
        terminal.wait_until(lambda: "  0/" in terminal.text, "the first frame")
    return [int(airexec.read(name).split()[0]) for name in files]


def wait_for_signals(terminal: Terminal, airexec: Airexec, text: str) -> None:
    terminal.wait_until(lambda: all(read(airexec, name) == text for name in ("one", "two")), f"both to get {text}")


def read(airexec: Airexec, name: str) -> str:
    try:
        return airexec.read(name)
    except FileNotFoundError:
        return ""


def last_event(airexec: Airexec) -> str:
    (journal,) = (airexec.folder / ".airexec/jobs/w/runs").glob("*/journal.jsonl")
    return journal.read_text().splitlines()[-1]


def run_dir(airexec: Airexec) -> Path:
    (folder,) = (airexec.folder / ".airexec/jobs/w/runs").iterdir()
    return folder


def test_ctrl_c_reaches_every_task_exactly_once(counters: Airexec) -> None:
    """The terminal sends it to us alone, since tasks have sessions of their own; we hand it on."""
    with Terminal(counters, *AIREXEC) as terminal:
        pids = wait_for_tasks(terminal, counters)

        terminal.press(CTRL_C)
        wait_for_signals(terminal, counters, "SIGINT ")
        counters.write("go", "")

        assert 130 == terminal.end()
        assert ["SIGINT ", "SIGINT "] == [counters.read("one"), counters.read("two")]
        assert ["SIGINT", "SIGINT"] == signals_sent(counters, "w")
        assert not (counters.folder / "ran").exists()
        assert not any(map(is_alive, pids))
        assert terminal.is_in_order()
        assert "Traceback" not in terminal.text


def test_ctrl_c_twice_kills_at_once(counters: Airexec) -> None:
    """No TERM in between, no grace: who presses again has lost patience."""
    with Terminal(counters, *AIREXEC) as terminal:
        pids = wait_for_tasks(terminal, counters)
        terminal.press(CTRL_C)
        wait_for_signals(terminal, counters, "SIGINT ")

        terminal.press(CTRL_C)

        assert 130 == terminal.end()
        assert ["SIGINT", "SIGINT", "SIGKILL", "SIGKILL"] == signals_sent(counters, "w")
        assert ["SIGINT ", "SIGINT "] == [counters.read("one"), counters.read("two")]
        assert not any(map(is_alive, pids))
        assert {"one": "cancelled", "two": "cancelled", "next": "cancelled"} == statuses(counters, "w")
        assert terminal.is_in_order()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the guardian looks into /proc")
def test_ctrl_backslash_leaves_nothing_behind(counters: Airexec) -> None:
    """It ends airexec without a word, as kill -9 does; the guardian does the rest. The terminal is in order."""
    with Terminal(counters, *AIREXEC) as terminal:
        wait_for_tasks(terminal, counters)
        folder = run_dir(counters)
        assert 2 == len(processes_of(folder))

        terminal.press(CTRL_BACKSLASH)

        assert -signal.SIGQUIT == terminal.end()
        ended_at = time.monotonic()
        terminal.wait_until(lambda: not processes_of(folder), "the end of all tasks")
        assert time.monotonic() - ended_at < 2.0
        assert terminal.is_in_order()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_ctrl_z_stops_tasks_and_fg_resumes_them(airexec: Airexec) -> None:
    """From a shell with job control, more than once. The time spent stopped does not count for the task's timeout."""
    airexec.write("counter.py", COUNTER)
    task = f"{{command: ['{sys.executable}', counter.py, one], execution_timeout: 5s}}"
    airexec.write("w.yml", f"name: w\ntasks: {{one: {task}}}\n")
    with Terminal(airexec, "bash", "--norc", "--noprofile", "--noediting", "-i", env={"PS1": "$ "}) as terminal:
        terminal.press(f"{' '.join(AIREXEC)}\n")
        terminal.wait_until(lambda: len(read(airexec, "one.up").split()) == 2, "the task")
        terminal.wait_until(lambda: "0/1 tasks" in terminal.text, "the first frame")
        pids = list(map(int, airexec.read("one.up").split()))

        terminal.press(CTRL_Z)
        terminal.wait_until(lambda: [state_of(pid) for pid in pids] == ["T", "T"], "task and airexec to stop")
        stopped_at = time.monotonic()
        terminal.wait_until(lambda: "Stopped" in terminal.text, "the shell to notice")
        assert terminal.is_in_order()
        terminal.wait_until(lambda: time.monotonic() - stopped_at > 5.2, "more time than the task has")
        assert ["T", "T"] == [state_of(pid) for pid in pids]
        terminal.press("fg\n")
        terminal.wait_until(lambda: read(airexec, "one") == "SIGCONT ", "the task to go on")

        terminal.press(CTRL_Z)
        terminal.wait_until(lambda: [state_of(pid) for pid in pids] == ["T", "T"], "both to stop again")
        terminal.wait_until(lambda: terminal.text.count("Stopped") == 2, "the shell to notice")
        terminal.press("fg\n")
        terminal.wait_until(lambda: read(airexec, "one") == "SIGCONT SIGCONT ", "the task to go on")
        airexec.write("go", "")
        terminal.wait_until(lambda: "w: completed" in terminal.text, "the end of the run")
        terminal.press("exit\n")
        terminal.end()

    assert "completed" == load_tasks(airexec, "w")["one"]["status"]
    assert "SIGCONT SIGCONT " == airexec.read("one")


def state_of(pid: int) -> str:
    """Return the letter that /proc has for the state of a process: T when it is stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_where_nobody_could_continue_us_ctrl_z_stops_nothing(counters: Airexec) -> None:
    """airexec leads the session itself: no shell, no fg."""
    with Terminal(counters, *AIREXEC) as terminal:
        wait_for_tasks(terminal, counters)

        terminal.press(CTRL_Z)
        wait_for_signals(terminal, counters, "SIGCONT ")
        counters.write("go", "")

        assert 0 == terminal.end()


def test_hanging_up_ends_everything_in_good_order(counters: Airexec) -> None:
    """The window is closed: tasks get TERM (and CONT, lest one be stopped), the journal is complete, exit code 129."""
    with Terminal(counters, *AIREXEC) as terminal:
        pids = wait_for_tasks(terminal, counters)

        terminal.hang_up()
        wait_for_signals(terminal, counters, "SIGTERM SIGCONT ")
        counters.write("go", "")

        assert 129 == terminal.end()
        assert ["SIGTERM SIGCONT ", "SIGTERM SIGCONT "] == [counters.read("one"), counters.read("two")]
        assert '"event":"run_finished"' in last_event(counters)
        assert not any(map(is_alive, pids))


def test_nohup_is_respected(counters: Airexec) -> None:
    """SIGHUP that our caller had ignored stays so: the window closes, the run goes on to its end."""
    with Terminal(counters, "nohup", *AIREXEC) as terminal:
        wait_for_tasks(terminal, counters, drawn=False)

        terminal.hang_up()
        terminal.wait_until(lambda: has_no_terminal(terminal.process.pid), "the hang-up to be over")
        counters.write("go", "")

        assert 0 == terminal.end()
        assert ["", ""] == [read(counters, "one"), read(counters, "two")]
        assert (counters.folder / "ran").exists()
        assert "w: completed" in counters.read("nohup.out")


def has_no_terminal(pid: int) -> bool:
    """Whether the kernel has taken the terminal from a process (its tty number in /proc is 0), after the signals."""
    if not os.path.exists("/proc/self/stat"):
        return True
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[4] == "0"


def test_a_reader_who_has_seen_enough_disturbs_nobody(airexec: Airexec) -> None:
    """`airexec run | head -1`: the run goes on, exit code 0, nothing on the terminal but that line."""
    airexec.write("w.yml", "name: w\ntasks: {a: {command: 'echo a'}, b: {command: 'touch ran', dependencies: a}}\n")
    script = f"{' '.join(AIREXEC)} | head -1; echo exit=${{PIPESTATUS[0]}}"
    with Terminal(airexec, "bash", "-c", script) as terminal:
        assert 0 == terminal.end()

        first, second, *rest = terminal.text.splitlines()

    assert first.startswith("▸ w: run ")
    assert ("exit=0", []) == (second, rest)
    assert {"a": "completed", "b": "completed"} == statuses(airexec, "w")


def test_a_task_cannot_open_the_terminal(airexec: Airexec) -> None:
    """There is one, but it is not theirs: who asks for a password there fails at once instead of hanging."""
    airexec.write("ask.py", "try: open('/dev/tty')\nexcept OSError as error: open('why', 'w').write(error.strerror)\n")
    airexec.write("w.yml", f"name: w\ntasks: {{ask: {{command: ['{sys.executable}', ask.py]}}}}\n")
    with Terminal(airexec, *AIREXEC) as terminal:
        assert 0 == terminal.end()
        assert terminal.is_in_order()

    assert os.strerror(errno.ENXIO) == airexec.read("why")


@pytest.mark.parametrize(
    ("answer", "status", "code"), [("y\n", "pending", 0), ("\n", "completed", 1), ("\x04", "completed", 1)]
)
def test_who_resets_a_whole_job_at_a_terminal_is_asked(answer: str, status: str, code: int, airexec: Airexec) -> None:
    """Nobody is asked who names tasks, or is a script."""
    airexec.write("w.yml", "tasks: {a: {command: 'true'}}\n")
    airexec("run", "w.yml")

    with Terminal(airexec, sys.executable, "-m", "airexec", "reset", "w") as terminal:
        terminal.wait_until(lambda: "Reset all tasks of job w" in terminal.text, "the question")
        terminal.press(answer)
        terminal.wait_until(lambda: terminal.process.poll() is not None, "the end")

    assert (code, {"a": status}) == (terminal.process.returncode, statuses(airexec, "w"))
    assert 0 == airexec("reset", "w").exit_code
