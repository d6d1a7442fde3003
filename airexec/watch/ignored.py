"""Which files git ignores: asked of git itself, so that it is exactly what it does."""

import os
import subprocess
from collections.abc import Collection, Iterable, Sequence

_SECONDS = 10.0
_CANNOT_SAY = 128
"""What git exits with where there is no repository, and for a path that is not for it to judge."""


def ignored_by_git(paths: Iterable[str], folder: str) -> set[str]:
    """Return those of these absolute paths that git ignores, by `.gitignore` and all else that it goes by.

    None of them where the folder is in no repository, or git is not there. A path behind a link is what the link is.
    """
    questions: dict[str, list[str]] = {}
    for path in paths:
        asked = _up_to_link(path, folder)
        for question in (asked,) if os.path.lexists(asked) else (asked, f"{asked}/"):  # it may have been a folder
            questions.setdefault(question, []).append(path)
    return {path for question in _ignored(list(questions), folder) for path in questions[question]}


def _ignored(paths: Sequence[str], folder: str) -> Collection[str]:
    """Ask git for all at once, and again by halves when there is one among them that it does not judge."""
    if not paths:
        return ()
    told = "\0".join(paths).encode("utf-8", "surrogateescape")
    command = ["git", "-C", folder, "check-ignore", "-z", "--stdin"]
    try:
        asked = subprocess.run(command, input=told, capture_output=True, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    if asked.returncode == _CANNOT_SAY and len(paths) > 1 and b"not a git repository" not in asked.stderr:
        middle = len(paths) // 2
        return (*_ignored(paths[:middle], folder), *_ignored(paths[middle:], folder))
    if asked.returncode:
        return ()
    return [path for path in asked.stdout.decode("utf-8", "surrogateescape").split("\0") if path]


def _up_to_link(path: str, folder: str) -> str:
    """Return a path below a folder as far as the first link in it."""
    if not path.startswith(f"{folder}/"):
        return path
    found = folder
    for part in path[len(folder) + 1 :].split("/"):
        found = f"{found}/{part}"
        if os.path.islink(found):
            break
    return found
