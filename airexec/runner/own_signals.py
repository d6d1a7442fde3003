"""Signals to airexec itself, as bytes in a pipe that the loop can wait for.

Nothing happens in a handler: Python writes the number into the pipe at once, and the handler exists only so that the
default action does not. What our caller had us ignore stays ignored (SIGHUP under nohup, SIGINT in the background of a
script). Signals can only be received in the main thread; elsewhere this does nothing.
"""

import os
import signal
from _thread import allocate_lock
from contextlib import suppress
from types import FrameType
from typing import Any

_WATCHED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP)


class OwnSignals:
    """Installed on construction, restored by `close`."""

    def __init__(self) -> None:
        self.fd, self._write = os.pipe()
        os.set_blocking(self.fd, False)
        os.set_blocking(self._write, False)
        self._before: dict[int, Any] = {}
        self._is_open = True
        self._lock = allocate_lock()  # threading would cost a start 1 ms
        try:
            self._wakeup_before = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        except ValueError:  # not the main thread
            self.works = False
            return
        self.works = True
        for number in _WATCHED:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, _do_nothing)
        if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:  # inherited; exit codes would be lost
            self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, signal.SIG_DFL)

    def watch_children(self) -> None:
        """Have exits of children wake the loop too, for systems without pidfd; in the main thread only."""
        if self.works:
            before = signal.signal(signal.SIGCHLD, _do_nothing)
            self._before.setdefault(signal.SIGCHLD, before)

    def wake(self) -> None:
        """Make `fd` readable, from any thread, though no signal has come. After `close`, nobody is to be woken."""
        with self._lock, suppress(BlockingIOError):  # the pipe is full, so it is readable
            if self._is_open:
                os.write(self._write, b"\0")

    def received(self) -> list[int]:
        """Return the numbers of the watched signals that came in since the last call, oldest first."""
        try:
            numbers = os.read(self.fd, 4096)
        except BlockingIOError:
            return []
        return [number for number in numbers if number in _WATCHED]

    def stop_ourselves(self) -> None:
        """Do what Ctrl-Z means, return when we are continued. Where nobody could continue us, nothing stops.

        In a task the kernel sees nobody who could, but the airexec that stops us does.
        """
        if "AIREXEC_TASK" in os.environ:
            signal.raise_signal(signal.SIGSTOP)
            return
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        signal.raise_signal(signal.SIGTSTP)  # to this thread: given to another, it might come after the next line
        signal.signal(signal.SIGTSTP, _do_nothing)

    def close(self) -> None:
        if self.works:
            for number, handler in self._before.items():
                signal.signal(number, handler if handler is not None else signal.SIG_DFL)
            signal.set_wakeup_fd(self._wakeup_before)
        with self._lock:
            self._is_open = False
            os.close(self.fd)
            os.close(self._write)


def _do_nothing(number: int, frame: FrameType | None) -> None:
    """See the module."""
