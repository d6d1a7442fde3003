"""Checked workflows under `.airexec/cache`, so that the next run needs neither YAML nor schema nor networkx.

An entry is found by a hash of everything that it was made from: the bytes of the file, its path, the version of
airexec and of its rules, and the moment when the file came to be on this machine. Nobody can know that beforehand, so
an entry that somebody has checked into a repository, with other commands than the file beside it, is never found. It
is all a convenience: what cannot be read, or is not what was written, is as if it were not there.
"""

import os
from contextlib import suppress
from json import dumps, loads
from typing import NamedTuple

from airexec.errors import StateUnwritableError
from airexec.state.cache_entries import FOLDER, entry_of, hash_of
from airexec.state.layout import make_state_dir
from airexec.state.plan_codec import workflow_from_json, workflow_to_json
from airexec.state.safety import make_folder
from airexec.state.view_files import replace_file
from airexec.workflow.find import StrPath
from airexec.workflow.gc_pause import gc_paused
from airexec.workflow.included import are_as_read
from airexec.workflow.model import Workflow

ENTRIES_MAX = 50


class Checked(NamedTuple):
    """A good workflow and what was said about it."""

    workflow: Workflow
    warnings: str
    """As printed, without colours; empty when there were none."""


class WorkflowCache:
    """The entry of one workflow file in one state folder."""

    def __init__(self, state_dir: StrPath, path: StrPath) -> None:
        self._state_dir = os.path.abspath(state_dir)
        entry = entry_of(self._state_dir, path)
        self._folder = f"{self._state_dir}/{FOLDER}"
        self._file = entry and f"{entry}.json"
        self._path = path
        self._is_kept = False

    def load(self) -> Checked | None:
        """Return what was stored for just this file, None when there is nothing that can be trusted."""
        if not self._file:
            return None
        try:
            with open(os.open(self._file, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
                seal, _, body = file.read().partition(b"\n")
            if seal != hash_of(body).encode():
                return None
            with gc_paused():
                content = loads(body)
                workflow = workflow_from_json(content["workflow"])
                return Checked(workflow, content["warnings"]) if _is_as_read(workflow) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def read(self) -> Checked:
        """Return what was stored for just this file, else check the file. Raises UsageError, WorkflowError."""
        if (known := self.load()) is not None:
            self._is_kept = True
            return known
        from pathlib import Path

        from airexec.graph.read import read_workflow_with_warnings
        from airexec.workflow.diagnostics import render_diagnostics

        workflow, warnings = read_workflow_with_warnings(Path(self._path))
        return Checked(workflow, render_diagnostics(warnings) if warnings else "")

    def keep(self, checked: Checked) -> None:
        """Keep what `read` returned for the next time, unless it is from there."""
        if not self._is_kept:
            self.store(checked)

    def store(self, checked: Checked) -> None:
        """Keep a workflow, and not too many of them. A failure does not matter."""
        if not self._file:
            return
        body = dumps({"workflow": workflow_to_json(checked.workflow), "warnings": checked.warnings})
        with suppress(OSError, StateUnwritableError):
            make_folder(self._folder, make_state_dir(self._state_dir))
            replace_file(self._file, f"{hash_of(body.encode())}\n{body}")
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        with os.scandir(self._folder) as entries:
            oldest = sorted((entry.stat(follow_symlinks=False).st_mtime, entry.path) for entry in entries)
        for _, path in oldest[:-ENTRIES_MAX]:
            os.unlink(path)


def _is_as_read(workflow: Workflow) -> bool:
    """Return whether all that it was made from is as it was, and no file has come or gone that a matrix makes a task
    of."""
    if not are_as_read(workflow.files):
        return False
    if not workflow.axes:
        return True
    from airexec.workflow.globs import matching_below

    return all(matching_below(axis.globs, axis.folder) == list(axis.files) for axis in workflow.axes)
