"""Tells when something happens in folders, by watchfiles, from a thread of its own."""

import os
from collections.abc import Callable, Collection, Iterable
from threading import Event, Thread

from airexec.errors import UsageError

_GROUP_MILLISECONDS = 50
"""What happens within so long is told together. Who hears it waits for the rest."""
_READY_SECONDS = 30.0


class Happenings:
    """Watches folders and all below them. `tell` is called with the absolute paths where something has happened, or
    with what is wrong when they cannot be watched any more."""

    def __init__(self, tell: Callable[[Collection[str] | str], None]) -> None:
        self._tell = tell
        self._stop = _Stop()
        self._folders: dict[str, int] = {}

    def follow(self, folders: Iterable[str]) -> None:
        """Watch these folders from now on, and no others. When it returns nothing is missed any more.

        Raises UsageError where watchfiles is not installed.
        """
        there = {folder: os.stat(folder).st_ino for folder in folders if os.path.isdir(folder)}
        if there == self._folders:
            return
        try:
            import watchfiles  # noqa: F401
        except ImportError:
            raise UsageError("watchfiles is not installed", "pip install 'airexec[watch]'") from None
        before, self._stop, self._folders = self._stop, _Stop(), there
        Thread(target=self._watch, args=(list(there), self._stop), daemon=True).start()
        self._stop.ready.wait(_READY_SECONDS)
        before.set()  # only now: between the two nothing may be missed

    def close(self) -> None:
        """Watch nothing any more."""
        self._stop.set()

    def _watch(self, folders: list[str], stop: "_Stop") -> None:
        from watchfiles import watch

        try:
            for changes in watch(
                *folders,
                watch_filter=None,
                debounce=_GROUP_MILLISECONDS,
                step=_GROUP_MILLISECONDS,
                stop_event=stop,
                rust_timeout=1_000,
                raise_interrupt=False,
                ignore_permission_denied=True,
            ):
                self._tell({path for _, path in changes})
        except (OSError, RuntimeError) as error:
            self._tell(f"the files cannot be watched: {error}")
        finally:
            stop.ready.set()


class _Stop(Event):
    """Whether to stop. Is asked for the first time as soon as the folders are watched."""

    def __init__(self) -> None:
        super().__init__()
        self.ready = Event()

    def is_set(self) -> bool:
        self.ready.set()
        return super().is_set()
