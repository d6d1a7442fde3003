"""Plain lines, and the output of tasks in the four modes of `--output`."""

from collections.abc import Callable

import pytest

from airexec.scheduler.events import Noticed
from airexec.testing import make_plan, make_task
from airexec.views.console_style import ConsoleStyle
from airexec.views.live.plain import SILENCE_MAX, PlainView
from airexec.workflow.model import QueuePermission
from tests.views.watching import COLOURED, PLAIN, Console, Logs, WatchedRun

HEAD = "▸ etl: run 20260102-030405-0000: 3 tasks, 2 at a time"
END = "etl: failed in 6.0 s: 3 tasks: 1 completed, 1 failed, 1 upstream_failed (run 20260102-030405-0000)"
FAILURE = [
    "",
    "✗ load  1.0 s  exit code 1",
    "  $ true",
    "  | no such table",
    "  more: airexec logs etl load",
    "  why:  airexec why etl load",
    "",
]
START = Callable[..., WatchedRun]


@pytest.fixture
def start(console: Console, logs: Logs) -> START:
    """Start a run of extract → load → merge, with two slots."""

    def start(output: str, style: ConsoleStyle = PLAIN) -> WatchedRun:
        tasks = make_task("extract"), make_task("load", ["extract"]), make_task("merge", ["load"])
        run = WatchedRun(make_plan(*tasks, name="etl"), PlainView(console.sink, style, logs.path, output), logs)
        run.settle()
        return run

    return start


def play(run: WatchedRun) -> None:
    """`extract` prints two lines and completes, `load` prints one and fails."""
    run.print("extract", b"reading\ndo")
    run.print("extract", b"ne\n")
    run.complete("extract")
    run.tick()
    run.print("load", b"no such table\n", "stderr")
    run.fail("load")
    run.close()


def test_grouped_output_is_a_block_below_the_line_of_its_attempt(start: START, console: Console) -> None:
    """What runs at the same time does not mix, and nothing stands at column 0 that is not ours."""
    play(start("grouped"))

    assert console.lines() == [
        HEAD,
        "✓ extract  1.0 s",
        "  reading",
        "  done",
        "✗ load  1.0 s  exit code 1",
        "  no such table",
        "○ merge  not run: 1 failed of 1 upstream (load)",
        *(line for line in FAILURE if line != "  | no such table"),
        END,
        "  continue: airexec resume etl",
    ]


def test_a_failure_right_above_is_not_said_again(console: Console, logs: Logs) -> None:
    """Only what ran, and where there is more."""
    run = WatchedRun(
        make_plan(make_task("load"), name="etl"), PlainView(console.sink, PLAIN, logs.path, "grouped"), logs
    )
    run.settle()
    run.print("load", b"no such table\n")
    run.fail("load")
    run.close()

    assert console.lines()[1:6] == [
        "✗ load  1.0 s  exit code 1",
        "  no such table",
        "  $ true",
        "  more: airexec logs etl load",
        "  why:  airexec why etl load",
    ]


def test_a_failure_that_is_allowed_has_a_sign_of_its_own(console: Console, logs: Logs) -> None:
    plan = make_plan(make_task("lint", allow_failure=True), name="ci")
    run = WatchedRun(plan, PlainView(console.sink, PLAIN, logs.path, "grouped"), logs)
    run.settle()
    run.fail("lint")
    run.close()

    assert [line.split(" (run ")[0] for line in console.lines()[1:]] == [
        "⚠ lint  1.0 s  exit code 1 (allowed to fail)",
        "ci: completed in 3.0 s: 1 task: 1 failed (1 allowed to)",
    ]


def test_stream_output_comes_as_it_is(start: START, console: Console) -> None:
    """By whole lines, however the task wrote them."""
    play(start("stream"))

    assert console.lines() == [
        HEAD,
        "▸ extract",
        "reading",
        "done",
        "✓ extract  1.0 s",
        "▸ load",
        "no such table",
        "✗ load  1.0 s  exit code 1",
        "○ merge  not run: 1 failed of 1 upstream (load)",
        *FAILURE,
        END,
        "  continue: airexec resume etl",
    ]


def test_prefixed_output_carries_the_name_of_its_task(start: START, console: Console) -> None:
    """For `grep '^load |'`."""
    play(start("prefixed"))

    assert [line for line in console.lines() if " | " in line and not line.startswith(" ")] == [
        "extract | reading",
        "extract | done",
        "load | no such table",
    ]


@pytest.mark.parametrize("output", ["grouped", "stream", "prefixed"])
def test_lines_that_were_heeded_are_left_to_the_log(output: str, console: Console, logs: Logs) -> None:
    """What they caused is told in its own way; a `::queue` line of a task that may not queue is plain text."""
    tasks = make_task("emit", queue=QueuePermission()), make_task("plain")
    run = WatchedRun(make_plan(*tasks, name="etl"), PlainView(console.sink, PLAIN, logs.path, output), logs)
    run.settle()

    for task in ("emit", "plain"):
        run.print(task, b'::output {"rows": 1}\n::queue {"id": "q"}\n::error file=a::b\nfor people\n')
        run.complete(task)
    run.close()

    printed = [line for line in console.lines() if "::" in line or "for people" in line]
    assert [line.removeprefix("emit | ").removeprefix("plain | ").strip() for line in printed] == [
        "::error file=a::b",
        "for people",
        '::queue {"id": "q"}',
        "::error file=a::b",
        "for people",
    ]


def test_quiet_output_is_failures_and_the_summary(start: START, console: Console) -> None:
    """A good run says one line."""
    play(start("quiet"))

    assert console.lines() == [
        "✗ load  1.0 s  exit code 1",
        *FAILURE,
        END,
        "  continue: airexec resume etl",
    ]


