"""`--json`: the journal's records on stdout, one JSON value per line and nothing else."""

from collections.abc import Callable, Iterable

from airexec.scheduler.events import Record
from airexec.scheduler.state import Run
from airexec.views.live.view import View
from airexec.views.sink import Sink


class JsonLinesView(View):
    """Output is in the logs, a reader of events wants no bytes in between; progress is not in the journal.

    A reader that is slow misses nothing: what it cannot take now is read again from the journal when it can.
    """

    def __init__(
        self,
        sink: Sink,
        record_to_line: Callable[[Record], bytes],
        lines_after: Callable[[int], Iterable[bytes]] = lambda seq: (),
        safe: Callable[[bytes], bytes] = bytes,
    ) -> None:
        """`record_to_line` is the journal's own encoder, newline included or not; `lines_after` gives what the journal
        has after a `seq`, in order; `safe` is what a line goes through on its way out."""
        self._sink = sink
        self._record_to_line = record_to_line
        self._lines_after = lines_after
        self._safe = safe
        self._written = -1
        """The `seq` of the last record that was written."""
        self._latest = -1
        """The `seq` of the last that there is."""

    def record(self, run: Run, record: Record) -> None:
        is_behind = self._written < self._latest
        self._latest = record.seq
        if not is_behind and self._sink.has_room:
            self._write(record.seq, self._record_to_line(record))
        elif not is_behind:
            self._written = record.seq - 1  # a run that is resumed begins with a later one

    def tick(self, run: Run, now: float) -> None:
        self._catch_up()
        self._sink.flush()

    def close(self, run: Run, seconds: float) -> None:
        self._sink.flush(at_end=True)

    def wait(self) -> None:
        self._sink.wait()
        while self._written < self._latest and not self._sink.is_broken:
            before = self._written
            self._catch_up()
            self._sink.flush(at_end=True)
            self._sink.wait()
            if self._written == before:  # the journal is not there any more
                return

    def _catch_up(self) -> None:
        if self._written == self._latest or not self._sink.has_room:
            return
        seq = self._written
        for line in self._lines_after(self._written):
            seq += 1
            self._write(seq, line)
            if seq == self._latest or not self._sink.has_room:
                return

    def _write(self, seq: int, line: bytes) -> None:
        self._sink.write_bytes(self._safe(line.removesuffix(b"\n")) + b"\n")
        self._written = seq


def without_commands(line: bytes) -> bytes:
    """Return the same JSON value in which GitHub's runner finds no command: it takes `##[` wherever it stands."""
    return line.replace(b"##", b"#\\u0023")  # two of them stand side by side in strings only
