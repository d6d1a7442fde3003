"""Which views a run gets, from its options and from where its output goes."""

from collections.abc import Callable, Iterable, Mapping
from typing import TextIO

from airexec.errors import UsageError
from airexec.run.options import OUTPUT_MODES, RunOptions
from airexec.scheduler.events import Record
from airexec.views.console_style import console_style
from airexec.views.live.summary import LogPath
from airexec.views.live.view import View
from airexec.views.sink import Sink, sink_for


def choose_views(
    options: RunOptions,
    env: Mapping[str, str],
    stdout: TextIO,
    log_path: LogPath,
    job: str,
    record_to_line: Callable[[Record], bytes],
    lines_after: Callable[[int], Iterable[bytes]] = lambda seq: (),
) -> list[View]:
    """Return one console view (or JSON lines) and the reports asked for.

    `job` is what commands are given to find the job; `lines_after`: see JsonLinesView.

    A live view needs a terminal that can be drawn over; an explicit `--output` always gets plain lines.
    """
    sink = sink_for(stdout)
    views: list[View] = [_console(options, env, stdout, sink, log_path, job, record_to_line, lines_after)]
    if options.report_junit is not None:
        from airexec.views.live.junit import JunitView

        views.append(JunitView(options.report_junit, log_path))
    return views


def _console(
    options: RunOptions,
    env: Mapping[str, str],
    stdout: TextIO,
    sink: Sink,
    log_path: LogPath,
    job: str,
    record_to_line: Callable[[Record], bytes],
    lines_after: Callable[[int], Iterable[bytes]],
) -> View:
    style = console_style(env, _isatty(stdout), stdout.encoding)
    mode = output_mode(options, env)
    output = "grouped" if mode == "auto" else mode
    under_github = env.get("GITHUB_ACTIONS") == "true"
    if options.json:
        from airexec.views.live.json_lines import JsonLinesView, without_commands

        return JsonLinesView(sink, record_to_line, lines_after, without_commands if under_github else bytes)
    if under_github:
        from airexec.views.live.github import GithubView

        return GithubView(sink, style, log_path, output, env, job, options.explain)
    if mode == "auto" and style.animate:
        from airexec.views.live.terminal import LiveView

        return LiveView(sink, style, log_path, lambda: _size(stdout), job, options.explain)
    from airexec.views.live.plain import PlainView

    return PlainView(sink, style, log_path, output, job=job, explains=options.explain)


def output_mode(options: RunOptions, env: Mapping[str, str]) -> str:
    """Return how output is shown: as --output says, else the environment, else the settings. Raises UsageError."""
    mode = env.get("AIREXEC_OUTPUT_MODE", "") if options.output == "auto" else ""
    if mode and mode not in OUTPUT_MODES:
        raise UsageError(f"AIREXEC_OUTPUT_MODE is {mode!r}", f"it takes {', '.join(OUTPUT_MODES)}")
    return mode or (options.output if options.output != "auto" else options.default_output)


def _isatty(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def _size(stream: TextIO) -> tuple[int, int]:
    """Return the terminal's (columns, lines); those of old when it does not say."""
    import os

    try:
        columns, lines = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):
        columns, lines = 0, 0
    return columns or 80, lines or 24
