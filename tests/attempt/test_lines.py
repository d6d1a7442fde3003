"""What counts as a command line of a task, however its output is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airexec.attempt.lines import (
    OUTPUT_BYTES_MAX,
    QUEUE_BYTES_MAX,
    CommandLines,
    FoundLine,
    is_heeded,
    message_in,
    progress_in,
    secret_in,
)


def found(*pieces: bytes) -> list[FoundLine]:
    lines = CommandLines()
    return [line for piece in pieces for line in lines.feed(piece)] + lines.finish()


def test_a_command_line_has_a_verb_a_payload_and_a_line_number() -> None:
    assert [FoundLine("output", '{"rows": 42}', 3)] == found(b'one\ntwo\n::output {"rows": 42}\nfour\n')


@pytest.mark.parametrize("verb", ["queue", "output", "progress", "mask", "notice", "warning", "error"])
def test_known_verbs_are_found(verb: str) -> None:
    assert [FoundLine(verb, "1", 1)] == found(f"::{verb} 1\n".encode())


@pytest.mark.parametrize(
    "line",
    [
        b" ::queue 1",
        b"x::queue 1",
        b"::Queue 1",
        b"::queued 1",
        b"::debug 1",
        b"::queue::1",
        b"::error file=a.py,line=1::text"[:7] + b"::text",
        b":queue 1",
        b"::",
        b"",
    ],
)
def test_all_else_is_ordinary_output(line: bytes) -> None:
    assert [] == found(line + b"\n")


def test_a_windows_line_end_is_no_part_of_the_payload() -> None:
    assert [FoundLine("mask", '"abc"', 1), FoundLine("queue", "", 2)] == found(b'::mask "abc"\r\n::queue\r\n')


def test_the_last_line_counts_without_a_newline() -> None:
    assert [FoundLine("output", "{}", 2)] == found(b"x\n::output {}")


def test_nothing_is_found_before_its_line_is_complete() -> None:
    assert [] == CommandLines().feed(b"::output {}")


def test_bytes_that_are_no_utf8_come_through() -> None:
    (line,) = found(b"::notice \xff\xfe\n")

    assert b"\xff\xfe" == line.payload.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize(("verb", "limit"), [("queue", QUEUE_BYTES_MAX), ("output", OUTPUT_BYTES_MAX)])
@pytest.mark.parametrize("step", [10_000_000, 60_000])
def test_a_line_beyond_its_limit_is_found_without_its_payload(verb: str, limit: int, step: int) -> None:
    fits = f"::{verb} ".encode().ljust(limit, b"7")
    text = fits + b"\n" + fits + b"7\n::queue 1\n"
    pieces = [text[at : at + step] for at in range(0, len(text), step)]

    assert [
        FoundLine(verb, fits[len(verb) + 3 :].decode(), 1),
        FoundLine(verb, "", 2, overlong=True),
        FoundLine("queue", "1", 3),
    ] == found(*pieces)


@pytest.mark.parametrize("beginning", [b"", b"::queue ", b"::output "])
def test_a_line_without_an_end_takes_no_memory(beginning: bytes) -> None:
    lines = CommandLines()
    lines.feed(beginning)
    for _ in range(100):
        lines.feed(b"x" * 65_536)

    assert len(lines._head) <= OUTPUT_BYTES_MAX + 1


def test_an_unfinished_mask_line_is_not_to_be_shown_yet() -> None:
    lines = CommandLines()
    lines.feed(b"x\n::mask")
    lines.feed(b' "s3cr')

    assert len(b'::mask "s3cr') == lines.secret_bytes

    lines.feed(b'et"\n')
    assert 0 == lines.secret_bytes


PIECES = st.lists(
    st.sampled_from([b"::queue ", b"::output", b"::", b":", b"\n", b"\r\n", b"x", b" ", b"{}", b"::mask", b"\0\xff"])
)


@given(PIECES, st.lists(st.integers(1, 9), min_size=1))
def test_how_the_output_is_cut_makes_no_difference(pieces: list[bytes], sizes: list[int]) -> None:
    text = b"".join(pieces)
    cut: list[bytes] = []
    at = 0
    while at < len(text):
        size = sizes[len(cut) % len(sizes)]
        cut.append(text[at : at + size])
        at += size

    assert found(text) == found(*cut)


@given(PIECES)
def test_it_is_the_same_as_looking_at_every_line(pieces: list[bytes]) -> None:
    text = b"".join(pieces)
    verbs = ("queue", "output", "mask")
    expected = []
    for number, line in enumerate(text.split(b"\n"), 1):
        verb, _, payload = line.decode("utf-8", "surrogateescape").rstrip("\r").partition(" ")
        if verb[:2] == "::" and verb[2:] in verbs and "\r" not in verb:
            expected.append(FoundLine(verb[2:], payload.strip(" \t\r"), number))

    assert expected == found(text)


# --- which lines are heeded -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        '::output {"rows": 42}',
        '::progress {"done": 1, "total": 2}',
        '::mask "s3cret"',
        '::notice "text"',
        '::warning {"message": "text"}',
        '::error\t"text"',
        '::notice   "text"  ',
        '::notice "text"\r',
    ],
)
def test_a_line_is_heeded_when_its_json_has_the_shape_of_its_verb(line: str) -> None:
    """Whatever blanks stand between."""
    assert is_heeded(line, may_queue=False)


@pytest.mark.parametrize(
    "line",
    [
        ' ::output {"a": 1}',
        "::output",
        "::output plain",
        "::output [1]",
        '::output{"a": 1}',
        "::outputs {}",
        "::progress 50%",
        '::progress {"done": -1, "total": 2}',
        "::mask 7",
        "::notice [1]",
        '::warning {"text": "message"}',
        '::queue "a"',
        "::group::name",
        "::",
        "",
    ],
)
def test_all_else_is_text(line: str) -> None:
    """Also what only looks like such a line."""
    assert not is_heeded(line, may_queue=True)


@pytest.mark.parametrize("payload", ['{"id": "a"}', "[]"])
def test_a_queue_line_is_text_where_the_task_may_not_queue(payload: str) -> None:
    """As the contract has it."""
    line = f"::queue {payload}"

    assert (True, False) == (is_heeded(line, may_queue=True), is_heeded(line, may_queue=False))


def test_what_an_attempt_takes_and_what_is_heeded_agree() -> None:
    """The two readings of a line: by the attempt that obeys it, by the console that hides it."""
    said = {"progress": progress_in, "mask": secret_in, "notice": message_in}
    payloads = ['"x"', "7", "null", "[]", "{}", '{"message": "m"}', '{"done": 1, "total": 2}', "{", ""]

    for verb, read in said.items():
        for payload in payloads:
            assert (read(payload) is not None) == is_heeded(f"::{verb} {payload}", may_queue=False)
