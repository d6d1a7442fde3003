"""What commands print, made harmless on its way to stdout and stderr: the one door for all text of ours.

Names, errors, descriptions and source lines come from workflow files, from tasks and from the command line. Of the
escapes in them only colours reach a terminal (`airexec.views.sanitize`), and under GitHub Actions, whose runner obeys
what it reads in output, no line is a command (`airexec.views.live.github.inert`). Whoever writes bytes to `buffer` (the
views of a run, logs, pictures) answers for them himself.
"""

import os
from collections.abc import Callable, Iterable
from typing import BinaryIO, TextIO


class SafeText:
    """As much of a text stream as our code, typer and tracebacks ask for, in front of a real one.

    With `lenient`, text that cannot be written is dropped: a message is a courtesy, and no reason to fail.
    """

    def __init__(self, stream: TextIO, lenient: bool = False) -> None:
        self._stream = stream
        self._lenient = lenient
        self._is_github = under_github()
        self._line = ""
        """Under GitHub Actions: a line without its end, which may still become a command."""

    def write(self, text: str) -> int:
        self._pass_on(self._whole_lines(text) if self._is_github else text)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if self._line:
            line, self._line = self._line, ""
            self._pass_on(_inert_lines(line))
        self._attempt(self._stream.flush)

    @property
    def buffer(self) -> BinaryIO:
        return self._stream.buffer

    @property
    def encoding(self) -> str:
        return self._stream.encoding

    @property
    def errors(self) -> str | None:
        return self._stream.errors

    @property
    def closed(self) -> bool:
        return self._stream.closed

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def _whole_lines(self, text: str) -> str:
        whole, newline, self._line = (self._line + text).rpartition("\n")
        return _inert_lines(whole) + newline

    def _pass_on(self, text: str) -> None:
        self._attempt(lambda: self._stream.write(text if _is_plain(text) else _visible(text)))

    def _attempt(self, step: Callable[[], object]) -> None:
        try:
            step()
        except (OSError, ValueError):
            if not self._lenient:
                raise
            from airexec.views.sink import point_at_nothing

            point_at_nothing(self._stream.buffer)


def under_github() -> bool:
    """Return whether our output is read by the runner of GitHub Actions."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def _is_plain(text: str) -> bool:
    """Return whether there is nothing to look after: nearly always, and without an import."""
    return text.isascii() and text.replace("\n", "").isprintable()


def _visible(text: str) -> str:
    from airexec.views.sanitize import visible

    return visible(text)


def _inert_lines(text: str) -> str:
    if "::" not in text and "##" not in text and _is_plain(text):
        return text
    from airexec.views.live.github import inert

    return "\n".join(map(inert, _visible(text).split("\n")))
