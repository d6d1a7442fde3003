"""Which file is the workflow, of a folder or as a command names it. Knows names, no contents: its users may not need
to read any."""

import os

from airexec.errors import UsageError

StrPath = str | os.PathLike[str]
"""A path as callers have it. Not `"Path"`: for a type in quotes NamedTuple calls the compiler, whose first call takes a
millisecond."""

FILE_NAMES = ("airexec.yml", "airexec.yaml", "workflow.yml", "workflow.yaml", "airflow.yml")
"""What is found by itself, in this order."""

FILE_ENDINGS = (".yml", ".yaml", ".json")


STDIN = "-"
"""Names standard input in the place of a file."""
STATE_DIR = ".airexec"


def is_stream(path: StrPath) -> bool:
    """Return whether a workflow comes from no file but from standard input (`-`), a pipe or the like: it can be read
    only once, and lies, so to speak, in the current folder."""
    path = os.fspath(path)
    return path == STDIN or (os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path))


def project_root(path: StrPath) -> str:
    """Return the nearest folder, from that of a workflow file upwards, that has `.airexec` or `.git`; where there is
    none, the file's own."""
    beside = folder = os.path.dirname(os.path.abspath(STDIN if is_stream(path) else path))
    while not any(os.path.lexists(os.path.join(folder, mark)) for mark in (STATE_DIR, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return beside
        folder = parent
    return folder


def is_path(name: str) -> bool:
    """Return whether a name on the command line is a file's rather than a task's or a job's."""
    return name.endswith(FILE_ENDINGS) or name in (".", "..", STDIN) or ("/" in name and not name.endswith("]"))


def find_file(path: StrPath | None) -> str:
    """Return the workflow file that is named, in the folder that is named, or else here or above. Raises UsageError."""
    path = "" if path is None else os.fspath(path)
    if path:
        return path if not os.path.isdir(path) else find_workflow(path)
    try:
        return find_workflow("")
    except UsageError:
        if (above := _file_above()) is None:
            raise
        return above


def absolute(path: StrPath) -> str:
    """Return where a path leads from here. `..` is taken away where it is safe, at its beginning: in the middle the
    folder before it may be a symbolic link."""
    path = os.fspath(path)
    if os.path.isabs(path):
        return path
    folder = os.getcwd()
    while path.startswith("../"):
        path, folder = path[3:].lstrip("/"), os.path.dirname(folder)
    return os.path.join(folder, path)


def _file_above() -> str | None:
    """Return the workflow file of the nearest folder above this one that has one, up to the one with `.git`.

    Each of them only if it belongs to this user, or to root: what somebody has put into /tmp is not for us to run.
    """
    folder = ""
    while not os.path.lexists(os.path.join(folder, ".git")) and not _is_top(folder):
        folder = os.path.join(folder, os.pardir)
        try:
            path = find_workflow(folder)
            if os.stat(path).st_uid in (os.geteuid(), 0):
                return path
        except (UsageError, OSError):
            continue  # none, or not for us to see
    return None


def _is_top(folder: str) -> bool:
    try:
        return os.path.samefile(folder or ".", "/")
    except PermissionError:
        return True  # as far as we can see


def find_workflow(folder: str) -> str:
    """Return the workflow file of a folder (empty: this one): the first of FILE_NAMES, else the only `*.airexec.yml`.

    Raises UsageError when there is none, or more than one to choose from.
    """
    for name in FILE_NAMES:
        if os.path.isfile(path := os.path.join(folder, name)):
            return path
    shown = folder or "."
    if not folder:
        os.getcwd()  # raises where this folder is gone, which would otherwise look like an empty one
    try:
        others = sorted(name for name in os.listdir(shown) if name.endswith(".airexec.yml"))
    except PermissionError as error:
        raise UsageError(f"cannot look into {shown}: {error.strerror}", "name the workflow file: -f FILE") from None
    if len(others) == 1:
        return os.path.join(folder, others[0])
    if others:
        raise UsageError(f"several workflow files in {shown}: {', '.join(others)}", "name the one that you mean")
    raise UsageError(
        f"no workflow file in {shown}",
        f"name one, or make one with `airexec init`; found by themselves are {', '.join(FILE_NAMES)}, *.airexec.yml",
    )
