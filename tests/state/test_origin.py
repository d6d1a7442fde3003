"""Where the key is that tells a user's own runs from others."""

import os
from pathlib import Path
from pwd import getpwuid

import pytest

from airexec.state.origin import _state_home


def test_it_lies_in_the_home_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or where XDG_STATE_HOME says, if that is a place."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for said, place in (("", f"{tmp_path}/.local/state"), ("relative", f"{tmp_path}/.local/state"), ("/x", "/x")):
        monkeypatch.setenv("XDG_STATE_HOME", said)

        assert place == _state_home()


def test_a_home_that_is_not_there_is_nobodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that the system knows is taken."""
    monkeypatch.setenv("HOME", str(tmp_path / "gone"))
    monkeypatch.delenv("XDG_STATE_HOME")

    assert os.path.join(getpwuid(os.geteuid()).pw_dir, ".local", "state") == _state_home()
