"""The live view, as one would see it on a terminal."""

import subprocess
import sys
from pathlib import Path

from airexec.scheduler.events import RetryReady, StopRequested
from airexec.scheduler.statuses import StopCause
from airexec.testing import make_plan, make_task
from airexec.views.console_style import ConsoleStyle
from airexec.views.live.terminal import LiveView, last_line
from airexec.workflow.model import Plan
from tests.views.terminal import Terminal
from tests.views.watching import COLOURED, Console, Logs, WatchedRun

HEAD = "▸ job: run 20260102-030405-0000: 3 tasks, 2 at a time"
STYLE = ConsoleStyle(colour=False, animate=True)


class Watching:
    """A run that is watched on a terminal; the time goes on a second with every look."""

    def __init__(self, logs: Logs, plan: Plan, columns: int = 80, lines: int = 24, style: ConsoleStyle = STYLE) -> None:
        self.console = Console()
        self.terminal = Terminal(columns)
        view = LiveView(self.console.sink, style, logs.path, lambda: (self.terminal.columns, lines))
        self.run = WatchedRun(plan, view)
        self.now = 0.0
        self.run.settle()
        self.run.tick(self.now)

    def look(self, seconds: float = 1.0) -> list[str]:
        self.now += seconds
        self.run.tick(self.now)
        return self.shown()

    def shown(self) -> list[str]:
        text = self.console.text()
        self.console.clear()
        return self.terminal.show(text)


def chain() -> Plan:
    return make_plan(make_task("extract"), make_task("load", ["extract"]), make_task("merge", ["load"]))


def test_running_tasks_are_shown_with_their_time_and_last_line(logs: Logs) -> None:
    """Below the lines that stay, above the bar."""
    watching = Watching(logs, chain())
    watching.run.print("extract", b"reading\n120 rows\n\n")

    assert watching.look(3.0) == [
        HEAD,
        "▸ extract       3 s  120 rows",
        "────────────────────  0/3 tasks",
    ]


def test_what_has_ended_scrolls_above_as_one_line(logs: Logs) -> None:
    """In the same columns as what runs."""
    watching = Watching(logs, chain())
    watching.look(3.0)
    watching.run.complete("extract")

    assert watching.look() == [
        HEAD,
        "✓ extract     1.0 s",
        "▸ load          0 s",
        "━━━━━━──────────────  1/3 tasks",
    ]


def test_a_small_run_shows_what_was_printed(logs: Logs) -> None:
    """Its end; the output of a failure is in the summary."""
    watching = Watching(logs, make_plan(make_task("a"), make_task("b"), make_task("c", ["a"])))
    logs.write("a", b"Hello, world\n")
    logs.write("b", b"".join(b"line %d\n" % number for number in range(20)))
    logs.write("c", b"wrong\n")
    watching.run.complete("a")
    watching.run.complete("b")
    watching.run.fail("c")
    watching.look()
    watching.run.close()

    assert watching.shown() == [
        HEAD,
        "✓ a     1.0 s",
        "  Hello, world",
        "✓ b     1.0 s",
        "  …",
        *(f"  line {number}" for number in range(10, 20)),
        "✗ c     1.0 s  exit code 1",
        "",
        "✗ c  1.0 s  exit code 1",
        "  $ true",
        "  | wrong",
        "  more: airexec logs job c",
        "  why:  airexec why job c",
        "",
        "job: failed in 7.0 s: 3 tasks: 2 completed, 1 failed (run 20260102-030405-0000)",
        "  continue: airexec resume job",
        "  all output: airexec logs job",
    ]


def test_a_large_run_shows_one_line_for_each_task(logs: Logs) -> None:
    """Output of hundreds of tasks would only drown the rest."""
    names = [f"t{number:02}" for number in range(11)]
    watching = Watching(logs, make_plan(*map(make_task, names)))
    logs.write("t00", b"Hello, world\n")
    watching.run.complete("t00")

    assert watching.look()[1:3] == ["✓ t00     1.0 s", "▸ t01       1 s"]


