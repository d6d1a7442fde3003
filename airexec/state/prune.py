"""Removing old runs. Touches only folders of `runs/` that are named as runs are."""

from collections.abc import Iterable

from airexec.state.layout import JobFolder

KEEP_RUNS = 50


def prune(job: JobFolder, keep: Iterable[str] = (), keep_runs: int = KEEP_RUNS) -> list[str]:
    """Remove all but the newest `keep_runs` runs and those in `keep`; return the ids removed, newest first.

    The caller holds the lock, so no run of the job is running but its own, the newest. What cannot be removed stays
    for the next time. Symbolic links are neither followed nor removed.
    """
    kept = set(keep)
    old = [run_id for run_id in job.run_folders()[max(1, keep_runs) :] if run_id not in kept]
    return [run_id for run_id in old if _remove(f"{job.runs}/{run_id}")]


def _remove(path: str) -> bool:
    from shutil import rmtree  # 8 ms, and hardly any start has something to remove

    try:
        rmtree(path)
    except OSError:
        return False
    return True
