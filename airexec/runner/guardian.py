"""Ends what a scheduler has started when the scheduler dies without a word (`kill -9`, out of memory).

A shell of one line waits at the end of a pipe that only the scheduler holds. When the pipe closes without a goodbye,
the kernel has taken the scheduler, and the shell becomes Python running `proc.py`, which kills all that has the mark of
the run. A shell, because it is there in a millisecond and weighs nothing for as long as nothing happens; Python starts
only in the hour of need. It is in a session of its own, so no Ctrl-C reaches it.
"""

import os
import sys
from contextlib import suppress

from airexec.runner import proc

_WAIT = 'read -r goodbye || exec "$0" -I -S "$1" "$2"'


class Guardian:
    """Watches over one run, from `start` until `dismiss` or until the scheduler is gone."""

    def __init__(self, run_dir: str) -> None:
        """`run_dir` is the absolute folder of the run, the mark in the environment of its tasks."""
        self._run_dir = run_dir
        self._pipe = -1
        self._pid = -1

    def start(self) -> None:
        """Start the helper. Without one (no Linux, no room) the run is as good, only less tidy if it is killed."""
        if not sys.platform.startswith("linux"):
            return
        try:
            there, here = os.pipe()
        except OSError:
            return
        try:
            self._pid = os.posix_spawn(
                "/bin/sh",
                ["airexec-guardian", "-c", _WAIT, sys.executable, proc.__file__, self._run_dir],
                {proc.GUARDED: self._run_dir},
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, there, 0),
                    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                    (os.POSIX_SPAWN_DUP2, 1, 2),
                ],
                setsid=True,
                setsigmask=(),
            )
        except OSError:
            os.close(here)
        else:
            self._pipe = here
        finally:
            os.close(there)

    def dismiss(self) -> None:
        """Say goodbye: the run has ended what it started."""
        if self._pipe < 0:
            return
        with suppress(BrokenPipeError):  # somebody has killed it
            os.write(self._pipe, b"goodbye\n")
        os.close(self._pipe)
        self._pipe = -1
        os.waitpid(self._pid, 0)
