"""Files as they are: facts that tell cheaply that one is the same, and a digest of what is in it where they do not."""

import os
from stat import S_ISREG
from typing import NamedTuple

RACY_NS = 2_000_000_000
"""A file that was changed so shortly before it was looked at may have been changed again without a trace: file systems
have ticks of up to two seconds (FAT)."""


class Facts(NamedTuple):
    """What says without a look into it that a file is the same. Times in nanoseconds."""

    size: int
    mtime: int
    ctime: int
    inode: int


ABSENT = "absent"
"""The digest of a file that was not there."""


class Seen(NamedTuple):
    """A file as it was at some time."""

    facts: Facts
    digest: str
    """SHA-256 in hexadecimal; empty: it was changed while somebody read it, so nobody knows."""
    looked: int
    """When, in nanoseconds of the clock of its file system."""

    def is_surely(self, now: Facts) -> bool:
        """Return whether a file with these facts is the same without doubt."""
        return bool(self.digest) and self.facts == now and max(now.mtime, now.ctime) < self.looked - RACY_NS


def facts_of(path: str) -> Facts | None:
    """Return the facts of a regular file, or of that which a link leads to; None where there is none."""
    try:
        info = os.stat(path)
    except (OSError, ValueError):
        return None
    if not S_ISREG(info.st_mode):
        return None
    return facts_in(info)


def facts_in(info: os.stat_result) -> Facts:
    """Return the facts of a regular file in what the system says of it."""
    return Facts(info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino)


def digest_of(path: str) -> str:
    """Return the SHA-256 of the content of a file, in hexadecimal; empty when it cannot be read."""
    from hashlib import file_digest  # 2 ms, where facts are not enough

    try:
        with open(path, "rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
