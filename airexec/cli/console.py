"""Printing results on stdout: lines for people, JSON for programs. Knows no command."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TextIO

from airexec.cli.safe_text import under_github

if TYPE_CHECKING:
    from airexec.views.console_style import ConsoleStyle


def style_of(stream: TextIO) -> "ConsoleStyle":
    """Return what suits a stream: colours where it shows them, NO_COLOR and FORCE_COLOR respected."""
    from airexec.views.console_style import console_style

    return console_style(os.environ, stream.isatty(), stream.encoding)


def agrees(question: str) -> bool:
    """Ask who is at the terminal; whatever is not a yes, the end of the input too, is a no."""
    try:
        answer = input(f"{question} [y/N] ")
    except EOFError:
        print()
        return False
    return answer.strip().lower() in ("y", "yes")


def print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


def print_json(data: Any) -> None:
    from json import dumps

    text = dumps(data, indent=2)
    if under_github():
        from airexec.views.live.json_lines import without_commands

        text = without_commands(text.encode()).decode()
    print(text)
