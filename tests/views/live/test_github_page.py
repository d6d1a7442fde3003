"""The page that GitHub shows for a step."""

from pathlib import Path

from airexec.scheduler.events import AttemptFailed, Because, TaskSkipped, TaskUpToDate
from airexec.scheduler.statuses import Reason
from airexec.testing import Script, make_plan, make_task
from airexec.views.live.github_page import page, write_page
from tests.views.watching import Logs


def failed_script() -> Script:
    script = Script(make_plan(make_task("a"), make_task("b", ["a"]), make_task("c", ["b"]), name="etl"))
    script.settle()
    script.complete("a")
    script.fail("b")
    return script


def test_the_page_has_the_result_the_failures_and_a_table(logs: Logs) -> None:
    """In this order: what matters first."""
    logs.write("b", b"boom\n")

    assert page(failed_script().run, 12.3, logs.path) == (
        "### etl: failed in 12.3 s\n\n"
        "3 tasks: 1 completed, 1 failed, 1 upstream_failed (run 20260102-030405-0000)\n\n"
        "**b**: exit code 1\n\n"
        "```text\n$ true\nboom\n```\n\n"
        "| | task | status | duration | |\n|---|---|---|---|---|\n"
        "| ✅ | a | completed | 1.0 s |  |\n"
        "| ❌ | b | failed | 1.0 s | exit code 1 |\n"
        "| ⛔ | c | upstream_failed |  | 1 failed of 1 upstream (b) |\n"
    )


def test_what_is_up_to_date_says_since_when(logs: Logs) -> None:
    """And how many ran, in the first line."""
    script = Script(make_plan(make_task("a"), make_task("b")))
    script.happen(TaskUpToDate("a", {}, "20260101-030405-0000", 2))
    script.settle()
    script.complete("b")

    text = page(script.run, 1.0, logs.path)

    assert "\n2 tasks: 1 ran, 1 up to date (run " in text
    assert "\n| ✅ | a | up to date |  | nothing has changed since attempt 2 of run 20260101-030405-0000 |\n" in text


def test_text_of_tasks_is_no_markup(logs: Logs) -> None:
    """No links, images, HTML, cells or code of theirs; a log cannot end its block."""
    script = Script(make_plan(make_task("test[a,b]"), name="etl"))
    script.settle()
    script.happen(AttemptFailed("test[a,b]", 1, 1.0, Reason.EXIT, "a | <b> `c` *d* ![e](f)\n# g", 1))
    script.settle()
    logs.write("test[a,b]", b"```\n````\n<script>\n")
    text = page(script.run, 1, logs.path)

    assert (
        "**test&#91;a,b&#93;**: a &#124; &#60;b&#62; &#96;c&#96; &#42;d&#42; &#33;&#91;e&#93;(f)&#92;n&#35; g\n" in text
    )
    assert "`````text\n$ true\n```\n````\n<script>\n`````\n" in text
    assert text.endswith(
        "| ❌ | test&#91;a,b&#93; | failed | 1.0 s "
        "| a &#124; &#60;b&#62; &#96;c&#96; &#42;d&#42; &#33;&#91;e&#93;(f)&#92;n&#35; g |\n"
    )


def test_why_a_task_was_skipped_is_no_markup_either(logs: Logs) -> None:
    """A condition is written by whoever writes the file, and rendered with what tasks say."""
    script = Script(make_plan(make_task("a"), name="etl"))
    script.happen(TaskSkipped("a", Because("when", "<img src=x>")))
    script.settle()

    assert page(script.run, 1, logs.path).endswith("| condition is false: &#60;img src=x&#62; |\n")


def test_the_page_is_cut_so_that_it_fits(logs: Logs) -> None:
    """GitHub refuses a page over 1 MiB as a whole."""
    script = Script(make_plan(*(make_task(f"t{number}") for number in range(100)), name="etl"))
    text = page(script.run, 1, logs.path, bytes_max=1000)

    assert len(text.encode()) <= 1000
    assert text.endswith("\n… cut here: 75 more lines do not fit.\n")


def test_what_is_in_the_file_already_counts(logs: Logs, tmp_path: Path) -> None:
    """The limit is one of the file."""
    path = tmp_path / "page.md"
    path.write_bytes(b"x" * (1024 * 1024 - 10))
    write_page(path, failed_script().run, 1, logs.path)

    assert path.stat().st_size == 1024 * 1024 - 10


def test_a_page_that_cannot_be_written_does_not_matter(logs: Logs, tmp_path: Path) -> None:
    """It is a courtesy."""
    write_page(tmp_path / "gone" / "page.md", failed_script().run, 1, logs.path)

    assert list(tmp_path.iterdir()) == [logs.folder]


def test_a_failure_that_is_allowed_is_a_row_and_no_more(logs: Logs) -> None:
    """Nobody has to look into it."""
    script = Script(make_plan(make_task("lint", allow_failure=True), name="ci"))
    script.settle()
    script.fail("lint")

    shown = page(script.run, 1.0, logs.path)

    assert "| ⚠️ | lint | failed | 1.0 s | exit code 1 (allowed to fail) |\n" in shown
    assert "**lint**" not in shown
