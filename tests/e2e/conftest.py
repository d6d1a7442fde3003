"""Fixtures of the end-to-end tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.rig import Airexec


@pytest.fixture
def airexec(tmp_path: Path) -> Iterator[Airexec]:
    """The program in an empty folder; whatever a test leaves running is killed."""
    folder = tmp_path / "project"
    folder.mkdir()
    rig = Airexec(folder)
    yield rig
    rig.close()
