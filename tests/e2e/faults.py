"""A disk that fails: the program in a fork of ours, in which one of its calls into the state folder raises.

Every function of `os` that takes a path or a descriptor in the state folder is counted, `open` and `flock` too; the
call of a given number fails, either once or with all that follow.
"""

import builtins
import errno
import os
import sys
from collections.abc import Callable
from fcntl import flock
from pathlib import Path
from typing import Any, NamedTuple

from airexec.cli.entry import run_command_line
from airexec.state import lock

CALLS = (
    *("open", "write", "pwrite", "ftruncate", "truncate", "fsync", "fdatasync"),
    *("mkdir", "replace", "rename", "symlink", "unlink", "listdir", "scandir", "stat", "lstat", "fstat", "statvfs"),
)


class Fault(NamedTuple):
    number: int
    """Which call fails, from 1 on; 0: none."""
    for_good: bool = False
    code: int = errno.EIO


class Outcome(NamedTuple):
    exit_code: int
    err: str
    calls: int
    """How many calls into the state folder there were."""
    failed: str
    """The name of the first call that failed; empty when none did."""


class Disk:
    """Wraps functions; knows which of their calls lead into `folder`."""

    def __init__(self, folder: Path, fault: Fault) -> None:
        self._folder = str(folder)
        self._fault = fault
        self._readlink = os.readlink
        self.calls = 0
        self.failed = ""

    def wrapped(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(target: Any = ".", *args: Any, **kwargs: Any) -> Any:
            if self._is_inside(target) or (name == "symlink" and self._is_inside(args[0])):
                self._count(name, target)
            return function(target, *args, **kwargs)

        return call

    def _count(self, name: str, target: Any) -> None:
        self.calls += 1
        fault = self._fault
        if self.calls == fault.number or (fault.for_good and self.calls > fault.number > 0):
            self.failed = self.failed or f"{name}({target})"
            raise OSError(fault.code, os.strerror(fault.code))

    def _is_inside(self, target: Any) -> bool:
        if hasattr(target, "fileno"):
            target = target.fileno()
        if isinstance(target, int):
            try:
                target = self._readlink(f"/proc/self/fd/{target}")
            except OSError:
                return False
        return isinstance(target, str | os.PathLike) and os.fspath(target).startswith(self._folder)


def run_on(folder: Path, fault: Fault, *arguments: str) -> Outcome:
    """Run `airexec ARGUMENTS` in a folder whose `.airexec` fails so, and return what came of it."""
    told = folder / "told"
    child = os.fork()
    if not child:
        os._exit(_in_child(folder, fault, told, arguments))
    exit_code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    calls, failed = told.read_text().split("\n", 1)
    return Outcome(exit_code, (folder / "err").read_text(), int(calls), failed)


def _in_child(folder: Path, fault: Fault, told: Path, arguments: tuple[str, ...]) -> int:
    try:
        os.chdir(folder)
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), number)
        sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
        os.environ["PYTHONPATH"] = ""
        disk = Disk(folder / ".airexec", fault)
        intact = builtins.open
        for name in CALLS:
            setattr(os, name, disk.wrapped(name, getattr(os, name)))
        builtins.open = disk.wrapped("open()", intact)
        vars(lock)["flock"] = disk.wrapped("flock", flock)
        exit_code = run_command_line(arguments)
        sys.stderr.flush()
        with intact(told, "w") as file:
            file.write(f"{disk.calls}\n{disk.failed}")
    except BaseException:
        import traceback

        traceback.print_exc()
        return 99
    return exit_code
