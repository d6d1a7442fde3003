"""`airexec run` and `airexec resume`: which argument is what, then the run itself. Knows nothing of scheduling."""

from collections.abc import Sequence
from pathlib import Path

FILE_ENDINGS = (".yml", ".yaml", ".json")


def split_arguments(arguments: Sequence[str]) -> tuple[Path | None, tuple[str, ...]]:
    """Return WORKFLOW, if the first argument is one, and the TASKs.

    What looks like a file is a file, whether it exists or not: a task named `build` must not change its meaning when
    somebody makes a folder of that name.
    """
    if arguments and is_path(arguments[0]):
        return Path(arguments[0]), tuple(arguments[1:])
    return None, tuple(arguments)


def is_path(name: str) -> bool:
    """Return whether a name on the command line is a file's rather than a task's or a job's."""
    return name.endswith(FILE_ENDINGS) or name in (".", "..") or ("/" in name and not name.endswith("]"))
