"""How whoever watches files (`airexec watch`) tells a run that they have changed: by a byte in a pipe for each time.

The run looks itself at what its tasks read. When the pipe is closed nobody watches any more, and the run ends as it
does when its terminal goes away, also while it waits for the lock of its job.
"""

import os
import signal
from collections.abc import Callable, MutableMapping
from contextlib import suppress

PIPE = "AIREXEC_CHANGES"
"""In the environment of a run the descriptor of the pipe that it reads from."""
SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
"""Those that end a watch. A run is started with them blocked: before it is ready, they would kill it without a word."""


class Changes:
    """Listens at the pipe, in a thread."""

    def __init__(self, fd: int) -> None:
        from threading import Thread

        self._look: Callable[[], None] = lambda: None
        Thread(target=self._read, args=(fd,), daemon=True).start()

    def follow(self, look: Callable[[], None]) -> None:
        """Call `look` from now on, from our thread, whenever files may have changed."""
        self._look = look

    def _read(self, fd: int) -> None:
        with suppress(OSError):
            while os.read(fd, 4096):
                self._look()
        os.kill(os.getpid(), signal.SIGHUP)


def changes_told(environ: MutableMapping[str, str]) -> Changes | None:
    """Return what hears of changes from now on; None: nobody watches the files of this run.

    What the tasks of the run inherit knows nothing of it.
    """
    fd = environ.pop(PIPE, "")
    if not fd.isdigit():
        return None
    try:
        os.set_inheritable(int(fd), False)
    except OSError:
        return None
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # we are in the background of the terminal that we write to
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    return Changes(int(fd))
