"""A journal read on while somebody writes it, for those who follow a run. Changes nothing."""

from collections.abc import Iterator

from airexec.scheduler.events import Record
from airexec.state.codec import is_intact, record_from_line


class JournalTail:
    """Gives every record once. A line that is not complete yet is left for the next time."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._offset = 0

    def read(self) -> Iterator[Record]:
        """Yield the records written since the last time."""
        with open(self._path, "rb") as file:
            file.seek(self._offset)
            for line in file:
                if not is_intact(line):
                    return
                self._offset += len(line)
                yield record_from_line(line)
