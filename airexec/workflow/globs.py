"""Globs of files, as `sources`, `generates` and axes of a matrix have them. Asks the file system, and reads no file."""

import os
from collections.abc import Iterable, Iterator
from glob import glob, has_magic
from stat import S_ISDIR, S_ISREG


def matching(patterns: Iterable[str], folder: str) -> list[str]:
    """Return the regular files that globs match, absolute, sorted, each once.

    A pattern that begins with `!` takes away what it matches; a folder means all files below it, hidden ones and those
    behind links to folders aside.
    """
    return sorted(files(patterns, folder))


def files(patterns: Iterable[str], folder: str) -> dict[str, os.stat_result]:
    """As `matching`, with what the system says of each file, in no order."""
    found: dict[str, os.stat_result] = {}
    for pattern in patterns:
        if pattern.startswith("!"):
            for path, _ in _matching(pattern[1:], folder):
                found.pop(path, None)
        else:
            found.update(_matching(pattern, folder))
    return found


def matching_below(patterns: Iterable[str], folder: str) -> list[str]:
    """As `matching`, but what is below the folder is relative to it."""
    prefix = os.path.normpath(folder) + "/"
    return [path.removeprefix(prefix) for path in matching(patterns, folder)]


def _matching(pattern: str, folder: str) -> Iterator[tuple[str, os.stat_result]]:
    is_glob = has_magic(pattern)
    paths = glob(pattern, root_dir=folder, recursive=True) if is_glob else [pattern]
    if is_glob and os.path.isfile(os.path.join(folder, pattern)):
        paths.append(pattern)  # a name that looks like a glob, as a value may have it
    for path in paths:
        whole = os.path.join(folder, path)
        whole = os.path.realpath(whole) if "/../" in whole else os.path.normpath(whole)
        try:
            info = os.stat(whole)
        except (OSError, ValueError):
            continue
        if S_ISREG(info.st_mode):
            yield whole, info
        elif S_ISDIR(info.st_mode) and (not is_glob or path.endswith("/")):
            yield from _below(whole)


def _below(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    for path, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            whole = os.path.join(path, name)
            if name.startswith("."):
                continue
            try:
                info = os.stat(whole)
            except OSError:
                continue
            if S_ISREG(info.st_mode):
                yield whole, info
