"""How an attempt carries out its action: one module per kind, named as in `airexec.workflow.actions`.

A new kind is a module here, one there, and a case in `kind_of`; CONTRIBUTING has the list of what else it touches.
"""

from typing import TYPE_CHECKING, assert_never

from airexec.attempt.kinds import command
from airexec.workflow.actions.command import Command
from airexec.workflow.model import Action

if TYPE_CHECKING:
    from airexec.attempt.kinds.kind import Kind

__all__ = ["kind_of"]


def kind_of(action: Action) -> "Kind":
    """Return the module that carries out an action."""
    match action:
        case Command():
            return command
        case _:
            assert_never(action)
