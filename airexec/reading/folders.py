"""Which jobs a state folder has, and what `state.json` says of each, for a guess or a table. Reads no journal."""

import os
from json import loads

from airexec.errors import UsageError
from airexec.state.layout import JobFolder
from airexec.workflow.find import StrPath


def job_names(state_dir: StrPath) -> list[str]:
    """Return the names of the jobs in a state folder, sorted."""
    try:
        names = os.listdir(os.path.join(state_dir, "jobs"))
    except OSError:
        return []
    return sorted(name for name in names if _is_job(state_dir, name))


def state_fields(job: JobFolder) -> dict[str, object]:
    """Return what `state.json` holds, nothing where it cannot be read; a view will do for a guess."""
    try:
        with open(os.open(job.state_file, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            content = loads(file.read())
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _is_job(state_dir: StrPath, name: str) -> bool:
    try:
        job = JobFolder(state_dir, name)
        return os.path.isdir(job.runs) or os.path.exists(job.state_file)  # or another program has ordered it
    except UsageError:
        return False
