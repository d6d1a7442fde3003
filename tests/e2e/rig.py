"""The real program in an empty folder: what it prints, how it exits, and a way to wait for what its tasks do."""

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

ROOT = Path(__file__).parents[2]
DEADLINE_SECONDS = 60.0
"""Nothing takes this long; who waits longer waits in vain."""


class Result(NamedTuple):
    exit_code: int
    out: str
    err: str


class Airexec:
    """A folder of its own (with `.git`, so that its state is there) and the program run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[subprocess.Popen[str]] = []
        (folder / ".git").mkdir()

    def __call__(self, *arguments: str, stdin: str = "", env: Mapping[str, str] | None = None) -> Result:
        """Run `airexec ARGUMENTS` to its end."""
        process = self.start(*arguments, env=env)
        try:
            out, err = process.communicate(stdin, timeout=DEADLINE_SECONDS)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)  # faulthandler then says where it hangs
            out, err = process.communicate()
            raise AssertionError(f"airexec {' '.join(arguments)} hangs:\n{out}\n{err}") from None
        return Result(process.returncode, out, err)

    def start(
        self,
        *arguments: str,
        env: Mapping[str, str] | None = None,
        stdout: int | IO[str] = subprocess.PIPE,
        stderr: int | IO[str] = subprocess.PIPE,
    ) -> "subprocess.Popen[str]":
        """Start `airexec ARGUMENTS` in a process group of its own; what is left of it is killed after the test."""
        process = subprocess.Popen(
            [sys.executable, "-m", "airexec", *arguments],
            cwd=self.folder,
            env={**self.environment(), **(env or {})},
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=stderr,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def environment(self) -> dict[str, str]:
        """The same on every machine: no CI, no colors, and `airexec` on the PATH for scripts inside of tasks."""
        bin_dir = self.folder / ".bin"
        if not bin_dir.exists():
            bin_dir.mkdir()
            (bin_dir / "airexec").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m airexec "$@"\n')
            (bin_dir / "airexec").chmod(0o755)
        return {
            "PATH": f"{bin_dir}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "PYTHONFAULTHANDLER": "1",
            "HOME": str(self.folder),
            "XDG_STATE_HOME": str(self.folder.parent / "state-home"),
            "LC_ALL": "C.UTF-8",
        }

    def write(self, name: str, text: str) -> Path:
        """Write a file of the folder; the text may be indented as a whole."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    def read(self, name: str) -> str:
        return (self.folder / name).read_text()

    def close(self) -> None:
        """Kill what still runs and close all pipes."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.communicate()

    def wait_for_file(self, name: str) -> None:
        """Wait until a task has made this file."""
        wait_until((self.folder / name).exists, f"{name} to appear")


def without_times(text: str) -> str:
    """Return what was printed with run ids and durations replaced by words, since they differ each time."""
    text = re.sub(r"\d{8}-\d{6}-[0-9a-f]{4}", "RUN", text)
    return re.sub(r"\d+\.\d s", "N s", text)


def read_all(stream: IO[str] | None) -> str:
    """Return the rest of a pipe."""
    assert stream is not None
    return stream.read()


def wait_until(happened: Callable[[], Any], what: str) -> None:
    """Look until something has happened. Fails after DEADLINE_SECONDS."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not happened():
        assert time.monotonic() < deadline, f"waited {DEADLINE_SECONDS} s for {what}"
        time.sleep(0.01)


def load_tasks(airexec: Airexec, job: str) -> dict[str, dict[str, Any]]:
    """Return tasks.json of a job by task id."""
    tasks = json.loads(airexec.read(f".airexec/jobs/{job}/tasks.json"))
    return {task["id"]: task for task in tasks}


def statuses(airexec: Airexec, job: str) -> dict[str, str]:
    """Return the status of every task of a job, as in tasks.json."""
    return {task_id: task["status"] for task_id, task in load_tasks(airexec, job).items()}
