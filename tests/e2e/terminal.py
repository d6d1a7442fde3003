"""A terminal of our own (a pty), with a program as the leader of its session: keys in, screen out, and hanging up."""

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any

from tests.e2e.rig import DEADLINE_SECONDS, Airexec

CTRL_C, CTRL_Z, CTRL_BACKSLASH = "\x03", "\x1a", "\x1c"

_LEAD_SESSION = "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])"  # noqa: E501  # runs without our imports


class Terminal:
    """Use in a `with` statement: at its end the terminal hangs up, and what still runs is killed."""

    def __init__(self, airexec: Airexec, *argv: str, env: Mapping[str, str] = {}) -> None:
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self._modes = termios.tcgetattr(slave)
        self._screen = b""
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _LEAD_SESSION, *argv],
            cwd=airexec.folder,
            env={**airexec.environment(), "TERM": "xterm-256color", **env},
            stdin=slave,
            stdout=slave,
            stderr=slave,
        )
        os.close(slave)

    @property
    def screen(self) -> str:
        """All that was ever written, escapes and all."""
        return self._screen.decode("utf-8", "replace")

    @property
    def text(self) -> str:
        """The same without escapes."""
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", self.screen).replace("\r", "")

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def wait_until(self, happened: Callable[[], Any], what: str) -> None:
        """Read what is written until something has happened. Fails after DEADLINE_SECONDS."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not happened():
            assert time.monotonic() < deadline, f"waited {DEADLINE_SECONDS} s for {what}; the terminal:\n{self.text}"
            self._read(0.01)

    def end(self) -> int:
        """Wait for the end of the program and return how it exited, as subprocess has it."""
        self.wait_until(lambda: self.process.poll() is not None, "the end of the program")
        while self._read(0.0):
            pass
        return self.process.returncode

    def hang_up(self) -> None:
        os.close(self._master)
        self._master = -1

    def is_in_order(self) -> bool:
        """Whether whoever uses the terminal next finds it as it was: modes, cursor, screen."""
        return self._modes == termios.tcgetattr(self._master) and all(
            switched(self.screen, mode) in (None, usual)
            for mode, usual in {"25": "h", "1049": "l", "2026": "l"}.items()
        )

    def _read(self, seconds: float) -> bool:
        if self._master < 0:
            time.sleep(seconds)
            return False
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:  # EIO: nobody has the other side open any more
            time.sleep(seconds)
            return False
        self._screen += data
        return bool(data)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        if self._master >= 0:
            self.hang_up()


def on_terminal(airexec: Airexec, *arguments: str, env: Mapping[str, str] = {}) -> tuple[int, str]:
    """Return the exit code of a command, and what it shows on a terminal, whose line ends are those of a file again."""
    master, slave = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "airexec", *arguments],
        cwd=airexec.folder,
        env={**airexec.environment(), "TERM": "xterm", **env},
        stdin=subprocess.DEVNULL,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    shown = read_to_end(master)
    os.close(master)
    return process.wait(DEADLINE_SECONDS), shown.decode().replace("\r\n", "\n")


def read_to_end(master: int) -> bytes:
    """Return all that is written to a terminal until nobody has its other side open any more."""
    data = b""
    with suppress(OSError):  # EIO, which is how Linux says so
        while piece := os.read(master, 65536):
            data += piece
    return data


def switched(screen: str, mode: str) -> str | None:
    """Return how a private mode was set last: `h` on, `l` off, None never."""
    found = re.findall(rf"\x1b\[\?{mode}([hl])", screen)
    return found[-1] if found else None
