"""How whoever watches files (`airexec watch`) tells a run that they have changed: by a byte in a pipe for each time.

The run looks itself at what its tasks read. When the pipe is closed nobody watches any more, and the run ends as it
does when its terminal goes away.
"""

import os
import signal
from collections.abc import Callable, MutableMapping
from contextlib import suppress

PIPE = "AIREXEC_CHANGES"
"""In the environment of a run the descriptor of the pipe that it reads from."""

Follow = Callable[[Callable[[], None]], None]


def changes_told(environ: MutableMapping[str, str]) -> Follow | None:
    """Return what calls its argument, from a thread, whenever files may have changed; None: nobody watches them.

    What the tasks of the run inherit knows nothing of it.
    """
    fd = environ.pop(PIPE, "")
    if not fd.isdigit():
        return None
    try:
        os.set_inheritable(int(fd), False)
    except OSError:
        return None
    return lambda look: _follow(int(fd), look)


def _follow(fd: int, look: Callable[[], None]) -> None:
    from threading import Thread

    Thread(target=_read, args=(fd, look), daemon=True).start()


def _read(fd: int, look: Callable[[], None]) -> None:
    with suppress(OSError):
        while os.read(fd, 4096):
            look()
    os.kill(os.getpid(), signal.SIGHUP)
