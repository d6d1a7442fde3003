"""What is in a log when there is too much for it, or when the disk does not take it."""

import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from airexec.runner.attempt_log import AttemptLog


def marker(count: int) -> bytes:
    return f"\n[airexec: {count:>16} bytes of output were left out here]\n".encode()


def written(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


@pytest.mark.parametrize("step", [1, 7, 100, 999, 5000])
@pytest.mark.parametrize("total", [0, 1, 999, 1000, 1001, 1499, 1500, 1501, 2600, 5000])
def test_the_first_and_the_last_half_are_kept(tmp_path: Path, step: int, total: int) -> None:
    data = bytes(32 + at % 90 for at in range(total))
    log = AttemptLog(str(tmp_path / "log"), max_bytes=1000)
    for at in range(0, total, step):
        log.write(data[at : at + step])

    assert 0 == log.close()
    expected = data if total <= 1000 else data[:500] + marker(total - 1000) + data[-500:]
    assert expected == written(tmp_path / "log")


def test_the_file_never_grows_far_beyond_its_limit(tmp_path: Path) -> None:
    log = AttemptLog(str(tmp_path / "log"), max_bytes=1000)
    sizes = []
    for _ in range(1000):
        log.write(b"x" * 50)
        sizes.append((tmp_path / "log").stat().st_size)
    log.close()

    assert max(sizes) <= 1500 + len(marker(0))


def test_there_is_no_file_before_the_first_byte(tmp_path: Path) -> None:
    log = AttemptLog(str(tmp_path / "log"))
    before = (tmp_path / "log").exists()
    log.write(b"x")

    assert (False, True) == (before, (tmp_path / "log").exists())
    log.close()


def test_the_descriptor_for_the_file_is_there_when_it_is_needed(tmp_path: Path) -> None:
    """However many others were opened meanwhile: no output is lost for want of one."""
    log = AttemptLog(str(tmp_path / "log"))
    with no_descriptor_left():
        log.write(b"x")

    assert (0, b"x") == (log.close(), (tmp_path / "log").read_bytes())


def test_a_log_without_output_gives_its_descriptor_back(tmp_path: Path) -> None:
    before = os.listdir("/proc/self/fd")
    AttemptLog(str(tmp_path / "log")).close()

    assert before == os.listdir("/proc/self/fd")


@pytest.mark.parametrize("make", [os.symlink, os.link])
def test_what_has_the_name_of_a_log_loses_it_and_nothing_else(
    make: Callable[[Path, Path], None], tmp_path: Path
) -> None:
    (tmp_path / "precious").write_text("precious")
    make(tmp_path / "precious", tmp_path / "log")
    log = AttemptLog(str(tmp_path / "log"))
    log.write(b"12345")

    assert 0 == log.close()
    assert b"12345" == (tmp_path / "log").read_bytes()
    assert "precious" == (tmp_path / "precious").read_text()


def test_without_its_folder_all_bytes_are_counted_as_lost(tmp_path: Path) -> None:
    log = AttemptLog(str(tmp_path / "gone" / "log"))
    log.write(b"12345")
    log.write(b"678")

    assert 8 == log.close()


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """A full disk for those who are not root: beyond `size` bytes, write first falls short, then fails."""
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)


def test_what_a_full_disk_refuses_is_counted_and_marked_once_there_is_room(tmp_path: Path) -> None:
    log = AttemptLog(str(tmp_path / "log"))
    with file_size_limit(100):
        log.write(b"a" * 90)
        log.write(b"b" * 30)
        log.write(b"c" * 30)
    log.write(b"d" * 10)

    assert 50 == log.close()
    note = b"\n[airexec: 50 bytes of output are missing here: File too large]\n"
    assert b"a" * 90 + b"b" * 10 + note + b"d" * 10 == (tmp_path / "log").read_bytes()


def test_loss_at_the_end_is_marked_on_closing(tmp_path: Path) -> None:
    log = AttemptLog(str(tmp_path / "log"))
    with file_size_limit(10):
        log.write(b"a" * 30)

    assert 20 == log.close()
    assert (tmp_path / "log").read_bytes().endswith(b"[airexec: 20 bytes of output are missing here: File too large]\n")


def test_a_marker_that_does_not_fit_leaves_no_half_of_it(tmp_path: Path) -> None:
    log = AttemptLog(str(tmp_path / "log"))
    with file_size_limit(10):
        log.write(b"a" * 30)
    with file_size_limit(20):
        assert 20 == log.close()

    assert b"a" * 10 == (tmp_path / "log").read_bytes()


def test_no_descriptor_left_is_for_the_caller_to_wait_out(tmp_path: Path) -> None:
    with no_descriptor_left(), pytest.raises(OSError, match="Too many open files"):
        AttemptLog(str(tmp_path / "log"))


@contextmanager
def no_descriptor_left() -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    os.close(first_free := os.dup(0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (first_free, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
