"""The live view for a terminal: what has ended scrolls by as one line each, what runs is drawn in place below.

In a run of a few tasks, as one types it instead of `make`, the end of what they printed is shown too; in a large run
it would only drown the rest.

rich is first imported when the first frame is drawn, so a run that is over in no time never pays for it.
"""

from collections.abc import Callable, Iterable
from typing import assert_never

from airexec.attempt.facts import Printed
from airexec.attempt.lines import is_heeded
from airexec.scheduler import events
from airexec.scheduler.events import Record
from airexec.scheduler.state import Run
from airexec.views.console_style import DIM, ConsoleStyle, Mark, ellipsis, paint
from airexec.views.live.forecast import Forecast
from airexec.views.live.frame import Frame, Row, frame_lines
from airexec.views.live.message_lines import message_lines
from airexec.views.live.screen import Screen
from airexec.views.live.summary import LogPath, reset, summary_lines
from airexec.views.live.view import View
from airexec.views.log_tail import for_people, last_lines, may_queue
from airexec.views.sanitize import visible
from airexec.views.sink import Sink
from airexec.views.wording import Message, describe, operand, task_name
from airexec.workflow.model import Task

_DRAW_SECONDS = 0.1
_FIRST_DRAW_SECONDS = 0.2
_CLOCK_SECONDS = 0.5
_ABSENCE_SECONDS = 3 * _CLOCK_SECONDS
"""Without a tick for so long we were stopped (Ctrl-Z), and a shell has written below the frame."""
_ID_WIDTH_MAX = 32
_ECHO_TASKS_MAX = 10
_ECHO_LINES = 10
_LAST_BYTES = 2048
"""Only the end of a chunk is looked at: a flood of output must cost nothing here."""


