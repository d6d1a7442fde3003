"""The journal on a real disk: what survives, what is cut, what is refused."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from airexec.errors import JournalError, StateDamagedError, StateUnwritableError, UsageError
from airexec.scheduler.events import Record, RetryReady
from airexec.scheduler.statuses import JobState
from airexec.state.codec import record_to_line
from airexec.state.journal import (
    JournalContents,
    JournalWriter,
    LinesAfter,
    Sync,
    load_run,
    open_for_resume,
    read_journal,
)

UNTOUCHED = "nothing was changed; restore the file, or start anew with `airexec run`"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the journal goes."""
    return tmp_path / "journal.jsonl"


@pytest.fixture
def data(small_run: list[Record]) -> bytes:
    """The bytes of the journal of a small run."""
    return b"".join(map(record_to_line, small_run))


@pytest.mark.parametrize("sync", Sync)
def test_what_was_appended_is_read_back(sync: Sync, path: Path, small_run: list[Record]) -> None:
    """In several batches, under each policy; nothing is left over."""
    writer = JournalWriter(path, sync)
    writer.append(small_run[:1])
    writer.append(small_run[1:])
    writer.close()

    assert JournalContents(small_run, 0) == read_journal(path)


def test_a_batch_is_on_disk_when_append_returns(path: Path, small_run: list[Record]) -> None:
    """Without close, flush or any goodbye: this is what a `kill -9` leaves."""
    command = f"""
import os, signal, sys
from airexec.state.codec import record_from_line
from airexec.state.journal import JournalWriter
writer = JournalWriter({os.fspath(path)!r})
writer.append([record_from_line(line) for line in sys.stdin.buffer])
os.kill(os.getpid(), signal.SIGKILL)
"""
    lines = b"".join(map(record_to_line, small_run))
    ended = subprocess.run([sys.executable, "-c", command], input=lines, cwd=Path(__file__).parents[2])

    assert (-9, small_run) == (ended.returncode, read_journal(path).records)


def test_every_truncation_leaves_an_exact_prefix(path: Path, small_run: list[Record], data: bytes) -> None:
    """All events whose line is complete, and the number of the bytes that are not; at every byte."""
    ends = [len(b"".join(map(record_to_line, small_run[:count]))) for count in range(len(small_run) + 1)]
    for length in range(len(data) + 1):
        path.write_bytes(data[:length])
        complete = sum(1 for end in ends[1:] if end <= length)

        assert JournalContents(small_run[:complete], length - ends[complete]) == read_journal(path)


def test_no_flipped_bit_goes_unnoticed(path: Path, small_run: list[Record], data: bytes) -> None:
    """In the last event it is a torn tail, before that it is damage; never another event, never a traceback."""
    last_line = len(data) - len(record_to_line(small_run[-1]))
    for position in range(len(data)):
        for bit in range(8):
            path.write_bytes(data[:position] + bytes([data[position] ^ 1 << bit]) + data[position + 1 :])
            if position < last_line - 1:  # the newline before the last line belongs to both
                with pytest.raises(StateDamagedError):
                    read_journal(path)
            else:
                assert read_journal(path).records in (small_run[:-1], small_run[:-2])


def test_damage_before_the_tail_names_file_offset_and_event(path: Path, small_run: list[Record], data: bytes) -> None:
    """And changes nothing on disk, also when the run was to be resumed."""
    offset = len(record_to_line(small_run[0]))
    damaged = data[: offset + 10] + b"?" + data[offset + 11 :]
    path.write_bytes(damaged)

    with pytest.raises(StateDamagedError) as caught:
        open_for_resume(path)

    why = "the checksum does not match, and intact events follow"
    assert (f"{path} is damaged at byte {offset}, event 1: {why}", UNTOUCHED) == said(caught.value)
    assert (65, damaged, [path]) == (caught.value.exit_code, path.read_bytes(), list(path.parent.iterdir()))


def test_a_missing_line_is_damage(path: Path, small_run: list[Record]) -> None:
    """Every line is intact, but one is gone."""
    path.write_bytes(b"".join(map(record_to_line, [small_run[0], *small_run[2:]])))

    with pytest.raises(StateDamagedError) as caught:
        read_journal(path)

    offset = len(record_to_line(small_run[0]))
    assert f"{path} is damaged at byte {offset}, event 1: found event 2 in its place" == caught.value.headline


def test_an_event_that_cannot_follow_is_damage(path: Path, small_run: list[Record]) -> None:
    """Every line is intact and numbered, but a task would complete twice."""
    start, _, end, _ = small_run
    path.write_bytes(record_to_line(start) + record_to_line(end._replace(seq=1)))

    with pytest.raises(StateDamagedError) as caught:
        load_run(path)

    assert caught.value.headline.startswith(f"{path} is damaged: event 1 (AttemptCompleted): ")


