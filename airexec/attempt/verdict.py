"""How an attempt ended, in the words of DESIGN: a reason, an exit code as shells count, one line for people."""

import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from airexec.attempt.facts import Exited
from airexec.scheduler.events import Because
from airexec.scheduler.splice import SpliceRejectedError
from airexec.scheduler.statuses import Reason

if TYPE_CHECKING:
    from airexec.workflow.queue_line import QueueBatch


class Failure(NamedTuple):
    """What is wrong with an attempt."""

    reason: Reason
    message: str
    exit_code: int | None = None
    """None when there was no process."""
    details: tuple[str, ...] = ()
    """Further lines."""


class Skip(NamedTuple):
    """Why an attempt has found that its task is not to be done."""

    because: Because
    exit_code: int | None = None
    """None when the command was not started."""


class Verdict(NamedTuple):
    """The end of an attempt. Texts and values are as the task gave them, secrets and all."""

    failure: Failure | None
    """None: it did its work, unless `skip` says otherwise."""
    duration: float
    """Seconds on the monotonic clock."""
    outputs: Mapping[str, Any] = {}
    note: str = ""
    """What the user should know besides."""
    skip: Skip | None = None
    """Its task is not to be done."""


def exit_code_of(returncode: int) -> int:
    """Return the exit code that a shell would report; `returncode` is -n for signal n."""
    return 128 - returncode if returncode < 0 else returncode


def skip_of(failure: Failure, exit_codes: Collection[int]) -> Skip | None:
    """Return the skip that a failure is by `skip_on_exit_code`; a signal or a timeout is none, whatever its code."""
    if failure.reason is not Reason.EXIT or failure.exit_code not in exit_codes:
        return None
    return Skip(Because("skip_on_exit_code", f"exit code {failure.exit_code}"), failure.exit_code)


def bad_lines(queue: "QueueBatch | None", output_problems: Sequence[str]) -> Failure | None:
    """Return the failure that bad `::queue` and `::output` lines make, None when all are good."""
    if queue is not None and queue.problems:
        return nothing_queued([*output_problems, *queue.problems], queue.problems_more)
    if output_problems:
        return Failure(Reason.QUEUE, _headline(output_problems, 0), 0, tuple(output_problems))
    return None


def remove_half_made(written: str) -> None:
    """Remove what an attempt that was killed has left where the next one writes its product."""
    with suppress(OSError):
        os.unlink(written)


def put_in_place(written: str, product: str, failure: "Failure | None") -> "Failure | None":
    """Give what a good attempt has written the name of its product, and remove what a bad one has; return what is wrong
    by then."""
    try:
        if failure is None and os.path.isdir(written):
            return Failure(Reason.EXIT, f"$AIREXEC_OUT is a folder, and {product} is to be a file", 0)
        if failure is None:
            os.replace(written, product)
        else:
            os.unlink(written)
    except FileNotFoundError:
        return failure or Failure(Reason.EXIT, f"nothing was written to $AIREXEC_OUT, which becomes {product}", 0)
    except OSError as error:
        return failure or Failure(Reason.EXIT, f"{product} cannot be put in place: {error.strerror}", 0)
    return failure


def splice_failure(error: SpliceRejectedError) -> Failure:
    """Return the failure of an attempt whose batch the graph cannot take."""
    return nothing_queued(error.problems, 0)


def nothing_queued(problems: Sequence[str], more: int) -> Failure:
    """Return the failure of an attempt whose batch is not spliced for these reasons, and for `more`."""
    details = (*problems, f"and {more} more") if more else tuple(problems)
    return Failure(Reason.QUEUE, f"nothing was queued: {_headline(problems, more)}", 0, details)


def _headline(problems: Sequence[str], more: int) -> str:
    others = len(problems) + more - 1
    return f"{problems[0]} (and {others} more)" if others else problems[0]


def note_of(exited: Exited) -> str:
    """Return what the user should know about the end of an attempt, or an empty text."""
    notes = []
    if exited.leftover:
        notes.append(f"{exited.leftover} {'process' if exited.leftover == 1 else 'processes'} left behind ended")
    if exited.lost_bytes:
        notes.append(f"{exited.lost_bytes} bytes of output could not be logged")
    if exited.ignored_lines:
        lines = "line" if exited.ignored_lines == 1 else "lines"
        notes.append(f"{exited.ignored_lines} `::` {lines} ignored (on stderr, or printed after the exit)")
    return "; ".join(notes)
