"""The end of a run: the failures once more, then one line."""

from airexec.scheduler.events import AttemptFailed, RetryReady, StopRequested
from airexec.scheduler.statuses import Reason, StopCause
from airexec.testing import Script, make_plan, make_task
from airexec.views.live.summary import Shown, last_line, summary_lines
from tests.views.watching import COLOURED, PLAIN, Logs

RUN_ID = "20260102-030405-0000"


def test_a_good_run_ends_in_one_line(logs: Logs) -> None:
    """No news is good news."""
    script = Script(make_plan(make_task("a"), name="etl"))
    script.settle()
    script.complete("a")

    assert summary_lines(script.run, 12.34, logs.path, PLAIN) == [
        f"etl: completed in 12.3 s: 1 task: 1 completed (run {RUN_ID})"
    ]


def test_a_failure_is_listed_with_reason_log_and_the_way_to_more(logs: Logs) -> None:
    """The last ten lines of the last attempt, safe for a terminal; ids quoted where a shell needs it."""
    script = Script(make_plan(make_task("test[py3.11]", retries=1), make_task("ship", ["test[py3.11]"]), name="etl"))
    script.settle()
    script.fail("test[py3.11]", retry_delay=0.0)
    script.happen(RetryReady("test[py3.11]"))
    script.settle()
    logs.write("test[py3.11]", b"of the first attempt\n")
    logs.write("test[py3.11]", b"".join(b"line %d\n" % number for number in range(12)) + b"\x1b[2J\x1b[31mred\n", 2)
    script.fail("test[py3.11]")

    assert summary_lines(script.run, 3, logs.path, PLAIN) == [
        "",
        "✗ test[py3.11]  1.0 s  exit code 1 (attempt 2 of 2)",
        "  $ true",
        *(f"  | line {number}" for number in range(3, 12)),
        r"  | \x1b[2Jred",
        "  more: airexec logs etl 'test[py3.11]'",
        "  why:  airexec why etl 'test[py3.11]'",
        "",
        f"etl: failed in 3.0 s: 2 tasks: 1 failed, 1 upstream_failed (run {RUN_ID})",
        "  continue: airexec resume etl",
    ]


def test_a_failure_without_a_log_is_listed_all_the_same(logs: Logs) -> None:
    """What could not be started has printed nothing; what was wrong with the `::queue` lines is said."""
    script = Script(make_plan(make_task("find"), name="etl"))
    script.settle()
    details = ("line 1: not JSON", "line 7: no template 'proces'")
    script.happen(AttemptFailed("find", 1, 0.2, Reason.QUEUE, "nothing was queued", 0, details=details, note="a note"))
    script.settle()

    assert summary_lines(script.run, 1, logs.path, PLAIN)[:8] == [
        "",
        "✗ find  0.2 s  nothing was queued (a note)",
        "    line 1: not JSON",
        "    line 7: no template 'proces'",
        "  $ true",
        "  more: airexec logs etl find",
        "  why:  airexec why etl find",
        "",
    ]


def test_a_failure_that_is_allowed_is_counted_and_not_listed(logs: Logs) -> None:
    """The run is good, and there is nothing to look into or to resume."""
    script = Script(make_plan(make_task("lint", allow_failure=True), name="ci"))
    script.settle()
    script.fail("lint")

    assert summary_lines(script.run, 1, logs.path, PLAIN) == [
        f"ci: completed in 1.0 s: 1 task: 1 failed (1 allowed to) (run {RUN_ID})",
    ]


def test_of_a_failure_that_was_shown_the_log_is_not_repeated(logs: Logs) -> None:
    """A single one that stands right above is not even named again."""
    script = Script(make_plan(make_task("a"), make_task("b"), name="etl"))
    script.settle()
    logs.write("a", b"boom\n")
    script.fail("a")
    seen = Shown({("a", 1)}, ("b", 1))

    assert summary_lines(script.run, 1, logs.path, PLAIN, seen)[:5] == [
        "",
        "✗ a  1.0 s  exit code 1",
        "  $ true",
        "  more: airexec logs etl a",
        "  why:  airexec why etl a",
    ]
    assert summary_lines(script.run, 1, logs.path, PLAIN, seen._replace(last=("a", 1)))[:4] == [
        "  $ true",
        "  more: airexec logs etl a",
        "  why:  airexec why etl a",
        "",
    ]


def test_a_stopped_run_says_what_stopped_it(logs: Logs) -> None:
    """And how to go on."""
    script = Script(make_plan(make_task("a"), make_task("b", ["a"]), name="etl"))
    script.settle()
    script.happen(StopRequested(StopCause.INTERRUPT))
    script.fail("a", reason=Reason.CANCELLED)

    assert summary_lines(script.run, 2, logs.path, PLAIN) == [
        "◆ stopped: interrupted (Ctrl-C)",
        f"etl: cancelled in 2.0 s: 2 tasks: 2 cancelled (run {RUN_ID})",
        "  continue: airexec resume etl",
    ]


def test_a_run_that_the_loop_gave_up_is_called_unfinished(logs: Logs) -> None:
    """The journal could not be written, so its end is not in it."""
    script = Script(make_plan(make_task("a"), name="etl"))
    script.settle()

    assert last_line(script.run, 2, PLAIN) == f"etl: unfinished after 2.0 s: 1 task: 1 running (run {RUN_ID})"


def test_of_many_failures_the_first_are_listed(logs: Logs) -> None:
    """In order of failure; nobody reads a thousand."""
    script = Script(make_plan(*(make_task(f"t{number}") for number in range(25)), name="etl", max_active_tasks=25))
    script.settle()
    for number in reversed(range(25)):
        script.fail(f"t{number}")
    lines = summary_lines(script.run, 1, logs.path, PLAIN)

    listed = [line.split()[1] for line in lines if line.startswith("✗")]
    assert listed == [f"t{number}" for number in range(24, 4, -1)]
    assert "… and 5 more failed: airexec status etl" in lines


def test_the_state_stands_out_where_there_is_colour(logs: Logs) -> None:
    """Green is good, red is not."""
    script = Script(make_plan(make_task("a"), name="etl"))
    script.settle()
    script.complete("a")

    assert last_line(script.run, 1, COLOURED).startswith("etl: \x1b[1;32mcompleted in\x1b[0m 1.0 s: ")


def test_errors_stand_out_and_all_else_steps_back(logs: Logs) -> None:
    """Of a coloured line the error is what is red."""
    script = Script(make_plan(make_task("a"), name="etl"))
    script.settle()
    logs.write("a", b"boom\n")
    script.fail("a")

    assert summary_lines(script.run, 1, logs.path, COLOURED)[1:6] == [
        "\x1b[31m✗\x1b[0m a  1.0 s  \x1b[31mexit code 1\x1b[0m",
        "\x1b[2m  $ true\x1b[0m",
        "  \x1b[2m|\x1b[0m boom",
        "\x1b[2m  more: airexec logs etl a\x1b[0m",
        "\x1b[2m  why:  airexec why etl a\x1b[0m",
    ]
