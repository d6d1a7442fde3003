"""What is left over from a Makefile in a command: a shell takes it, and does something else."""

import re
from collections.abc import Iterator

VARIABLE = re.compile(r"(?<![\\'])\$\(([A-Z_][A-Z0-9_]*)\)")
"""In capitals: few programs are called so, and most variables of make."""
DOUBLED = re.compile(r"(?<![\\'$])\$\$([A-Za-z_][A-Za-z0-9_]*)")
PREFIX = re.compile(r"\s*([@-])[a-z]")


def left_over(command: str) -> Iterator[tuple[str, str]]:
    """Yield what is left over in a shell text, each kind once, as what it means to a shell and what to write."""
    if found := VARIABLE.search(command):
        name = found[1]
        yield (
            f"`{found[0]}` is the output of a program called {name} in a shell",
            f"a variable of the environment is ${name}, a param {{{{ params.{name} }}}}",
        )
    if found := DOUBLED.search(command):
        yield (
            f"`{found[0]}` is the id of a process in a shell, and `{found[1]}` behind it",
            f"a variable is ${found[1]}",
        )
    if (found := PREFIX.match(command)) and found[1] == "@":
        yield "'@' is a part of the program's name here", "leave it out: nothing is echoed"
    elif found:
        yield "'-' is a part of the program's name here", "leave it out; a task that may fail has `allow_failure: true`"
