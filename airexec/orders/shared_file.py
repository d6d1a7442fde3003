"""A file that other programs write as they like, and we as well, without a lock between us.

They may write in place (`open(path, "w")`), take their time over it, or rename a file of theirs to it. We write by an
exchange (`swap`), so that readers never see half of ours, and what we replace is still there to be read:

- What has changed since we last looked is read before we write.
- What came in between, in the instant before the exchange, is what we find at the other name, and is read then.
- It is kept by a hidden name for as long, so that who follows us finds it if we are killed (`recover`).
- Whoever had the file open before goes on writing to what is no longer there. So what was replaced is kept open for a
  while, and what comes to be in it is read, too.

What is left are writers that hold a file open for longer than KEPT_SECONDS, or begin to write what they have read long
before; of these nobody can know.
"""

import os
from contextlib import suppress
from errno import EFBIG, EINVAL
from itertools import count
from stat import S_ISREG
from time import time_ns
from typing import NamedTuple

from airexec.orders.swap import NoExchangeError, exchange

KEPT_SECONDS = 10.0
KEPT_MAX = 64
BYTES_MAX = 256 << 20

_RACY_NS = 100_000_000
"""A file changed so shortly before it was read may change again without another time of change."""


class _Signature(NamedTuple):
    inode: int
    size: int
    changed_ns: int

    @classmethod
    def of(cls, facts: os.stat_result) -> "_Signature":
        return cls(facts.st_ino, facts.st_size, facts.st_mtime_ns)


class _Replaced(NamedTuple):
    fd: int
    until: float
    """Monotonic seconds."""
    path: str
    """Where it still lies, since it held something new; else empty."""


class SharedFile:
    """One such file. One process at a time writes through this; the others do as they like."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._seen: _Signature | None = None
        self._is_sure = False
        """Whether a file of the same signature has the same content."""
        self._text: bytes | None = None
        """What was read or written last; None: there was no file."""
        self._numbers = count()
        self._replaced: dict[_Replaced, tuple[_Signature, bytes]] = {}
        """What each has held when it was looked at."""

    def replace(self, text: str, now: float) -> list[bytes]:
        """Write the file. Return what others have written in the instant before. Raises OSError.

        `now` is in monotonic seconds.
        """
        folder, name = os.path.split(self.path)
        new = f"{folder}/.{name}.{os.getpid()}.tmp"
        content = text.encode()
        try:
            written = self._write(new, content)
            found = self._put(new, now)
        finally:
            with suppress(OSError):
                os.unlink(new)  # by now what was replaced, if all went well and it held nothing new
        self._seen, self._is_sure, self._text = written, False, content
        return found

    def close(self) -> None:
        """Let go of all that was replaced: what was new in it must be elsewhere by now."""
        for replaced in list(self._replaced):
            self._let_go(replaced)

    def _let_go(self, replaced: _Replaced) -> None:
        del self._replaced[replaced]
        os.close(replaced.fd)
        if replaced.path:
            with suppress(OSError):
                os.unlink(replaced.path)

    # --- reading ------------------------------------------------------------------------------------------------------

    def changed(self) -> bytes | None:
        """Return what others have written into the file since the last look; None when it is as it was, or is gone.

        Raises OSError for a file that is there and cannot be read.
        """
        try:
            fd = _open(self.path)
        except FileNotFoundError:
            self._seen, self._text = None, None
            return None
        try:
            signature = _Signature.of(os.fstat(fd))
            if signature == self._seen and self._is_sure:
                return None
            return self._read_present(fd, signature)
        finally:
            os.close(fd)

    def _read_present(self, fd: int, signature: _Signature) -> bytes | None:
        before, self._text = self._text, _read(fd)
        self._seen = signature
        self._is_sure = _is_settled(signature)
        return self._text if self._text != before else None

    def changed_late(self, now: float) -> list[bytes]:
        """Return what others have written since the last look into what we have replaced, and let go of what is old."""
        found = []
        for replaced, (seen, text) in list(self._replaced.items()):
            signature = _Signature.of(os.fstat(replaced.fd))
            if signature != seen:
                content = _read(replaced.fd)
                self._replaced[replaced] = (signature, content)
                if content != text:
                    found.append(content)
            elif now >= replaced.until:
                self._let_go(replaced)
        return found

    # --- writing ------------------------------------------------------------------------------------------------------

    def _write(self, path: str, content: bytes) -> _Signature:
        """Write a file with the mode and the owner of that which it will replace, since others are to go on writing."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        with open(os.open(path, flags, 0o600), "wb") as file:
            with suppress(OSError):
                facts = os.stat(self.path, follow_symlinks=False)
                os.fchmod(file.fileno(), facts.st_mode & 0o777)
                if os.geteuid() == 0:
                    os.fchown(file.fileno(), facts.st_uid, facts.st_gid)
            file.write(content)
            file.flush()
            return _Signature.of(os.fstat(file.fileno()))

    def _put(self, new: str, now: float) -> list[bytes]:
        """Put a file in the place of ours; what was there is at its name then. Return what was new in that."""
        while True:
            try:
                os.link(new, self.path)  # fails if there is one
            except FileExistsError:
                pass
            else:
                return []
            with suppress(FileNotFoundError):
                return self._swap(new, now)

    def _swap(self, new: str, now: float) -> list[bytes]:
        try:
            exchange(new, self.path)
        except NoExchangeError:
            old = _open(self.path)
            os.rename(new, self.path)
        else:
            old = _open(new)
        signature, content = _Signature.of(os.fstat(old)), _read(old)
        path, found = "", []
        if content != self._text:  # kept by a name of its own: were we killed now, nobody else would know of it
            path, found = f"{new.removesuffix('.tmp')}.{next(self._numbers)}.tmp", [content]
            with suppress(FileNotFoundError):  # where nothing could be exchanged
                os.rename(new, path)
        while len(self._replaced) >= KEPT_MAX:
            self._let_go(next(iter(self._replaced)))
        self._replaced[_Replaced(old, now + KEPT_SECONDS, path)] = (signature, content)
        return found


def _is_settled(signature: _Signature) -> bool:
    return time_ns() - signature.changed_ns > _RACY_NS


def read_file(path: str) -> bytes:
    """Return what a file holds that others have written. Raises OSError, also for what is no regular file."""
    fd = _open(path)
    try:
        return _read(fd)
    finally:
        os.close(fd)


def _open(path: str) -> int:
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(EINVAL, "it is no regular file", path)
    return fd


def _read(fd: int) -> bytes:
    """Return the whole content, from its beginning. Raises OSError for what is too big to be meant."""
    parts, at = [], 0
    while part := os.pread(fd, 1 << 20, at):
        parts.append(part)
        at += len(part)
        if at > BYTES_MAX:
            raise OSError(EFBIG, "it is too big")
    return b"".join(parts)
