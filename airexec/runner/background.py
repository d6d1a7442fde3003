"""What a process that `background: allow` lets live on may still print: somebody has to read its pipe, or its next line
would kill it. A shell of two lines does, for as long as anybody holds the other end; it outlives us."""

import os
from contextlib import suppress

BYTES_MAX = 64 * 1024 * 1024
"""Of later output in the log, per stream; the rest is read and dropped."""

_KEEP = 'umask 077; trap "" HUP INT TERM; head -c "$2" >> "$1"; exec cat > /dev/null'
_DROP = 'trap "" HUP INT TERM; exec cat > /dev/null'


def read_on(fd: int, log_path: str, keep: bool) -> None:
    """Let somebody else read a pipe from here on, and append it to the log if we `keep` it; `fd` is closed.

    Where that cannot be (no `sh`, no room) the pipe is closed and that is that.
    """
    script = ["airexec-log", "-c", _KEEP if keep else _DROP, "airexec-log", log_path, str(BYTES_MAX)]
    with suppress(OSError):
        os.set_blocking(fd, True)
        os.posix_spawn(
            "/bin/sh",
            script,
            {"PATH": os.defpath},
            file_actions=[
                (os.POSIX_SPAWN_DUP2, fd, 0),
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setsid=True,
            setsigmask=(),
        )
    os.close(fd)
