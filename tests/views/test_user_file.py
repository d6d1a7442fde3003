"""What the user has at a path stays what it is: a device, a pipe, a link, a mode."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from airexec.views.user_file import write_user_file


def test_a_new_file_has_the_mode_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_user_file(tmp_path / "new", [b"a", b"b"])
    finally:
        os.umask(before)

    assert (b"ab", 0o640) == ((tmp_path / "new").read_bytes(), stat.S_IMODE(os.stat(tmp_path / "new").st_mode))
    assert ["new"] == os.listdir(tmp_path)


def test_a_file_keeps_its_mode(tmp_path: Path) -> None:
    """A report for nobody else's eyes does not become public."""
    path = tmp_path / "r.xml"
    path.write_text("old")
    path.chmod(0o600)

    write_user_file(path, [b"new"])

    assert (b"new", 0o600) == (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))


def test_a_link_is_followed(tmp_path: Path) -> None:
    """Also one that leads to nothing yet."""
    for name in ("there", "not-yet"):
        (tmp_path / f"{name}-link").symlink_to(name)
    (tmp_path / "there").write_text("old")

    write_user_file(tmp_path / "there-link", [b"1"])
    write_user_file(tmp_path / "not-yet-link", [b"2"])

    assert (tmp_path / "there-link").is_symlink()
    assert (tmp_path / "not-yet-link").is_symlink()
    assert ("1", "2") == ((tmp_path / "there").read_text(), (tmp_path / "not-yet").read_text())


def test_the_files_of_others_beside_it_are_left_alone(tmp_path: Path) -> None:
    """A user may have a file `r.xml.tmp`."""
    (tmp_path / "r.xml.tmp").write_text("mine")

    write_user_file(tmp_path / "r.xml", [b"x"])

    assert "mine" == (tmp_path / "r.xml.tmp").read_text()


def test_a_pipe_is_written_into(tmp_path: Path) -> None:
    """`--report-junit >(convert)`."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    heard: list[bytes] = []
    reader = Thread(target=lambda: heard.append(path.read_bytes()))
    opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # so that there is a reader, whatever comes first
    reader.start()
    write_user_file(path, [b"a" * 100_000, b"b"])
    os.close(opened)
    reader.join()

    assert stat.S_ISFIFO(path.stat().st_mode)
    assert [b"a" * 100_000 + b"b"] == heard


def test_a_pipe_that_nobody_reads_is_an_error(tmp_path: Path) -> None:
    """Rather than a wait for ever."""
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(OSError, match="No such device or address"):
        write_user_file(tmp_path / "pipe", [b"x"])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a device")
def test_a_device_stays_a_device(tmp_path: Path) -> None:
    """One of our own, with the numbers of /dev/null."""
    path = tmp_path / "null"
    os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 3))

    write_user_file(path, [b"x"])

    assert stat.S_ISCHR(path.stat().st_mode)


def test_what_fails_on_the_way_changes_nothing(tmp_path: Path) -> None:
    """And leaves nothing behind."""
    path = tmp_path / "r.xml"
    path.write_text("old")

    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_user_file(path, pieces())

    assert "old" == path.read_text()
    assert ["r.xml"] == os.listdir(tmp_path)
