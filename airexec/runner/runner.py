"""One live attempt: its group, its two streams, its log, and how far it is from its end. Knows no poller."""

import os
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from airexec.attempt.facts import CommandLine, Exited, Fact, Printed
from airexec.attempt.lines import FoundLine
from airexec.attempt.spec import AttemptSpec
from airexec.runner.attempt_log import AttemptLog
from airexec.runner.group import Group
from airexec.runner.leftovers import LeftoverLadder
from airexec.runner.stream import Stream

if TYPE_CHECKING:
    from airexec.attempt.plain_lines import PlainLines
    from airexec.attempt.side_files import SideFiles

DRAIN = 2.0
"""Seconds after the exit of the leader for which output of others is still read."""

Emit = Callable[[Fact], None]


class Runner:
    """Its bytes become facts here: `Printed` for what is shown, `CommandLine` for what is meant for us."""

    __slots__ = (
        "_continues",
        "_emit",
        "_heading",
        "_ignored_lines",
        "_log",
        "_plain",
        "_side_files",
        "_side_paths",
        "background",
        "drain_until",
        "ended_in_group",
        "ended_outside",
        "group",
        "left_open",
        "leftovers",
        "log_path",
        "number",
        "returncode",
        "splices_at_line",
        "streams",
        "task",
    )

    def __init__(
        self, spec: AttemptSpec, group: Group, streams: tuple[Stream, Stream], log: AttemptLog, emit: Emit
    ) -> None:
        self.task = spec.task
        self.number = spec.attempt
        self.background = spec.background
        self.group = group
        self.streams = streams
        self.splices_at_line = spec.splices_at_line
        self._side_paths = (spec.queue_file, spec.output_file)
        self._side_files: SideFiles | None = None
        """None as long as there are none: most attempts never write to theirs."""
        self._heading = _heading(spec, streams[1].mask_text) if spec.heading else b""
        """What the log says before the first output."""
        self._continues = spec.continues
        self._log = log
        self.log_path = spec.log_path
        self._plain: PlainLines | None = None
        """`::` lines that do not count, once there are such."""
        self._emit = emit
        self._ignored_lines = 0
        self.returncode: int | None = None
        """None while the leader runs."""
        self.drain_until = 0.0
        self.leftovers: LeftoverLadder | None = None
        """The ladder for the group, while one is needed; `LeftoversOutside` has those for what has left it."""
        self.left_open: list[int] = []
        """Pipes that who lives on in the background may write to; for somebody else to read."""
        self.ended_in_group = 0
        """How many processes had to be ended there."""
        self.ended_outside = 0

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to wait for, given that the leader has exited."""
        stdout, stderr = self.streams
        return self.leftovers is None and stdout.fd < 0 and stderr.fd < 0

    @property
    def look_at(self) -> float:
        """When something may have to be done, given that the leader has exited."""
        return self.drain_until if self.leftovers is None else min(self.drain_until, self.leftovers.look_at)

    def printed(self, stream: Stream, data: bytes) -> None:
        """The attempt has printed `data`."""
        shown, found = stream.feed(data)
        if found and not stream.scanning:
            self._keep_plain(stream, found)  # before they are in the log, for those who follow it
        self._show(stream, shown)
        self._report(stream, found)

    def leader_exited(self, returncode: int, now: float) -> None:
        """No command line counts from here on; all that the leader has printed must have been taken."""
        self.returncode = returncode
        self.drain_until = now + DRAIN
        for stream in self.streams:
            if stream.has_printed:
                self._report(stream, stream.end_of_commands())
            stream.scanning = False
        if self.group.send(0) and not self.background:
            self.leftovers = LeftoverLadder(self.group, now)

    def look_after_leftovers(self, now: float) -> int | None:
        """Go on ending what is left of the group; return the signal that was sent, if one was."""
        if self.leftovers is None or now < self.leftovers.look_at:
            return None
        signum = self.leftovers.step(now)
        if self.leftovers.is_over:
            self.ended_in_group, self.leftovers = self.leftovers.count, None
        return signum

    def finish(self) -> None:
        """Nothing more will come: complete the log and say how the attempt ended. The streams are closed."""
        assert self.returncode is not None
        for stream in self.streams:
            if stream.has_printed:
                self._show(stream, stream.finish())
        self.read_side_files(is_over=True)
        self.group.close()
        lost_bytes = self._log.close()
        leftover = self.ended_in_group + self.ended_outside
        self._emit(Exited(self.task, self.number, self.returncode, leftover, lost_bytes, self._ignored_lines))

    def read_side_files(self, is_over: bool = False) -> None:
        """Report what the side files have by now."""
        if self._side_files is None:
            queue_file, output_file = self._side_paths
            if not os.access(queue_file, os.F_OK) and not os.access(output_file, os.F_OK):
                return
            self._side_files = _side_files(*self._side_paths)
        for source, line in self._side_files.read(is_over):
            self._emit(self._command_line(line, source))

    def _keep_plain(self, stream: Stream, found: list[FoundLine]) -> None:
        from airexec.attempt.plain_lines import PlainLines

        self._plain = self._plain or PlainLines(self.log_path, self._continues)
        for line in found:
            self._plain.add(stream.mask_text(f"::{line.verb} {line.payload}"))

    def _show(self, stream: Stream, data: bytes) -> None:
        if data:
            if self._heading:
                data, self._heading = self._heading + data, b""
            self._log.write(data)
            self._emit(Printed(self.task, self.number, stream.name, data))

    def _report(self, stream: Stream, found: list[FoundLine]) -> None:
        if not stream.scanning:
            self._ignored_lines += len(found)
            return
        for line in found:
            self._emit(self._command_line(line))

    def _command_line(self, line: FoundLine, source: str = "") -> CommandLine:
        return CommandLine(self.task, self.number, line.verb, line.payload, line.line, line.overlong, source)


def _heading(spec: AttemptSpec, mask: Callable[[str], str]) -> bytes:
    """Return the line by which a step of an attempt is known in its log; none for work that comes first there."""
    if not spec.continues:
        with suppress(OSError):
            os.unlink(spec.log_path)  # of an attempt that a reset has forgotten, or a crash: the next step is to add
        last = b""
    else:
        last = _last_byte(spec.log_path)
        if not last and spec.listener is not None:
            return b""
    line = mask(spec.heading).encode("utf-8", "surrogateescape") + b"\n"
    return line if last in (b"", b"\n") else b"\n" + line


def _last_byte(path: str) -> bytes:
    """Return the last byte of a file, nothing if that is empty or not there."""
    with suppress(OSError), open(path, "rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read()
    return b""


def _side_files(queue_file: str, output_file: str) -> "SideFiles":
    from airexec.attempt.side_files import SideFiles

    return SideFiles(queue_file, output_file)
