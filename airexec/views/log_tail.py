"""Reading an attempt's log for people: whole in safe lines, or its end. Memory stays flat however long a log is."""

import os
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from airexec.scheduler.state import Run
from airexec.views.sanitize import LineCutter, Sanitizer
from airexec.workflow.find import StrPath

Select = Callable[[Iterable[str]], Iterable[str]]
"""Leaves out the lines that are not for people; `airexec.attempt.plain_lines.ForPeople` does."""

_CHUNK = 65536
_SHOWN_BYTES_MAX = 1024 * 1024
"""Of one log in a console: nobody reads more there, and 64 MB of short lines would keep it busy for a minute."""
_TAIL_BYTES = 32768


def log_lines(path: StrPath, colours: bool = True, bytes_max: int = _SHOWN_BYTES_MAX) -> Iterator[str]:
    """Yield the safe lines of a log, oldest first; none when it is not there.

    Of a log longer than `bytes_max` only the first and the last half, with a line in between that says so.
    """
    try:
        file = open(path, "rb")  # noqa: SIM115 - absent for some
    except OSError:
        return
    with file:
        left_out = _size(path) - bytes_max
        if left_out <= 0:
            yield from _safe_lines(file, colours, None)
            return
        yield from _safe_lines(file, colours, bytes_max // 2)
        yield f"[airexec: {left_out} bytes are left out here; the log has more]"
        file.seek(-(bytes_max // 2), os.SEEK_END)
        yield from _safe_lines(file, colours, None)


def _safe_lines(file: BinaryIO, colours: bool, count: int | None) -> Iterator[str]:
    """Yield the lines of the next `count` bytes, of all that is left for None."""
    sanitizer, cutter = Sanitizer(colours), LineCutter()
    while chunk := file.read(_CHUNK if count is None else min(_CHUNK, count)):
        count = None if count is None else count - len(chunk)
        yield from cutter.feed(sanitizer.feed(chunk))
    yield from cutter.feed(sanitizer.finish())
    yield from cutter.finish()


def may_queue(run: Run, task: str) -> bool:
    """Return whether `::queue` lines of the task are heeded; else they are text."""
    return run.tasks[task].task.queue is not None


def for_people(run: Run, task: str, log_path: StrPath) -> Select:
    """Return what leaves the heeded `::` lines out of the log of an attempt of the task."""
    from airexec.attempt.plain_lines import ForPeople

    return ForPeople(log_path, may_queue(run, task))


def last_lines(path: StrPath, count: int, select: Select = iter, colours: bool = True) -> list[str]:
    """Return the last lines of a log that are to be shown, safe, at most `count` of them and of its last 32 KiB."""
    return list(select(last_text(path, _TAIL_BYTES, colours).split("\n")))[-count:] if count and _size(path) else []


def last_text(path: StrPath, bytes_max: int, colours: bool = False) -> str:
    """Return the end of a log as safe text, without its last newline; when it was cut it begins with a whole line."""
    try:
        with open(path, "rb") as file:
            start = max(0, _size(path) - bytes_max)
            file.seek(start)
            data = file.read(bytes_max)
    except OSError:
        return ""
    if start and (cut := data.find(b"\n") + 1) < len(data):
        data = data[cut:]
    sanitizer = Sanitizer(colours)
    return (sanitizer.feed(data) + sanitizer.finish()).removesuffix("\n")


def _size(path: StrPath) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