@pytest.mark.parametrize("lines", [1, 4])
def test_a_newer_format_is_refused_untouched(lines: int, path: Path, data: bytes) -> None:
    """By its first line, though its checksum may be of another kind; also when there is no other line yet."""
    newer = data.replace(b'"version":1', b'"version":2')
    path.write_bytes(b"".join(newer.splitlines(keepends=True)[:lines]))
    before = path.read_bytes()

    with pytest.raises(StateDamagedError) as caught:
        open_for_resume(path)

    headline = f"{path} was written by another version of airexec, in format version 2; this one reads version 1"
    hint = "use the airexec that wrote it, or a later one; nothing was changed"
    assert ((headline, hint), before) == (said(caught.value), path.read_bytes())


def test_the_journal_of_format_1_loads_for_ever() -> None:
    """This file was written by the first release: it may not be regenerated."""
    loaded = load_run(Path(__file__).parent / "fixtures" / "journal-v1.jsonl")

    statuses = {task_id: state.status for task_id, state in loaded.run.tasks.items()}
    assert (JobState.FAILED, 0) == (loaded.run.state, loaded.torn_bytes)
    assert {
        "extract": "completed",
        "flaky": "failed",
        "report": "upstream_failed",
        "optional": "skipped",
        "process[a.csv]": "completed",
    } == statuses


def test_resume_cuts_a_torn_tail_and_keeps_its_bytes(path: Path, small_run: list[Record], data: bytes) -> None:
    """The next event then follows the last good one."""
    path.write_bytes(data[:-5])
    torn = len(record_to_line(small_run[-1])) - 5

    writer, records, torn_bytes = open_for_resume(path)
    writer.append(small_run[-1:])
    writer.close()

    assert (small_run[:-1], torn) == (records, torn_bytes)
    assert data == path.read_bytes()
    assert data[-torn - 5 : -5] == (path.parent / "journal.torn-1").read_bytes()


def test_a_second_torn_tail_does_not_replace_the_first(path: Path, data: bytes) -> None:
    """Nothing that was ever written is thrown away."""
    for junk in (b"one", b"two"):
        path.write_bytes(data + junk)
        open_for_resume(path).writer.close()

    kept = [(path.parent / f"journal.torn-{number}").read_bytes() for number in (1, 2)]
    assert [b"one", b"two"] == kept


def test_resume_of_a_whole_journal_changes_nothing(path: Path, data: bytes) -> None:
    """No file appears beside it."""
    path.write_bytes(data)

    open_for_resume(path).writer.close()

    assert (data, [path]) == (path.read_bytes(), list(path.parent.iterdir()))


def test_a_journal_is_not_cut_when_its_tail_cannot_be_kept(path: Path, data: bytes) -> None:
    """The limit on the size of files is that of a full disk: first keep, then cut."""
    path.write_bytes(data + b"torn")
    command = f"""
import resource
from airexec.errors import StateUnwritableError
from airexec.state.journal import open_for_resume
resource.setrlimit(resource.RLIMIT_FSIZE, (2, resource.RLIM_INFINITY))
try:
    open_for_resume({os.fspath(path)!r})
except StateUnwritableError as error:
    print(error.headline)
"""
    ended = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )

    assert f"cannot cut the torn end of {path}: File too large\n" == ended.stdout
    assert data + b"torn" == path.read_bytes()


def test_a_full_disk_is_said_with_the_free_space(small_run: list[Record]) -> None:
    """`/dev/full` refuses every write."""
    writer = JournalWriter("/dev/full")

    with pytest.raises(
        JournalError, match=r"^cannot write the journal /dev/full: No space left on device \(\d+ kB free\)$"
    ):
        writer.append(small_run)

    with pytest.raises(JournalError):
        writer.close()


def test_a_failed_write_is_final(path: Path, small_run: list[Record]) -> None:
    """Nothing is tried again, although the disk would take more by now. The limit makes the first write short.

    The short write itself raises nothing; what it left is a torn tail.
    """
    limit = len(record_to_line(small_run[0])) + 7
    command = f"""
import resource, sys
from airexec.errors import JournalError
from airexec.state.codec import record_from_line
from airexec.state.journal import JournalWriter
records = [record_from_line(line) for line in sys.stdin.buffer]
writer = JournalWriter({os.fspath(path)!r})
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, resource.RLIM_INFINITY))
for again in range(2):
    try:
        writer.append(records)
    except JournalError as error:
        print(error.headline.partition(" (")[0])
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
"""
    lines = b"".join(map(record_to_line, small_run)).decode()
    ended = subprocess.run(
        [sys.executable, "-c", command], input=lines, capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )

    assert f"cannot write the journal {path}: File too large\n" * 2 == ended.stdout
    assert JournalContents(small_run[:1], 7) == read_journal(path)


def test_a_failed_sync_is_final(fifo: Path) -> None:
    """A pipe takes bytes, and cannot be synced."""
    writer = JournalWriter(fifo, Sync.BARRIER)
    said_by = []
    for _ in range(2):
        with pytest.raises(JournalError) as caught:
            writer.append([Record(1, 0.0, RetryReady("build"))])
        said_by.append(caught.value.headline.partition(" (")[0])
    with pytest.raises(JournalError):
        writer.close()

    assert [f"cannot write the journal {fifo}: Invalid argument"] * 2 == said_by


