"""What can be wrong with a template, before a run and in it, and what a check must know for that. Pure values."""

from collections.abc import Mapping
from typing import NamedTuple

from airexec.errors import AirexecError


class TemplateError(AirexecError):
    """A template cannot be rendered: one line that names the expression and the cause."""

    exit_code = 3


class TemplateProblem(NamedTuple):
    """A mistake that a check found; `offset` counts characters from the start of the checked text."""

    message: str
    offset: int
    hint: str = ""


class Names(NamedTuple):
    """What a template may refer to. Top-level names and the attributes of `run`, `job` and `task` are known."""

    params: frozenset[str] = frozenset()
    tasks: frozenset[str] = frozenset()
    matrix: frozenset[str] = frozenset()
    with_: frozenset[str] | None = frozenset()
    """None: any."""
    secrets: frozenset[str] = frozenset()
    """The variables that are secrets of any task."""
    vars: frozenset[str] = frozenset()
    params_of_tasks: Mapping[str, str] = {}
    """The task that has it, by param that is of one task alone."""
    early: frozenset[str] | None = None
    """The only top-level names that are known, where a value is needed before any task starts."""
    groups: frozenset[str] = frozenset()
    """Those of the tasks that are bare ids of a matrix."""
    roots: frozenset[str] | None = None
    """The top-level names that there are at the place; None: all."""
    why: str = ""
    """Why there are no others."""
