"""A console that goes away must not disturb the run (promise C6)."""

import io
import os

from airexec.views.sink import Sink, sink_for


class CountingStream(io.BytesIO):
    """Counts writes."""

    writes = 0

    def write(self, data: object) -> int:
        self.writes += 1
        return super().write(data)  # type: ignore[arg-type]


def test_what_was_collected_is_written_at_once() -> None:
    """A frame that reaches the terminal in two writes flickers."""
    stream = CountingStream()
    sink = Sink(stream)
    sink.line("one")
    sink.line("two")
    before = stream.writes
    sink.flush()

    assert (before, stream.writes, stream.getvalue()) == (0, 1, b"one\ntwo\n")


def test_much_text_is_not_collected_for_long() -> None:
    """A block of a gigabyte must not be kept in memory."""
    stream = io.BytesIO()
    Sink(stream).write("x" * 100_000)

    assert len(stream.getvalue()) == 100_000


def test_a_pipe_that_nobody_reads_makes_the_sink_silent_for_ever() -> None:
    """`airexec run | head -1`: no exception, not at the write and not when Python closes the stream at its end."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        sink = sink_for(stream)
        for _ in range(3):
            sink.line("hello")
            sink.flush()
        sink.wait()

        assert sink.is_broken


def test_a_closed_stream_makes_the_sink_silent() -> None:
    """Some callers close stdout altogether."""
    stream = io.BytesIO()
    sink = Sink(stream)
    stream.close()
    sink.line("hello")
    sink.flush()

    assert sink.is_broken


def test_a_broken_sink_keeps_nothing() -> None:
    """A run of a million events must not collect what nobody reads."""
    stream = io.BytesIO()
    sink = Sink(stream)
    stream.close()
    for _ in range(10):
        sink.write("x" * 70_000)

    assert not sink.has_pending


def test_characters_that_the_encoding_lacks_are_spelled() -> None:
    """A C locale is no reason for a traceback."""
    stream = io.BytesIO()
    sink = Sink(stream, "ascii")
    sink.line("✓ café")
    sink.flush()

    assert stream.getvalue() == b"\\u2713 caf\\xe9\n"
