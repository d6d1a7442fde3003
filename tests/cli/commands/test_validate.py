"""`airexec validate` remembers big files, and is never fooled by that."""

from pathlib import Path

import pytest

from airexec.cli.commands.validate import validate_files


def write_big(folder: Path, more: str = "") -> Path:
    path = folder / "airexec.yml"
    path.write_text("tasks:\n" + "".join(f"  t{number}: {{command: x}}\n" for number in range(1_000)) + more)
    return path


def test_the_second_check_of_a_big_file_says_the_same_without_reading_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader is gone by then, so nobody can have read."""
    path = write_big(tmp_path)
    assert 0 == validate_files([path])
    first = capsys.readouterr()
    monkeypatch.setattr("airexec.graph.read.read_dag", None)

    exit_code = validate_files([path])

    assert (0, first) == (exit_code, capsys.readouterr())
    assert f"{path}: ok (1000 tasks)\n" == first.out
    assert "*\n" == (tmp_path / ".airexec" / ".gitignore").read_text()


def test_a_change_of_a_big_file_is_noticed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is remembered is for just the bytes that were checked."""
    assert 0 == validate_files([write_big(tmp_path)])

    assert 3 == validate_files([write_big(tmp_path, "  bad: {comand: x}\n")])


def test_the_warnings_of_a_big_file_are_said_each_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So a file that has some is read each time."""
    path = write_big(tmp_path, "  odd: {command: x, env: {VERSION: 3.10}}\n")
    validate_files([path])
    first = capsys.readouterr()

    validate_files([path])

    assert first == capsys.readouterr()
    assert "warning" in first.err


def test_the_check_of_a_small_file_leaves_nothing_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is quick enough without."""
    path = tmp_path / "airexec.yml"
    path.write_text("tasks: {a: {command: x}}\n")

    validate_files([path])

    assert [path] == list(tmp_path.iterdir())
