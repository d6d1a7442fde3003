"""Logs of attempts on stdout, with a header where the task changes. Knows files and bytes, no journal."""

import os
import sys
from typing import BinaryIO

from airexec.views.sanitize import Sanitizer

BLOCK = 65536


class LogPrinter:
    """Prints bytes of logs in the order given; bytes as they are, but only safe text on a terminal.

    With `only_task` the first attempt needs no header. Under GitHub Actions the logs stand between `stop-commands`
    lines, since that runner obeys what it reads in output.
    """

    def __init__(self, only_task: bool) -> None:
        self._only_task = only_task
        self._shown: tuple[str, int] | None = None
        self._at_line_start = True
        self._sanitizer = Sanitizer() if sys.stdout.isatty() else None
        self._out = sys.stdout.buffer
        self._resume_token = os.urandom(16).hex() if os.environ.get("GITHUB_ACTIONS") else ""
        if self._resume_token:
            self._out.write(f"::stop-commands::{self._resume_token}\n".encode())

    def print(self, task: str, attempt: int, data: bytes) -> None:
        """Print a piece of an attempt's log; it is not empty."""
        if self._shown != (task, attempt):
            self._switch(task, attempt)
        self._out.write(self._sanitizer.feed(data).encode() if self._sanitizer else data)
        self._at_line_start = data.endswith(b"\n")

    def flush(self) -> None:
        self._out.flush()

    def close(self) -> None:
        """End the last line of what was shown. The printer is of no more use."""
        self._end_piece()
        if self._resume_token:
            self._out.write(f"::{self._resume_token}::\n".encode())

    def _switch(self, task: str, attempt: int) -> None:
        self._end_piece()
        if not (self._only_task and attempt == 1):
            gap = "\n" if self._shown else ""
            again = f", attempt {attempt}" if attempt > 1 else ""
            self._out.write(f"{gap}==> {task}{again} <==\n".encode())
        self._shown = (task, attempt)

    def _end_piece(self) -> None:
        if self._sanitizer:
            self._out.write(self._sanitizer.finish().encode())
        if not self._at_line_start:
            self._out.write(b"\n")


def offset_of_last_lines(file: BinaryIO, count: int) -> int:
    """Return where the last `count` lines of a file begin; a last line without an end is one, too."""
    position = end = file.seek(0, os.SEEK_END)
    wanted = count + 1  # the end of the last line does not separate two lines
    if end and _read_at(file, end - 1, 1) != b"\n":
        wanted = count
    if not count:
        return end
    while position > 0:
        size = min(BLOCK, position)
        position -= size
        block = _read_at(file, position, size)
        found = len(block)
        while (found := block.rfind(b"\n", 0, found)) >= 0:
            wanted -= 1
            if wanted == 0:
                return position + found + 1
    return 0


def _read_at(file: BinaryIO, offset: int, size: int) -> bytes:
    file.seek(offset)
    return file.read(size)
