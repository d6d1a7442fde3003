"""`airexec run` of what has not changed since a run that had nothing to do: said without a run, in few imports."""

import os

from airexec.run.options import RunOptions
from airexec.state.cache_entries import entry_of
from airexec.state.layout import JobFolder, find_state_dir
from airexec.state.lock import is_locked
from airexec.workflow.find import find_file

_ALWAYS_RUN = (
    "args", "force", "dry_run", "explain", "json", "report_junit", "params_file", "job", "shuffle", "start", "tags",
)  # fmt: skip
"""Options with which somebody wants a run, or to hear of it."""
_TOLD = ("GITHUB_ACTIONS", "AIREXEC_RUN", "AIREXEC_START", "MAKEFLAGS")
"""Variables of somebody around us who wants to hear of one."""


def still_path(path: str, options: RunOptions) -> str | None:
    """Return where it stands that nothing is to be done, if that may be asked at all."""
    if any(getattr(options, name) for name in _ALWAYS_RUN) or any(map(os.environ.get, _TOLD)):
        return None
    entry = entry_of(options.state_dir or find_state_dir(path), path)
    return f"{entry}.still" if entry else None


def stands_still(options: RunOptions) -> bool:
    """Say that nothing is to be done, if that is so. Raises UsageError where there is no workflow file."""
    if options.job is not None:
        return False
    path = os.fspath(options.workflow or find_file(None))
    still = still_path(path, options)
    if still is None or not os.path.lexists(still):
        return False
    from airexec.fresh.standstill import key_of, recall

    state_dir = os.path.abspath(options.state_dir or find_state_dir(path))
    found = recall(still, key_of(options.tasks, options.params, os.environ), state_dir)
    if found is None or is_locked(JobFolder(state_dir, found.job)):
        return False
    tasks = "1 task" if found.tasks == 1 else f"{found.tasks} tasks"
    print(f"{found.job}: nothing to do: {tasks}: {found.tasks} up to date (run {found.run_id})")
    return True
