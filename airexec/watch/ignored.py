"""Which files git ignores: asked of git itself, so that it is exactly what it does."""

import subprocess
from collections.abc import Iterable

_SECONDS = 10.0


def ignored_by_git(paths: Iterable[str], folder: str) -> set[str]:
    """Return those of these absolute paths that git ignores, by `.gitignore` and all else that it goes by.

    None of them where the folder is in no repository, or git is not there.
    """
    told = "".join(f"{path}\0" for path in paths)
    if not told:
        return set()
    command = ["git", "-C", folder, "check-ignore", "-z", "--stdin"]
    try:
        asked = subprocess.run(
            command, input=told.encode("utf-8", "surrogateescape"), capture_output=True, timeout=_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return set()
    return set(asked.stdout.decode("utf-8", "surrogateescape").split("\0")) - {""} if asked.returncode == 0 else set()
