"""Which file of a folder is the workflow. Knows names, no contents: its users may not need to read any."""

import os

from airexec.errors import UsageError

FILE_NAMES = ("airexec.yml", "airexec.yaml", "workflow.yml", "workflow.yaml", "airflow.yml")
"""What is found by itself, in this order."""


def find_workflow(folder: str) -> str:
    """Return the workflow file of a folder (empty: this one): the first of FILE_NAMES, else the only `*.airexec.yml`.

    Raises UsageError when there is none, or more than one to choose from.
    """
    for name in FILE_NAMES:
        if os.path.isfile(path := os.path.join(folder, name)):
            return path
    shown = folder or "."
    others = sorted(name for name in os.listdir(shown) if name.endswith(".airexec.yml"))
    if len(others) == 1:
        return os.path.join(folder, others[0])
    if others:
        raise UsageError(f"several workflow files in {shown}: {', '.join(others)}", "name the one that you mean")
    raise UsageError(
        f"no workflow file in {shown}",
        f"name one, or make one with `airexec init`; found by themselves are {', '.join(FILE_NAMES)}, *.airexec.yml",
    )
