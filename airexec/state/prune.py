"""Removing old runs. Touches only folders of `runs/` that are named as runs are."""

import os

from airexec.state.flocks import is_held
from airexec.state.layout import JOURNAL, JobFolder, RunFolder


def prune(job: JobFolder, keep_runs: int) -> list[str]:
    """Remove all but the newest `keep_runs` runs, of which there is at least one; return the ids removed, newest first.

    One that somebody is at work on is never removed. What cannot be removed stays for the next time. Symbolic links are
    neither followed nor removed.
    """
    old = [f"{job.runs}/{run_id}" for run_id in job.run_folders()[keep_runs:]]
    return [os.path.basename(path) for path in old if not is_held(f"{path}/{JOURNAL}") and _remove(path)]


def remove_unbegun(run: RunFolder) -> None:
    """Remove the folder of a run that never began; one with a line in its journal is left alone, and so is one that
    cannot be looked into."""
    try:
        if os.stat(run.journal, follow_symlinks=False).st_size:
            return
    except FileNotFoundError:
        pass
    except OSError:
        return
    _remove(run.path)


def _remove(path: str) -> bool:
    """Remove a run, return whether it is gone.

    `shutil` would do it, but takes 3 ms to import, and from some run on every start has something to remove. As there,
    nothing is reached by its path from above: in the place of a folder there may suddenly be a link.
    """
    try:
        for _, folders, files, fd in os.fwalk(path, topdown=False):
            for name in files:
                os.unlink(name, dir_fd=fd)
            for name in folders:
                _remove_folder(name, fd)
        os.rmdir(path)
    except OSError:
        return False
    return True


def _remove_folder(name: str, parent: int) -> None:
    try:
        os.rmdir(name, dir_fd=parent)
    except NotADirectoryError:  # a link to one, which counts as such for `fwalk`
        os.unlink(name, dir_fd=parent)
