"""A shell that stands in a folder that somebody has deleted."""

import subprocess
import sys
from pathlib import Path

import pytest

IN_A_DELETED_FOLDER = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'


def airexec(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["sh", "-c", IN_A_DELETED_FOLDER, "sh", sys.executable, "-P", "-m", "airexec", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    "command",
    [
        *((), ("run",), ("run", "flow.yml"), ("resume",), ("validate",), ("validate", "flow.yml"), ("list",)),
        *(("graph",), ("status",), ("logs",), ("history",), ("jobs",), ("why", "a"), ("reset",), ("init",)),
    ],
)
def test_what_is_to_be_found_there_is_not_found(command: tuple[str, ...], tmp_path: Path) -> None:
    """One line, and what helps."""
    ended = airexec(tmp_path, *command)

    assert (
        2,
        "",
        "airexec: error: the current folder is not there any more\n  hint: go to another one, or name it: -C DIR\n",
    ) == (ended.returncode, ended.stdout, ended.stderr)


def test_what_is_named_by_its_whole_path_runs(tmp_path: Path) -> None:
    """Each task in its own folder, as ever."""
    (tmp_path / "flow.yml").write_text("tasks: {a: {command: [pwd]}, b: {command: 'pwd; :', dependencies: a}}\n")

    ended = airexec(tmp_path, "run", str(tmp_path / "flow.yml"))
    status = airexec(tmp_path, "-C", str(tmp_path), "status")

    assert (0, "") == (ended.returncode, ended.stderr)
    assert 2 == ended.stdout.count(f"  {tmp_path}\n")
    assert 0 == status.returncode
