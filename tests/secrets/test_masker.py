"""Secrets never come out, in any spelling, however the output is cut."""

import base64
import json
import shlex
import urllib.parse
from base64 import b64encode
from hashlib import sha256
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.secrets.masker import Masker, SecretTooShortError

HOSTILE = "p4ss'w\"o$rd/\\ü+& x"


def test_a_secret_is_replaced() -> None:
    assert b"user:***@host" == Masker(["s3cret"]).mask(b"user:s3cret@host")


def test_text_is_masked_too() -> None:
    assert "error: 'ü***'" == Masker(["s3cret"]).mask_text("error: 'üs3cret'")


def test_half_a_surrogate_pair_has_no_bytes_and_hides_nothing() -> None:
    """A task may name one in JSON, as in `::notice "\\ud800"`."""
    masker = Masker(["secret-\ud800"])

    assert ["\ud800 secret", "\udcff \ufffd ***"] == [
        masker.mask_text("\ud800 secret"),
        masker.mask_text("\udcff \udfff secret-\ud800"),
    ]


def test_without_secrets_nothing_changes_and_nothing_is_copied() -> None:
    data = b"as it is"

    assert Masker().stream().feed(data) is data


@pytest.mark.parametrize("secret", ["", "12345", "üü1"])
def test_a_secret_of_less_than_six_bytes_is_refused_with_the_reason(secret: str) -> None:
    with pytest.raises(SecretTooShortError) as error:
        Masker([secret])

    assert "a secret must have at least 6 bytes to be masked" == str(error.value)


@pytest.mark.parametrize("offset", [0, 1, 2])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_of_a_text_around_the_secret_does_not_give_it_away(offset: int, encode) -> None:  # type: ignore[no-untyped-def]
    secret = b"tok?n>>~~//secret"
    before, stars, after = Masker([secret.decode()]).mask(encode(b"u:p"[:offset] + secret + b"@host")).partition(b"***")

    assert b"***" == stars
    assert len(before) <= 3
    assert len(after) <= len(encode(b"@host")) + 2


@pytest.mark.parametrize("width", [76, 64])
def test_base64_that_is_wrapped_into_lines_is_masked(width: int) -> None:
    secret = "".join(chr(33 + at * 7 % 90) for at in range(200))
    encoded = base64.b64encode(secret.encode()).decode()
    lines = [encoded[at : at + width] for at in range(0, len(encoded), width)]
    masked = Masker([secret]).mask_text("\n".join(lines))

    assert "***\n***" in masked
    assert all(line[:6] not in masked for line in lines)


@pytest.mark.parametrize(
    "spelling",
    [
        HOSTILE,
        json.dumps(HOSTILE)[1:-1],
        json.dumps(HOSTILE, ensure_ascii=False)[1:-1],
        json.dumps(HOSTILE)[1:-1].replace("/", "\\/"),
        urllib.parse.quote(HOSTILE),
        urllib.parse.quote(HOSTILE, safe=""),
        urllib.parse.quote_plus(HOSTILE),
        urllib.parse.quote(HOSTILE, safe="").lower(),
        shlex.quote(HOSTILE)[1:-1],
        HOSTILE.replace("'", "'\\''"),
        "p4ss'w\\\"o\\$rd/\\\\ü+& x",
        "p4ss\\'w\\\"o\\$rd/\\\\ü+\\&\\ x",
        repr(HOSTILE)[1:-1],
    ],
)
def test_spellings_of_a_hostile_secret_are_masked(spelling: str) -> None:
    assert "<***>" == Masker([HOSTILE]).mask_text(f"<{spelling}>")


def test_each_line_of_a_secret_of_several_lines_is_masked() -> None:
    masker = Masker(["-----BEGIN-----\nabcdefgh\n-----END-----\n"])

    assert "***\n  ***\n  ***" == masker.mask_text("-----BEGIN-----\n  abcdefgh\n  -----END-----")


def test_the_longest_secret_at_a_place_wins() -> None:
    assert b"*** ***" == Masker(["secret", "secretary"]).mask(b"secretary secret")


def test_a_finished_line_is_not_kept_back() -> None:
    stream = Masker(["s3cretvalue"]).stream()

    assert b"ready\n" == stream.feed(b"ready\n")


def test_a_whole_secret_is_not_kept_back_unless_a_longer_one_begins_like_it() -> None:
    assert b"***" == Masker(["s3cretvalue"]).stream().feed(b"s3cretvalue")
    assert b"" == Masker(["s3cretvalue", "s3cretvalues"]).stream().feed(b"s3cretvalue")


def test_what_may_become_a_secret_is_kept_back() -> None:
    stream = Masker(["s3cretvalue"]).stream()

    assert (b"x ", b"", b"***!", b"") == (
        stream.feed(b"x s3cr"),
        stream.feed(b"etval"),
        stream.feed(b"ue!"),
        stream.finish(),
    )