def test_a_failure_shows_its_error_and_the_bar_counts_it(logs: Logs) -> None:
    """Also what it takes along."""
    tasks = make_task("a"), make_task("b", ["a"]), make_task("c", retries=1)
    watching = Watching(logs, make_plan(*tasks, make_task("d")))
    watching.run.fail("a")
    watching.run.fail("c", retry_delay=5.0)

    assert watching.look()[1:] == [
        "✗ a     1.0 s  exit code 1",
        "○ b            not run: 1 failed of 1 upstream (a)",
        "↻ c     1.0 s  exit code 1; attempt 2 of 2 in 5 s",
        "▸ d       0 s",
        "━━━━━━━━━━──────────  2/4 tasks  1 failed  1 upstream_failed  1 retrying",
    ]


def test_the_total_grows_with_the_graph(logs: Logs) -> None:
    """And says by how much."""
    watching = Watching(logs, chain())
    watching.run.queue("extract", *(make_task(f"p-{number}") for number in range(8)))

    assert watching.look()[-1] == "────────────────────  0/11 tasks, +8 queued"


def test_the_columns_grow_with_the_ids_that_are_queued(logs: Logs) -> None:
    """What comes after is aligned again."""
    watching = Watching(logs, make_plan(make_task("find"), name="job"))
    watching.run.complete("find", make_task("inspect[a.py]"))

    assert watching.look()[-2:] == ["▸ inspect[a.py]       0 s", "━━━━━━━━━━──────────  1/2 tasks, +1 queued"]
    assert watching.shown()[2:3] == ["✓ find              1.0 s"]


def test_progress_is_shown_in_percent(logs: Logs) -> None:
    """Never beyond all of it."""
    watching = Watching(logs, chain())
    watching.run.view.progress(watching.run.run, "extract", 3, 10)
    first = watching.look()[1]
    watching.run.view.progress(watching.run.run, "extract", 30, 10)
    watching.run.print("extract", b"more\n")

    assert (first, watching.look()[1]) == ("▸ extract       1 s   30%", "▸ extract       2 s  100% more")


def test_a_later_attempt_is_numbered(logs: Logs) -> None:
    """And begins with nothing of the first."""
    watching = Watching(logs, make_plan(make_task("a", retries=1)))
    watching.run.print("a", b"of the first attempt\n")
    watching.run.view.progress(watching.run.run, "a", 1, 2)
    watching.run.fail("a", retry_delay=0.0)
    watching.run.happen(RetryReady("a"))
    watching.run.settle()

    assert watching.look()[2] == "▸ a #2       0 s"


def test_what_does_not_fit_is_counted(logs: Logs) -> None:
    """The bar stays on the screen whatever -j says; the oldest are shown."""
    names = [f"t{number:02}" for number in range(20)]
    watching = Watching(logs, make_plan(*map(make_task, names), max_active_tasks=20), lines=10)
    shown = watching.look()

    assert [line.split()[1] for line in shown[1:7]] == names[:6]
    assert shown[7:] == ["  … and 14 more running", "────────────────────  0/20 tasks"]


def test_one_task_is_shown_on_the_smallest_terminal(logs: Logs) -> None:
    """Better than none."""
    watching = Watching(logs, make_plan(make_task("a"), make_task("b")), lines=2)

    assert [line.split("  ")[0] for line in watching.look()[1:]] == ["▸ a", "", "─" * 20]


def test_what_a_shell_wrote_while_we_were_stopped_is_not_drawn_over(logs: Logs) -> None:
    """Ctrl-Z, some commands, `fg`: the frame begins anew below."""
    watching = Watching(logs, chain())
    watching.look()
    watching.terminal.show("$ ls\n$ fg\n")

    assert watching.look(5.0)[1:] == [
        "▸ extract       1 s",
        "────────────────────  0/3 tasks",
        "$ ls",
        "$ fg",
        "▸ extract       6 s",
        "────────────────────  0/3 tasks",
    ]


def test_a_calm_run_is_drawn_in_place(logs: Logs) -> None:
    """A loop that sleeps as long as it may has not been stopped."""
    watching = Watching(logs, chain())
    for _ in range(10):
        watching.look(watching.run.view.tick_seconds or 0.0)

    assert len(watching.shown()) == 3


