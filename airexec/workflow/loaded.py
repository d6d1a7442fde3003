"""What came of reading a workflow file."""

from typing import NamedTuple

from airexec.workflow.diagnostics import Diagnostic, Finding
from airexec.workflow.expand import Expanded
from airexec.workflow.model import Workflow
from airexec.workflow.yaml.places import Places


class Loaded(NamedTuple):
    """What came of a file: no `workflow` when `findings` has an error, no `places` when it is not even a YAML map."""

    workflow: Workflow | None
    findings: list[Finding]
    places: Places | None
    tasks: Expanded
    """The tasks as far as they can be told, for further checks; tasks with mistakes lack what is wrong."""
    inside: tuple[Diagnostic, ...] = ()
    """What is to be said about the files that are nodes of this one."""
