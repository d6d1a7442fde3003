"""A shell that stands in a folder that is closed to it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

IN_A_CLOSED_FOLDER = 'chmod 0 . && exec "$@"'
WITHOUT_RIGHTS = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
"""Root is closed out of nothing, unless it gives up what makes it so."""


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "closed"
    folder.mkdir()
    yield folder
    folder.chmod(0o700)


def airexec(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    program = [*WITHOUT_RIGHTS, sys.executable, "-P", "-m", "airexec", *arguments]
    return subprocess.run(["sh", "-c", IN_A_CLOSED_FOLDER, "sh", *program], cwd=folder, capture_output=True, text=True)


@pytest.mark.parametrize("command", [(), ("run",), ("list",), ("graph",), ("validate",)])
def test_a_folder_that_cannot_be_looked_into_is_said_in_one_line(command: tuple[str, ...], closed: Path) -> None:
    ended = airexec(closed, *command)

    assert (
        2,
        "",
        "airexec: error: cannot look into .: Permission denied\n  hint: name the workflow file: -f FILE\n",
    ) == (ended.returncode, ended.stdout, ended.stderr)


def test_what_is_named_by_its_whole_path_runs(closed: Path) -> None:
    flow = closed.parent / "flow.yml"
    flow.write_text("tasks: {a: {command: pwd}}\n")

    ended = airexec(closed, "run", str(flow))

    assert (0, "") == (ended.returncode, ended.stderr)
    assert f"\n  {closed.parent}\n" in ended.stdout