def test_nothing_of_a_narrow_terminal_is_overrun(logs: Logs) -> None:
    """Lines of the frame are cut, so that none wraps and the next draw finds its place."""
    watching = Watching(logs, chain(), columns=30)
    watching.run.print("extract", b"a rather long line that does not fit\n")
    watching.look()
    watching.run.print("extract", "日本語日本語日本語日本語\n".encode())

    assert watching.look()[-2:] == ["▸ extract       2 s  日本語 …", "───────  0/3 tasks"]


def test_the_estimate_is_shown_when_there_is_history(logs: Logs) -> None:
    """From what the tasks took before."""
    watching = Watching(logs, chain()._replace(durations={"extract": 10.0, "load": 60.0, "merge": 20.0}))

    assert watching.look(4.0)[-1] == "────────────────────  0/3 tasks  ETA 1 m 26 s"


def test_the_estimate_follows_the_run(logs: Logs) -> None:
    """What ended, in whatever way, is no work any more; what was queued is more; a retry is the same work again."""
    tasks = [make_task("a"), make_task("b", retries=1), *map(make_task, "cde")]
    durations = dict.fromkeys("abcde", 600.0)
    watching = Watching(logs, make_plan(*tasks, durations=durations, max_active_tasks=1), columns=120)
    run, shown = watching.run, []
    for step in (
        lambda: run.complete("a"),
        lambda: run.fail("b", retry_delay=5.0),
        lambda: run.queue("c", make_task("p"), make_task("q")),
        lambda: run.fail("c"),
    ):
        step()
        shown.append(watching.look(0.2)[-1].partition("ETA ")[2].partition("  ")[0])

    assert shown == ["40 m 00 s", "40 m 00 s", "59 m 59 s", "30 m 00 s"]


def test_a_run_that_is_stopping_says_so(logs: Logs) -> None:
    """After Ctrl-C one wants to see that it was heard."""
    watching = Watching(logs, chain())
    watching.run.happen(StopRequested(StopCause.INTERRUPT))

    assert watching.look()[1:] == [
        "◆ stopping: interrupted (Ctrl-C); nothing more is started",
        "▸ extract       1 s",
        "────────────────────  0/3 tasks  stopping",
    ]


def test_at_the_end_the_summary_takes_the_place_of_the_frame(logs: Logs) -> None:
    """Nothing that moves is left, and nothing was said twice."""
    watching = Watching(logs, make_plan(make_task("a")))
    watching.look()
    watching.run.complete("a")
    watching.run.close()

    assert watching.shown() == [
        "▸ job: run 20260102-030405-0000: 1 task, 2 at a time",
        "✓ a     1.0 s",
        "job: completed in 3.0 s: 1 task: 1 completed (run 20260102-030405-0000)",
    ]


def test_drawing_is_throttled(logs: Logs) -> None:
    """A thousand events a second are ten frames."""
    watching = Watching(logs, chain())
    watching.look()
    frames = 0
    for number in range(100):
        watching.run.print("extract", b"line %d\n" % number)
        watching.now += 0.01
        watching.run.tick(watching.now)
        frames += watching.console.text() != ""
        watching.console.clear()

    assert 8 <= frames <= 10


def test_the_view_asks_for_ticks_while_something_is_to_be_shown(logs: Logs) -> None:
    """And lets the loop sleep longer when only the clock goes on."""
    watching = Watching(logs, chain())
    watching.look()
    calm = watching.run.view.tick_seconds
    watching.run.print("extract", b"line\n")

    assert (calm, watching.run.view.tick_seconds) == (0.5, 0.1)


def test_a_flood_of_output_is_not_kept(logs: Logs) -> None:
    """Only the end of what was printed last is looked at (promise D1)."""
    watching = Watching(logs, chain())
    for _ in range(100):
        watching.run.print("extract", b"x" * 100_000)
    watching.run.print("extract", b"\nthe end\n")

    assert watching.look()[1] == "▸ extract       1 s  the end"


