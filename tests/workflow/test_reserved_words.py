"""The reserved words are those that a shell names itself."""

import shutil
import subprocess

import pytest

from airexec.workflow.actions.command import RESERVED_WORDS


@pytest.mark.skipif(shutil.which("bash") is None, reason="asks bash")
def test_every_reserved_word_of_bash_is_known() -> None:
    """Those of letters; bash knows all of sh, and some more."""
    words = subprocess.run(["bash", "-c", "compgen -k"], check=True, capture_output=True, text=True).stdout.split()

    assert RESERVED_WORDS == {word for word in words if word.isalpha()}
