"""The command of an attempt as people know it: what they wrote, with its values, not how it was started."""

import os
import re
from collections.abc import Sequence

from airexec.views.sanitize import one_line

_LINES_MAX = 5
_WIDTH_MAX = 200
_RUNS_TEXT = re.compile(r"(ba|da|k|z|fi)?sh|python[0-9.]*")


def command_text(command: Sequence[str]) -> str:
    """Return the script that a shell was given, else the words as one would type them. It is not safe to print yet."""
    if len(command) > 2 and re.fullmatch(r"-\w*c", command[-2]) and _RUNS_TEXT.fullmatch(os.path.basename(command[0])):
        return command[-1].strip("\n")
    import shlex

    return shlex.join(command)


def command_lines(command: Sequence[str]) -> list[str]:
    """Return the command in lines that are safe to print, the first one behind a `$`; none when it never came to be."""
    if not command:
        return []
    lines = command_text(command).split("\n")
    more = [f"… and {len(lines) - _LINES_MAX} more lines"] if len(lines) > _LINES_MAX + 1 else []
    shown = [_cut(one_line(line)) for line in (lines[:_LINES_MAX] if more else lines)]
    return [f"{'  ' if number else '$ '}{line}" for number, line in enumerate([*shown, *more])]


def command_head(command: Sequence[str]) -> str:
    """Return the beginning of a command, in one line that is safe to print; empty when it never came to be."""
    first, *more = command_lines(command) or [""]
    return first.removeprefix("$ ") + (" …" if more else "")


def _cut(line: str) -> str:
    return line if len(line) <= _WIDTH_MAX else f"{line[: _WIDTH_MAX - 1]}…"
