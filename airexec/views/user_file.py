"""Writes a file at a path that the user has chosen. The one place: nothing of his may be lost by the way it is done."""

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from secrets import token_hex


def write_user_file(path: str | os.PathLike[str], pieces: Iterable[bytes]) -> None:
    """Write the pieces, in order, as the content of a file. Raises OSError, the file then being as it was.

    A link is followed. A file appears as a whole, with the mode and the owner of the one that it replaces. What is
    something else, a pipe or a device, is written into and stays what it is.
    """
    target = os.path.realpath(path)
    try:
        before = os.stat(target)
    except FileNotFoundError:
        before = None
    if before is not None and not stat.S_ISREG(before.st_mode):
        _write_into(target, pieces, os.O_NONBLOCK)
        return
    folder, name = os.path.split(target)
    new = os.path.join(folder, f".{name[:200]}.{token_hex(8)}.tmp")
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
    except PermissionError:
        if before is None:
            raise
        _write_into(target, pieces, os.O_TRUNC)  # the folder is not ours, but the file is
        return
    try:
        with open(descriptor, "wb") as file:
            if before is not None:
                with suppress(PermissionError):
                    os.chown(descriptor, before.st_uid, before.st_gid)
                os.chmod(descriptor, stat.S_IMODE(before.st_mode))
            file.writelines(pieces)
        os.replace(new, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(new)
        raise


def _write_into(target: str, pieces: Iterable[bytes], flag: int) -> None:
    """Write into what is there. Of a pipe that nobody has opened it is said so, rather than waited for ever."""
    descriptor = os.open(target, os.O_WRONLY | os.O_NOCTTY | flag)
    os.set_blocking(descriptor, True)
    with open(descriptor, "wb") as file:
        file.writelines(pieces)
