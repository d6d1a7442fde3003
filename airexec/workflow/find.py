"""Which file of a folder is the workflow. Knows names, no contents: its users may not need to read any."""

from pathlib import Path

from airexec.errors import UsageError

FILE_NAMES = ("airexec.yml", "airexec.yaml", "workflow.yml", "workflow.yaml", "airflow.yml")
"""What is found by itself, in this order."""


def find_workflow(folder: Path) -> Path:
    """Return the workflow file of a folder: the first of FILE_NAMES, else the only `*.airexec.yml`.

    Raises UsageError when there is none, or more than one to choose from.
    """
    for name in FILE_NAMES:
        if (folder / name).is_file():
            return folder / name
    others = sorted(folder.glob("*.airexec.yml"))
    if len(others) == 1:
        return others[0]
    if others:
        names = ", ".join(other.name for other in others)
        raise UsageError(f"several workflow files in {folder}: {names}", "name the one that you mean")
    raise UsageError(
        f"no workflow file in {folder}",
        f"name one, or make one with `airexec init`; found by themselves are {', '.join(FILE_NAMES)}, *.airexec.yml",
    )
