"""Attempts that printed nothing have logs like all others, at the price of a name."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from airexec.state.empty_logs import EmptyLogs


def test_many_empty_logs_are_one_file(tmp_path: Path) -> None:
    logs = EmptyLogs()
    for name in ("a", "b", "c"):
        logs.add(str(tmp_path / name))

    assert [b""] * 3 == [(tmp_path / name).read_bytes() for name in ("a", "b", "c")]
    assert 1 == len({(tmp_path / name).stat().st_ino for name in ("a", "b", "c")})


@pytest.mark.parametrize("others", [(), ("b",)])
def test_what_was_there_before_is_gone(others: Sequence[str], tmp_path: Path) -> None:
    """Whether it is the first log or not. It may be a link: what that leads to is not ours."""
    logs = EmptyLogs()
    (tmp_path / "kept").write_text("output")
    (tmp_path / "a").symlink_to("kept")
    for name in (*others, "a"):
        logs.add(str(tmp_path / name))

    assert (b"", "output") == ((tmp_path / "a").read_bytes(), (tmp_path / "kept").read_text())


def test_a_file_that_went_away_is_followed_by_another(tmp_path: Path) -> None:
    logs = EmptyLogs()
    logs.add(str(tmp_path / "a"))
    (tmp_path / "a").unlink()
    logs.add(str(tmp_path / "b"))
    logs.add(str(tmp_path / "c"))

    assert ["b", "c"] == sorted(os.listdir(tmp_path))


def test_a_disk_without_links_gets_a_file_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    logs = EmptyLogs()
    for name in ("a", "b"):
        logs.add(str(tmp_path / name))

    assert 2 == len({(tmp_path / name).stat().st_ino for name in ("a", "b")})


def test_a_folder_that_is_gone_is_no_error(tmp_path: Path) -> None:
    EmptyLogs().add(str(tmp_path / "gone" / "a"))

    assert [] == os.listdir(tmp_path)
