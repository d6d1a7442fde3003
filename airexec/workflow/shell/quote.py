"""Values into commands: each quoted for the place where it stands, so that it cannot break out of it.

Out of reach is what a program does with its arguments: `ssh host {{ x }}`, `python -c "{{ x }}"` or `xargs sh -c` read
their arguments as code, whatever the quotes. `eval`, `sh -c` and a few more are refused because they are common.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Literal

from airexec.workflow.actions.command import RESERVED_WORDS
from airexec.workflow.shell.command import SHELL_PROGRAMS
from airexec.workflow.shell.place import MARK, Place, refused
from airexec.workflow.shell.python import python_places, python_text
from airexec.workflow.shell.scan import places
from airexec.workflow.template.problem import TemplateError
from airexec.workflow.template.values import NotTextError, plain_text

ShellFamily = Literal["posix", "python", "other"]
"""Which quoting a shell understands."""

PYTHON = re.compile(r"python(\d+(\.\d+)*)?t?")
PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]*")
"""Words that need no quotes where they stand alone: of these a shell gives a meaning to reserved words only."""

DOUBLE_QUOTED_SPECIAL = re.compile(r'[\\"$`]')


def shell_family(shell: Sequence[str]) -> ShellFamily:
    """Return which quoting the argv prefix `shell` understands.

    Only a shell that we know, called with `-c` last: through `ssh` or `docker exec` a text may be read twice.
    """
    program = shell[0].rpartition("/")[2] if shell else ""
    flag = shell[-1] if len(shell) > 1 else ""
    if program in SHELL_PROGRAMS and re.fullmatch("-[A-Za-z]*c", flag):
        return "posix"
    return "python" if PYTHON.fullmatch(program) and flag == "-c" else "other"


def places_of(text: str, family: ShellFamily) -> list[Place]:
    """Return the place of each MARK in `text`."""
    if family == "posix":
        return places(text)
    if family == "python":
        return python_places(text)
    place = refused(
        "in the command of a shell whose quoting is not known",
        "pass the value through `env:`, or write the command as a list; `| raw` puts it in as it is",
    )
    return [place] * text.count(MARK)


def quote_values(text: str, values: Sequence[tuple[Any, str]], family: ShellFamily) -> str:
    """Return `text` with each MARK replaced by its value, quoted for its place.

    `values` pairs each value with the expression as a message shows it. Raises TemplateError.
    """
    quote = python_text if family == "python" else posix_text
    pieces = text.split(MARK)
    finished = [pieces[0]]
    for place, (value, shown), piece in zip(places_of(text, family), values, pieces[1:], strict=True):
        finished += (_quoted(place, value, shown, quote), piece)
    return "".join(finished)


def unsafe(shown: str, place: Place) -> str:
    """Return the message about a value in a place with a problem."""
    return f"`{shown}` stands {place.problem}, where no value can be made safe"


def _quoted(place: Place, value: Any, shown: str, quote: Callable[[Any, Place], str]) -> str:
    if place.problem:
        raise TemplateError(unsafe(shown, place), place.hint)
    try:
        return quote(value, place)
    except NotTextError as error:
        raise TemplateError(f"`{shown}`: {error}") from None


def posix_text(value: Any, place: Place) -> str:
    """Return `value` as sh and bash read it in `place`. Raises NotTextError."""
    if isinstance(value, list):
        return _words(value, place)
    text = plain_text(value)
    if place.quotes == "'":
        return text.replace("'", "'\\''")
    if place.quotes == '"':
        return ('""' if place.after_name else "") + DOUBLE_QUOTED_SPECIAL.sub(r"\\\g<0>", text)
    return _word(text, place)


def _words(values: list[Any], place: Place) -> str:
    if not place.alone or place.is_target:
        raise NotTextError(
            "a list can only stand bare and alone, where it becomes several words; "
            "`| join(' ')` makes one text of it, `| tojson` JSON"
        )
    return " ".join(_word(plain_text(value), place) for value in values)


def _word(text: str, place: Place) -> str:
    if place.alone and not place.steers and PLAIN.fullmatch(text) and text not in RESERVED_WORDS:
        return text
    return "'" + text.replace("'", "'\\''") + "'"
