"""Whether this user made a run on this machine, so that `resume` need not ask before it acts upon it.

A checkout can bring a whole `.airexec` along, and whoever wrote its journal would choose what `resume` runs. So each
run folder holds a mark that only this user can make here: a keyed hash of the run's id. The key lies in the user's own
folder, not in the project, and never leaves it.
"""

import os
from contextlib import suppress
from stat import S_ISREG

from airexec.state.layout import RunFolder
from airexec.workflow.digest import digest

KEY_BYTES = 32
MARK_BYTES = 16


class NoKeyError(Exception):
    """There is no key, and none can be made; the text says where and why."""


def mark_own(run: RunFolder) -> None:
    """Say of a run that this user made it here. Without a key it stays unsaid."""
    with suppress(OSError, NoKeyError):
        mark = _mark(run)
        fd = os.open(run.origin, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with open(fd, "w") as file:
            file.write(f"{mark}\n")


def foreign(run: RunFolder) -> str | None:
    """Return why a run does not count as made by this user on this machine; None when it does."""
    try:
        with open(os.open(run.origin, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            known = file.read(4 * MARK_BYTES)
    except OSError:
        known = b""
    try:
        return None if known.strip() == _mark(run).encode() else "it was not made by this user on this machine"
    except NoKeyError as error:
        return f"who made it cannot be told: {error}"


def _mark(run: RunFolder) -> str:
    return digest(_key() + run.run_id.encode(), MARK_BYTES).hex()


def _key() -> bytes:
    """Return the key of this user, made when there is none. Raises NoKeyError."""
    folder = os.path.join(_state_home(), "airexec")
    path = os.path.join(folder, "key")
    try:
        return _read_key(path)
    except FileNotFoundError:
        pass
    new = f"{path}.{os.getpid()}.tmp"
    try:
        os.makedirs(folder, 0o700, exist_ok=True)
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
            file.write(os.urandom(KEY_BYTES))
        try:
            with suppress(FileExistsError):  # of several who begin at once, one makes it
                os.link(new, path)
        finally:
            os.unlink(new)
        return _read_key(path)
    except OSError as error:
        raise NoKeyError(f"no key can be kept in {folder}: {error.strerror}") from None


def _read_key(path: str) -> bytes:
    """Raises FileNotFoundError when there is none, NoKeyError for one that somebody else could know."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            info = os.fstat(file.fileno())
            key = file.read(KEY_BYTES) if S_ISREG(info.st_mode) else b""
    except FileNotFoundError:
        raise
    except OSError as error:
        raise NoKeyError(f"cannot read {path}: {error.strerror}") from None
    if len(key) < KEY_BYTES or info.st_uid != os.geteuid() or info.st_mode & 0o077:
        raise NoKeyError(f"{path} is not a key that only this user can read; remove it")
    return key


def _state_home() -> str:
    """Return the folder for a user's own state (XDG base directories). Not that of another user, whom `sudo` may have
    left in HOME: what root made there would be in their way."""
    if os.path.isabs(home := os.environ.get("XDG_STATE_HOME", "")):
        return home
    home = os.path.expanduser("~")
    try:
        is_ours = os.stat(home).st_uid == os.geteuid()
    except OSError:
        is_ours = False
    if not is_ours:
        from pwd import getpwuid

        with suppress(KeyError):
            home = getpwuid(os.geteuid()).pw_dir
    return os.path.join(home, ".local", "state")
