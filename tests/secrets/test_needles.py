"""Which of many texts stand in another."""

from hypothesis import given
from hypothesis import strategies as st

from airexec.secrets.needles import Needles

WORDS = st.text("ab.\n", min_size=1, max_size=9).map(str.encode)


@given(st.sets(WORDS, min_size=1, max_size=30), st.text("ab.\n", max_size=60).map(str.encode))
def test_those_are_found_that_stand_in_the_text(needles: set[bytes], text: bytes) -> None:
    """Also where they overlap, begin alike or stand in each other, and whatever means something to a pattern."""
    assert sorted(needle for needle in needles if needle in text) == sorted(Needles(needles).found_in(text))


def test_any_byte_may_stand_in_a_needle() -> None:
    """They are no text."""
    needles = [bytes([byte, 255 - byte]) for byte in range(256)]

    assert needles == sorted(Needles(needles).found_in(b"".join(needles)))
