"""That nothing at all is to be done, found out without making a plan: for a workflow of which nothing has changed.

When a run has found every task up to date, it writes down what it went by: the facts and digests of all files, and
which files the globs matched. As long as that is so, the next run of the same file, with the same params and
environment, would find the same, and need not begin. A few files that were touched are read. Whatever is not as it was,
or cannot be told, is left to a run.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from json import dumps, loads
from typing import TYPE_CHECKING, Any, NamedTuple

from airexec import __version__
from airexec.errors import UsageError
from airexec.fresh.files import RACY_NS, Facts, digest_of, facts_of
from airexec.state.layout import JobFolder
from airexec.workflow.digest import content_digest, digest

if TYPE_CHECKING:
    from airexec.workflow.model import IncludedFile

_VOLATILE = frozenset({"PWD", "OLDPWD", "SHLVL", "_", "COLUMNS", "LINES"})
"""Variables that differ from call to call and say nothing that a task would want to know."""


_TOUCHED_MAX = 100
_TOUCHED_BYTES_MAX = 64 << 20
"""More files that were touched, or larger ones, are for a run, which notes that they are the same."""


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
    digests: Sequence[str]
    """Of the content of these files, in the same order, empty for one that must not even be touched; none at all while
    nobody has asked for them."""
    absent: tuple[str, ...]
    """Files that are not there."""
    globs: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
    """Folder, patterns, and the files that they match, absolute."""


def key_of(tasks: Iterable[str], params: Iterable[str], environ: Mapping[str, str]) -> str:
    """Return what is another one for anything that a run could depend on beside files."""
    env = sorted((name, value) for name, value in environ.items() if name not in _VOLATILE)
    told = repr((__version__, list(tasks), list(params), env))
    return digest(told.encode("utf-8", "surrogateescape"), 16).hex()


def with_files(found: Standstill, files: "Iterable[IncludedFile]", now: int) -> Standstill | None:
    """Return it as holding only as long as these files, too, are as they were when the workflow was read; None when one
    has changed since, or so shortly before `now` (nanoseconds since 1970) that it may once more without a trace."""
    more: dict[str, Facts] = {}
    for file in files:
        facts = facts_of(file.path)
        if facts is None or max(facts.mtime, facts.ctime) >= now - RACY_NS:
            return None
        try:
            with open(file.path, "rb") as content:
                digest_now = content_digest(content.read())
        except OSError:
            return None
        if digest_now != file.digest or facts_of(file.path) != facts:
            return None
        more[file.path] = facts
    new = {path: facts for path, facts in more.items() if path not in found.files}
    return found._replace(files={**found.files, **new}, digests=[*found.digests, *("" for _ in new)])


def remember(path: str, key: str, found: Standstill) -> None:
    """Write down what a run went by. A failure does not matter."""

    from airexec.state.view_files import replace_file

    with suppress(OSError):
        lines = key, dumps(found._replace(digests=())), dumps(found.digests)  # which are hardly ever looked at
        replace_file(path, "\n".join(lines), 0o600)


def recall(path: str, key: str, state_dir: str) -> Standstill | None:
    """Return what a run with this key went by, if all of it is as it was; else None."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            if file.readline() != f"{key}\n".encode():
                return None
            found = _from_json(loads(file.readline()))
            holds = _holds(found, JobFolder(state_dir, found.job), lambda: loads(file.read()))
    except (OSError, ValueError, TypeError, UsageError):
        return None
    return found if holds else None


def _holds(found: Standstill, job: JobFolder, digests: Callable[[], Sequence[str]]) -> bool:
    newest = job.latest_run()
    if newest is None or newest.run_id != found.run_id or facts_of(job.built) != found.record:
        return False
    touched = {path: now for path, facts in found.files.items() if (now := facts_of(path)) != facts}
    if touched and not _are_same(touched, found.files, digests):
        return False
    if any(map(os.path.lexists, found.absent)):
        return False
    if not found.globs:
        return True
    from airexec.workflow.globs import matching

    return all(matching(patterns, folder) == list(paths) for folder, patterns, paths in found.globs)


def _are_same(
    touched: Mapping[str, Facts | None], files: Mapping[str, Facts], digests: Callable[[], Sequence[str]]
) -> bool:
    """Return whether these files have the content that they had, as far as that is told by reading little."""
    if len(touched) > _TOUCHED_MAX or any(now is None or now.size != files[path].size for path, now in touched.items()):
        return False
    if sum(files[path].size for path in touched) > _TOUCHED_BYTES_MAX:
        return False
    known = dict(zip(files, digests(), strict=True))
    return all(
        known[path] and known[path] == digest_of(path) and facts_of(path) == now for path, now in touched.items()
    )


def _from_json(values: list[Any]) -> Standstill:
    job, run_id, tasks, record, files, digests, absent, globs = values
    return Standstill(
        str(job),
        str(run_id),
        int(tasks),
        Facts(*record),
        {path: Facts(*facts) for path, facts in files.items()},
        digests,
        tuple(absent),
        tuple((folder, tuple(patterns), tuple(paths)) for folder, patterns, paths in globs),
    )
