"""How many attempts the limit on open files leaves room for."""

import os
import resource

import pytest

from airexec.errors import UsageError
from airexec.runner.descriptors import LEAST, PER_ATTEMPT, room_for_attempts


@pytest.mark.parametrize(("limit", "expected"), [(24, 1), (1024, 248), (1024 + PER_ATTEMPT, 249), (-1, None)])
def test_the_limit_allows_so_many(limit: int, expected: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """At least one; as many as one likes where there is no limit (-1)."""
    monkeypatch.setattr(os, "sysconf", {"SC_OPEN_MAX": limit}.__getitem__)

    assert expected == room_for_attempts()


def test_too_few_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is started."""
    monkeypatch.setattr(os, "sysconf", {"SC_OPEN_MAX": LEAST - 1}.__getitem__)

    with pytest.raises(UsageError) as error:
        room_for_attempts()

    assert "the limit on open files is 23; a run needs 24" == error.value.headline
    assert "raise it: ulimit -n 1024" == error.value.hint


def test_the_limit_is_the_one_that_holds_now() -> None:
    """Not one of when Python started."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, limits[1]))
    try:
        assert 8 == room_for_attempts()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
