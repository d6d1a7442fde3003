"""The workflow files that the manager keeps: which there are, and what is to be started of them now.

Nothing of it is remembered but what saves work: what is settled stands in the records of the jobs.
"""

import os
from collections.abc import Callable, Iterator
from glob import glob
from graphlib import CycleError, TopologicalSorter

from airexec.errors import AirexecError
from airexec.manager.kept import Kept
from airexec.manager.logger import Log
from airexec.manager.need import Need, need_of_start
from airexec.state.layout import JobFolder
from airexec.state.workflow_cache import WorkflowCache
from airexec.workflow.model import Workflow

LEAST_SECONDS = 0.05
"""Between two looks for what comes by itself."""
MOST_SECONDS = 3600.0

_Signature = tuple[int, int, int]


class _File:
    """What is known of one file: what is kept of it, or what is wrong with it."""

    def __init__(self, seen: _Signature) -> None:
        self.seen = seen
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

    def look(self) -> None:
        """Look which files there are, and read those that are new or have changed. What is wrong is said once."""
        paths = dict.fromkeys(workflow_files(self._state_dir, self._patterns))
        for path in self._files.keys() - paths.keys():
            self._say_no_more(path)
        for path in paths:
            self._look_at(path)

    def wanted(self, is_busy: Callable[[str], bool | None]) -> Iterator[tuple[JobFolder, Need]]:
        """Yield what is to be started now. `is_busy` says whether a run of a job is at work, None: leave it alone."""
        for file in list(self._files.values()):
            kept = file.kept
            if kept is None or (busy := is_busy(kept.job.name)) is None:
                continue
            try:
                start = kept.wanted(self._wall(), self._clock(), busy)
            except (AirexecError, OSError) as error:
                self._complain(kept.path, file, _headline(error))
                continue
            if start is not None:
                yield kept.job, need_of_start(kept.job, kept.path, start)

    def give_up(self, name: str, need: Need) -> bool:
        """Settle what was to be started and could not be; False when the run has begun."""
        assert need.start is not None
        return any(
            file.kept.give_up(need.start) for file in self._files.values() if file.kept and file.kept.job.name == name
        )

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
        try:
            info = os.stat(path)
        except OSError:
            return  # gone since
        seen, file = (info.st_mtime_ns, info.st_size, info.st_ino), self._files.get(path)
        if file is not None and file.seen == seen:
            return
        before, file = file, _File(seen)
        file.problem = before.problem if before else ""
        self._files[path] = file
        try:
            cache = WorkflowCache(self._state_dir, path)
            checked = cache.read()
            cache.keep(checked)
        except AirexecError as error:
            self._complain(path, file, _headline(error))
            return
        self._keep(path, file, checked.workflow)

    def _keep(self, path: str, file: _File, workflow: Workflow) -> None:
        if workflow.schedule is None and not workflow.triggers:
            return
        others = {other.kept.job.name: other.kept for other in self._files.values() if other.kept}
        kept = Kept(self._state_dir, workflow, self._wall())
        if (other := others.get(workflow.name)) is not None:
            self._complain(path, file, f"job '{workflow.name}' is kept for {other.path} already")
        elif (circle := circle_of([*others.values(), kept])) is not None:
            self._complain(path, file, f"these jobs would start each other for ever: {' → '.join(circle)}")
        else:
            file.kept, file.problem = kept, ""
            self._log.info("workflow kept", file=path, job=workflow.name)

    def _say_no_more(self, path: str) -> None:
        file = self._files.pop(path)
        if file.kept is not None:
            self._log.info("workflow no longer kept", file=path, job=file.kept.job.name)

    def _complain(self, path: str, file: _File, problem: str) -> None:
        if problem != file.problem:
            file.problem = problem
            self._log.warning("workflow cannot be kept", file=path, problem=problem)


def workflow_files(state_dir: str, patterns: tuple[str, ...]) -> list[str]:
    """Return the files that globs match, relative to the folder that holds the state folder; each once, sorted."""
    root = os.path.dirname(state_dir)
    found = (os.path.join(root, path) for pattern in patterns for path in glob(pattern, root_dir=root, recursive=True))
    return sorted({os.path.normpath(path) for path in found if os.path.isfile(path)})


def circle_of(several: list[Kept]) -> list[str] | None:
    """Return jobs that start each other in a circle, the first once more at the end; None when there are none."""
    try:
        TopologicalSorter({kept.job.name: kept.upstream for kept in several}).prepare()
    except CycleError as error:
        return list(error.args[1])
    return None


def _headline(error: Exception) -> str:
    return getattr(error, "headline", None) or str(error)
