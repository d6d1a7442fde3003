"""The two files that a task may write to: which lines count, and from when on, whatever is done to the file."""

import os
from pathlib import Path

import pytest

from airexec.attempt.lines import OUTPUT_BYTES_MAX, FoundLine
from airexec.attempt.side_files import SideFile, SideFiles


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file will be."""
    return tmp_path / "a.1.queue"


def side_file(path: Path) -> SideFile:
    return SideFile(str(path), "queue")


def queued(*payloads: str) -> list[FoundLine]:
    """The lines of a file that has nothing else."""
    return [FoundLine("queue", payload, number) for number, payload in enumerate(payloads, 1)]


def append(path: Path, text: str | bytes) -> None:
    with path.open("ab") as file:
        file.write(text.encode() if isinstance(text, str) else text)


# --- one file as it grows ---------------------------------------------------------------------------------------------


def test_a_line_is_found_once_when_it_is_finished(path: Path) -> None:
    """However it comes in pieces; and the numbers go on."""
    file = side_file(path)
    append(path, "1\n2")

    assert [FoundLine("queue", "1", 1)] == file.read()
    assert [] == file.read()

    append(path, "2\n3\n")

    assert [FoundLine("queue", "22", 2), FoundLine("queue", "3", 3)] == file.read()


def test_the_last_line_counts_without_its_newline_once_the_attempt_is_over(path: Path) -> None:
    """`printf` forgets it, and before the end there may be more to come."""
    file = side_file(path)
    append(path, "1\n2")

    assert [FoundLine("queue", "1", 1)] == file.read()
    assert [FoundLine("queue", "2", 2)] == file.read(is_over=True)


def test_empty_lines_count_as_lines_and_say_nothing(path: Path) -> None:
    append(path, "\n1\n \t\r\n2\r\n")

    assert [FoundLine("queue", "1", 2), FoundLine("queue", "2", 4)] == side_file(path).read()


def test_what_is_no_utf8_is_shown_as_such(path: Path) -> None:
    append(path, b'"\xff"\n')

    assert queued('"�"') == side_file(path).read()


def test_there_may_be_no_file_yet(path: Path) -> None:
    file = side_file(path)

    assert [] == file.read()

    append(path, "1\n")

    assert queued("1") == file.read()


def test_a_line_beyond_the_limit_is_found_without_its_payload(path: Path) -> None:
    """In pieces or not; one that just fits counts."""
    file = side_file(path)
    fits = "7" * OUTPUT_BYTES_MAX
    append(path, fits + "\n" + fits)

    assert [FoundLine("queue", fits, 1)] == file.read()

    append(path, "7\n1\n")

    assert [FoundLine("queue", "", 2, overlong=True), FoundLine("queue", "1", 3)] == file.read()


def test_a_line_without_an_end_takes_no_memory(path: Path) -> None:
    file = side_file(path)
    for _ in range(4):
        append(path, b"x" * 1_000_000)
        file.read()

    assert len(file._rest) == OUTPUT_BYTES_MAX + 1
    assert [FoundLine("queue", "", 1, overlong=True)] == file.read(is_over=True)


def test_many_lines_come_in_order(path: Path) -> None:
    """More than one read takes."""
    payloads = [f'{{"id": "t{number}"}}' for number in range(20_000)]
    append(path, "\n".join(payloads))

    assert queued(*payloads) == side_file(path).read(is_over=True)


def test_the_file_is_gone_once_it_is_over(path: Path) -> None:
    """It may hold secrets, and what counts of it is in the journal."""
    file = side_file(path)
    append(path, "1\n")
    file.read()

    assert path.exists()

    file.read(is_over=True)

    assert not path.exists()


def test_only_what_is_there_is_read_and_not_what_comes_meanwhile(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task that writes faster than we read would hold the whole run up."""
    read = os.pread

    def read_while_the_task_writes(fd: int, size: int, at: int) -> bytes:
        append(path, "more\n")
        return read(fd, size, at)

    append(path, "1\n")
    monkeypatch.setattr("airexec.attempt.side_files.os.pread", read_while_the_task_writes)

    assert queued("1") == side_file(path).read()


# --- another file in its place ----------------------------------------------------------------------------------------


