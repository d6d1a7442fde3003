"""Under GitHub Actions: groups, annotations, a page; and no output of a task is ever a command (promise D5)."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airexec.scheduler.events import AttemptFailed, Noticed
from airexec.scheduler.statuses import Reason
from airexec.testing import make_plan, make_task
from airexec.views.live.github import GithubView, inert
from airexec.workflow.model import Plan, Task
from tests.views.watching import COLOURED, PLAIN, Console, Logs, WatchedRun

WORKSPACE = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": "/w"}
START = Callable[..., WatchedRun]


@pytest.fixture
def start(console: Console, logs: Logs) -> START:
    def start(*tasks: Task, output: str = "grouped", **plan: object) -> WatchedRun:
        view = GithubView(console.sink, PLAIN, logs.path, output, WORKSPACE)
        run = WatchedRun(make_plan(*tasks, name="etl", path="/w/ci/etl.yml", **plan), view, logs)
        run.settle()
        return run

    return start


def commands(text: str) -> list[str]:
    """Return the lines that GitHub's runner would obey (ActionCommand.TryParseV2 and TryParse), colours or not."""
    bare = re.sub(r"\x1b\[[0-9;:]*m", "", text)
    lines = [line for shown in (text, bare) for line in re.split(r"[\r\n]+", shown)]
    seen = [(line, line.replace("\ufe0f", "")) for line in lines]  # .NET compares by culture, which skips such
    return [line for line, shown in seen if shown.strip().startswith("::") or re.search(r"##\w*\[", shown)]


def test_output_stands_in_a_group_and_a_failure_is_annotated(start: START, console: Console) -> None:
    """The annotation has file and line of the task, the reason and the end of the log."""
    run = start(make_task("load", line=12))
    run.print("load", b"reading\nno such table, 100%\n")
    run.fail("load")
    run.tick()

    assert console.lines() == [
        "▸ etl: run 20260102-030405-0000: 1 task, 2 at a time",
        "::group::✗ load  1.0 s  exit code 1",
        "  reading",
        "  no such table, 100%",
        "::endgroup::",
        "::error file=ci/etl.yml,line=12,title=etl%3A load failed"
        "::exit code 1%0A$ true%0Areading%0Ano such table, 100%25",
    ]


def test_an_attempt_without_output_needs_no_group(start: START, console: Console) -> None:
    """An empty group is a click for nothing."""
    run = start(make_task("load"))
    run.complete("load")
    run.tick()

    assert console.lines()[1:] == ["✓ load  1.0 s"]


def test_a_failure_that_will_be_tried_again_is_not_annotated(start: START, console: Console) -> None:
    """Only the end of the task counts."""
    run = start(make_task("load", retries=1))
    run.fail("load", retry_delay=5.0)
    run.tick()

    assert commands(console.text()) == []


@pytest.mark.parametrize(
    ("task", "reason", "levels"),
    [
        (make_task("load"), Reason.EXIT, ["error"]),
        (make_task("load", allow_failure=True), Reason.EXIT, ["warning"]),
        (make_task("load"), Reason.CANCELLED, []),
    ],
)
def test_the_severity_is_that_of_the_failure(
    start: START, console: Console, task: Task, reason: Reason, levels: list[str]
) -> None:
    """A failure that is allowed is a warning; what we cancelled is no failure."""
    run = start(task)
    run.fail("load", reason=reason)
    run.tick()

    assert [line.split(" ")[0].strip(":") for line in console.lines() if line.startswith("::")] == levels


def test_notices_become_annotations_of_their_level(start: START, console: Console) -> None:
    """With the task's place in the file."""
    run = start(make_task("load", line=3))
    for level in ("notice", "warning", "error"):
        run.happen(Noticed("load", 1, level, f"a {level}\nof two lines"))
    run.complete("load")
    run.close()

    assert [line for line in console.lines() if line.startswith("::")] == [
        f"::{level} file=ci/etl.yml,line=3,title=etl%3A load::a {level}%0Aof two lines"
        for level in ("error", "warning", "notice")
    ]


def test_there_are_at_most_ten_annotations_of_a_severity(start: START, console: Console) -> None:
    """GitHub drops the eleventh without a word; the summary has them all."""
    run = start(make_task("load"))
    for number in range(15):
        run.happen(Noticed("load", 1, "warning", str(number)))
    run.fail("load")
    run.close()

    annotations = [line.split(" ")[0] for line in console.lines() if line.startswith("::")]
    assert annotations == ["::error"] + ["::warning"] * 10


def test_failures_come_first_and_tasks_share_what_is_left(start: START, console: Console) -> None:
    """A task that says ten errors takes none of them from a failure, and not all of them from another task."""
    run = start(*(make_task(name) for name in ("loud", "shy", "x", "y", "z")), max_active_tasks=5)
    for number in range(12):
        run.happen(Noticed("loud", 1, "error", f"loud {number}"))
    run.happen(Noticed("shy", 1, "error", "shy 0"))
    for name in ("x", "y", "z"):
        run.fail(name)
    run.complete("loud")
    run.complete("shy")
    run.close()

    said = [line.rpartition("::")[2].split("%0A")[0] for line in console.lines() if line.startswith("::error")]
    assert ["exit code 1"] * 3 + ["loud 0", "shy 0", *(f"loud {number}" for number in range(1, 6))] == said


