"""The workflow files that the manager keeps: which there are, and what is to be started of them now.

Nothing of it is remembered but what saves work: what is settled stands in the records of the jobs.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from glob import glob
from graphlib import CycleError, TopologicalSorter

from airexec.errors import AirexecError, UsageError
from airexec.manager.kept import Kept
from airexec.manager.logger import Log
from airexec.manager.need import Need, need_of_start
from airexec.state.layout import JobFolder, check_job_name
from airexec.state.workflow_cache import WorkflowCache
from airexec.workflow.diagnostics import WorkflowError
from airexec.workflow.included import are_as_read
from airexec.workflow.model import Workflow

LEAST_SECONDS = 0.05
"""Between two looks for what comes by itself."""
MOST_SECONDS = 3600.0

_Signature = tuple[int, int, int, int] | None
"""Of a file: what is another one when it has changed. None: it is not there."""


class _File:
    """What is known of one file: what it says, what is kept of it, or what is wrong with it."""

    def __init__(self) -> None:
        self.seen: Mapping[str, _Signature] = {}
        """The file and what it includes, by path, as they were when it was read."""
        self.workflow: Workflow | None = None
        self.kept: Kept | None = None
        self.problem = ""


class Keeper:
    """Keeps the workflow files that match `patterns`, for the jobs of one state folder."""

    def __init__(
        self, state_dir: str, patterns: tuple[str, ...], log: Log, wall: Callable[[], float], clock: Callable[[], float]
    ) -> None:
        self._state_dir = state_dir
        self._patterns = patterns
        self._log = log
        self._wall = wall
        self._clock = clock
        self._files: dict[str, _File] = {}
        self._has_none = False

    def look(self) -> None:
        """Look which files there are, and read those that are new or have changed. What is wrong is said once."""
        paths = dict.fromkeys(workflow_files(self._state_dir, self._patterns))
        if self._patterns and self._has_none is bool(paths):
            self._has_none = not paths
            if not paths:
                self._log.warning("no workflow matches", workflows=", ".join(self._patterns))
        for path in self._files.keys() - paths.keys():
            self._drop(path, self._files.pop(path))
        for path in paths:
            self._look_at(path)
        self._choose()

    def wanted(self, busy_since: Callable[[str, int], float | None]) -> Iterator[tuple[JobFolder, Need]]:
        """Yield what is to be started now. `busy_since` says since when so many runs of a job have been at work, in
        Unix seconds."""
        for file in list(self._files.values()):
            if (kept := file.kept) is None:
                continue
            try:
                since = busy_since(kept.job.name, kept.workflow.max_active_runs)
                start = kept.wanted(self._wall(), self._clock(), since)
            except (AirexecError, OSError) as error:
                self._complain(kept.path, file, _headline(error))
                continue
            if kept.was_damaged:
                self._complain(kept.path, file, "its record could not be read and was put aside: it counts from now on")
            if start is not None:
                yield kept.job, need_of_start(kept.job, kept.path, start)

    def give_up(self, name: str, need: Need) -> bool:
        """Settle what was to be started and could not be; False when the run has begun, or nobody can settle it."""
        assert need.start is not None
        for path, file in self._files.items():
            if file.kept is not None and file.kept.job.name == name:
                try:
                    return file.kept.give_up(need.start)
                except AirexecError as error:
                    self._complain(path, file, _headline(error))
        return False

    def seconds_left(self) -> float:
        """Return after how many seconds there may be something to start, if nobody does anything."""
        now, clock = self._wall(), self._clock()
        moments = [file.kept.next_moment(now, clock) for file in self._files.values() if file.kept]
        return max(LEAST_SECONDS, min((moment for moment in moments if moment is not None), default=MOST_SECONDS))

    @property
    def watched(self) -> set[tuple[str, bool]]:
        """The folders in which something may come that starts a run, and whether also below their folders."""
        return {folder for file in self._files.values() if file.kept for folder in file.kept.watched}

    # --- one file -----------------------------------------------------------------------------------------------------

    def _look_at(self, path: str) -> None:
        """Read a file that is new or has changed."""
        if (own := _signature(path)) is None:
            return  # gone since
        file = self._files.setdefault(path, _File())
        if file.seen and all(_signature(one) == seen for one, seen in file.seen.items()):
            return
        file.seen, file.workflow = {path: own}, None
        try:
            cache = WorkflowCache(self._state_dir, path)
            checked = cache.read()
            cache.keep(checked)
            file.workflow = checked.workflow
            included = checked.workflow.files
        except AirexecError as error:
            included = error.files if isinstance(error, WorkflowError) else ()
            self._drop(path, file)
            self._complain(path, file, _headline(error))
        seen = {path: own, **{one.path: _signature(one.path) for one in included}}
        file.seen = seen if are_as_read(included) else {}  # else: look again, one was written while we read

    def _choose(self) -> None:
        """Keep what can be kept together, those first whose paths come first."""
        read = {path: file.workflow for path, file in sorted(self._files.items()) if file.workflow is not None}
        refused = refusals(read.values())
        for path, workflow in read.items():
            file = self._files[path]
            if path in refused:
                self._drop(path, file)
                self._complain(path, file, refused[path])
            elif not _starts_itself(workflow):
                self._drop(path, file)
            elif file.kept is None or file.kept.workflow is not workflow:
                file.kept, file.problem = Kept(self._state_dir, workflow), ""
                self._log.info("workflow kept", file=path, job=workflow.name)

    def _drop(self, path: str, file: _File) -> None:
        if file.kept is not None:
            self._log.info("workflow no longer kept", file=path, job=file.kept.job.name)
            file.kept = None

    def _complain(self, path: str, file: _File, problem: str) -> None:
        if problem != file.problem:
            file.problem = problem
            self._log.warning("workflow cannot be kept", file=path, problem=problem)


def _signature(path: str) -> _Signature:
    try:
        info = os.stat(path)
    except (OSError, ValueError):
        return None
    return info.st_mtime_ns, info.st_ctime_ns, info.st_size, info.st_ino


def workflow_files(state_dir: str, patterns: tuple[str, ...]) -> list[str]:
    """Return the files that globs match, relative to the folder that holds the state folder; each once, sorted."""
    root = os.path.dirname(state_dir)
    found = (os.path.join(root, path) for pattern in patterns for path in glob(pattern, root_dir=root, recursive=True))
    return sorted({os.path.normpath(path) for path in found if os.path.isfile(path)})


def refusals(workflows: Iterable[Workflow]) -> dict[str, str]:
    """Return, by path, why the manager does not keep some of these workflows, of which the first ones win."""
    refused: dict[str, str] = {}
    upstream: dict[str, set[str]] = {}
    paths: dict[str, str] = {}
    for workflow in filter(_starts_itself, workflows):
        try:
            check_job_name(workflow.name)
        except UsageError as error:
            refused[workflow.path] = error.headline
            continue
        more = {**upstream, workflow.name: {trigger.job for trigger in workflow.triggers if trigger.job}}
        if workflow.name in paths:
            refused[workflow.path] = f"job '{workflow.name}' is kept for {paths[workflow.name]} already"
        elif circle := circle_of(more):
            refused[workflow.path] = f"these jobs would start each other for ever: {' → '.join(circle)}"
        else:
            upstream, paths[workflow.name] = more, workflow.path
    return refused


def circle_of(upstream: Mapping[str, set[str]]) -> list[str] | None:
    """Return jobs that start each other in a circle, the first once more at the end; None when there are none."""
    try:
        TopologicalSorter(upstream).prepare()
    except CycleError as error:
        return list(error.args[1])
    return None


def _starts_itself(workflow: Workflow) -> bool:
    return workflow.schedule is not None or bool(workflow.triggers)


def _headline(error: Exception) -> str:
    return getattr(error, "headline", None) or str(error)
