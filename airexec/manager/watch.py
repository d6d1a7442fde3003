"""Wakes the manager when something happens in a folder, by watchfiles. It only saves waiting for the next look.

Where watchfiles is not installed, or the system has no watches left, the manager finds what has come at its next look.
"""

import os
from collections.abc import Callable, Iterable
from threading import Event, Thread

from airexec.manager.logger import Log

Folder = tuple[str, bool]
"""Its path, and whether what is below its folders counts as well."""
_GROUP_MILLISECONDS = 100


class Watch:
    """Watches folders, each from when it is there, in threads of their own. `wake` is called from any of them."""

    def __init__(self, wake: Callable[[], None], log: Log) -> None:
        self._wake = wake
        self._log = log
        self._followed: frozenset[tuple[Folder, int]] = frozenset()
        self._stop = Event()
        self._can = True

    def follow(self, folders: Iterable[Folder]) -> None:
        """Watch these folders from now on, and no others."""
        there = frozenset((folder, inode) for folder in folders if (inode := _inode(folder[0])) is not None)
        if there == self._followed or not self._can:
            return
        self.close()
        self._followed, self._stop = there, Event()
        for is_deep in (False, True):
            paths = sorted(folder for (folder, deep), _ in there if deep is is_deep)
            if paths:
                Thread(target=self._watch, args=(paths, is_deep, self._stop), daemon=True).start()

    def close(self) -> None:
        """Watch nothing any more."""
        self._stop.set()
        self._followed = frozenset()

    def _watch(self, paths: list[str], is_deep: bool, stop: Event) -> None:
        try:
            from watchfiles import watch

            for _ in watch(
                *paths,
                watch_filter=None,
                debounce=_GROUP_MILLISECONDS,
                stop_event=stop,
                recursive=is_deep,
                raise_interrupt=False,
                ignore_permission_denied=True,
            ):
                self._wake()
        except ImportError:
            self._give_up("watchfiles is not installed (pip install 'airexec[watch]')")
        except (OSError, RuntimeError) as error:  # a folder that is gone is found when it is there again
            if not stop.is_set() and all(map(os.path.isdir, paths)):
                self._give_up(str(error))

    def _give_up(self, why: str) -> None:
        if self._can:
            self._can = False
            self._log.info("folders are not watched but looked at", why=why)


def _inode(path: str) -> int | None:
    try:
        return os.stat(path).st_ino if os.path.isdir(path) else None
    except OSError:
        return None
