"""Files that match a glob and are new or have changed, once they have stayed as they are for a while."""

import os
from collections.abc import Iterator, Mapping
from glob import glob, has_magic
from stat import S_ISREG

from airexec.triggers.start import Facts, Files


class NewFiles:
    """Looks after one glob. Knows nothing of runs: what is settled is told to it."""

    def __init__(self, folder: str, pattern: str, settle: float) -> None:
        self.pattern = pattern
        self._folder = folder
        self._settle = settle
        self._since: dict[str, tuple[Facts, float]] = {}
        """What is not settled, and since when it has been so, in monotonic seconds."""

    def there(self) -> dict[str, Facts]:
        """Return the regular files that match now. Paths are as the pattern has them: relative to the folder or not."""
        return dict(self._found())

    def look(self, settled: Files, now: float) -> Mapping[str, Facts]:
        """Return the files that differ from what is settled and have stayed so for long enough, by path, sorted."""
        strange = {path: facts for path, facts in self._found() if settled.get(path) != facts}
        self._since = {
            path: before if (before := self._since.get(path)) and before[0] == facts else (facts, now)
            for path, facts in strange.items()
        }
        return {path: strange[path] for path in sorted(strange) if now - self._since[path][1] >= self._settle}

    def due(self) -> float | None:
        """Return when the next file will have stayed as it is for long enough, in monotonic seconds."""
        return min((since + self._settle for _, since in self._since.values()), default=None)

    @property
    def watched(self) -> tuple[str, bool]:
        """The folder below which everything is that can match, and whether it may be below a folder in it."""
        folder = os.path.dirname(self.pattern)
        is_deep = has_magic(folder)
        while has_magic(folder):
            folder = os.path.dirname(folder)
        return os.path.normpath(os.path.join(self._folder, folder)), is_deep

    def _without_detours(self, paths: list[str]) -> list[str]:
        """Return each file by its shortest path only: `**` follows links, which may lead in a circle."""
        by_file: dict[str, str] = {}
        for path in sorted(paths, key=lambda path: (len(path), path)):
            by_file.setdefault(os.path.realpath(os.path.join(self._folder, path)), path)
        return list(by_file.values())

    def _found(self) -> Iterator[tuple[str, Facts]]:
        found = glob(self.pattern, root_dir=self._folder, recursive=True)
        for path in self._without_detours(found) if "**" in self.pattern else found:
            try:
                info = os.stat(os.path.join(self._folder, path))
            except OSError:
                continue  # gone meanwhile, or not for us
            if S_ISREG(info.st_mode):
                yield path, (info.st_size, info.st_mtime_ns, info.st_ino)
