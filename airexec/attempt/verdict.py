"""How an attempt ended, in the words of DESIGN: a reason, an exit code as shells count, one line for people."""

import signal
from collections.abc import Sequence
from typing import NamedTuple

from airexec.attempt.attempt import Live
from airexec.scheduler.splice import SpliceRejectedError
from airexec.scheduler.statuses import STOP_WORDS, Reason, StopCause

_EXIT_WORDS = {126: " (found, but cannot be executed)", 127: " (command not found)"}


class Failure(NamedTuple):
    reason: Reason
    message: str
    exit_code: int | None = None
    details: tuple[str, ...] = ()


def failure(returncode: int, live: Live, timeout: float | None) -> Failure | None:
    """Return what is wrong with an attempt that exited so, or None. `returncode` is -n for signal n.

    A timeout stays one whatever the task answers to SIGTERM. A task that ends well while the run is being stopped has
    ended well.
    """
    exit_code = 128 - returncode if returncode < 0 else returncode
    if live.cause is Reason.TIMEOUT:
        return Failure(Reason.TIMEOUT, f"timed out after {timeout:g} s", exit_code)
    if returncode == 0:
        return _bad_lines(live)
    if isinstance(live.cause, StopCause):
        return Failure(Reason.CANCELLED, f"cancelled: {STOP_WORDS[live.cause]}", exit_code)
    if returncode < 0:
        return Failure(Reason.SIGNAL, _signal_words(-returncode), exit_code)
    return Failure(Reason.EXIT, f"exit code {exit_code}{_EXIT_WORDS.get(exit_code, '')}", exit_code)


def _signal_words(number: int) -> str:
    try:
        name = f" ({signal.Signals(number).name})"
    except ValueError:
        name = ""
    memory = "; likely out of memory" if number == signal.SIGKILL else ""
    return f"killed by signal {number}{name}, not by airexec{memory}"


def _bad_lines(live: Live) -> Failure | None:
    if live.batch is not None and live.batch.problems:
        return _nothing_queued([*live.problems, *live.batch.problems], live.batch.problems_more)
    if live.problems:
        return Failure(Reason.QUEUE, _headline(live.problems, 0), 0, tuple(live.problems))
    return None


def splice_failure(error: SpliceRejectedError) -> Failure:
    return _nothing_queued(error.problems, 0)


def _nothing_queued(problems: Sequence[str], more: int) -> Failure:
    details = (*problems, f"and {more} more") if more else tuple(problems)
    return Failure(Reason.QUEUE, f"nothing was queued: {_headline(problems, more)}", 0, details)


def _headline(problems: Sequence[str], more: int) -> str:
    others = len(problems) + more - 1
    return f"{problems[0]} (and {others} more)" if others else problems[0]


def note(live: Live) -> str:
    """Return what the user should know besides, or an empty text."""
    notes = []
    if live.leftover:
        notes.append(f"{live.leftover} {'process' if live.leftover == 1 else 'processes'} left behind ended")
    if live.lost_bytes:
        notes.append(f"{live.lost_bytes} bytes of output could not be logged")
    if live.ignored_lines:
        lines = "line" if live.ignored_lines == 1 else "lines"
        notes.append(f"{live.ignored_lines} `::` {lines} ignored (on stderr, or printed after the exit)")
    return "; ".join(notes)
