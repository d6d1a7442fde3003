"""The console under GitHub Actions: output in groups, failures as annotations, a page for the step's summary.

GitHub reads commands from the very text that we print, so what tasks print must never be one. Its runner (see
`ActionCommand` in github.com/actions/runner) takes a line that begins with `::`, after any white space, and the older
form `##[` wherever it stands in a line. Both get a backslash in between, so they can still be read. Every line that
is not a command of ours passes through `inert`.
"""

import os
import re
from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path

from airexec.scheduler import events
from airexec.scheduler.events import Record
from airexec.scheduler.state import Run, TaskState
from airexec.scheduler.statuses import Reason
from airexec.views.annotation import annotation, data
from airexec.views.command_text import command_lines
from airexec.views.console_style import ConsoleStyle
from airexec.views.live.github_page import write_page
from airexec.views.live.plain import Markup, PlainView
from airexec.views.live.summary import LogPath, failure_text
from airexec.views.log_tail import for_people, last_lines
from airexec.views.sanitize import one_line, visible
from airexec.views.sink import Sink
from airexec.views.wording import job_name
from airexec.workflow.model import Location

_ANNOTATIONS_MAX = 10
"""Per severity and step; GitHub drops the rest without a word. Failures have them first, as they come; what is left at
the end tasks share, one after the other, for what they have said."""
_LOG_LINES = 10
_LEVELS = ("error", "warning", "notice")
_SHAPELESS = r"[^\w!-~]"


class GithubView(PlainView):
    """A PlainView with groups, plus annotations and the step's summary."""

    def __init__(
        self,
        sink: Sink,
        style: ConsoleStyle,
        log_path: LogPath,
        output: str,
        env: Mapping[str, str],
        job: str = "",
        explains: bool = False,
    ) -> None:
        super().__init__(sink, style, log_path, output, Markup(_group, ("::endgroup::",), inert), job, explains)
        self._workspace = env.get("GITHUB_WORKSPACE", "")
        self._page = env.get("GITHUB_STEP_SUMMARY", "")
        self._annotations: list[str] = []
        """Wait for the lines that they are about."""
        self._left = dict.fromkeys(_LEVELS, _ANNOTATIONS_MAX)
        self._noticed: dict[str, dict[str, list[str]]] = {level: {} for level in _LEVELS}
        """Per level and task what it has said: it waits for the end, since failures come first."""

    def record(self, run: Run, record: Record) -> None:
        super().record(run, record)
        match record.event:  # the others are lines and nothing more
            case events.AttemptFailed(task=task, retry_delay=None, reason=reason) if reason not in (
                Reason.CANCELLED,
                Reason.CHANGED,
            ):
                level = "warning" if run.tolerates(task) else "error"
                if self._left[level] > 0:
                    self._left[level] -= 1
                    title = f"{one_line(task)} failed"
                    message = self._failure(run, run.tasks[task])
                    self._annotations.append(self._annotation(run, level, task, title, message))
            case events.Noticed(task=task, level=level, message=message) if level in _LEVELS:
                said = self._noticed[level].setdefault(task, [])
                if len(said) < _ANNOTATIONS_MAX:
                    said.append(self._annotation(run, level, task, one_line(task), message))

    def tick(self, run: Run, now: float) -> None:
        super().tick(run, now)
        self._write_annotations()
        self._sink.flush()

    def close(self, run: Run, seconds: float) -> None:
        super().close(run, seconds)
        for level in _LEVELS:
            turns = zip_longest(*self._noticed[level].values())
            self._annotations += [one for turn in turns for one in turn if one][: self._left[level]]
        self._write_annotations()
        self._sink.flush(at_end=True)
        if self._page:
            write_page(Path(self._page), run, seconds, self._log_path)

    def _failure(self, run: Run, state: TaskState) -> str:
        path = self._log_path(state.task.id, state.attempt)
        log = last_lines(path, _LOG_LINES, for_people(run, state.task.id, path), colours=False)
        return "\n".join([failure_text(run, state), *command_lines(state.command), *state.details, *log])

    def _annotation(self, run: Run, level: str, task: str, title: str, message: str) -> str:
        place = {"title": f"{job_name(run)}: {title}"}
        file, line = self._place(run, task)
        if file:
            place = {"file": file, "line": str(line), **place}
        return annotation(level, place, message)

    def _place(self, run: Run, task: str) -> tuple[str, int]:
        """Return file and line of a task; of its template, or of who queued it, when it has none. ("", 0): unknown."""
        location = location_of(run, task)
        if location is None or run.plan is None or not self._workspace:
            return "", 0
        relative = os.path.relpath(location.file or run.plan.workflow.path, self._workspace)
        return ("", 0) if relative.startswith("..") else (relative, location.line)

    def _write_annotations(self) -> None:
        for line in self._annotations:
            self._sink.line(line)
        self._annotations.clear()


def inert(line: str) -> str:
    """Return a safe line such that GitHub takes no command from it; colours of a suspicious line are dropped.

    The runner skips white space and compares as people do (.NET with a culture), so what has no shape is skipped here
    too: a command begins behind whatever is neither a letter nor punctuation.
    """
    bare = visible(line, colours=False) if "\x1b" in line else line
    if "::" not in bare and bare.count("#") < 2:
        return line
    harmless = re.sub(rf"^({_SHAPELESS}*)::", r"\1\\::", bare)
    harmless = re.sub(rf"#(?={_SHAPELESS}*#\w*{_SHAPELESS}*\[)", r"#\\", harmless)  # also `##vso[` of other systems
    return line if harmless == bare else harmless


def location_of(run: Run, task_id: str) -> Location | None:
    """Return the place in what the user wrote that a task goes back to; None when there is none."""
    state = run.tasks[task_id]
    templates = run.plan.workflow.templates if run.plan else {}
    while state.task.location is None:
        if (template := templates.get(state.task.template or "")) is not None:
            return template.location
        if state.queued_by not in run.tasks:
            return None
        state = run.tasks[state.queued_by]
    return state.task.location


def _group(head: str) -> str:
    return f"::group::{data(head)}"