def test_what_was_appended_before_a_file_was_replaced_counts_as_well(path: Path, tmp_path: Path) -> None:
    """By `mv new "$AIREXEC_QUEUE"`: both files were written to be read."""
    file = side_file(path)
    append(path, "1\n")
    file.read()
    append(path, "2\n")
    append(tmp_path / "new", "3\n4")
    os.replace(tmp_path / "new", path)

    assert [FoundLine("queue", "2", 2), FoundLine("queue", "3", 1)] == file.read()
    assert [FoundLine("queue", "4", 2)] == file.read(is_over=True)
    assert not path.exists()


@pytest.mark.parametrize("text", ["5\n", "500\n", "5\n6\n7\n", "50\n60\n70\n80\n"])
def test_a_file_that_is_written_anew_is_read_from_its_beginning(path: Path, text: str) -> None:
    """By `>`, whether it is shorter by then, as long as before, or longer."""
    file = side_file(path)
    append(path, "1\n22\n3\n")
    file.read()
    path.write_text(text)

    assert queued(*text.split()) == file.read()


def test_what_was_begun_in_a_file_that_is_no_more_is_forgotten(path: Path, tmp_path: Path) -> None:
    """It is the beginning of no line of the new one."""
    file = side_file(path)
    append(path, "1\n2")
    file.read()
    append(tmp_path / "new", "3\n")
    os.replace(tmp_path / "new", path)

    assert queued("3") == file.read(is_over=True)

    other = side_file(path)
    append(path, "1\n2")
    other.read()
    path.write_text("3\n")

    assert queued("3") == other.read(is_over=True)


def test_a_file_that_was_removed_has_been_read(path: Path) -> None:
    """And there may be a new one after it."""
    file = side_file(path)
    append(path, "1\n")
    file.read()
    path.unlink()

    assert [] == file.read()

    append(path, "2\n")

    assert queued("2") == file.read(is_over=True)


def test_a_folder_in_its_place_has_no_lines(path: Path) -> None:
    path.mkdir()
    file = side_file(path)

    assert ([], []) == (file.read(), file.read(is_over=True))


def test_a_link_in_its_place_is_not_followed(path: Path, tmp_path: Path) -> None:
    """Nor is what it points to removed."""
    append(tmp_path / "other", "1\n")
    path.symlink_to(tmp_path / "other")
    file = side_file(path)

    assert ([], []) == (file.read(), file.read(is_over=True))
    assert "1\n" == (tmp_path / "other").read_text()


def test_a_link_that_comes_between_look_and_opening_is_not_followed(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task is at work meanwhile, and may wish to have another file read."""
    append(tmp_path / "other", "1\n")
    path.symlink_to(tmp_path / "other")
    monkeypatch.setattr(os, "lstat", os.stat)

    assert [] == side_file(path).read()


def test_a_pipe_in_its_place_holds_nobody_up(path: Path) -> None:
    """Neither when nobody writes to it, nor when somebody has."""
    os.mkfifo(path)
    file = side_file(path)

    assert [] == file.read()

    end = os.open(path, os.O_RDWR)
    os.write(end, b"1\n")

    assert ([], []) == (file.read(), file.read(is_over=True))
    assert b"1\n" == os.read(end, 9)
    os.close(end)


# --- both of them -----------------------------------------------------------------------------------------------------


def test_the_queue_file_comes_before_the_output_file(tmp_path: Path) -> None:
    """Each line with how messages name its file."""
    append(tmp_path / "queue", "1\n")
    append(tmp_path / "output", "{}")
    files = SideFiles(str(tmp_path / "queue"), str(tmp_path / "output"))

    assert [("queue file", FoundLine("queue", "1", 1))] == files.read()
    assert [("output file", FoundLine("output", "{}", 1))] == files.read(is_over=True)
    assert [] == list(tmp_path.iterdir())


def test_a_file_may_be_made_after_the_first_look(tmp_path: Path) -> None:
    files = SideFiles(str(tmp_path / "queue"), str(tmp_path / "output"))

    assert [] == files.read()

    append(tmp_path / "output", "{}\n")

    assert [("output file", FoundLine("output", "{}", 1))] == files.read()


def test_without_a_path_there_is_no_such_file() -> None:
    assert [] == SideFiles("", "").read(is_over=True)
