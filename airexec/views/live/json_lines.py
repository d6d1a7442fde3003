"""`--json`: the journal's records on stdout, one JSON value per line and nothing else."""

from collections.abc import Callable

from airexec.scheduler.events import Record
from airexec.scheduler.state import Run
from airexec.views.live.view import View
from airexec.views.sink import Sink


class JsonLinesView(View):
    """`record_to_line` is the journal's own encoder, newline included or not.

    Output is in the logs, a reader of events wants no bytes in between; progress is not in the journal.
    """

    def __init__(self, sink: Sink, record_to_line: Callable[[Record], bytes]) -> None:
        self._sink = sink
        self._record_to_line = record_to_line

    def record(self, run: Run, record: Record) -> None:
        self._sink.write_bytes(self._record_to_line(record).removesuffix(b"\n") + b"\n")

    def tick(self, run: Run, now: float) -> None:
        self._sink.flush()

    def close(self, run: Run, seconds: float) -> None:
        self._sink.flush()


def without_commands(line: bytes) -> bytes:
    """Return the same JSON value in which GitHub's runner finds no command: it takes `##[` wherever it stands."""
    return line.replace(b"##", b"#\\u0023")  # two of them stand side by side in strings only
