"""By which name things are kept of just one workflow file, below `.airexec/cache`. Imports next to nothing."""

import os

from airexec import __version__
from airexec.workflow.digest import content_digest
from airexec.workflow.find import StrPath, is_stream

FOLDER = "cache"
_RULES = 18
"""Raised with what a check accepts, between versions of airexec too: else a file that is wrong now would stay good."""


def entry_of(state_dir: StrPath, path: StrPath) -> str:
    """Return the path of what is kept of a workflow file as it is now, but for an ending; empty where nothing is."""
    key = _key(path)
    return key and f"{os.path.abspath(state_dir)}/{FOLDER}/{key}"


def _key(path: StrPath) -> str:
    """Return the hash that names the entry of a file; empty where there is none: it cannot be read, or only once."""
    if is_stream(path):
        return ""
    try:
        with open(path, "rb") as file:
            info, content = os.fstat(file.fileno()), file.read()
    except OSError:
        return ""
    origin = (__version__, _RULES, os.path.abspath(path), info.st_dev, info.st_ino, info.st_mtime_ns, info.st_ctime_ns)
    return hash_of(repr(origin).encode("utf-8", "surrogateescape") + content)


def hash_of(data: bytes) -> str:
    return content_digest(data)
