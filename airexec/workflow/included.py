"""The further files that a workflow is read from: what they were, and whether they still are."""

from airexec.workflow.digest import digest
from airexec.workflow.model import IncludedFile


def included(path: str) -> IncludedFile:
    """Return a further file as it is now; `path` is absolute. Raises OSError."""
    with open(path, "rb") as file:
        return IncludedFile(path, digest(file.read(), 32).hex())


def is_same(file: IncludedFile) -> bool:
    """Return whether a further file has the content that it had."""
    try:
        return included(file.path) == file
    except OSError:
        return False
