"""A frame at the bottom of a terminal that is drawn over in place, below lines that stay.

The terminal keeps no state of ours between two writes: the cursor stays visible, no mode is left on. So there is
nothing to restore, not even after `kill -9`, and Ctrl-Z leaves a usable terminal.
"""

from collections.abc import Sequence

from airexec.views.sanitize import visible
from airexec.views.sink import Sink

_BEGIN_UPDATE, _END_UPDATE = "\x1b[?2026h", "\x1b[?2026l"
"""Terminals that know synchronized updates show the whole write at once; others ignore it."""
_ERASE_LINE, _ERASE_BELOW = "\x1b[2K", "\x1b[J"


class Screen:
    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._frame: list[str] = []
        self._columns = 0

    def forget(self) -> None:
        """Leave the frame where it is, since the cursor is no longer below it; the next one begins at the cursor."""
        self._frame = []

    def draw(self, above: Sequence[str], frame: Sequence[str], columns: int, at_end: bool = False) -> None:
        """Write the lines `above` for good and put `frame` below them, in one write; nothing when nothing changed."""
        if not above and ((list(frame) == self._frame and columns == self._columns) or self._sink.is_waited_for):
            return  # nothing new, or a terminal that is held and has not even shown the last one
        parts = [_BEGIN_UPDATE, self._to_top(columns)]
        if above:
            parts.append(_ERASE_BELOW)  # a line above may wrap, so erasing line by line would not do
        parts += [f"{line}\n" for line in above]
        parts += [f"{_ERASE_LINE}{line}\n" for line in frame]
        parts += [_ERASE_BELOW, _END_UPDATE]
        self._sink.write("".join(parts))
        self._sink.flush(at_end)
        self._frame, self._columns = list(frame), columns

    def _to_top(self, columns: int) -> str:
        """Return what moves the cursor to the first line of the frame, even where a narrower terminal wrapped it."""
        rows = len(self._frame)
        if 0 < columns < self._columns:
            rows = sum(max(1, -(-_cells(line) // columns)) for line in self._frame)
        return f"\r\x1b[{rows}A" if rows else "\r"


def _cells(line: str) -> int:
    from rich.cells import cell_len

    return cell_len(visible(line, colours=False))
