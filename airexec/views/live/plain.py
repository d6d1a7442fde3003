"""Plain lines for whatever is no terminal, and for everybody who asks for the tasks' output (`--output`).

What stands at column 0 is ours, what tasks print never passes for it: it is indented (grouped), carries the task's
name (prefixed), or is indented just where it looks like a line of ours (stream).
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from math import inf
from typing import NamedTuple

from airexec.attempt.facts import Printed
from airexec.attempt.lines import is_heeded
from airexec.scheduler.events import AttemptStarted, Record
from airexec.scheduler.state import Run
from airexec.scheduler.statuses import Status
from airexec.views.console_style import DIM, ConsoleStyle, Mark, ellipsis, paint, sign
from airexec.views.live.message_lines import message_lines
from airexec.views.live.summary import NOTHING_SHOWN, LogPath, Shown, reset, summary_lines
from airexec.views.live.view import View
from airexec.views.log_tail import log_lines, may_queue
from airexec.views.sanitize import LineCutter, Sanitizer, one_line, visible
from airexec.views.sink import Sink
from airexec.views.wording import Message, describe, job_name, named_text

SILENCE_MAX = 60.0
"""Seconds after which a line says what still runs: people wonder, and some CI systems end jobs that are silent."""

_TICK_CHARACTERS = 262_144
"""How much is written per tick: a log of 64 MB takes seconds, and tasks must be started and timed out meanwhile."""


class Markup(NamedTuple):
    """What a CI system wants around a block of output, and how a line is kept from being a command to it."""

    opening: Callable[[str], str] = str
    """Makes the line above a block of a line of ours."""
    closing: tuple[str, ...] = ()
    clean: Callable[[str], str] = str


PLAIN = Markup()


class PlainView(View):
    """One line per event worth telling, and the output of tasks as asked.

    `output` is one of `grouped` (an attempt's output as one block when it has ended, read back from its log),
    `stream` and `prefixed` (as it comes, by whole lines), `quiet` (failures and the summary only). `explains`: why each
    task runs is told, too.
    """

    def __init__(
        self,
        sink: Sink,
        style: ConsoleStyle,
        log_path: LogPath,
        output: str = "grouped",
        markup: Markup = PLAIN,
        job: str = "",
        explains: bool = False,
    ) -> None:
        self._sink = sink
        self._explains = explains
        self._style = style
        self._log_path = log_path
        self._job = job
        self._output = output
        self._markup = markup
        self._waiting: deque[Message] = deque()
        """Not written yet: `record` must be quick, and a block may be long."""
        self._lines: Iterator[str] = iter(())
        """What is left of the event that is being written."""
        self._is_behind = False
        self._has_printed: set[tuple[str, int]] = set()
        """Attempts with output: opening the logs of all others would take longer than all the rest."""
        self._emitters: set[tuple[str, int]] = set()
        """Attempts to be told of, whose `::queue` lines have been heeded."""
        self._streams: dict[tuple[str, str], _Lines] = {}
        """Of running attempts by (task, stream), when output is shown as it comes."""
        self._shown: set[tuple[str, int]] = set()
        self._last: tuple[str, int] | None = None
        """The attempt whose lines are the last ones."""
        self._own_beginnings: tuple[str, ...] = ()
        """Known from the first event on, when the job has its name."""
        self._silent_since: float | None = None

    @property
    def tick_seconds(self) -> float | None:
        if self._is_behind:
            return 0.0
        return None if self._output == "quiet" else SILENCE_MAX

    def record(self, run: Run, record: Record) -> None:
        if not self._own_beginnings:
            # `::` lines are meant for us: an airexec or a CI that reads our output shall not take them as ours.
            self._own_beginnings = own_beginnings(job_name(run), self._style)
        if isinstance(record.event, AttemptStarted) and not self._shows_at_once and not self._explains:
            return  # a block says it all at the end
        message = describe(run, record, self._explains)
        if message is not None and self._is_wanted(message):
            self._waiting.append(message)
            if message.ended is not None and may_queue(run, message.ended[0]):
                self._emitters.add(message.ended)

    def printed(self, run: Run, printed: Printed) -> None:
        if not self._shows_at_once:
            self._has_printed.add((printed.task, printed.attempt))
            return
        self._write_waiting()  # among it the line that this task has started
        key = printed.task, printed.stream
        if key not in self._streams:
            self._streams[key] = _Lines(self._style.colour)
        lines = self._streams[key].feed(printed.data)
        for line in self._output_lines(printed.task, heard(lines, printed.stream, may_queue(run, printed.task))):
            self._sink.line(line)

    def tick(self, run: Run, now: float) -> None:
        if self._waiting or self._sink.has_pending or self._silent_since is None:
            self._silent_since = now
        elif now - self._silent_since >= SILENCE_MAX:
            self._silent_since = now
            self._mention_running(run)
        self._write_waiting(_TICK_CHARACTERS)
        self._sink.flush()

    def close(self, run: Run, seconds: float) -> None:
        self._write_waiting()
        shown = Shown(self._shown, self._last) if self._output == "grouped" else NOTHING_SHOWN
        for line in summary_lines(run, seconds, self._log_path, self._style, shown, self._job):
            self._sink.line(self._markup.clean(line))
        self._sink.flush(at_end=True)

    def wait(self) -> None:
        self._sink.wait()

    @property
    def _shows_at_once(self) -> bool:
        return self._output in ("stream", "prefixed")

    def _is_wanted(self, message: Message) -> bool:
        return message.mark is Mark.FAILED or self._output != "quiet"

    def _mention_running(self, run: Run) -> None:
        running = [task_id for task_id, state in run.tasks.items() if state.status is Status.RUNNING]
        if running and self._output != "quiet":
            self._waiting.append(Message(Mark.STARTED, "", "", f"still running: {named_text(running)}"))

    def _write_waiting(self, characters: float = inf) -> None:
        """Write what waits; when it is more than about `characters`, the rest at the next tick."""
        while characters > 0:
            if (line := next(self._lines, None)) is not None:
                self._sink.line(line)
                characters -= len(line)
            elif self._waiting:
                self._lines = self._event_lines(self._waiting.popleft())
            else:
                break
        self._is_behind = characters <= 0

    def _event_lines(self, message: Message) -> Iterator[str]:
        """Yield the lines of an event, its block among them, just as they are to be written."""
        if message.ended is not None and self._shows_at_once:
            yield from self._rest_lines(message.ended[0], message.ended in self._emitters)
        head, *details = map(self._markup.clean, message_lines(message, self._style))
        self._last = message.ended
        if message.ended is not None and message.mark is Mark.FAILED:
            self._shown.add(message.ended)
        block = self._block(message)
        first = next(block, None)
        yield head if first is None else self._markup.opening(head)
        yield from details
        if first is not None:
            yield from map(self._markup.clean, chain([first], block))
            yield from self._markup.closing

    def _block(self, message: Message) -> Iterator[str]:
        """Yield the output of an attempt that has ended, if it is shown as a block."""
        if message.ended in self._has_printed and self._output == "grouped":
            self._has_printed.remove(message.ended)
            from airexec.attempt.plain_lines import ForPeople

            log = self._log_path(*message.ended)
            for line in ForPeople(log, message.ended in self._emitters)(log_lines(log, self._style.colour)):
                yield f"  {line}{reset(line)}"

    def _rest_lines(self, task: str, may_queue: bool) -> Iterator[str]:
        """Yield lines that were never ended; the attempt is over."""
        for stream in ("stdout", "stderr"):
            if (lines := self._streams.pop((task, stream), None)) is not None:
                yield from self._output_lines(task, heard(lines.finish(), stream, may_queue))

    def _output_lines(self, task: str, lines: Iterable[str]) -> Iterator[str]:
        prefix = paint(f"{one_line(task)} | ", DIM, self._style) if self._output == "prefixed" else ""
        for line in lines:
            bare = line if line.isascii() and "\x1b" not in line else _without_shapeless(line)
            indent = "  " if not prefix and bare.startswith(self._own_beginnings) else ""
            yield self._markup.clean(f"{prefix}{indent}{line}{reset(line)}")


def heard(lines: Iterable[str], stream: str, may_queue: bool) -> Iterable[str]:
    """Return the lines of a stream without those that airexec has heeded, all of which were printed on stdout."""
    return lines if stream == "stderr" else (line for line in lines if not is_heeded(line, may_queue))


def own_beginnings(job: str, style: ConsoleStyle) -> tuple[str, ...]:
    """Return how the lines begin that only we may print at column 0."""
    signs = (f"{sign(mark, style)} " for mark in Mark)
    return ("::", *signs, f"{job}: ", f"{ellipsis(style)} ", "airexec: ")


def _without_shapeless(line: str) -> str:
    """Return a line as it looks: without colours and characters that one does not see, each blank a plain one."""
    return re.sub(r"[^\S\n]", " ", re.sub("[\u034f\ufe00-\ufe0f]", "", visible(line, colours=False)))


class _Lines:
    """One output as it comes, as safe whole lines."""

    def __init__(self, colours: bool) -> None:
        self._sanitizer = Sanitizer(colours)
        self._cutter = LineCutter()

    def feed(self, data: bytes) -> list[str]:
        return self._cutter.feed(self._sanitizer.feed(data))

    def finish(self) -> list[str]:
        return self._cutter.feed(self._sanitizer.finish()) + self._cutter.finish()
