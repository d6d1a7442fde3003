"""What holds for all tests."""

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "airexec",
    deadline=None,  # a busy machine is slow
    derandomize=True,  # the same examples each time, so that a failure is a failure on every machine
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
settings.load_profile("airexec")

HEARD: dict[int, Any] = {
    signal.SIGHUP: signal.SIG_DFL,
    signal.SIGINT: signal.default_int_handler,
    signal.SIGQUIT: signal.SIG_DFL,
}
"""As it is in a program that somebody starts at a terminal."""


@pytest.fixture(scope="session", autouse=True)
def _signals_are_heard() -> Iterator[None]:
    """Whoever starts the tests may ignore some, and what is ignored stays so in all that we start.

    `nohup` ignores SIGHUP; a script ignores SIGINT and SIGQUIT for what it starts in the background.
    """
    before = {number: signal.signal(number, handler) for number, handler in HEARD.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(scope="session", autouse=True)
def _home_is_left_alone(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What airexec keeps for its user goes elsewhere, also from the processes that tests start."""
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state-home"))
