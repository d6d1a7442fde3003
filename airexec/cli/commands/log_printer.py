"""Logs of attempts on stdout, with a header where the task changes. Knows files and bytes, no journal."""

import os
import stat
import sys
from collections.abc import Callable, Sequence
from typing import Protocol

from airexec.cli.safe_text import under_github
from airexec.views.log_tail import Select
from airexec.views.sanitize import LineCutter, Sanitizer, visible

_HEADER = "==> "


class _Form(Protocol):
    """How the bytes of a log appear; they come in pieces."""

    def feed(self, data: bytes) -> bytes: ...

    def finish(self) -> bytes: ...


class _AsTheyAre:
    """For pipes and files, when only one task is asked for."""

    def feed(self, data: bytes) -> bytes:
        return data

    def finish(self) -> bytes:
        return b""


class _SafeLines:
    """Whole safe lines, none of which passes for a header of ours or, with `is_inert`, is a command to GitHub.

    `::` lines that airexec has heeded are left out.
    """

    def __init__(self, select: Select, is_inert: bool, has_headers: bool) -> None:
        self._sanitizer, self._cutter = Sanitizer(), LineCutter()
        self._select = select
        self._is_inert = is_inert
        self._has_headers = has_headers

    def feed(self, data: bytes) -> bytes:
        return self._lines(self._cutter.feed(self._sanitizer.feed(data)))

    def finish(self) -> bytes:
        return self._lines(self._cutter.feed(self._sanitizer.finish()) + self._cutter.finish())

    def _lines(self, lines: list[str]) -> bytes:
        return "".join(f"{self._clean(line)}\n" for line in self._select(lines)).encode()

    def _clean(self, line: str) -> str:
        if self._has_headers and visible(line, colours=False).startswith(_HEADER):
            line = f"  {line}"
        if not self._is_inert:
            return line
        from airexec.views.live.github import inert

        return inert(line)


class LogPrinter:
    """Prints bytes of logs in the order given.

    With `only_task` the first attempt needs no header, and the bytes go out as they are, but for a terminal and for
    GitHub Actions, whose runner obeys what it reads in output. `for_people` returns, for (task, attempt), what leaves
    out the lines that are not for people, `command_of` its argv, which the first header of an attempt shows; `left_out`
    what is to be said below that.
    """

    def __init__(
        self,
        only_task: bool,
        for_people: Callable[[str, int], Select],
        command_of: Callable[[str, int], Sequence[str]] = lambda task, attempt: (),
        left_out: Callable[[str, int], str] = lambda task, attempt: "",
    ) -> None:
        self._only_task = only_task
        self._for_people = for_people
        self._command_of = command_of
        self._left_out = left_out
        self._selects: dict[tuple[str, int], Select] = {}
        """One per attempt, since each counts what it has shown."""
        self._shown: tuple[str, int] | None = None
        self._at_line_start = True
        self._form: _Form = _AsTheyAre()
        self._out = sys.stdout.buffer
        sys.stdout.flush()

    def print(self, task: str, attempt: int, data: bytes) -> None:
        """Print a piece of an attempt's log."""
        if self._shown != (task, attempt):
            self._switch(task, attempt)
        self._write(self._form.feed(data))

    def flush(self) -> None:
        self._out.flush()

    def close(self) -> None:
        """End the last line of what was shown. The printer is of no more use."""
        self._end_piece()
        self.flush()

    def _switch(self, task: str, attempt: int) -> None:
        self._end_piece()
        if not (self._only_task and attempt == 1):
            gap = "\n" if self._shown else ""
            again = f", attempt {attempt}" if attempt > 1 else ""
            self._out.write(
                f"{gap}{self._clean(f'{_HEADER}{task}{again} <=={self._command(task, attempt)}')}\n".encode()
            )
            if (task, attempt) not in self._selects and (text := self._left_out(task, attempt)):
                self._out.write(f"{self._clean(text)}\n".encode())
        self._shown = (task, attempt)
        if self._shown not in self._selects:
            self._selects[self._shown] = self._for_people(task, attempt)
        self._form = _form(self._only_task, self._selects[self._shown])

    def _command(self, task: str, attempt: int) -> str:
        """Return what a header says of the command of an attempt, the first time that it is shown."""
        if (task, attempt) in self._selects:
            return ""
        from airexec.views.command_text import command_head

        head = command_head(self._command_of(task, attempt))
        return f"  {head}" if head else ""

    def _clean(self, line: str) -> str:
        if not under_github():
            return line
        from airexec.views.live.github import inert

        return inert(line)

    def _end_piece(self) -> None:
        self._write(self._form.finish())
        if not self._at_line_start:
            self._out.write(b"\n")
        self._at_line_start = True

    def _write(self, data: bytes) -> None:
        if data:
            self._out.write(data)
            self._at_line_start = data.endswith(b"\n")


def _form(only_task: bool, select: Select) -> _Form:
    is_inert = under_github() and not _is_file(sys.stdout.fileno())
    if is_inert or not only_task or sys.stdout.isatty():
        return _SafeLines(select, is_inert, has_headers=not only_task)
    return _AsTheyAre()


def _is_file(fd: int) -> bool:
    """Return whether output goes to a file (`airexec logs build > build.log`), where no runner reads it."""
    return stat.S_ISREG(os.fstat(fd).st_mode)
