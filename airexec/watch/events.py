"""Tells when something happens in folders, by watchfiles, from threads of its own."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from threading import Event, Thread

from airexec.errors import UsageError

_GROUP_MILLISECONDS = 50
"""What happens within so long is told together. Who hears it waits for the rest."""
_READY_SECONDS = 30.0

Folder = tuple[str, bool]
"""Its absolute path, and whether what is below its folders counts as well."""


class Happenings:
    """Watches folders. `tell` is called with the absolute paths where something has happened, or with what is wrong
    when they cannot be watched any more. What happens below `not_in` is not told."""

    def __init__(self, tell: Callable[[Collection[str] | str], None]) -> None:
        self._tell = tell
        self._stop = _Stop()
        self._wanted: frozenset[tuple[Folder, int]] = frozenset()
        self.not_in = ""

    def follow(self, folders: Iterable[Folder], lost: Collection[str] = ()) -> list[str] | None:
        """Watch these folders from now on, and no others. When it returns nothing is missed any more. `lost`: paths
        where something has happened; a folder of ours among them is another one by now.

        Return the folders below them that may not be read, and so are not watched; None: nothing is to be done. Raises
        UsageError where watchfiles is not installed.
        """
        wanted = frozenset((folder, os.stat(folder[0]).st_ino) for folder in folders if os.path.isdir(folder[0]))
        if wanted == self._wanted and not any(folder in lost for (folder, _), _ in wanted):
            return None
        try:
            import watchfiles  # noqa: F401
        except ImportError:
            raise UsageError("watchfiles is not installed", "pip install 'airexec[watch]'") from None
        before, self._stop, self._wanted = self._stop, _Stop(), wanted
        unreadable, deep = [], []
        flat = [path for (path, is_deep), _ in wanted if not is_deep]
        for path in (path for (path, is_deep), _ in wanted if is_deep):
            closed = list(_closed(path))
            unreadable += closed
            if closed:  # one such folder would end the walk of the whole tree
                flat += _open(path)
            else:
                deep.append(path)
        roots = {path for (path, _), _ in wanted}
        above = sorted({os.path.dirname(path) for path in roots} - roots)  # where one of them goes and comes again
        self._start(deep, True, None)
        self._start(flat, False, None)
        self._start(above, False, roots)
        self._stop.wait_until_ready()
        before.set()  # only now: between the two nothing may be missed
        return unreadable

    def _start(self, folders: Sequence[str], is_deep: bool, only: Collection[str] | None) -> None:
        if folders:
            ready = self._stop.expect()
            Thread(target=self._watch, args=(folders, is_deep, only, self._stop, ready), daemon=True).start()

    def close(self) -> None:
        """Watch nothing any more."""
        self._stop.set()

    def _watch(
        self, folders: Sequence[str], is_deep: bool, only: Collection[str] | None, stop: "_Stop", ready: Event
    ) -> None:
        """Tell of folders until we are to stop; with `only`, of nothing but these paths."""
        from watchfiles import watch

        def is_told(_: object, path: str) -> bool:
            return path in only if only is not None else not self.not_in or not path.startswith(self.not_in)

        try:
            for changes in watch(
                *folders,
                watch_filter=is_told,
                debounce=_GROUP_MILLISECONDS,
                step=_GROUP_MILLISECONDS,
                stop_event=_Asked(stop, ready),
                rust_timeout=1_000,
                raise_interrupt=False,
                recursive=is_deep,
                ignore_permission_denied=False,  # else a system without watches left would be silent as well
            ):
                self._tell({path for _, path in changes})
        except (OSError, RuntimeError) as error:
            if stop.is_set():
                pass
            elif all(map(os.path.isdir, folders)):  # else one has gone meanwhile, and whoever looks finds out
                self._tell(f"the files cannot be watched: {error}")
            else:
                self._tell(folders)
        finally:
            ready.set()


class _Stop(Event):
    """Whether to stop, and who has yet to begin."""

    def __init__(self) -> None:
        super().__init__()
        self._ready: list[Event] = []

    def expect(self) -> Event:
        self._ready.append(Event())
        return self._ready[-1]

    def wait_until_ready(self) -> None:
        for event in self._ready:
            event.wait(_READY_SECONDS)


class _Asked:
    """Is asked whether to stop for the first time as soon as the folders are watched."""

    def __init__(self, stop: Event, ready: Event) -> None:
        self._stop = stop
        self._ready = ready

    def is_set(self) -> bool:
        self._ready.set()
        return self._stop.is_set()


def _closed(folder: str) -> Iterator[str]:
    """Yield the folders below one that may not be read."""
    for path, names, _ in os.walk(folder):
        for name in names:
            whole = os.path.join(path, name)
            if not os.path.islink(whole) and not os.access(whole, os.R_OK | os.X_OK):
                yield whole


def _open(folder: str) -> Iterator[str]:
    """Yield the folder and those below it that may be read."""
    for path, _, _ in os.walk(folder):
        if os.access(path, os.R_OK | os.X_OK):
            yield path
