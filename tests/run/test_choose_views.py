"""Which views a run gets."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from airexec.errors import UsageError
from airexec.run.choose_views import _size, choose_views, output_mode
from airexec.run.options import RunOptions
from airexec.scheduler.events import Record
from airexec.testing import make_plan, make_task
from tests.views.watching import Logs, WatchedRun

TERM = {"TERM": "xterm"}
GITHUB = {"GITHUB_ACTIONS": "true", "CI": "true", "TERM": "xterm"}


class Stream(io.TextIOWrapper):
    def __init__(self, is_terminal: bool) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8")
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


def encode(record: Record) -> bytes:
    return b"{}"


@pytest.fixture
def chosen(logs: Logs) -> Callable[[RunOptions, dict[str, str], bool], list[str]]:
    def chosen(options: RunOptions, env: dict[str, str], is_terminal: bool) -> list[str]:
        views = choose_views(options, env, Stream(is_terminal), logs.path, "etl", encode)
        return [type(view).__name__ for view in views]

    return chosen


@pytest.mark.parametrize(
    ("options", "env", "is_terminal", "view"),
    [
        (RunOptions(), TERM, True, "LiveView"),
        (RunOptions(), TERM, False, "PlainView"),
        (RunOptions(), {"TERM": "dumb"}, True, "PlainView"),
        (RunOptions(), {**TERM, "CI": "1"}, True, "PlainView"),
        (RunOptions(), {**TERM, "FORCE_COLOR": "1"}, False, "PlainView"),
        (RunOptions(output="grouped"), TERM, True, "PlainView"),
        (RunOptions(output="stream"), TERM, True, "PlainView"),
        (RunOptions(json=True), TERM, True, "JsonLinesView"),
        (RunOptions(), GITHUB, False, "GithubView"),
        (RunOptions(), GITHUB, True, "GithubView"),
        (RunOptions(json=True), GITHUB, False, "JsonLinesView"),
    ],
)
def test_the_console_is_chosen_by_options_and_surroundings(
    chosen: Callable[[RunOptions, dict[str, str], bool], list[str]],
    options: RunOptions,
    env: dict[str, str],
    is_terminal: bool,
    view: str,
) -> None:
    """Live only where lines may be drawn over and nobody asked for output; JSON before all."""
    assert chosen(options, env, is_terminal) == [view]


@pytest.mark.parametrize(
    ("output", "lines"),
    [
        ("auto", ["✓ a  1.0 s", "  hello"]),
        ("grouped", ["✓ a  1.0 s", "  hello"]),
        ("prefixed", ["a | hello", "✓ a  1.0 s"]),
    ],
)
def test_output_is_shown_as_asked_for(logs: Logs, output: str, lines: list[str]) -> None:
    """`auto` is `grouped` where there is no live view."""
    stream = Stream(is_terminal=False)
    (view,) = choose_views(RunOptions(output=output), TERM, stream, logs.path, "etl", encode)
    run = WatchedRun(make_plan(make_task("a")), view, logs)
    run.settle()
    run.print("a", b"hello\n")
    run.complete("a")
    run.tick()

    assert stream.buffer.getvalue().decode().splitlines()[-2:] == lines  # type: ignore[attr-defined]


def test_a_report_comes_beside_the_console(
    chosen: Callable[[RunOptions, dict[str, str], bool], list[str]], tmp_path: Path
) -> None:
    """It is no other console."""
    assert chosen(RunOptions(report_junit=tmp_path / "r.xml"), TERM, False) == ["PlainView", "JunitView"]


@pytest.mark.parametrize(("env", "written"), [(TERM, b'"##[error]"\n'), (GITHUB, b'"#\\u0023[error]"\n')])
def test_json_has_no_commands_under_github(logs: Logs, env: dict[str, str], written: bytes) -> None:
    """Elsewhere it is the journal's line, byte for byte."""
    stream = Stream(is_terminal=False)
    (view,) = choose_views(RunOptions(json=True), env, stream, logs.path, "etl", lambda record: b'"##[error]"')
    WatchedRun(make_plan(make_task("a")), view).tick()

    assert stream.buffer.getvalue() == written  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("said", "env", "settings", "mode"),
    [
        ("auto", "", "auto", "auto"),
        ("auto", "", "quiet", "quiet"),
        ("auto", "stream", "quiet", "stream"),
        ("grouped", "stream", "quiet", "grouped"),
    ],
)
def test_the_command_line_wins_over_the_environment_and_that_over_the_settings(
    said: str, env: str, settings: str, mode: str
) -> None:
    options = RunOptions(output=said, default_output=settings)

    assert mode == output_mode(options, {"AIREXEC_OUTPUT_MODE": env})


def test_a_mode_that_there_is_not_is_refused() -> None:
    with pytest.raises(UsageError) as refused:
        output_mode(RunOptions(), {"AIREXEC_OUTPUT_MODE": "loud"})

    assert ("AIREXEC_OUTPUT_MODE is 'loud'", "it takes auto, grouped, stream, prefixed, quiet") == (
        refused.value.headline,
        refused.value.hint,
    )


def test_a_terminal_that_does_not_say_its_size_is_taken_for_one_of_old(logs: Logs) -> None:
    """80 columns, of which the last stays free; nothing that is drawn is wider."""
    terminal = Stream(is_terminal=True)
    (view,) = choose_views(RunOptions(), TERM, terminal, logs.path, "etl", encode)
    run = WatchedRun(make_plan(make_task("a" * 100)), view, logs)
    run.settle()
    run.print("a" * 100, b"x" * 200 + b"\n")

    for now in (0.0, 1.0, 2.0):
        run.tick(now)

    drawn = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", terminal.buffer.getvalue().decode())  # type: ignore[attr-defined]
    assert 79 == max(len(line) for line in re.split(r"[\r\n]+", drawn) if line.startswith("▸ a"))


def test_a_terminal_of_old_has_80_columns_and_24_lines() -> None:
    assert (80, 24) == _size(Stream(is_terminal=True))