class LiveView(View):
    """`size` returns the terminal's (columns, lines) and is asked at every frame. `explains`: why each task runs is
    told, too."""

    def __init__(
        self,
        sink: Sink,
        style: ConsoleStyle,
        log_path: LogPath,
        size: Callable[[], tuple[int, int]],
        job: str = "",
        explains: bool = False,
    ) -> None:
        self._sink = sink
        self._explains = explains
        self._style = style
        self._log_path = log_path
        self._size = size
        self._job = job
        self._screen = Screen(sink)
        self._above: list[str] = []
        """Lines that wait for the next draw."""
        self._started: dict[str, float] = {}
        """Running tasks in order of their start, with the time (monotonic) of the first tick after it."""
        self._unclocked: list[str] = []
        """Those that started since the last tick."""
        self._last_chunk: dict[str, tuple[str, bytes]] = {}
        """The end of what a running task has printed last, and on which stream."""
        self._progress: dict[str, float] = {}
        self._forecast = Forecast(Run())
        self._has_hidden = False
        """Somebody has printed what is not shown here."""
        self._id_width = 0
        self._first_tick: float | None = None
        self._last_tick = 0.0
        self._drawn_at: float | None = None
        self._is_stale = True
        """Something has happened since the last draw."""

    @property
    def tick_seconds(self) -> float:
        return _DRAW_SECONDS if self._is_stale else _CLOCK_SECONDS

    def record(self, run: Run, record: Record) -> None:
        self._is_stale = True
        self._follow(run, record.event)
        message = describe(run, record, self._explains)
        if message is not None and not (message.mark is Mark.STARTED and message.task):
            self._above += message_lines(message, self._style, self._id_width)
            self._above += self._echo(run, message)

    def printed(self, run: Run, printed: Printed) -> None:
        self._has_hidden |= len(run.tasks) > _ECHO_TASKS_MAX
        if printed.task in self._started:
            stream, kept = self._last_chunk.get(printed.task, ("", b""))
            kept = kept if stream == printed.stream else b""
            self._last_chunk[printed.task] = printed.stream, (kept + printed.data[-_LAST_BYTES:])[-_LAST_BYTES:]
            self._is_stale = True

    def progress(self, run: Run, task: str, done: float, total: float) -> None:
        if task in self._started and total > 0:
            self._progress[task] = min(1.0, max(0.0, done / total))
            self._is_stale = True

    def tick(self, run: Run, now: float) -> None:
        if self._first_tick is None:
            self._first_tick = self._last_tick = now
        for task_id in self._unclocked:
            if task_id in self._started:
                self._started[task_id] = now
        self._unclocked.clear()
        if now - self._last_tick > _ABSENCE_SECONDS:
            self._screen.forget()
        self._last_tick = now
        if now - self._first_tick < _FIRST_DRAW_SECONDS:
            return
        if self._drawn_at is None or now - self._drawn_at >= _DRAW_SECONDS:
            self._drawn_at = now
            self._draw(run, now)

    def close(self, run: Run, seconds: float) -> None:
        summary = summary_lines(run, seconds, self._log_path, self._style, job=self._job)
        if self._has_hidden:
            summary.append(paint(f"  all output: airexec logs {operand(run, self._job)}", DIM, self._style))
        self._screen.draw(self._above + summary, [], self._size()[0], at_end=True)
        self._above = []

    def wait(self) -> None:
        self._sink.wait()

    def _echo(self, run: Run, message: Message) -> list[str]:
        """Return the end of the output of an attempt that ended, in a small run; the summary has that of failures."""
        if message.ended is None or message.mark is Mark.FAILED or len(run.tasks) > _ECHO_TASKS_MAX:
            return []
        log = self._log_path(*message.ended)
        lines = last_lines(log, _ECHO_LINES + 1, for_people(run, message.ended[0], log), self._style.colour)
        if len(lines) > _ECHO_LINES:
            lines[0] = ellipsis(self._style)
            self._has_hidden = True
        return [f"  {line}{reset(line)}" for line in lines]

    def _start_over(self, run: Run) -> None:
        self._forecast = Forecast(run)
        self._widen(state.task for state in run.tasks.values())

    def _widen(self, tasks: Iterable[Task]) -> None:
        """Make the column of tasks wide enough for these, within reason."""
        widest = max((len(task_name(task) if task.label else task.id) for task in tasks), default=0)
        self._id_width = min(_ID_WIDTH_MAX, max(self._id_width, widest))

    def _follow(self, run: Run, event: events.Event) -> None:
        """Keep the list of running tasks and the forecast; `event` is already applied."""
        match event:
            case events.AttemptStarted(task=task):
                self._started[task] = 0.0
                self._unclocked.append(task)
            case events.AttemptCompleted(task=task) | events.AttemptSkipped(task=task):
                self._end(task)
                self._forecast.remove(task)
            case events.AttemptFailed(task=task, retry_delay=retry_delay):
                self._end(task)
                if retry_delay is None:
                    self._forecast.remove(task)
            case events.TaskSkipped(task=task) | events.TaskUpToDate(task=task) | events.TaskUpstreamFailed(task=task):
                self._forecast.remove(task)
            case events.NodesQueued(tasks=tasks) | events.NodesAdded(tasks=tasks):
                self._forecast.add(task.id for task in tasks)
                self._widen(tasks)
            case events.RunStarted() | events.RunResumed() | events.TasksReset():
                self._start_over(run)
            case (
                events.RetryReady()
                | events.SignalSent()
                | events.Noticed()
                | events.AdditionsRefused()
                | events.StopRequested()
                | events.RunFinished()
            ):
                pass
            case _:
                assert_never(event)

    def _end(self, task: str) -> None:
        self._started.pop(task, None)
        self._last_chunk.pop(task, None)
        self._progress.pop(task, None)

    def _draw(self, run: Run, now: float) -> None:
        size = self._size()
        above, self._above, self._is_stale = self._above, [], False
        frame = [] if run.is_over else self._frame(run, now, size)
        self._screen.draw(above, frame, size[0])

    def _frame(self, run: Run, now: float, size: tuple[int, int]) -> list[str]:
        elapsed = {task_id: now - began for task_id, began in self._started.items()}
        rows = [self._row(run, task_id, elapsed[task_id]) for task_id in list(elapsed)[: size[1]]]
        left = self._forecast.seconds_left(run, elapsed)
        return frame_lines(run, Frame(rows, len(elapsed), left, self._id_width), size, self._style)

    def _row(self, run: Run, task_id: str, seconds: float) -> Row:
        stream, data = self._last_chunk.get(task_id, ("", b""))
        heard = (lambda line: False) if stream == "stderr" else (lambda line: is_heeded(line, may_queue(run, task_id)))
        last = last_line(data, heard, self._style.colour)
        return Row(
            task_name(run.tasks[task_id].task), run.tasks[task_id].attempt, seconds, self._progress.get(task_id), last
        )


def last_line(data: bytes, is_for_us: Callable[[str], bool], colours: bool = True) -> str:
    """Return the last line of some output that says something to people, safe for a terminal.

    Blank lines do not, nor do those that are for us, of which the last may not be complete yet.
    """
    lines = visible(data.decode("utf-8", "backslashreplace"), colours).split("\n")
    if lines[-1].startswith("::"):
        del lines[-1]
    return next((line for line in reversed(lines) if line.strip() and not is_for_us(line)), "")