def test_what_was_kept_back_for_nothing_comes_at_the_end() -> None:
    stream = Masker(["s3cretvalue"]).stream()

    assert (b"x ", b"s3cretval") == (stream.feed(b"x s3cretval"), stream.finish())


def test_a_secret_added_later_is_hidden_from_then_on_in_all_streams() -> None:
    masker = Masker()
    stream = masker.stream()
    before = stream.feed(b"s3cret\n")
    masker.add("s3cret")

    assert (b"s3cret\n", b"***\n") == (before, stream.feed(b"s3cret\n"))


SECRETS = st.lists(st.text("ab\n'/ü", min_size=6, max_size=9).filter(lambda text: len(text.strip()) > 5), max_size=3)


@given(SECRETS, st.data(), st.lists(st.integers(1, 12), min_size=1))
def test_every_split_gives_what_masking_the_whole_gives(
    secrets: list[str], data: st.DataObject, sizes: list[int]
) -> None:
    masker = Masker(secrets)
    forms = list(masker._forms) or [b"x"]
    text = b"".join(
        data.draw(st.lists(st.sampled_from([*forms, b"a", b"ab", b"\xff", *(form[:-1] for form in forms)])))
    )
    stream, at = masker.stream(), 0
    parts: list[bytes] = []
    while at < len(text):
        size = sizes[len(parts) % len(sizes)]
        parts.append(stream.feed(text[at : at + size]))
        at += size

    assert masker.mask(text) == b"".join(parts) + stream.finish()


@given(SECRETS, st.lists(st.sampled_from([b"a", b"b", b"\n", b"'", b"/", b"ab\n"])))
def test_nothing_is_kept_back_but_the_beginning_of_a_secret_and_what_is_behind_it(
    secrets: list[str], pieces: list[bytes]
) -> None:
    """Or a prompt would wait for the next output. The rest is always shorter than the longest form."""
    masker = Masker(secrets)
    stream = masker.stream()
    for piece in pieces:
        stream.feed(piece)
    seen = b"".join(pieces)

    held = len(stream._held)
    beginnings = [at for at in range(len(seen)) if any(form.startswith(seen[at:]) for form in masker._forms)]
    assert held < max(map(len, masker._forms), default=1)
    assert held <= max((len(seen) - at for at in beginnings), default=0)


def test_of_two_secrets_that_overlap_the_first_is_covered_as_a_whole() -> None:
    """What is left of the second shows: see the essay of the module."""
    assert b"***hijk" == Masker(["abcdefg", "defghijk"]).mask(b"abcdefghijk")


@given(SECRETS)
def test_no_spelling_survives(secrets: list[str]) -> None:
    masker = Masker(secrets)
    masked = masker.mask(b"|".join(masker._forms))

    assert all(form not in masked for form in masker._forms if form.strip(b"*|"))


@given(SECRETS)
def test_where_no_needle_is_found_there_is_no_secret(secrets: list[str]) -> None:
    """The short cut of the masker: every form is found by one of the texts that are looked for."""
    masker = Masker(secrets)
    found = {form for needle, group in masker._by_needle.items() for form in group if needle in form}

    assert set(masker._forms) == found


def test_five_secrets_are_looked_for_by_few_needles() -> None:
    """What makes it fast: a scan for each of the four or so texts that the spellings of a token share."""
    tokens = [f"ghp_{number}aZ09-{'xY7' * 9}" for number in range(5)]

    assert len(Masker(tokens)._by_needle) <= 4 * 5


def test_a_hundred_megabytes_are_masked_in_a_second() -> None:
    """With five secrets, in CPU time; a tenth of it is asked for here, since machines differ and are busy."""
    masker = Masker([f"ghp_{number}aZ09{'xY7q' * 7}" for number in range(5)])
    stream, chunk = masker.stream(), b"2026-01-01 12:00:00 INFO module processing item 12345 of 99999\n" * 1000
    began = process_time()
    for _ in range(160):
        stream.feed(chunk)
    seconds = process_time() - began

    assert 160 * len(chunk) / seconds > 10_000_000


def test_secrets_may_be_many() -> None:
    """Each is hidden as soon as it is named, in every spelling, whatever pieces the text comes in."""
    masker = Masker()
    stream = masker.stream()
    shown = b""
    for number in range(400):
        secret = sha256(str(number).encode()).hexdigest()[:24]
        masker.add(secret)
        line = f"{secret} {b64encode(secret.encode()).decode()} x{number}\n".encode()
        shown += stream.feed(line[:7]) + stream.feed(line[7:])

    assert "".join(f"*** *** x{number}\n" for number in range(400)).encode() == shown + stream.finish()
    assert masker._many is not None