def test_a_sync_that_fails_in_the_background_is_told_before_the_next_append(fifo: Path) -> None:
    """`problem` is what the loop asks while nothing is appended."""
    writer = JournalWriter(fifo, Sync.BATCH)
    writer.append([Record(1, 0.0, RetryReady("build"))])
    deadline = time.monotonic() + 10
    while (problem := writer.problem()) is None and time.monotonic() < deadline:
        time.sleep(0.005)

    with pytest.raises(JournalError) as caught:
        writer.append([Record(2, 0.0, RetryReady("build"))])
    with pytest.raises(JournalError):
        writer.close()

    assert problem is not None
    assert caught.value.headline == problem


def test_sync_off_never_syncs(fifo: Path) -> None:
    """Not even at the end."""
    writer = JournalWriter(fifo, Sync.OFF)
    writer.append([Record(1, 0.0, RetryReady("build"))])
    writer.close()

    assert writer.problem() is not None  # closed: nobody may go on with it


@pytest.fixture
def fifo(tmp_path: Path) -> Iterator[Path]:
    """A named pipe that somebody reads from."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    yield path
    os.close(reader)


def test_a_journal_in_its_place_has_no_problem(path: Path, small_run: list[Record]) -> None:
    """Between appends, and before the first."""
    writer = JournalWriter(path)
    before = writer.problem()
    writer.append(small_run)
    after = writer.problem()
    writer.close()

    assert (None, None) == (before, after)


def test_a_deleted_journal_is_noticed(path: Path, small_run: list[Record]) -> None:
    """And not made anew: what was in it is gone."""
    writer = JournalWriter(path)
    path.unlink()
    problem = writer.problem()

    with pytest.raises(JournalError):
        writer.append(small_run)
    with pytest.raises(JournalError):
        writer.close()

    assert (problem or "").startswith(f"cannot write the journal {path}: No such file or directory")
    assert not path.exists()


def test_a_replaced_journal_is_noticed(path: Path) -> None:
    """Another file of that name is not ours."""
    writer = JournalWriter(path)
    (path.parent / "other").touch()
    os.replace(path.parent / "other", path)
    problem = writer.problem()
    with pytest.raises(JournalError):
        writer.close()

    assert f"the journal {path} was replaced while a run was writing it" == problem


def test_a_journal_that_cannot_be_opened_is_an_error_of_its_own(tmp_path: Path) -> None:
    """For writing and for reading."""
    path = tmp_path / "gone" / "journal.jsonl"

    with pytest.raises(StateUnwritableError) as writing:
        JournalWriter(path)
    with pytest.raises(UsageError) as reading:
        read_journal(path)

    assert f"cannot write {path}: No such file or directory" == writing.value.headline
    assert f"cannot read {path}: No such file or directory" == reading.value.headline


def test_a_symbolic_link_is_not_a_journal(tmp_path: Path, data: bytes) -> None:
    """It could lead out of the state folder."""
    (tmp_path / "elsewhere").write_bytes(data)
    path = tmp_path / "journal.jsonl"
    path.symlink_to("elsewhere")

    with pytest.raises(StateUnwritableError):
        JournalWriter(path)
    with pytest.raises(UsageError):
        read_journal(path)
    assert [] == list(LinesAfter(lambda: os.fspath(path))(-1))


def test_the_lines_after_an_event_are_read_on_as_the_file_grows(path: Path, data: bytes) -> None:
    """Each line once, whole ones only."""
    lines = data.splitlines(keepends=True)
    after = LinesAfter(lambda: os.fspath(path))
    assert [] == list(after(-1))

    path.write_bytes(lines[0] + lines[1] + lines[2][:5])
    assert lines[1:2] == list(after(0))

    path.write_bytes(data)
    assert lines[2:] == list(after(1))


def test_a_journal_can_be_read_while_it_is_written(path: Path, small_run: list[Record]) -> None:
    """A reader sees a prefix, and a line half written as a torn tail."""
    writer = JournalWriter(path)
    writer.append(small_run[:2])
    seen = load_run(path)
    writer.close()

    assert (small_run[:2], 0, "running") == (seen.records, seen.torn_bytes, seen.run.tasks["build"].status)


def test_an_empty_journal_tells_of_no_run(path: Path) -> None:
    """The scheduler was killed before its first write."""
    path.touch()

    loaded = load_run(path)

    assert ([], 0, "") == (loaded.records, loaded.torn_bytes, loaded.run.run_id)


def test_every_line_on_disk_is_json(path: Path, small_run: list[Record]) -> None:
    """For `jq`."""
    writer = JournalWriter(path)
    writer.append(small_run)
    writer.close()

    assert [0, 1, 2, 3] == [json.loads(line)["seq"] for line in path.read_text().splitlines()]


def said(error: StateDamagedError) -> tuple[str, str]:
    return error.headline, error.hint
