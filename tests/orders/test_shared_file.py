"""A file that everybody writes: nothing that others have written is lost unseen, whenever it was."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from airexec.orders import shared_file
from airexec.orders.shared_file import KEPT_SECONDS, SharedFile
from airexec.orders.swap import NoExchangeError, exchange


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tasks.json"


@pytest.fixture
def file(path: Path) -> SharedFile:
    return SharedFile(str(path))


def test_what_others_write_is_news_once(file: SharedFile, path: Path) -> None:
    assert None is file.changed()
    path.write_text("[1]")

    assert b"[1]" == file.changed()
    assert None is file.changed()


def test_what_we_write_is_no_news(file: SharedFile, path: Path) -> None:
    assert [] == file.replace("[1]", 0.0)

    assert (None, "[1]") == (file.changed(), path.read_text())
    assert [] == file.replace("[2]", 0.0)
    assert (None, [], "[2]") == (file.changed(), file.changed_late(0.0), path.read_text())
    assert ["tasks.json"] == os.listdir(path.parent)


def test_a_change_within_the_same_instant_is_seen(file: SharedFile, path: Path) -> None:
    """Same size, same file, and a time that has not moved on."""
    path.write_text("[1]")
    facts = path.stat()
    assert b"[1]" == file.changed()

    path.write_text("[2]")
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))

    assert b"[2]" == file.changed()


def in_the_instant_before(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Let something happen after we have looked and before we put our file there."""

    def late(first: str, second: str) -> None:
        happens()
        exchange(first, second)

    monkeypatch.setattr(shared_file, "exchange", late)


def test_what_was_written_in_the_instant_before_is_found(
    file: SharedFile, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In place, or by a rename."""
    file.replace("[0]", 0.0)
    in_the_instant_before(monkeypatch, lambda: path.write_text("[1]"))
    assert [b"[1]"] == file.replace("[2]", 0.0)

    other = path.with_name("other")
    other.write_text("[3]")
    in_the_instant_before(monkeypatch, lambda: os.rename(other, path))
    assert [b"[3]"] == file.replace("[4]", 0.0)
    assert "[4]" == path.read_text()


def test_what_was_found_so_lies_there_until_it_is_old(
    file: SharedFile, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is killed before he has written it elsewhere is followed by one who finds it."""
    file.replace("[0]", 0.0)
    in_the_instant_before(monkeypatch, lambda: path.write_text("[1]"))
    file.replace("[2]", 0.0)

    (hidden,) = (it for it in path.parent.iterdir() if it != path)
    assert ("[1]", ".tasks.json.") == (hidden.read_text(), hidden.name[:12])
    assert hidden.name.endswith(".tmp")

    file.changed_late(KEPT_SECONDS)
    assert [path] == list(path.parent.iterdir())


def test_who_has_the_file_open_is_heard_after_it_was_replaced(file: SharedFile, path: Path) -> None:
    """For a while, and each part of what is written."""
    file.replace("[0]", 0.0)
    with path.open("r+") as writer:
        file.replace("[1]", 1.0)
        writer.write("[0,")
        writer.flush()
        assert [b"[0,"] == file.changed_late(2.0)
        writer.write("2]")

    assert [b"[0,2]"] == file.changed_late(3.0)
    assert [] == file.changed_late(3.0)
    assert "[1]" == path.read_text()


def test_what_was_replaced_is_let_go_of(file: SharedFile, path: Path) -> None:
    """After a while, and when there are too many."""
    before = len(os.listdir("/proc/self/fd"))
    for number in range(shared_file.KEPT_MAX * 2):
        file.replace(f"[{number}]", 0.0)
    assert before + shared_file.KEPT_MAX == len(os.listdir("/proc/self/fd"))

    file.changed_late(KEPT_SECONDS)

    assert before == len(os.listdir("/proc/self/fd"))


def test_a_file_that_somebody_removes_comes_back(file: SharedFile, path: Path) -> None:
    file.replace("[0]", 0.0)
    path.unlink()
    assert None is file.changed()

    file.replace("[1]", 0.0)

    assert "[1]" == path.read_text()


def test_one_that_is_removed_in_the_instant_before_comes_back(
    file: SharedFile, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.replace("[0]", 0.0)
    in_the_instant_before(monkeypatch, lambda: (path.unlink(), monkeypatch.undo()))  # type: ignore[func-returns-value]

    assert [] == file.replace("[1]", 0.0)
    assert "[1]" == path.read_text()


def test_where_nothing_can_be_exchanged_it_is_renamed(
    file: SharedFile, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what was there is looked at before."""

    def cannot(first: str, second: str) -> None:
        raise NoExchangeError

    monkeypatch.setattr(shared_file, "exchange", cannot)
    path.write_text("[1]")

    assert [b"[1]"] == file.replace("[2]", 0.0)
    assert ("[2]", ["tasks.json"]) == (path.read_text(), os.listdir(path.parent))


def test_the_file_keeps_the_mode_that_its_writer_gave_it(file: SharedFile, path: Path) -> None:
    """Who may write it, and read it, is up to who has made it; what we make is ours."""
    file.replace("[0]", 0.0)
    assert 0o600 == path.stat().st_mode & 0o777
    path.chmod(0o664)

    file.replace("[1]", 0.0)

    assert 0o664 == path.stat().st_mode & 0o777


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/etc/passwd", path)])
def test_what_is_no_file_is_not_read(make: Callable[[Path], None], file: SharedFile, path: Path) -> None:
    """Nobody waits for the other end of a pipe, or follows a link."""
    make(path)

    with pytest.raises(OSError):  # noqa: PT011 - what differs is only the number
        file.changed()
