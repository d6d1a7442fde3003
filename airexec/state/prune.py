"""Removing old runs. Touches only folders of `runs/` that are named as runs are."""

from airexec.state.layout import JobFolder


def prune(job: JobFolder, keep_runs: int) -> list[str]:
    """Remove all but the newest `keep_runs` runs, of which there is at least one; return the ids removed, newest first.

    The caller holds the lock, so no run of the job is running but its own, the newest. What cannot be removed stays
    for the next time. Symbolic links are neither followed nor removed.
    """
    return [run_id for run_id in job.run_folders()[keep_runs:] if _remove(f"{job.runs}/{run_id}")]


def _remove(path: str) -> bool:
    from shutil import rmtree  # 8 ms, and hardly any start has something to remove

    try:
        rmtree(path)
    except OSError:
        return False
    return True
