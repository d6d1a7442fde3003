"""Exchange two files in one step, so that what was replaced is never lost unseen.

A plain rename over a file throws away what is there by then, which may be what somebody has written since one looked.
An exchange leaves it at the other name, where it can be read.
"""

import ctypes
import os
import sys
from errno import EINVAL, ENOSYS, ENOTSUP

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
"""Of Linux; macOS has the same number for RENAME_SWAP."""


class NoExchangeError(Exception):
    """This system, or this file system, cannot do it."""


def exchange(first: str, second: str) -> None:
    """Let two files, both of which are there, change places. Raises OSError, NoExchangeError."""
    library = ctypes.CDLL(None, use_errno=True)
    paths = os.fsencode(first), os.fsencode(second)
    try:
        if sys.platform == "darwin":
            failed = library.renamex_np(*paths, _RENAME_EXCHANGE)
        else:
            failed = library.renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE)
    except AttributeError:
        raise NoExchangeError from None
    if failed:
        number = ctypes.get_errno()
        if number in (EINVAL, ENOSYS, ENOTSUP):
            raise NoExchangeError
        raise OSError(number, os.strerror(number), first)