def test_the_last_line_is_one_for_people() -> None:
    """A `::progress` line has already moved the bar."""
    assert last_line(b"copying\n::progress 1\n", lambda line: line.startswith("::progress")) == "copying"


def test_the_last_line_is_not_one_that_may_become_a_command() -> None:
    """It is not known yet what it will be."""
    assert last_line(b'copying\n::progress {"do', lambda line: False) == "copying"


def test_a_command_line_on_stderr_is_text_like_any_other(logs: Logs) -> None:
    """Nobody has heeded it."""
    watching = Watching(logs, chain())
    watching.look()
    watching.run.print("extract", b'::notice "a"\n', stream="stderr")

    assert watching.look()[1].endswith('::notice "a"')


def test_the_last_line_is_safe_and_keeps_its_colours() -> None:
    """Blank lines do not count; a carriage return begins a line."""
    assert (
        last_line(b"10 %\r20 %\r\x1b[31mred\x1b[0m \x1b[2J\n\n  \n", lambda line: False)
        == "\x1b[31mred\x1b[0m \\x1b[2J"
    )


def test_colours_of_a_task_are_shown_and_end_with_its_line(logs: Logs) -> None:
    """The terminal of this test refuses everything but colours and the moves that the frame needs."""
    watching = Watching(logs, chain(), style=COLOURED)
    watching.run.print("extract", b"\x1b[31mred \x1b[5;5H\x1b[?25l\n")

    assert watching.look()[1] == r"▸ extract       1 s  red \x1b[5;5H\x1b[?25l"


def test_a_short_run_draws_no_frame_and_imports_no_rich() -> None:
    """Start-up is a feature: rich costs more than many a run."""
    code = (
        "import io, sys, pathlib\n"
        "from airexec.testing import Script, make_plan, make_task\n"
        "from airexec.views.console_style import ConsoleStyle\n"
        "from airexec.views.live.terminal import LiveView\n"
        "from airexec.views.sink import Sink\n"
        "script = Script(make_plan(make_task('a'), make_task('b', ['a'])))\n"
        "script.settle(), script.complete('a'), script.complete('b')\n"
        "stream = io.BytesIO()\n"
        "view = LiveView(Sink(stream), ConsoleStyle(), lambda task, attempt: pathlib.Path('none'), lambda: (80, 24))\n"
        "for number, record in enumerate(script.records):\n"
        "    view.record(script.run, record), view.tick(script.run, number / 100)\n"
        "view.close(script.run, 1.0)\n"
        "assert b'completed in' in stream.getvalue()\n"
        "print('rich' in sys.modules)\n"
    )
    root = Path(__file__).parents[2]
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)

    assert result.stdout == "False\n"


def test_where_output_is_not_shown_the_end_says_where_it_is(logs: Logs) -> None:
    """In a run of more tasks than that all could be shown; not where nobody has printed."""
    plan = make_plan(*(make_task(f"t{number}") for number in range(11)), max_active_tasks=11, name="job")
    loud, silent = Watching(logs, plan), Watching(logs, plan)
    loud.run.print("t0", b"hello\n")
    for watching in (loud, silent):
        for number in range(11):
            watching.run.complete(f"t{number}")
        watching.run.close()

    assert loud.shown()[-1] == "  all output: airexec logs job"
    assert silent.shown()[-1].startswith("job: completed")


def test_a_narrow_terminal_shows_what_failed_rather_than_the_estimate(logs: Logs) -> None:
    plan = make_plan(make_task("a"), make_task("b"), name="job", durations={"b": 600.0}, max_active_tasks=2)
    watching = Watching(logs, plan, columns=36)
    watching.look(2.0)
    watching.run.fail("a")

    assert "1 failed" in watching.look()[-1]


def test_the_bar_tells_failures_that_are_allowed_from_those_that_are_not(logs: Logs) -> None:
    plan = make_plan(*(make_task(name) for name in "ac"), make_task("b", allow_failure=True), max_active_tasks=3)
    watching = Watching(logs, plan)
    watching.look(2.0)
    watching.run.fail("a")
    watching.run.fail("b")

    assert watching.look()[-1].endswith("  2/3 tasks  1 failed  1 allowed to fail")
