"""Checked workflows kept by content hash: found again only for the very same file, and never trusted when odd."""

import os
from pathlib import Path

import pytest

from airexec.state.workflow_cache import ENTRIES_MAX, Checked, WorkflowCache
from airexec.testing import make_task
from airexec.workflow.model import Workflow

WORKFLOW = Workflow("job", "/w/job.yml", {"a": make_task("a"), "b": make_task("b", ["a"])})
CHECKED = Checked(WORKFLOW, "job.yml:1:1: warning: odd\n")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "job.yml"
    path.write_bytes(b"tasks: {}")
    return path


def only_file(folder: Path) -> Path:
    (file,) = (folder / "cache").iterdir()
    return file


def test_what_was_stored_is_found_again(tmp_path: Path, source: Path) -> None:
    """With its warnings, which are said in every run."""
    WorkflowCache(tmp_path, source).store(CHECKED)

    assert WorkflowCache(tmp_path, source).load() == CHECKED


def test_another_content_path_version_or_rule_finds_nothing(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry belongs to what it was made from."""
    WorkflowCache(tmp_path, source).store(CHECKED)
    other = tmp_path / "other.yml"
    other.hardlink_to(source)

    assert WorkflowCache(tmp_path, other).load() is None
    monkeypatch.setattr("airexec.state.cache_entries.__version__", "99")
    assert WorkflowCache(tmp_path, source).load() is None
    monkeypatch.undo()
    monkeypatch.setattr("airexec.state.cache_entries._RULES", 99)
    assert WorkflowCache(tmp_path, source).load() is None
    monkeypatch.undo()
    info = source.stat()
    source.write_bytes(b"tasks: []")
    os.utime(source, ns=(info.st_atime_ns, info.st_mtime_ns))
    assert WorkflowCache(tmp_path, source).load() is None


def test_an_entry_that_came_with_a_checkout_is_not_found(tmp_path: Path, source: Path) -> None:
    """Same bytes, same times, same path: but the file came to be here at another moment."""
    WorkflowCache(tmp_path, source).store(CHECKED)
    info = source.stat()
    copy = tmp_path / "copy"
    copy.write_bytes(source.read_bytes())
    copy.replace(source)
    os.utime(source, ns=(info.st_atime_ns, info.st_mtime_ns))

    assert WorkflowCache(tmp_path, source).load() is None


def test_an_entry_that_was_changed_is_as_none(tmp_path: Path, source: Path) -> None:
    """Every single byte of it."""
    WorkflowCache(tmp_path, source).store(CHECKED)
    good = only_file(tmp_path).read_bytes()

    for at in range(len(good)):
        only_file(tmp_path).write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        assert WorkflowCache(tmp_path, source).load() is None
    for length in range(len(good)):
        only_file(tmp_path).write_bytes(good[:length])
        assert WorkflowCache(tmp_path, source).load() is None


def test_a_symbolic_link_is_neither_read_nor_written_through(tmp_path: Path, source: Path) -> None:
    """Not for the entry, and not for the folder."""
    WorkflowCache(tmp_path, source).store(CHECKED)
    file = only_file(tmp_path)
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert WorkflowCache(tmp_path, source).load() is None

    other = tmp_path / "other"
    (other / "real").mkdir(parents=True)
    (other / "cache").symlink_to(other / "real")
    WorkflowCache(other, source).store(CHECKED)

    assert list((other / "real").iterdir()) == []


def test_only_so_many_entries_are_kept(tmp_path: Path, source: Path) -> None:
    """A file that is edited all day does not fill the disk."""
    for number in range(ENTRIES_MAX + 5):
        source.write_bytes(b"%d" % number)
        WorkflowCache(tmp_path, source).store(CHECKED)

    assert len(list((tmp_path / "cache").iterdir())) == ENTRIES_MAX


def test_a_folder_that_cannot_be_written_does_not_matter(tmp_path: Path, source: Path) -> None:
    """It is a convenience."""
    (tmp_path / "cache").write_text("in the way")

    WorkflowCache(tmp_path, source).store(CHECKED)

    assert WorkflowCache(tmp_path, source).load() is None
