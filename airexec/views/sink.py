"""Where console views write: a byte stream that may go away at any time, or be read by nobody. Knows nothing of what is
written.

`airexec run | head -1` must not disturb the run (promise C6), nor may a terminal that was hung up or a full disk
behind `>`: after the first failed write a sink is silent for ever and raises nothing. Nor may a reader that does not
read: what it cannot take waits in bounded memory, and what is beyond that is left out, with a line that says so.
"""

import os
import stat
from contextlib import suppress
from typing import BinaryIO, TextIO

from airexec.views.slow_reader import SlowReader

_BUFFER_MAX = 65536


class Sink:
    """Collects text and writes it out at `flush`, in one write as a rule."""

    def __init__(self, stream: BinaryIO, encoding: str = "utf-8", reader: SlowReader | None = None) -> None:
        """`reader`: who is behind the stream, where writing to it could take long."""
        self._stream = stream
        self._encoding = encoding
        self._reader = reader
        self._pending = bytearray()
        self._left_out = 0
        """Bytes since the last flush that had room."""
        self.is_broken = False

    def write(self, text: str) -> None:
        """Characters that the encoding lacks appear as `\\u2713`."""
        self.write_bytes(text.encode(self._encoding, "backslashreplace"))

    def line(self, text: str = "") -> None:
        self.write(text + "\n")

    def write_bytes(self, data: bytes) -> None:
        self._pending += data
        if len(self._pending) >= _BUFFER_MAX:
            self.flush()

    @property
    def has_pending(self) -> bool:
        return bool(self._pending)

    @property
    def is_waited_for(self) -> bool:
        """Whether a reader has not yet taken what was flushed."""
        return self._reader is not None and self._reader.is_waited_for

    @property
    def has_room(self) -> bool:
        """Whether what is flushed now is going to be written, rather than left out."""
        return self._reader is None or self._reader.has_room

    def flush(self, at_end: bool = False) -> None:
        """Hand over what was collected; `at_end`: whether there is room or not."""
        if not self._pending:
            return
        pending, self._pending = bytes(self._pending), bytearray()
        if self.is_broken:
            return
        if self._reader is not None:
            self._hand_over(self._reader, pending, at_end)
            return
        try:
            self._stream.write(pending)
            self._stream.flush()
        except (OSError, ValueError):  # ValueError: the stream was closed
            self._break()

    def wait(self) -> None:
        """Return when all that was flushed has been read, or never will be. A signal may interrupt it."""
        if self._reader is not None:
            self._reader.wait()
            if self._reader.failure is not None and not self.is_broken:
                self._break()

    def _hand_over(self, reader: SlowReader, data: bytes, at_end: bool) -> None:
        if reader.failure is not None:
            self._break()
        elif not reader.has_room and not at_end:
            self._left_out += len(data)
        else:
            if self._left_out:
                self._left_out, left_out = 0, self._left_out
                reader.take(
                    f"airexec: {left_out} bytes are left out here, since nobody read them: `airexec logs` has all "
                    "output\n".encode(self._encoding)
                )
            reader.take(data)

    def _break(self) -> None:
        self.is_broken = True
        point_at_nothing(self._stream)


def sink_for(stream: TextIO) -> Sink:
    """Return a sink for a text stream such as `sys.stdout`; nobody else should write to the stream from here on."""
    with suppress(OSError, ValueError):  # a broken stream: the sink will find out by itself
        stream.flush()
    return Sink(stream.buffer, stream.encoding, _reader_of(stream))


def _reader_of(stream: TextIO) -> SlowReader | None:
    """Return who is to be waited for behind a stream; None for a file, which takes what it is given."""
    try:
        descriptor = stream.fileno()
        return None if stat.S_ISREG(os.fstat(descriptor).st_mode) else SlowReader(descriptor)
    except (OSError, ValueError):
        return None


def point_at_nothing(stream: BinaryIO) -> None:
    """Let the descriptor lead to /dev/null, else Python complains at exit about the bytes it could not flush."""
    with suppress(OSError, ValueError):  # no descriptor behind it, so nothing that could complain
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, stream.fileno())
        os.close(nothing)
