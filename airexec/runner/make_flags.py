"""What GNU make says in MAKEFLAGS about its jobserver, as values. Opens nothing.

Source: GNU make manual, "Integrating GNU make", "POSIX Jobserver Interaction".
"""

import re
from typing import NamedTuple


class Fifo(NamedTuple):
    """`--jobserver-auth=fifo:PATH` (make 4.4 and later)."""

    path: str


class Pipe(NamedTuple):
    """`--jobserver-auth=R,W`, or `--jobserver-fds=R,W` before make 4.2: descriptors that we should have inherited."""

    read: int
    write: int


NO_PIPE = Pipe(-1, -1)
"""What make itself says when a jobserver is there, but not for this process."""

_AUTH = re.compile(r"--jobserver-(?:auth|fds)=(.*)", re.DOTALL)
_WORD = re.compile(r"(?:\\.|[^\s\\])+", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)|\$(\$)", re.DOTALL)
_SHARED_SLOTS = re.compile(r"(?:^|\s+)(?:--jobserver-(?:auth|fds)=(?:\\.|[^\s\\])*|-j\d*|--jobs(?:=\d+)?)(?=\s|$)")


def jobserver(make_flags: str) -> Fifo | Pipe | None:
    """Return the jobserver that a value of MAKEFLAGS names last, None without one."""
    found = None
    for word in _WORD.findall(_options(make_flags)):
        if (match := _AUTH.fullmatch(word)) is not None:
            found = _parse(_ESCAPED.sub(lambda m: m[1] or m[2], match[1]))
    return found


def _parse(auth: str) -> Fifo | Pipe:
    """What nobody can read is a jobserver that is not for us."""
    if auth.startswith("fifo:"):
        return Fifo(auth.removeprefix("fifo:"))
    read, comma, write = auth.partition(",")
    if not (comma and read.isascii() and read.isdigit() and write.isascii() and write.isdigit()):
        return NO_PIPE
    return Pipe(int(read), int(write))


def without_jobserver(make_flags: str) -> str:
    """Return the flags for a make that cannot reach the jobserver.

    Its number of jobs goes as well: a make that found `-j8` alone would run eight jobs of its own.
    """
    options = _options(make_flags)
    return _SHARED_SLOTS.sub("", options) + make_flags[len(options) :]


def is_dry_run(make_flags: str) -> bool:
    """Return whether make only prints what it would do (`make -n`); it runs lines with a `+` even then.

    Its one-letter options are the first word, without a dash.
    """
    letters = re.split(r"\s", make_flags, maxsplit=1)[0]
    return letters.isalpha() and "n" in letters


def _options(make_flags: str) -> str:
    """Return what stands before ` -- `; after it come variables of the command line, with any text."""
    return re.split(r"(?:^|(?<=\s))--(?=\s|$)", make_flags, maxsplit=1)[0]
