"""Which folders may hold state: real ones, that nobody else can write to. Knows nothing of what is in them.

Otherwise somebody else could choose which files we overwrite, by a symbolic link in the right place. A repository
may bring such links along, so every folder of the state is looked at, not only its top.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from stat import S_ISDIR, S_ISLNK, S_IWOTH

from airexec.errors import StateUnwritableError

FOLDER_MODE = 0o775
"""Of new folders: never writable by everybody, whatever the umask."""


def make_folder(path: str, owners: frozenset[int]) -> None:
    """Make a folder unless it is there, then check it. Raises StateUnwritableError, or OSError when it cannot be."""
    with suppress(FileExistsError):
        os.mkdir(path, FOLDER_MODE)
    check_folder(path, owners)


def check_folders(paths: Iterable[str], owners: frozenset[int]) -> None:
    """Check those of the folders that exist. Raises StateUnwritableError."""
    for path in paths:
        if os.path.lexists(path):
            check_folder(path, owners)


def check_folder(path: str, owners: frozenset[int]) -> None:
    """Raise StateUnwritableError unless this is a real folder, of one of these owners, closed to everybody else."""
    try:
        info = os.lstat(path)
    except OSError as error:
        raise StateUnwritableError(f"cannot look at {path}: {error.strerror}") from error
    if S_ISLNK(info.st_mode):
        raise StateUnwritableError(
            f"{path} is a symbolic link, which airexec does not follow inside its state",
            hint="remove the link, or name the real place with --state-dir",
        )
    if not S_ISDIR(info.st_mode):
        raise StateUnwritableError(f"{path} is not a folder", hint="remove it, or name another with --state-dir")
    if info.st_uid not in owners:
        raise StateUnwritableError(
            f"{path} belongs to {_user_name(info.st_uid)}, who could change what airexec does for you",
            hint="remove it, or name a folder of your own with --state-dir",
        )
    if info.st_mode & S_IWOTH:
        raise StateUnwritableError(f"{path} can be written by everybody", hint=f"chmod o-w {path}")


def trusted_owners(state_dir: str) -> frozenset[int]:
    """Return the ids of the users who may own a state folder.

    Ourselves, root, and who owns the folder above it, since it is their workflow that we run: so root in a container
    may work in the checkout of a user outside.
    """
    owners = {os.geteuid(), 0}
    with suppress(OSError):  # where it does not exist, the state folder does not either
        owners.add(os.stat(os.path.dirname(state_dir)).st_uid)
    return frozenset(owners)


def _user_name(uid: int) -> str:
    from pwd import getpwuid

    try:
        return f"user {getpwuid(uid).pw_name}"
    except KeyError:
        return f"user {uid}"