def test_a_queued_task_is_annotated_where_its_template_stands(start: START, console: Console) -> None:
    """Or, without a template, where the task stands that queued it."""
    run = start(make_task("find", line=5), templates={"process": make_task("process", line=20)})
    run.complete("find", make_task("p", template="process"), make_task("q"))
    run.fail("p")
    run.fail("q")
    run.tick()

    assert [line.split(",")[1] for line in console.lines() if line.startswith("::error")] == ["line=20", "line=5"]


def test_a_workflow_outside_the_workspace_has_no_place_in_it(console: Console, logs: Logs) -> None:
    """A path with `..` would annotate some other file."""
    view = GithubView(console.sink, PLAIN, logs.path, "grouped", {"GITHUB_WORKSPACE": "/elsewhere"})
    run = WatchedRun(make_plan(make_task("a", line=3), name="etl"), view)
    run.settle()
    run.fail("a")
    run.tick()

    assert console.lines()[-1] == "::error title=etl%3A a failed::exit code 1%0A$ true"


@pytest.mark.parametrize(
    ("line", "harmless"),
    [
        ("::error::x", r"\::error::x"),
        ("  ::set-output name=a::b", r"  \::set-output name=a::b"),
        ("\u3000\t::stop-commands::x", "\u3000\t" + r"\::stop-commands::x"),
        ("x ##[error]y", r"x #\#[error]y"),
        ("###[group]", r"##\#[group]"),
        ("##vso[task.setvariable variable=a]b", r"#\#vso[task.setvariable variable=a]b"),
        ("\x1b[31m::error::x\x1b[0m", r"\::error::x"),
        ("#\x1b[31m#[error]x", r"#\#[error]x"),
        ("\ufe0f::error::x", "\ufe0f" + r"\::error::x"),
        ("#\u034f#[error]y", "#\\\u034f#[error]y"),
        ("a::b and ## a heading", "a::b and ## a heading"),
    ],
)
def test_a_command_gets_a_backslash_and_stays_readable(line: str, harmless: str) -> None:
    """Both forms that the runner knows, also behind white space and colours; nothing else changes."""
    assert inert(line) == harmless


COMMANDS = ("::", "::error::x", "::add-mask::a", "##[", "##vso[", "#", "[")
BETWEEN = (
    "\n",
    "\r",
    " ",
    "\t",
    "\u00a0",
    "\u2003",
    "\x1b[31m",
    "\x1b[0m",
    "\x1b",
    "\u200b",
    "\ufeff",
    "\x0b",
    "\x85",
    "\u2028",
    "\ufe0f",
    "x",
)
HOSTILE = st.lists(st.sampled_from(COMMANDS + BETWEEN), max_size=10).map(lambda parts: "".join(parts).encode())


@settings(max_examples=150)
@given(printed=HOSTILE, output=st.sampled_from(["grouped", "stream", "prefixed", "quiet"]))
def test_nothing_that_a_task_prints_is_a_command(logs: Logs, printed: bytes, output: str) -> None:
    """Not in its output, its error, its notices, its names; in no mode, with and without colours."""
    console = Console()
    text = printed.decode()
    run = WatchedRun(hostile_plan(text), GithubView(console.sink, COLOURED, logs.path, output, WORKSPACE), logs)
    run.settle()
    logs.path("a", 1).unlink(missing_ok=True)
    run.print("a", printed)
    run.happen(Noticed("a", 1, "debug", text))
    run.happen(AttemptFailed("a", 1, 1.0, Reason.QUEUE, text, 0, None, {}, (text, text), text))
    run.settle()
    run.close()

    own = ("::group::", "::endgroup::", "::error title=")
    assert [line for line in commands(console.text()) if not line.startswith(own)] == []


def hostile_plan(text: str) -> Plan:
    return make_plan(make_task("a"), name=text)


def test_only_our_own_groups_and_annotations_are_commands(start: START, console: Console) -> None:
    """A task cannot end our group and begin its own, nor stop commands and start them again."""
    run = start(make_task("load"))
    run.print("load", b"::endgroup::\n::error::not us\n::stop-commands::x\n::x::\n  ::warning::us?\r::notice::no\n")
    run.complete("load")
    run.close()

    assert commands(console.text().rpartition("::endgroup::")[0])[:1] == ["::group::✓ load  1.0 s"]
    assert [line for line in console.lines() if line.startswith("::")] == ["::group::✓ load  1.0 s", "::endgroup::"]


def test_the_page_of_the_step_is_written_at_the_end(console: Console, logs: Logs, tmp_path: Path) -> None:
    """Below what earlier commands of the step have written there."""
    page = tmp_path / "summary.md"
    page.write_text("# before\n")
    env = {**WORKSPACE, "GITHUB_STEP_SUMMARY": str(page)}
    run = WatchedRun(make_plan(make_task("a"), name="etl"), GithubView(console.sink, PLAIN, logs.path, "quiet", env))
    run.settle()
    run.complete("a")
    run.close()

    assert page.read_text().startswith("# before\n### etl: completed in 3.0 s\n")
