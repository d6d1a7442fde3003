"""What is said of secrets that cannot be used."""

import pytest

from airexec.errors import UsageError
from airexec.secrets.names import refuse_missing, refuse_short


def test_all_missing_secrets_are_named() -> None:
    with pytest.raises(UsageError) as error:
        refuse_missing({"A": (), "B": (".env", "b.env"), "C": (), "D": ()}, {"C": ""})

    assert (
        "secrets 'A', 'D' are not set in the environment\n"
        "secret 'B' is not set in the environment, nor in .env or b.env\n"
        "secret 'C' is empty in the environment"
    ) == error.value.headline
    assert "export A=…, or put it into an env_file; {name: A, optional: true} may be missing" == error.value.hint


def test_nothing_is_said_where_nothing_is_missing() -> None:
    refuse_missing({}, {})
    refuse_short([("PIN", "123456")])


def test_a_secret_too_short_to_mask_is_refused_with_the_reason() -> None:
    with pytest.raises(UsageError) as error:
        refuse_short([("PIN", "12345"), ("KEY", "123456")])

    assert "secret 'PIN' is too short to be masked: at least 6 bytes are needed" == error.value.headline
    assert "a shorter value stands in innocent output too, and hiding it there would give it away" == error.value.hint
