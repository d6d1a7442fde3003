"""`--json`: one JSON value per record on stdout, and nothing else."""

import json

from airexec.scheduler.events import Record, RetryReady
from airexec.scheduler.state import Run
from airexec.testing import make_plan, make_task
from airexec.views.live.json_lines import JsonLinesView, without_commands
from tests.views.watching import Console, WatchedRun


def encode(record: Record) -> bytes:
    return b'{"seq": %d, "event": "%s"}\n' % (record.seq, type(record.event).__name__.encode())


def test_every_record_is_one_line(console: Console) -> None:
    """In the journal's own words; no summary at the end, no output in between."""
    run = WatchedRun(make_plan(make_task("a")), JsonLinesView(console.sink, encode))
    run.settle()
    run.print("a", b"hello\n")
    run.complete("a")
    run.close()

    assert console.lines() == [
        '{"seq": 0, "event": "RunStarted"}',
        '{"seq": 1, "event": "AttemptStarted"}',
        '{"seq": 2, "event": "AttemptCompleted"}',
        '{"seq": 3, "event": "RunFinished"}',
    ]


def test_a_line_needs_no_newline_from_the_encoder(console: Console) -> None:
    """The journal adds its own; some encoders do not."""
    run = WatchedRun(make_plan(make_task("a")), JsonLinesView(console.sink, lambda record: b"{}"))
    run.tick()

    assert console.text() == "{}\n"


def test_under_github_no_line_has_a_command() -> None:
    """The value is the same, also next to backslashes."""
    value = {"error": "##[error]x ###vso[a] \\##[ #[ \\\\"}
    line = without_commands(json.dumps(value).encode())

    assert b"##" not in line
    assert json.loads(line) == value


class FullSink:
    """A sink whose reader takes so many lines and then no more, until it is told to."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.lines: list[str] = []
        self.is_broken = False

    @property
    def has_room(self) -> bool:
        return self.room > 0

    def write_bytes(self, data: bytes) -> None:
        self.room -= 1
        self.lines.append(data.decode().rstrip("\n"))

    def flush(self, at_end: bool = False) -> None:
        pass


def test_what_a_slow_reader_could_not_take_comes_later_and_once() -> None:
    """From the journal, in order, however often there is room for a few more."""
    journal = [f"line {number}" for number in range(10)]
    sink = FullSink(room=3)
    view = JsonLinesView(
        sink,  # type: ignore[arg-type]
        lambda record: journal[record.seq].encode(),
        lambda seq: (line.encode() + b"\n" for line in journal[seq + 1 :]),
    )
    run = Run()
    for number in range(10):
        view.record(run, Record(number, 0.0, RetryReady("a")))
    assert journal[:3] == sink.lines

    for _ in range(4):
        sink.room = 2
        view.tick(run, 0.0)

    assert journal == sink.lines
