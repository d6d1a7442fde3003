"""The further files that a workflow is read from: what they were, and whether they still are."""

import os
from collections.abc import Iterable

from airexec.workflow.digest import content_digest
from airexec.workflow.model import IncludedFile


def included(path: str) -> IncludedFile:
    """Return a further file as it is now, with no digest where it cannot be read; `path` is absolute."""
    try:
        if not os.path.isfile(path):  # a pipe would be waited for
            return IncludedFile(path)
        with open(path, "rb") as file:
            return IncludedFile(path, content_digest(file.read()))
    except (OSError, ValueError):
        return IncludedFile(path)


def are_as_read(files: Iterable[IncludedFile]) -> bool:
    """Return whether further files have the content that they had; those that could not be read still cannot."""
    return all(included(file.path) == file for file in files)
