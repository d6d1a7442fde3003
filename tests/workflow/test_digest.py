"""Hashes for names and checks of our own."""

import hashlib

import pytest

from airexec.workflow.digest import digest


@pytest.mark.parametrize("size", [8, 16, 32])
def test_a_digest_is_blake2_of_the_length_that_is_wanted(size: int) -> None:
    """So it is the same with and without OpenSSL, on each machine and after each resume."""
    assert hashlib.blake2b("tâche".encode(), digest_size=size).digest() == digest("tâche".encode(), size)