def test_a_line_of_a_task_never_passes_for_one_of_ours(start: START, console: Console) -> None:
    """In `stream`, where lines are not marked otherwise (promise D5); also in colour."""
    run = start("stream", COLOURED)
    run.print("extract", "✓ load  0.1 s\n\x1b[32m✗ load\x1b[0m\netl: completed in 1 s\netl is fine\n✓✓\n".encode())
    run.tick()

    assert console.lines()[-5:] == [
        "  ✓ load  0.1 s",
        "  \x1b[32m✗ load\x1b[0m\x1b[0m",
        "  etl: completed in 1 s",
        "etl is fine",
        "✓✓",
    ]


def test_lines_of_tasks_that_run_at_once_do_not_mix(console: Console, logs: Logs) -> None:
    """Nor do the two outputs of one task."""
    view = PlainView(console.sink, PLAIN, logs.path, "stream")
    run = WatchedRun(make_plan(make_task("a"), make_task("b")), view)
    run.settle()
    run.tick()
    console.clear()
    run.print("a", b"from ")
    run.print("b", b"from b\nagain ")
    run.print("a", b"error of a\n", "stderr")
    run.print("a", b"a\n")
    run.tick()

    assert console.lines() == ["from b", "error of a", "from a"]


@pytest.mark.parametrize(("output", "line"), [("stream", "half"), ("prefixed", "extract | half")])
def test_a_last_line_without_its_end_is_shown_before_the_end_of_its_task(
    start: START, console: Console, output: str, line: str
) -> None:
    """`printf half` is output, too."""
    run = start(output)
    run.print("extract", b"half")
    run.complete("extract")
    run.tick()

    assert console.lines()[2:4] == [line, "✓ extract  1.0 s"]


def test_colours_of_a_task_end_with_its_line(start: START, console: Console) -> None:
    """Else a task that forgets to reset paints everything after it."""
    run = start("grouped", COLOURED)
    run.print("extract", b"\x1b[31mred\nplain \x1b[2J\n")
    run.complete("extract")
    run.tick()

    assert console.lines()[2:] == ["  \x1b[31mred\x1b[0m", r"  plain \x1b[2J"]


def test_without_colour_there_is_no_escape_at_all(start: START, console: Console) -> None:
    """`airexec run > file` is a text file."""
    run = start("grouped")
    run.print("extract", b"\x1b[31mred\x1b[0m \x1b[2J\n")
    run.complete("extract")
    run.close()

    assert "\x1b" not in console.text()
    assert r"  red \x1b[2J" in console.lines()


def test_ascii_consoles_get_ascii_signs(console: Console, logs: Logs) -> None:
    """A C locale shows no check marks."""
    view = PlainView(console.sink, ConsoleStyle(unicode=False), logs.path)
    run = WatchedRun(make_plan(make_task("a")), view)
    run.settle()
    run.complete("a")
    run.tick()

    assert console.lines()[1:] == ["* a  1.0 s"]


def test_notices_of_tasks_are_told(start: START, console: Console) -> None:
    """In their order among the other lines."""
    run = start("grouped")
    run.happen(Noticed("extract", 1, "warning", "3 rows dropped"))
    run.tick()

    assert console.lines()[1:] == ["◆ extract  warning: 3 rows dropped"]


@pytest.mark.parametrize(
    ("output", "lines"),
    [("grouped", ["▸ still running: extract"]), ("stream", ["▸ still running: extract"]), ("quiet", [])],
)
def test_a_long_silence_is_broken(start: START, console: Console, output: str, lines: list[str]) -> None:
    """Once a minute, unless silence was asked for."""
    run = start(output)
    run.tick(0.0)
    console.clear()
    run.tick(SILENCE_MAX - 1)
    run.tick(SILENCE_MAX)
    run.tick(SILENCE_MAX + 1)

    assert console.lines() == lines


def test_a_huge_block_is_written_bit_by_bit(start: START, console: Console) -> None:
    """Meanwhile tasks must be started and timed out; nothing is lost or overtaken (promise D1)."""
    run = start("grouped")
    run.print("extract", b"line of output\n" * 40_000)
    run.complete("extract")
    sizes = []
    while True:
        run.tick()
        sizes.append(len(console.text()))
        if run.view.tick_seconds != 0.0:
            break
        console.clear()

    assert len(sizes) == 3
    assert max(sizes) < 350_000
    assert sum(sizes) == len(f"{HEAD}\n✓ extract  1.0 s\n") + 40_000 * len("  line of output\n")


def test_an_attempt_that_printed_nothing_has_no_block(start: START, console: Console, logs: Logs) -> None:
    """Its log is not even opened: of a thousand tasks most print nothing."""
    run = start("grouped")
    logs.write("extract", b"not printed by anybody\n")
    run.complete("extract")
    run.tick()

    assert console.lines()[1:] == ["✓ extract  1.0 s"]


@pytest.mark.parametrize(("output", "seconds"), [("grouped", 60.0), ("prefixed", 60.0), ("quiet", None)])
def test_the_loop_may_sleep_for_long(start: START, output: str, seconds: float | None) -> None:
    """Until the next event, or until silence is to be broken."""
    assert start(output).view.tick_seconds == seconds


def test_nothing_is_written_while_events_are_recorded(start: START, console: Console) -> None:
    """`record` stands on the way of every start; a block may be long."""
    run = start("grouped")
    run.print("extract", b"x" * 1_000_000)
    run.complete("extract")

    assert console.text() == ""
