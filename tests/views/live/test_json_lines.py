"""`--json`: one JSON value per record on stdout, and nothing else."""

import json

from airexec.scheduler.events import Record
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
