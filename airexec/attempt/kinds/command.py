"""A command: what is executed, and what its exit code means."""

import json
import re
import signal
from collections.abc import Callable

from airexec.attempt.lines import CommandLines
from airexec.attempt.verdict import Failure, exit_code_of
from airexec.scheduler.statuses import Reason
from airexec.workflow.actions.command import Command
from airexec.workflow.actions.forms import TEXT, Form, shell_text

_EXIT_WORDS = {126: " (found, but cannot be executed)", 127: " (command not found)"}

_ARGS = re.compile(r"\s*\{\{\s*args\s*\}\}\s*")

listener = CommandLines


def prepare(action: Command, render: Callable[[str, Form], str]) -> tuple[str, ...]:
    """Return the argv: a shell and the rendered text, or each word rendered. Raises TemplateError.

    A word behind the program that is nothing but `{{ args }}` is as many words as were given.
    """
    if action.is_shell_text:
        *shell, text = action.argv()
        return (*shell, render(text, shell_text(action.shell)))
    program, *words = action.argv()
    return (render(program, TEXT), *(text for word in words for text in _rendered(word, render)))


def _rendered(word: str, render: Callable[[str, Form], str]) -> list[str]:
    text = render(word, TEXT)
    if not _ARGS.fullmatch(word):
        return [text]
    words: list[str] = json.loads(text)  # as which a list is written where it stands in a text
    return words


def verdict(returncode: int) -> Failure | None:
    """Return what is wrong with a program that exited so, or None."""
    exit_code = exit_code_of(returncode)
    if returncode < 0:
        return Failure(Reason.SIGNAL, _signal_words(-returncode), exit_code)
    if returncode > 0:
        return Failure(Reason.EXIT, f"exit code {exit_code}{_EXIT_WORDS.get(exit_code, '')}", exit_code)
    return None


def _signal_words(number: int) -> str:
    try:
        name = f" ({signal.Signals(number).name})"
    except ValueError:
        name = ""
    memory = "; likely out of memory" if number == signal.SIGKILL else ""
    return f"killed by signal {number}{name}, not by airexec{memory}"
