"""What came of reading a workflow file."""

from typing import NamedTuple

from airexec.workflow.diagnostics import Diagnostic, Finding
from airexec.workflow.expand import Expanded
from airexec.workflow.model import IncludedFile, Workflow
from airexec.workflow.yaml.places import Places
from airexec.workflow.yaml.source import Source


class Loaded(NamedTuple):
    """What came of a file: no `workflow` when `findings` has an error, no `places` when it is not even a YAML map."""

    workflow: Workflow | None
    findings: list[Finding]
    places: Places | None
    tasks: Expanded
    """The tasks as far as they can be told, for further checks; tasks with mistakes lack what is wrong."""
    source: Source
    """What the findings are places in: the text of the file, or of several."""
    inside: tuple[Diagnostic, ...] = ()
    """What is to be said about the files that are nodes of this one."""
    files: tuple[IncludedFile, ...] = ()
    """The further files that it was made from, whether they could be read or not."""
