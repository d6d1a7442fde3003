"""`--report-junit F`: a test suite per job, a test case per task, written when the run is over.

There is no standard; this is what Jenkins, GitLab and GitHub's reporters agree on: `failure` is a task that ran and
said no, `error` one that could not run or did not come to its end, `skipped` everything that was not tried.
"""

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from airexec.errors import ReportUnwritableError, UsageError
from airexec.scheduler.state import Run, TaskState
from airexec.scheduler.statuses import Reason, Status
from airexec.views.command_text import command_lines
from airexec.views.live.summary import LogPath
from airexec.views.live.view import View
from airexec.views.log_tail import for_people, last_text
from airexec.views.sanitize import visible
from airexec.views.wording import because_text, cause_text, job_name, up_to_date_text
from airexec.workflow.find import StrPath

_LOG_BYTES_MAX = 32768
_FAILURES = frozenset({Reason.EXIT, Reason.SIGNAL})
_NOT_TRIED = frozenset({Status.SKIPPED, Status.UPSTREAM_FAILED, Status.CANCELLED, Status.PENDING, Status.UP_FOR_RETRY})


class JunitView(View):
    """Asks the run when it is over, and the logs. Raises UsageError and ReportUnwritableError."""

    def __init__(self, path: StrPath, log_path: LogPath) -> None:
        self._path = Path(path)
        self._log_path = log_path
        _make_folder(self._path)

    def close(self, run: Run, seconds: float) -> None:
        """Write the report. What cannot be written is said on stderr, and `has_failed`."""
        from airexec.views.user_file import write_user_file

        lines = report_lines(run, seconds, self._log_path)
        try:
            write_user_file(self._path, (f"{line}\n".encode() for line in lines))
        except OSError as error:
            import sys

            self.has_failed = True
            print(f"airexec: error: cannot write {self._path}: {error.strerror}", file=sys.stderr)


def report_lines(run: Run, seconds: float, log_path: LogPath) -> Iterator[str]:
    """Yield the report line by line, so that ten thousand logs are never in memory at once."""
    kinds = [_kind(run, state) for state in run.tasks.values()]
    totals = " ".join(
        f'{attribute}="{count}"'
        for attribute, count in (
            ("tests", len(kinds)),
            ("failures", kinds.count("failure")),
            ("errors", kinds.count("error")),
            ("skipped", kinds.count("skipped")),
            ("time", f"{max(0.0, seconds):.3f}"),
        )
    )
    began = datetime.fromtimestamp(run.updated_at - seconds, UTC)
    name, started = _attribute(job_name(run)), began.isoformat(timespec="seconds")
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f"<testsuites name={name} {totals}>"
    yield f'  <testsuite name={name} {totals} timestamp="{started}">'
    yield f'    <properties><property name="run" value={_attribute(run.run_id)}/></properties>'
    for state, kind in zip(run.tasks.values(), kinds, strict=True):
        yield from _case_lines(run, state, kind, log_path)
    yield "  </testsuite>"
    yield "</testsuites>"


def _case_lines(run: Run, state: TaskState, kind: str, log_path: LogPath) -> Iterator[str]:
    task_id = state.task.id
    time = f"{max(0.0, state.duration or 0.0):.3f}"
    yield f'    <testcase classname={_attribute(job_name(run))} name={_attribute(task_id)} time="{time}">'
    if kind == "skipped":
        yield f"      <skipped message={_attribute(_why_not(run, state))}/>"
    elif kind:
        message = _attribute(state.error or "the run ended before the task did")
        details = _text("\n".join([*command_lines(state.command), *state.details]))
        yield f'      <{kind} message={message} type="{state.reason or Reason.LOST}">{details}</{kind}>'
    if state.built is not None:
        yield f"      <system-out>{_text(up_to_date_text(state.built))}</system-out>"
    if state.attempt and (log := _log(run, task_id, log_path(task_id, state.attempt))):
        yield f"      <system-out>{_text(log)}</system-out>"
    yield "    </testcase>"


def _log(run: Run, task_id: str, path: StrPath) -> str:
    return "\n".join(for_people(run, task_id, path)(last_text(path, _LOG_BYTES_MAX).split("\n")))


def _kind(run: Run, state: TaskState) -> str:
    """Return the element that says how a task ended; empty when it ended well."""
    if state.status is Status.COMPLETED:
        return ""
    if state.status in _NOT_TRIED or (state.status is Status.FAILED and run.tolerates(state.task.id)):
        return "skipped"  # a failure that is allowed must not make a good run look bad
    return "failure" if state.reason in _FAILURES else "error"


def _why_not(run: Run, state: TaskState) -> str:
    if state.status is Status.FAILED:
        return f"allowed to fail: {state.error}"
    if state.because is not None:
        return f"{state.status}: {because_text(state.because)}"
    stopped = f": {cause_text(run.stopping)}" if run.stopping else ""
    return f"{state.status}{stopped}"


def _attribute(text: str) -> str:
    return '"' + _text(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;") + '"'


def _text(text: str) -> str:
    """Return text for XML 1.0, which has no place for escapes and control characters, not even as references."""
    safe = re.sub("[\ufffe\uffff]", lambda found: f"\\u{ord(found.group()):04x}", visible(text, colours=False))
    return safe.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ReportUnwritableError(f"--report-junit: cannot make the folder of {path}: {error.strerror}") from None
    if path.is_dir():
        raise UsageError(f"--report-junit: {path} is a folder", "give the name of a file")
    if not os.access(path if path.exists() else path.resolve().parent, os.W_OK):
        raise ReportUnwritableError(f"--report-junit: cannot write {path}: Permission denied")
