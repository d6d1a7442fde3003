"""Standard streams that do not block: node, asyncio and some agents of CI systems hand them over, and Python loses what
they cannot take at once. The descriptor is shared with our caller, so it is left as it is, and waited for instead."""

import io
from typing import TYPE_CHECKING, TextIO

from airexec.views.slow_reader import write_all

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class _Patient(io.RawIOBase):
    """A descriptor of somebody else; a write returns when all is written."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def write(self, data: "ReadableBuffer") -> int:
        piece = bytes(data)
        write_all(self._descriptor, piece)
        return len(piece)


def patient(stream: TextIO) -> io.TextIOWrapper:
    """Return a text stream that writes to the same descriptor, waiting for room, in the same encoding."""
    stream.flush()
    buffer = io.BufferedWriter(_Patient(stream.fileno()))
    return io.TextIOWrapper(buffer, encoding=stream.encoding, line_buffering=bool(stream.line_buffering))
