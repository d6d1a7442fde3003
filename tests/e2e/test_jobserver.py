"""airexec inside of make: all jobs together are no more than make was told, and every token comes back."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.e2e.rig import DEADLINE_SECONDS, Airexec, Result, statuses, wait_until
from tests.e2e.terminal import CTRL_C, Terminal
from tests.e2e.test_interrupts import end, is_alive, signals_sent
from tests.e2e.test_terminal import COUNTER, wait_for_signals, wait_for_tasks

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="no make here")

COUNTING = """\
mkdir -p live; mktemp live/XXXXXX > $1.mine
ls live | wc -l >> counts
until [ -e enough ]; do [ $(ls live | wc -l) -lt $2 ] || touch enough; sleep 0.01; done
sleep 0.05
ls live | wc -l >> counts
rm $(cat $1.mine)
"""
"""A job that writes down how many run beside it, and goes on once so many as $2 ran at the same time."""


@pytest.fixture
def project(airexec: Airexec) -> Airexec:
    """A workflow of six jobs that may all run at once, as far as airexec is concerned."""
    airexec.write("count.sh", COUNTING)
    airexec.write(
        "w.yml",
        """\
        name: w
        max_active_tasks: 8
        tasks:
          t:
            command: sh count.sh "$AIREXEC_JOB-{{ matrix.n }}" 3
            matrix: {n: [1, 2, 3, 4, 5, 6]}
        """,
    )
    return airexec


def most_at_once(airexec: Airexec) -> int:
    return max(map(int, airexec.read("counts").split()))


def make(airexec: Airexec, *arguments: str) -> Result:
    """Run `make ARGUMENTS` as the outermost make, whoever runs the tests."""
    done = subprocess.run(
        ["make", *arguments],
        cwd=airexec.folder,
        env=airexec.environment(),
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
    )
    return Result(done.returncode, done.stdout, done.stderr)


@needs_make
def test_two_runs_inside_of_make_share_its_jobs(project: Airexec) -> None:
    """`make -j3`: three tasks at once in both runs together, never four; and make misses no token at the end."""
    project.write("Makefile", "all: a b\na b:\n\t+@airexec run w.yml --job $@\n")

    result = make(project, "-j3", "all")

    assert (0, "") == (result.exit_code, result.err)
    assert 3 == most_at_once(project)
    assert {"completed"} == {*statuses(project, "a").values(), *statuses(project, "b").values()}


@needs_make
def test_jobs_of_make_count_beside_ours(project: Airexec) -> None:
    """One job of make itself and one run of ours, under `make -j3`: two tasks beside that job."""
    project.write("Makefile", "all: a own\na:\n\t+@airexec run w.yml --job $@\nown:\n\t@sh count.sh own 3\n")

    assert 0 == make(project, "-j3", "all").exit_code

    assert 3 == most_at_once(project)


@needs_make
def test_a_run_inside_of_a_task_shares_the_jobs_too(project: Airexec) -> None:
    """The outer tasks are only the inner runs, whose first task each runs in their slot: three at once under -j3."""
    project.write(
        "outer.yml",
        """\
        name: outer
        max_active_tasks: 8
        tasks:
          x: {command: "airexec run w.yml --job {{ matrix.n }}", matrix: {n: [a, b]}}
        """,
    )
    project.write("Makefile", "all:\n\t+@airexec run outer.yml\n")

    result = make(project, "-j3", "all")

    assert (0, "") == (result.exit_code, result.err)
    assert 3 == most_at_once(project)


@needs_make
def test_without_a_plus_tasks_run_one_at_a_time(project: Airexec) -> None:
    """make has kept its jobserver to itself; it says so to a make, and we say so too."""
    project.write("count.sh", COUNTING.replace("-lt $2", "-lt 1"))
    project.write("Makefile", "all:\n\t@airexec run w.yml\n")

    result = make(project, "-j3", "all")

    assert (
        "airexec: make's jobserver is not open to airexec, so tasks run one at a time"
        " (begin the line of the Makefile with +)\n"
    ) == result.err
    assert "6 tasks, one at a time\n" in result.out
    assert 1 == most_at_once(project)


@needs_make
def test_j_on_the_command_line_wins_over_make(project: Airexec) -> None:
    """As in a make inside of make, and with a warning as there."""
    project.write("count.sh", COUNTING.replace("-lt $2", "-lt 4"))
    project.write("Makefile", "all:\n\t+@airexec run w.yml -j4\n")

    result = make(project, "-j2", "all")

    assert "airexec: -j4 was given, so make's jobserver is left alone\n" == result.err
    assert 4 == most_at_once(project)


@needs_make
def test_make_that_only_looks_starts_nothing(project: Airexec) -> None:
    """`make -n` runs lines with a `+` all the same; then we print the plan."""
    project.write("Makefile", "all:\n\t+@airexec run w.yml\n")

    result = make(project, "-n", "all")

    assert result.out.endswith("6 tasks; nothing was started\n")
    assert not (project.folder / "counts").exists()
    assert not (project.folder / ".airexec").exists()


@needs_make
def test_a_make_inside_of_a_task_runs_its_jobs_in_the_slot_of_the_task(airexec: Airexec) -> None:
    """It cannot reach the pipe, so it hears nothing of it: no warning, no `-j3` of its own."""
    airexec.write("w.yml", "name: w\ntasks: {inner: {command: make --no-print-directory -f inner.mk}}\n")
    airexec.write("Makefile", "all:\n\t+@airexec run w.yml\n")
    airexec.write("inner.mk", 'all: a b\na b:\n\t@mkdir alone && echo "$@:$(MAKEFLAGS)" && rmdir alone\n')

    assert 0 == make(airexec, "-j3", "-k", "all").exit_code

    (log,) = (airexec.folder / ".airexec/jobs/w/logs/").glob("inner.1.log")
    assert ["a:k --no-print-directory", "b:k --no-print-directory"] == log.read_text().splitlines()


@needs_make
def test_ctrl_c_in_make_reaches_every_task_once(airexec: Airexec) -> None:
    """The terminal sends it to make and to us; make waits for us, and we end our tasks in good order."""
    airexec.write("counter.py", COUNTER)
    counters = [f"{name}: {{command: ['{sys.executable}', counter.py, {name}]}}" for name in ("one", "two")]
    airexec.write("w.yml", f"name: w\nmax_active_tasks: 2\ntasks: {{{', '.join(counters)}}}\n")
    airexec.write("Makefile", "all:\n\t+@airexec run w.yml\n")
    with Terminal(airexec, "make", "-j2", "all") as terminal:
        pids = wait_for_tasks(terminal, airexec)

        terminal.press(CTRL_C)
        wait_for_signals(terminal, airexec, "SIGINT ")
        airexec.write("go", "")

        assert 0 != terminal.end()
        assert not any(map(is_alive, pids))
        assert terminal.is_in_order()
    assert ["SIGINT ", "SIGINT "] == [airexec.read("one"), airexec.read("two")]


# --- a fifo, as make 4.4 has --------------------------------------------------------------------------------------


class Fifo(NamedTuple):
    path: Path
    fd: int

    @property
    def env(self) -> dict[str, str]:
        return {"MAKEFLAGS": f" -j3 --jobserver-auth=fifo:{self.path}"}

    def tokens(self) -> list[str]:
        """Return the tokens that are there, and take them."""
        try:
            return sorted(os.read(self.fd, 100).decode())
        except BlockingIOError:
            return []


@pytest.fixture
def fifo(tmp_path: Path) -> Iterator[Fifo]:
    """The fifo of a `make -j3`: two tokens, each of its own kind."""
    path = tmp_path / "GMfifo1"
    os.mkfifo(path)
    fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    os.write(fd, b"xy")
    yield Fifo(path, fd)
    os.close(fd)


def test_a_fifo_is_shared_and_every_token_comes_back(project: Airexec, fifo: Fifo) -> None:
    """Two tokens and our own slot: three tasks at once. The same bytes are there at the end."""
    result = project("run", "w.yml", env=fifo.env)

    assert (0, "") == (result.exit_code, result.err)
    assert 3 == most_at_once(project)
    assert ["x", "y"] == fifo.tokens()


def test_a_token_given_back_by_others_is_taken_at_once(project: Airexec, fifo: Fifo) -> None:
    """While all our tasks wait for a third to run beside them."""
    assert ["x", "y"] == fifo.tokens()
    process = project.start("run", "w.yml", env=fifo.env)
    project.wait_for_file("counts")

    os.write(fifo.fd, b"xy")

    assert 0 == end(process)
    assert 3 == most_at_once(project)
    assert ["x", "y"] == fifo.tokens()


@pytest.mark.parametrize("presses", [1, 2])
def test_tokens_come_back_after_ctrl_c(airexec: Airexec, fifo: Fifo, presses: int) -> None:
    """Once, or twice for tasks that do not listen."""
    deafness = "trap '' INT; " if presses == 2 else ""
    command = f"{deafness}touch up-{{{{ matrix.n }}}}; while :; do sleep 0.01; done"
    airexec.write("w.yml", f'max_active_tasks: 8\ntasks: {{t: {{command: "{command}", matrix: {{n: [1, 2, 3]}}}}}}\n')
    process = airexec.start("run", "w.yml", env=fifo.env)
    for number in (1, 2, 3):
        airexec.wait_for_file(f"up-{number}")
    assert [] == fifo.tokens()

    for _ in range(presses):
        process.send_signal(signal.SIGINT)
        wait_until(lambda: signals_sent(airexec, "w"), "the signal to be heard")

    assert 130 == end(process)
    assert ["SIGINT", "SIGKILL"][:presses] == sorted(set(signals_sent(airexec, "w")))
    assert ["x", "y"] == fifo.tokens()


def test_tokens_come_back_when_the_state_is_lost(airexec: Airexec, fifo: Fifo) -> None:
    """The run is given up without a word in the journal, and yet in good order."""
    airexec.write(
        "w.yml",
        'tasks: {t: {command: "touch up-{{ matrix.n }}; exec sleep 1000", matrix: {n: [1, 2]}}}\nmax_active_tasks: 8\n',
    )
    process = airexec.start("run", "w.yml", env=fifo.env)
    airexec.wait_for_file("up-1")
    airexec.wait_for_file("up-2")
    shutil.rmtree(airexec.folder / ".airexec")

    assert 74 == end(process)
    assert ["x", "y"] == fifo.tokens()


def test_a_fifo_is_handed_on_to_tasks(airexec: Airexec, fifo: Fifo) -> None:
    """A make 4.4 inside of a task takes part by itself."""
    airexec.write("w.yml", 'name: w\ntasks: {t: {command: "printf %s \\"$MAKEFLAGS\\" > flags"}}\n')

    assert 0 == airexec("run", "w.yml", env=fifo.env).exit_code

    assert fifo.env["MAKEFLAGS"] == airexec.read("flags")
