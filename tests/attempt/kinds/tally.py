"""A kind of action that airexec does not have: a program that prints `key=value` lines, each of which is an output.

It has the two modules of a kind in one, and nothing of it is known to the package.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from airexec.attempt.kinds.kind import Render
from airexec.attempt.lines import FoundLine
from airexec.attempt.verdict import Failure, exit_code_of
from airexec.scheduler.statuses import Reason
from airexec.workflow.actions.forms import TEXT, Form


class Tally(NamedTuple):
    """The key `tally` of a task: the words of its program."""

    tally: tuple[str, ...]

    def argv(self) -> tuple[str, ...]:
        return self.tally

    def rendered(self) -> Mapping[str, Form]:
        return {"tally": TEXT}


class Listener:
    """Takes each finished line that has a `=` for an output."""

    secret_bytes = 0

    def __init__(self) -> None:
        self._rest = b""
        self._lines = 0

    def feed(self, data: bytes) -> list[FoundLine]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [found for line in lines if (found := self._found(line.decode())) is not None]

    def finish(self) -> list[FoundLine]:
        return []

    def _found(self, line: str) -> FoundLine | None:
        self._lines += 1
        key, equals, value = line.partition("=")
        return FoundLine("output", json.dumps({key: value}), self._lines) if equals else None


listener = Listener


def prepare(action: Any, render: Render) -> tuple[str, ...]:
    return tuple(render(word, TEXT) for word in action.tally)


def verdict(returncode: int) -> Failure | None:
    """Up to nine is what it counted."""
    if 0 <= returncode < 10:
        return None
    return Failure(Reason.EXIT, f"counted too much: {returncode}", exit_code_of(returncode))
