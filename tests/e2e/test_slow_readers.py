"""Whoever reads our output, or does not, holds up neither timeouts nor signals nor starts."""

import json
import os
import pty
import signal
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.rig import DEADLINE_SECONDS, Airexec, load_tasks, read_all, statuses, wait_until

NOISY = """\
    name: w
    tasks:
      noisy: {command: "seq 100000; touch printed"}
      slow: {command: touch up; exec sleep 1000, execution_timeout: 500ms}
      next: {command: touch ran, dependencies: [{task: noisy, allow_failure: true}]}
      quick: {command: "true", matrix: {n: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}, dependencies: noisy}
"""
MODES = [("--output", "stream"), ("--output", "prefixed"), ("--output", "grouped"), ("--json",)]


@pytest.mark.parametrize("mode", MODES, ids=" ".join)
def test_timeouts_and_starts_do_not_wait_for_a_reader(mode: tuple[str, ...], airexec: Airexec) -> None:
    """Nobody reads until all is over, and then nothing is missing."""
    airexec.write("w.yml", NOISY)
    process = airexec.start("run", "w.yml", "-j2", *mode)

    wait_until(lambda: over(airexec), "the end of the run, though nobody reads")
    out = read_all(process.stdout)

    assert 1 == process.wait(DEADLINE_SECONDS)
    assert "timeout" == load_tasks(airexec, "w")["slow"]["reason"]
    assert (airexec.folder / "ran").exists()
    if mode == ("--json",):
        (journal,) = airexec.folder.glob(".airexec/jobs/w/runs/*/journal.jsonl")
        assert journal.read_text() == out
    else:
        assert set() == {str(n) for n in range(1, 100_001)} - set(out.split())
        assert "w: failed in" in out


def over(airexec: Airexec) -> bool:
    try:
        return bool("failed" == json.loads(airexec.read(".airexec/jobs/w/state.json"))["state"])
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
@pytest.mark.parametrize("mode", MODES, ids=" ".join)
def test_signals_do_not_wait_for_a_reader(
    mode: tuple[str, ...], number: signal.Signals, exit_code: int, airexec: Airexec
) -> None:
    """Tasks are ended; and whoever waits for a reader at the end is ended by the same signals."""
    airexec.write("w.yml", NOISY.replace("500ms", "5m"))
    process = airexec.start("run", "w.yml", "-j2", *mode)
    airexec.wait_for_file("printed")
    airexec.wait_for_file("up")
    process.send_signal(number)
    wait_until(lambda: "cancelled" == statuses(airexec, "w").get("slow"), "the end of the task")
    out = read_all(process.stdout)

    assert exit_code == process.wait(DEADLINE_SECONDS)
    assert "cancelled" in out


def test_a_terminal_that_is_held_holds_up_nothing(airexec: Airexec) -> None:
    """As by Ctrl-S, with the live view on it."""
    airexec.write("w.yml", NOISY)
    master, slave = pty.openpty()
    termios.tcflow(slave, termios.TCOOFF)
    process = subprocess.Popen(
        [sys.executable, "-m", "airexec", "run", "w.yml", "-j2"],
        cwd=airexec.folder,
        env={**airexec.environment(), "TERM": "xterm", "NO_COLOR": "1"},
        stdin=slave,
        stdout=slave,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until(lambda: over(airexec), "the end of the run, though the terminal is held")
        waits = process.poll() is None
        termios.tcflow(slave, termios.TCOON)
        os.close(slave)
        shown = _until(master, b"w: failed in")

        assert waits
        assert b"timed out" in shown
        assert 1 == process.wait(DEADLINE_SECONDS)
    finally:
        process.kill()
        process.wait()
        os.close(master)


def _until(master: int, words: bytes) -> bytes:
    shown = b""
    while words not in shown:
        shown += os.read(master, 65536)
    return shown


@pytest.mark.parametrize("arguments", [("list",), ("graph", "--format", "json"), ("run", "--output", "stream")])
def test_a_stdout_that_does_not_block_loses_nothing(arguments: tuple[str, ...], airexec: Airexec) -> None:
    """As node and asyncio hand it over; what is printed is what a file gets."""
    tasks = "".join(f"  t{n}: {{command: ':', description: {'x' * 100}}}\n" for n in range(3000))
    airexec.write("airexec.yml", f"tasks:\n  noisy: {{command: seq 50000}}\n{tasks if arguments[0] != 'run' else ''}")
    with open(airexec.folder / "whole", "w") as file:
        assert 0 == airexec.start(*arguments, stdout=file).wait(DEADLINE_SECONDS)

    pieces = _read_late(airexec, arguments)

    assert len(pieces) > 200_000
    assert without_durations(Path(airexec.folder / "whole").read_text()) == without_durations(pieces)


def _read_late(airexec: Airexec, arguments: tuple[str, ...]) -> str:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with os.fdopen(writing, "w") as stdout:
        process: Any = airexec.start(*arguments, stdout=stdout)
    with os.fdopen(reading) as stream:
        text = stream.read()
    assert 0 == process.wait(DEADLINE_SECONDS)
    return text


def without_durations(text: str) -> list[str]:
    """Return the lines but for those with times and ids of a run."""
    return [line for line in text.splitlines() if " s" not in line and "run 20" not in line]
