"""Reading an attempt's log for people: whole in safe lines, or its end. Memory stays flat however long a log is."""

from collections.abc import Iterator
from pathlib import Path

from airexec.views.sanitize import LineCutter, Sanitizer

_CHUNK = 65536
_TAIL_BYTES = 32768


def log_lines(path: Path, colours: bool = True) -> Iterator[str]:
    """Yield the safe lines of a log, oldest first; none when it is not there."""
    try:
        file = path.open("rb")
    except OSError:
        return
    sanitizer, cutter = Sanitizer(colours), LineCutter()
    with file:
        while chunk := file.read(_CHUNK):
            yield from cutter.feed(sanitizer.feed(chunk))
    yield from cutter.feed(sanitizer.finish())
    yield from cutter.finish()


def last_lines(path: Path, count: int, colours: bool = True) -> list[str]:
    """Return the last lines of a log, safe, at most `count` and at most 32 KiB of them."""
    return last_text(path, _TAIL_BYTES, colours).split("\n")[-count:] if count and _size(path) else []


def last_text(path: Path, bytes_max: int, colours: bool = False) -> str:
    """Return the end of a log as safe text, without its last newline; when it was cut it begins with a whole line."""
    try:
        with path.open("rb") as file:
            start = max(0, _size(path) - bytes_max)
            file.seek(start)
            data = file.read(bytes_max)
    except OSError:
        return ""
    if start and (cut := data.find(b"\n") + 1) < len(data):
        data = data[cut:]
    sanitizer = Sanitizer(colours)
    return (sanitizer.feed(data) + sanitizer.finish()).removesuffix("\n")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
