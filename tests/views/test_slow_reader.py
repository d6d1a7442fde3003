"""What nobody reads waits, in bounded memory, and holds up nobody."""

import io
import os
from collections.abc import Iterator

import pytest

from airexec.views.sink import Sink
from airexec.views.slow_reader import WAITING_MAX, SlowReader, write_all

Pipe = tuple[int, int]


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def read(pipe: Pipe, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += os.read(pipe[0], size - len(data))
    return data


def test_what_nobody_reads_holds_up_nobody_and_arrives_in_order(pipe: Pipe) -> None:
    """A pipe takes 64 KiB; all the rest waits for the reader."""
    reader = SlowReader(pipe[1])
    pieces = [bytes([65 + number]) * 100_000 for number in range(20)]
    for piece in pieces:
        reader.take(piece)

    assert reader.is_waited_for
    assert b"".join(pieces) == read(pipe, 2_000_000)
    reader.wait()
    assert not reader.is_waited_for


def test_there_is_room_again_once_it_is_read(pipe: Pipe) -> None:
    """More than the bound does not wait."""
    reader = SlowReader(pipe[1])
    while reader.has_room:
        reader.take(b"x" * 100_000)
    full = reader.is_waited_for
    read(pipe, WAITING_MAX)
    reader.take(b"end")
    rest = b""
    while not rest.endswith(b"end"):
        rest += os.read(pipe[0], 65536)
    reader.wait()

    assert full
    assert reader.has_room


def test_a_sink_says_how_much_it_has_left_out(pipe: Pipe) -> None:
    """Where it is missing, before what comes next; the end is never left out."""
    reader = SlowReader(pipe[1])
    sink = Sink(io.BytesIO(), reader=reader)
    while sink.has_room:
        sink.line("x" * 99_999)
    sink.line("lost" * 25_000)
    sink.flush()
    sink.line("end")
    sink.flush(at_end=True)
    data = b""
    while not data.endswith(b"end\n"):
        data += os.read(pipe[0], 65536)
    sink.wait()

    assert b"lost" not in data
    assert data.endswith(
        b"x\nairexec: 100001 bytes are left out here, since nobody read them: `airexec logs` has all output\nend\n"
    )


def test_nobody_is_waited_for_who_has_gone(pipe: Pipe) -> None:
    """`airexec run | head -1`."""
    ours = os.dup(pipe[1])
    reader = SlowReader(ours)
    reader.take(b"x" * 1_000_000)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, pipe[0])
    os.close(nothing)
    reader.wait()
    os.close(ours)

    assert isinstance(reader.failure, BrokenPipeError)
    assert not reader.is_waited_for


def test_a_descriptor_that_does_not_block_is_waited_for(pipe: Pipe) -> None:
    """And stays as it is: it is shared with others."""
    os.set_blocking(pipe[1], False)
    reader = SlowReader(pipe[1])
    reader.take(b"x" * 1_000_000)

    assert 1_000_000 == len(read(pipe, 1_000_000))
    assert not os.get_blocking(pipe[1])


def test_an_error_of_the_descriptor_is_told() -> None:
    """What cannot be written at all is no reason to wait."""
    with pytest.raises(OSError, match="Bad file descriptor"):
        write_all(987_654, b"x")
