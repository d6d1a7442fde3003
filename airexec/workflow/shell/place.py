"""A place in a shell text where a value stands, and why no value can be made safe there. Pure values."""

from typing import Literal, NamedTuple

MARK = "\ufdd0"
"""Stands for a value: a code point that Unicode reserves for use inside programs and never for text."""

BY_ENVIRONMENT = 'pass the value through `env:` and use "$NAME"'
"""The way out wherever the shell takes a quoted variable as plain text."""
BY_TEMPLATE = "compute it in the template, as in {{ params.n + 1 }}: bash may run what stands in a variable it computes"
"""In arithmetic and subscripts, where quotes around a variable help nothing."""


class Place(NamedTuple):
    """Where one mark stands."""

    quotes: Literal["", "'", '"'] = ""
    alone: bool = False
    """Bare, and nothing touches it: it may become several words, or none."""
    steers: bool = False
    """The shell gives some words a meaning here, as where a command starts: quote it whatever it holds."""
    after_name: bool = False
    """Inside `"…"` right after `$name`, which it must not lengthen."""
    is_target: bool = False
    """Names the file of a redirection."""
    problem: str = ""
    hint: str = ""


def refused(problem: str, hint: str = BY_ENVIRONMENT) -> Place:
    """Return the place of a value that cannot be made safe."""
    return Place(problem=problem, hint=hint)
