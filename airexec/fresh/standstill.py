"""That nothing at all is to be done, found out without making a plan: for a workflow of which nothing has changed.

When a run has found every task up to date, it writes down what it went by: the facts of all files, and which files the
globs matched. As long as that is so, the next run of the same file, with the same params and environment, would find
the same, and need not begin. Whatever is not just as it was, or cannot be told, is left to a run.
"""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from json import dumps, loads
from typing import Any, NamedTuple

from airexec import __version__
from airexec.errors import UsageError
from airexec.fresh.files import Facts, facts_of
from airexec.state.layout import JobFolder
from airexec.workflow.digest import digest

_VOLATILE = frozenset({"PWD", "OLDPWD", "SHLVL", "_", "COLUMNS", "LINES"})
"""Variables that differ from call to call and say nothing that a task would want to know."""


class Standstill(NamedTuple):
    """What a run went by that has found everything up to date."""

    job: str
    run_id: str
    """The run that found it; no other has begun since."""
    tasks: int
    record: Facts
    """Of the file with the last successes: whoever forgets one changes it."""
    files: Mapping[str, Facts]
    """By absolute path."""
    absent: tuple[str, ...]
    """Files that are not there."""
    globs: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
    """Folder, patterns, and the files that they match, absolute."""


def key_of(tasks: Iterable[str], params: Iterable[str], environ: Mapping[str, str]) -> str:
    """Return what is another one for anything that a run could depend on beside files."""
    env = sorted((name, value) for name, value in environ.items() if name not in _VOLATILE)
    told = repr((__version__, list(tasks), list(params), env))
    return digest(told.encode("utf-8", "surrogateescape"), 16).hex()


def remember(path: str, key: str, found: Standstill) -> None:
    """Write down what a run went by. A failure does not matter."""

    from airexec.state.view_files import replace_file

    with suppress(OSError):
        replace_file(path, f"{key}\n{dumps(found)}", 0o600)


def recall(path: str, key: str, state_dir: str) -> Standstill | None:
    """Return what a run with this key went by, if all of it is as it was; else None."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            if file.readline() != f"{key}\n".encode():
                return None
            found = _from_json(loads(file.read()))
        job = JobFolder(state_dir, found.job)
    except (OSError, ValueError, TypeError, UsageError):
        return None
    return found if _holds(found, job) else None


def _holds(found: Standstill, job: JobFolder) -> bool:
    newest = job.latest_run()
    if newest is None or newest.run_id != found.run_id or facts_of(job.built) != found.record:
        return False
    if any(facts_of(path) != facts for path, facts in found.files.items()):
        return False
    if any(map(os.path.lexists, found.absent)):
        return False
    if not found.globs:
        return True
    from airexec.workflow.globs import matching

    return all(matching(patterns, folder) == list(paths) for folder, patterns, paths in found.globs)


def _from_json(values: list[Any]) -> Standstill:
    job, run_id, tasks, record, files, absent, globs = values
    return Standstill(
        str(job),
        str(run_id),
        int(tasks),
        Facts(*record),
        {path: Facts(*facts) for path, facts in files.items()},
        tuple(absent),
        tuple((folder, tuple(patterns), tuple(paths)) for folder, patterns, paths in globs),
    )
