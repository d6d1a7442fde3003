import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.views.watching import Console, Logs


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    (tmp_path / "logs").mkdir()
    return Logs(tmp_path / "logs")


@pytest.fixture
def console() -> Console:
    return Console()


@pytest.fixture(autouse=True)
def _in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Times are shown in local time; the tests are in UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
