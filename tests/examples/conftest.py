"""Fixtures of the tests of the examples."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.rig import ROOT, Airexec


@pytest.fixture
def airexec(tmp_path: Path) -> Iterator[Airexec]:
    """The program in a copy of the folder `examples`, as if it had just been checked out."""
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns("out", "__pycache__"))
    rig = Airexec(folder)
    yield rig
    rig.close()
