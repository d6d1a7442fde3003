"""A client of make's jobserver: airexec inside `make -j8` runs no more jobs than make has slots for.

One slot is ours by being started. For each further attempt a token, one byte, is read from the pipe of make, and the
same byte is written back when an attempt ends. The pipe belongs to many processes. To set it non-blocking would be
felt by all of them, and a read that blocks would stop our loop when somebody else is quicker. So the pipe is opened a
second time, by its name (a fifo has one; on Linux, so has every pipe): what is set there is ours alone.

A token that we hold is lost if we are killed by `kill -9`, as it is with make itself.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from airexec.runner.make_flags import Fifo, Pipe, jobserver, without_jobserver

VARIABLE = "AIREXEC_JOBSERVER"
"""Names the pipe to an airexec inside a task: it can open one that make itself has handed only to us."""


class Jobserver:
    """Counts attempts against the slots of make. Implements `airexec.run.ports.Tokens`."""

    def __init__(self, fd: int | None) -> None:
        """`fd` is ours: open for reading and writing, non-blocking. None: there is no slot but our own."""
        self._fd = fd
        self._own_slot_is_free = True
        self._tokens: list[bytes] = []

    def acquire(self) -> bool:
        """Take a slot for one attempt; return whether there was one."""
        if self._own_slot_is_free:
            self._own_slot_is_free = False
            return True
        if self._fd is None:
            return False
        try:
            token = os.read(self._fd, 1)
        except BlockingIOError:
            return False
        self._tokens.append(token)
        return True

    def release(self) -> None:
        """Give back the slot of one attempt, those of make before our own: others may wait for them."""
        if self._tokens:
            assert self._fd is not None
            os.write(self._fd, self._tokens.pop())
        else:
            self._own_slot_is_free = True

    def close(self) -> None:
        """Give back what is still held; nothing of ours runs any more."""
        while self._tokens:
            self.release()
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


class Membership(NamedTuple):
    """How this process takes part."""

    tokens: Jobserver | None
    """None: the number of attempts is our own affair."""
    env: Mapping[str, str]
    """The environment for tasks."""
    warning: str | None = None


@contextmanager
def membership(env: Mapping[str, str], slots: int | None) -> Iterator[Membership]:
    """Take part in the jobserver that `env` names, if any; `slots` is what -j says, and wins as it does in make."""
    server = jobserver(env.get("MAKEFLAGS", "")) or (Fifo(env[VARIABLE]) if VARIABLE in env else None)
    if server is None:
        yield Membership(None, env)
        return
    inner_env = _env_for_tasks(env, server)
    if slots is not None:
        yield Membership(None, inner_env, f"-j{slots} was given, so make's jobserver is left alone")
        return
    fd = _open(server)
    tokens = Jobserver(fd)
    try:
        yield Membership(tokens, inner_env, None if fd is not None else _why_not(server))
    finally:
        tokens.close()


def is_out_of_reach(env: Mapping[str, str]) -> bool:
    """Return whether `env` names a jobserver that is not open to us."""
    server = jobserver(env.get("MAKEFLAGS", ""))
    if server is None:
        return False
    fd = _open(server)
    if fd is not None:
        os.close(fd)
    return fd is None


def _open(server: Fifo | Pipe) -> int | None:
    """Return a descriptor of our own, None when there is no way to the jobserver."""
    path = server.path if isinstance(server, Fifo) else _name(server, "self")
    if path is None:
        return None
    try:
        fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except (OSError, ValueError):
        return None
    if stat.S_ISFIFO(os.fstat(fd).st_mode):
        return fd
    os.close(fd)
    return None


def _name(pipe: Pipe, process: str) -> str | None:
    """Return the name of a pipe among the files of a process, None when the two descriptors are no ends of a pipe.

    They are not when make did not hand them on; other files may have their numbers by then.
    """
    try:
        ends = os.fstat(pipe.read), os.fstat(pipe.write)
    except (OSError, OverflowError):
        return None
    if not stat.S_ISFIFO(ends[0].st_mode) or not os.path.samestat(*ends):
        return None
    return f"/proc/{process}/fd/{pipe.read}"


def _env_for_tasks(env: Mapping[str, str], server: Fifo | Pipe) -> dict[str, str]:
    """A fifo is there for every process. Descriptors are not: tasks get 0-2 only, so no make inside of one may look
    for them, while an airexec inside of one can come through us."""
    inner = dict(env)
    if isinstance(server, Fifo):
        return inner
    inner.pop(VARIABLE, None)
    for name in ("MAKEFLAGS", "MFLAGS"):
        if name in inner:
            inner[name] = without_jobserver(inner[name])
    if (path := _name(server, str(os.getpid()))) is not None:
        inner[VARIABLE] = path
    return inner


def _why_not(server: Fifo | Pipe) -> str:
    if isinstance(server, Fifo):
        return f"make's jobserver cannot be opened, so tasks run one at a time: {server.path}"
    return "make's jobserver is not open to airexec, so tasks run one at a time (begin the line of the Makefile with +)"
