"""Where console views write: a byte stream that may go away at any time. Knows nothing of what is written.

`airexec run | head -1` must not disturb the run (promise C6), nor may a terminal that was hung up or a full disk
behind `>`: after the first failed write a sink is silent for ever and raises nothing.
"""

from contextlib import suppress
from typing import BinaryIO, TextIO

_BUFFER_MAX = 65536


class Sink:
    """Collects text and writes it out at `flush`, in one write as a rule."""

    def __init__(self, stream: BinaryIO, encoding: str = "utf-8") -> None:
        self._stream = stream
        self._encoding = encoding
        self._pending = bytearray()
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

    def flush(self) -> None:
        if not self._pending:
            return
        pending, self._pending = self._pending, bytearray()
        if self.is_broken:
            return
        try:
            self._stream.write(pending)
            self._stream.flush()
        except (OSError, ValueError):  # ValueError: the stream was closed
            self.is_broken = True
            point_at_nothing(self._stream)


def sink_for(stream: TextIO) -> Sink:
    """Return a sink for a text stream such as `sys.stdout`; nobody else should write to the stream from here on."""
    with suppress(OSError, ValueError):  # a broken stream: the sink will find out by itself
        stream.flush()
    return Sink(stream.buffer, stream.encoding)


def point_at_nothing(stream: BinaryIO) -> None:
    """Let the descriptor lead to /dev/null, else Python complains at exit about the bytes it could not flush."""
    import os

    with suppress(OSError, ValueError):  # no descriptor behind it, so nothing that could complain
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, stream.fileno())
        os.close(nothing)
