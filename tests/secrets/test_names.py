"""The values of secrets come from the caller, all of them or none."""

import pytest

from airexec.errors import UsageError
from airexec.secrets.names import read_secrets


def test_secrets_are_taken_from_the_caller_in_order() -> None:
    caller = {"B": "secret-b", "A": "secret-a", "C": "c"}

    assert [("A", "secret-a"), ("B", "secret-b")] == list(read_secrets(["A", "B"], caller).items())


def test_all_missing_secrets_are_named() -> None:
    with pytest.raises(UsageError) as error:
        read_secrets(["A", "B", "C"], {"B": "secret-b", "C": ""})

    assert "secret 'A' is not set in the environment\nsecret 'C' is empty in the environment" == error.value.headline
    assert "secrets come from the environment of airexec and from nowhere else: export A=…" == error.value.hint


def test_a_secret_too_short_to_mask_is_refused_with_the_reason() -> None:
    with pytest.raises(UsageError) as error:
        read_secrets(["PIN"], {"PIN": "12345"})

    assert "secret 'PIN' is too short to be masked: at least 6 bytes are needed" == error.value.headline
    assert "a shorter value stands in innocent output too, and hiding it there would give it away" == error.value.hint
